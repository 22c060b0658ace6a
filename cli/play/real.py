"""What is real in the demonstration: agencies, and directives on their dates of issue.

The Office forwards each directive on the day of its entry, and agencies accept on the day after. No
result is invented: what became of these tasks is not known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
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
from cli.importing.report import Kind, Report, Row, read_json, rows_of
from cli.importing.written import day, text
from cli.play.clock import PlayClock
from cli.play.requests import request_id
from cli.render import HO_CHI_MINH
from sample.agencies import DIRECTIVES, ORGANISATIONS, UNCONNECTED

BEGINNING: Final = datetime(2020, 2, 14, 8, tzinfo=HO_CHI_MINH)
ENTRY, ACCEPTANCE = time(8), time(9)

OnRow = Callable[[], None]


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


class RealDirectives:
    """The real directives, each entered on its day of issue, the clock moving there.

    Repeating it changes nothing: what is there already is told as such, and forwarded and accepted
    only if a run was broken off before.
    """

    def __init__(self, house: House, clock: PlayClock, on_row: OnRow) -> None:
        self._house, self._clock, self._on_row = house, clock, on_row
        self._importing = DirectiveImport(house)
        self._agencies: dict[str, Agency] = {}
        self._entries = sorted(_dated(_entries()), key=lambda one: one[:2], reverse=True)
        self._to_accept: list[tuple[datetime, Directive]] = []
        self._rows: dict[int, list[Row]] = {}

    @property
    def report(self) -> Report:
        """What became of each row so far, in the order of the file."""
        return Report([row for index in sorted(self._rows) for row in self._rows[index]])

    async def begin(self) -> None:
        """Reads what is there."""
        self._agencies = {agency.name: agency for agency in await self._house.agencies()}
        await self._importing.begin()

    async def up_to(self, moment: datetime) -> None:
        """Enters what was issued, and lets agencies accept what was forwarded, up to `moment`."""
        while self._entries and self._entries[-1][0] <= moment:
            at, index, entry = self._entries.pop()
            await self._accept_up_to(at)
            await self._clock.to(at)
            self._rows[index] = await self._importing.enter(entry)
            directive = await self._forward(self._rows[index][0])
            if directive is not None:
                accepted = datetime.combine(
                    at.astimezone(HO_CHI_MINH).date() + timedelta(days=1), ACCEPTANCE, HO_CHI_MINH
                )
                self._to_accept.append((accepted, directive))
            self._on_row()
        await self._accept_up_to(moment)

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
        return found

    async def _accept_up_to(self, moment: datetime) -> None:
        due = [one for one in self._to_accept if one[0] <= moment]
        self._to_accept = [one for one in self._to_accept if one[0] > moment]
        for at, directive in due:
            await self._clock.to(at)
            names = [name for item in directive.items for name in item.tasks]
            await asyncio.gather(*map(self._accept, names))

    async def _accept(self, name: str) -> None:
        task = await self._house.call(TaskServiceStub, "GetTask", tasks.GetTaskRequest(name=name))
        connected = self._agencies[task.lead_agency].connected
        if task.state != task_pb2.TASK_STATE_FORWARDED or not connected:
            return
        request = tasks.AcceptTaskRequest(request_id=request_id(0, f"{name}/accept"), name=name)
        user = f"{task.lead_agency.removeprefix('agencies/')}.officer"
        await self._house.call(TaskServiceStub, "AcceptTask", request, user=user)


def _entries() -> list[dict[str, Any]]:
    return rows_of(read_json(DIRECTIVES), DIRECTIVES.name)


def _dated(entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[datetime, int, Any]]:
    """When each is entered: at the beginning what is older or has no date."""
    for index, entry in enumerate(entries):
        issued = day(text(entry, "issued_on"))
        morning = datetime.combine(issued, ENTRY, HO_CHI_MINH) if issued else BEGINNING
        yield max(morning, BEGINNING), index, entry
