"""What is real in the demonstration: agencies, and directives on their dates of issue.

The Office forwards each directive on the day of its entry, and agencies accept on the day after. No
result is invented: what became of these tasks is not known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from dondoc.directives.v1 import directive_pb2
from dondoc.directives.v1 import directive_service_pb2 as directives
from dondoc.directives.v1.directive_pb2 import Directive
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.directory.v1.agency_pb2 import Agency
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as tasks
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub

from cli import clock
from cli.client import House
from cli.importing.agencies import import_agencies
from cli.importing.directives import DirectiveImport
from cli.importing.report import Kind, Outcome, Report, Row, read_json, rows_of
from cli.importing.written import day, text
from cli.play_requests import request_id
from cli.render import HO_CHI_MINH
from sample.agencies import DIRECTIVES, ORGANISATIONS, UNCONNECTED

BEGINNING: Final = datetime(2020, 2, 14, 8, tzinfo=HO_CHI_MINH)
ENTRY, ACCEPTANCE = time(8), time(9)

OnRow = Callable[[], None]
OnMove = Callable[[datetime], None]


@dataclass
class Real:
    """What was entered; `accepted` tasks were accepted by their agencies."""

    agencies: Report = field(default_factory=Report)
    directives: Report = field(default_factory=Report)
    forwarded: int = 0
    accepted: int = 0


def rows() -> int:
    """How many rows the two files hold, for the progress bar."""
    organisations = read_json(ORGANISATIONS)
    return len(organisations["organisations"]) + len(organisations["groups"]) + len(_entries())


async def enter_agencies(house: House, on_row: OnRow) -> Report:
    """Agencies with role mailboxes as officers; those without connection are marked so."""
    content = read_json(ORGANISATIONS)
    for entry in content["organisations"]:
        if entry["name"] in UNCONNECTED:
            entry["connected"] = False
    report = await import_agencies(house, content, placeholder_officers=True, on_row=on_row)
    await clock.settle(house)
    return report


async def enter_directives(house: House, until: datetime, on_row: OnRow, on_move: OnMove) -> Real:
    """The real directives, the clock moving from one day of issue to the next."""
    return await _Directives(house, until, on_row, on_move).run()


class _Directives:
    def __init__(self, house: House, until: datetime, on_row: OnRow, on_move: OnMove) -> None:
        self._house, self._until = house, until
        self._on_row, self._on_move = on_row, on_move
        self._importing = DirectiveImport(house)
        self._real = Real()
        self._agencies: dict[str, Agency] = {}

    async def run(self) -> Real:
        self._agencies = {agency.name: agency for agency in await self._house.agencies()}
        await self._importing.begin()
        # The moment of each thing to do: entries first, acceptance on the day after.
        entries = _entries()
        found: dict[int, list[Row]] = {}
        to_accept: list[tuple[datetime, Directive]] = []
        for moment, index, entry in sorted(_dated(entries), key=lambda one: one[:2]):
            if moment > self._until:
                break
            to_accept = await self._accept_before(moment, to_accept)
            await self._move(moment)
            found[index] = await self._importing.enter(entry)
            directive = await self._forward(found[index][0])
            if directive is not None:
                on = directive.issue_date
                issued = date(on.year, on.month, on.day)
                accepted = max(issued, moment.date()) + timedelta(days=1)
                to_accept.append((datetime.combine(accepted, ACCEPTANCE, HO_CHI_MINH), directive))
            self._on_row()
        await self._accept_before(self._until, to_accept)
        self._real.directives = Report([row for index in sorted(found) for row in found[index]])
        return self._real

    async def _move(self, moment: datetime) -> None:
        if moment > await clock.now(self._house):
            await clock.advance(self._house, moment, self._on_move)

    async def _forward(self, row: Row) -> Directive | None:
        """The directive with its tasks; None for one that was refused or has no items."""
        if row.kind is not Kind.DIRECTIVE or not row.name:
            return None
        found: Directive = await self._house.call(
            DirectiveServiceStub, "GetDirective", directives.GetDirectiveRequest(name=row.name)
        )
        if not found.items:
            return None
        if found.state == directive_pb2.DIRECTIVE_STATE_ENTERED:
            request = directives.ForwardDirectiveRequest(
                request_id=request_id(0, f"{row.name}/forward"), name=row.name
            )
            found = await self._house.call(DirectiveServiceStub, "ForwardDirective", request)
            self._real.forwarded += 1
        return found

    async def _accept_before(
        self, moment: datetime, waiting: Sequence[tuple[datetime, Directive]]
    ) -> list[tuple[datetime, Directive]]:
        """Lets agencies accept what was due before `moment`; returns what is not yet."""
        for at, directive in waiting:
            if at <= moment:
                await self._move(at)
                names = [name for item in directive.items for name in item.tasks]
                await asyncio.gather(*map(self._accept, names))
        return [one for one in waiting if one[0] > moment]

    async def _accept(self, name: str) -> None:
        task = await self._house.call(TaskServiceStub, "GetTask", tasks.GetTaskRequest(name=name))
        connected = self._agencies[task.lead_agency].connected
        if task.state != task_pb2.TASK_STATE_FORWARDED or not connected:
            return
        request = tasks.AcceptTaskRequest(request_id=request_id(0, f"{name}/accept"), name=name)
        user = f"{task.lead_agency.removeprefix('agencies/')}.officer"
        await self._house.call(TaskServiceStub, "AcceptTask", request, user=user)
        self._real.accepted += 1


def _entries() -> list[dict[str, Any]]:
    return rows_of(read_json(DIRECTIVES), DIRECTIVES.name)


def _dated(entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[datetime, int, Any]]:
    """When each is entered: at the beginning what is older or has no date."""
    for index, entry in enumerate(entries):
        issued = day(text(entry, "issued_on"))
        morning = datetime.combine(issued, ENTRY, HO_CHI_MINH) if issued else BEGINNING
        yield max(morning, BEGINNING), index, entry


def entered(report: Report, kind: Kind) -> int:
    return report.totals(kind)[Outcome.ENTERED]
