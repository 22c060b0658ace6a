"""Directives from a file of the form of `directives.json`, entered over gRPC as the Office does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

import grpc
from dondoc.directives.v1 import directive_service_pb2 as pb
from dondoc.directives.v1.directive_pb2 import Directive, DirectiveItem
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.directory.v1 import directory_service_pb2 as directory_pb
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub

from cli import clock
from cli.client import House
from cli.errors import refusal
from cli.importing import document
from cli.importing.document import Refused
from cli.importing.report import Kind, Outcome, Report, Row, request_id
from cli.importing.written import day, limit_of, text
from cli.language import Words
from cli.render import HO_CHI_MINH

MORNING: Final = time(8, 0)  # when the Office enters what was issued that day

# The service says no to this row; anything else (no connection, no right) ends the import.
_REFUSALS: Final = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.FAILED_PRECONDITION,
    }
)
_WITH_DIRECTIVE: Final = Words("văn bản không được nhập", "its directive was not entered")


@dataclass(frozen=True, slots=True)
class _Item:
    """An item of the file on its way: `message` is None when it is refused."""

    row: Row
    message: DirectiveItem | None


class DirectiveImport:
    """Enters rows one by one; `begin` first, so that what is there already is known as such."""

    def __init__(self, house: House, province: str = document.PROVINCE) -> None:
        self._house, self._province = house, province
        self._there: set[str] = set()

    async def begin(self) -> None:
        """Reads which directives are there."""
        found = await self._house.pages(
            DirectiveServiceStub, "ListDirectives", pb.ListDirectivesRequest(), "directives"
        )
        self._there = {directive.name for directive in found}

    def day_of_entry(self, entry: Mapping[str, Any]) -> date | None:
        """The day of issue of a row that can be entered; None for one that cannot."""
        if document.is_the_regulation(entry):
            return None
        try:
            document.document_of(entry, self._province)
        except Refused:
            return None
        return day(text(entry, "issued_on"))

    async def enter(self, entry: Mapping[str, Any]) -> list[Row]:
        """One directive with its items: its row, then one for each item."""
        row_id, label = text(entry, "id"), _label(entry)
        tasks = [task for task in entry.get("tasks") or () if isinstance(task, dict)]
        if document.is_the_regulation(entry):
            reasons = (document.THE_REGULATION,)
            duties = (document.STANDING_DUTY,)
            return _same_for_all(row_id, label, tasks, Outcome.LEFT_OUT, reasons, duties)
        try:
            directive = document.document_of(entry, self._province)
        except Refused as refused:
            return _same_for_all(
                row_id, label, tasks, Outcome.REFUSED, refused.reasons, (_WITH_DIRECTIVE,)
            )
        notes: list[Words] = []
        resolutions = await self._resolve(directive, entry, tasks)
        submitting = text(entry, "submitting_body")
        if submitting:
            found = resolutions[submitting]
            if len(found.agencies) == 1 and not found.unresolved:
                directive.submitting_agency = found.agencies[0]
            else:
                notes.append(
                    Words(
                        f"cơ quan trình “{submitting}” chưa có trong danh bạ: để trống",
                        f"the submitting agency “{submitting}” is not in the directory: a gap",
                    )
                )
        issued = day(text(entry, "issued_on"))
        assert issued
        items = [
            _item(f"{row_id}/{number}", task, resolutions, issued)
            for number, task in enumerate(tasks, 1)
        ]
        directive.items.extend(item.message for item in items if item.message)
        if not directive.items:
            notes.append(
                Words(
                    "chưa có nhiệm vụ nào: không chuyển được cho đến khi bổ sung",
                    "it has no items: it cannot be forwarded until some are added",
                )
            )
        return await self._save(row_id, label, directive, items, notes)

    async def _save(
        self,
        row_id: str,
        label: str,
        directive: Directive,
        items: Sequence[_Item],
        notes: Sequence[Words],
    ) -> list[Row]:
        request = pb.EnterDirectiveRequest(directive=directive)
        request.request_id = request_id(request)
        try:
            entered = await self._house.call(DirectiveServiceStub, "EnterDirective", request)
        except grpc.aio.AioRpcError as error:
            if error.code() not in _REFUSALS:
                raise
            reasons = tuple(refusal(error)[1:] or refusal(error))
            rows = [Row(Kind.DIRECTIVE, row_id, label, Outcome.REFUSED, reasons)]
            return rows + [
                _outcome(item, Outcome.REFUSED, "", (_WITH_DIRECTIVE,)) for item in items
            ]
        outcome = Outcome.ALREADY_THERE if entered.name in self._there else Outcome.ENTERED
        self._there.add(entered.name)
        head = Row(
            Kind.DIRECTIVE, row_id, entered.document_code, outcome, (), tuple(notes), entered.name
        )
        return [head, *(_outcome(item, outcome, entered.name) for item in items)]

    async def _resolve(
        self, directive: Directive, entry: Mapping[str, Any], tasks: Sequence[Mapping[str, Any]]
    ) -> dict[str, directory_pb.Resolution]:
        """What each phrase of the row means on the day of issue."""
        phrases = [text(entry, "submitting_body")]
        for task in tasks:
            phrases += [text(task, "lead"), *_coordinators(task)]
        wanted = list(dict.fromkeys(filter(None, phrases)))
        if not wanted:
            return {}
        answer = await self._house.call(
            DirectoryServiceStub,
            "ResolveAddressees",
            directory_pb.ResolveAddresseesRequest(phrases=wanted, on=directive.issue_date),
        )
        return dict(zip(wanted, answer.resolutions, strict=True))


def _item(
    row_id: str,
    task: Mapping[str, Any],
    resolutions: Mapping[str, directory_pb.Resolution],
    issued: date,
) -> _Item:
    """The message of an item, or the reason why it is refused as a whole."""
    label = text(task, "content")
    lead = resolutions.get(text(task, "lead"))
    reasons: list[Words] = []
    if lead is None:
        reasons.append(Words("không nêu cơ quan chủ trì", "names no lead agency"))
    elif lead.unresolved or not lead.agencies:
        whom = "; ".join(lead.unresolved) or lead.phrase
        reasons.append(
            Words(
                f"không xác định được cơ quan chủ trì: “{whom}”",
                f"names no lead agency of the directory: “{whom}”",
            )
        )
    written = limit_of(task)
    due = written.limit.due_date
    if written.limit.HasField("due_date") and date(due.year, due.month, due.day) < issued:
        reasons.append(
            Words("thời hạn trước ngày ban hành", "its limit ends before the day of issue")
        )
    if reasons or lead is None:
        return _Item(Row(Kind.ITEM, row_id, label, Outcome.REFUSED, tuple(reasons)), None)
    coordinators = [resolutions[phrase] for phrase in _coordinators(task)]
    message = DirectiveItem(
        content=label,
        limit=written.limit,
        limit_in_words=written.words,
        lead_agencies=lead.agencies,
        coordinating_agencies=_united(
            (found.agencies for found in coordinators), without=lead.agencies
        ),
        addressed_groups=_united(found.groups for found in (lead, *coordinators)),
        unresolved_coordinators=_united(found.unresolved for found in coordinators),
        source_place=text(task, "source_place"),
    )
    notes = [*written.notes, *_left_out((lead, *coordinators))]
    if message.unresolved_coordinators:
        whom = "; ".join(message.unresolved_coordinators)
        notes.append(
            Words(
                f"cơ quan phối hợp giữ nguyên văn: “{whom}”",
                f"coordinating agency kept as written: “{whom}”",
            )
        )
    row = Row(Kind.ITEM, row_id, label, Outcome.ENTERED, (), tuple(notes))
    return _Item(row, message)


def _left_out(found: Sequence[directory_pb.Resolution]) -> list[Words]:
    left = {one.agency: one.reason for resolution in found for one in resolution.left_out}
    return [
        Words(
            f"nhóm không gồm {agency}: {_WHY_LEFT_OUT.get(reason, Words(reason, reason)).vi}",
            f"the group leaves out {agency}: {_WHY_LEFT_OUT.get(reason, Words(reason, reason)).en}",
        )
        for agency, reason in left.items()
    ]


_WHY_LEFT_OUT: Final = {
    "BEGINNING_UNKNOWN_SUCCESSOR": Words(
        "là cơ quan kế thừa, chưa rõ ngày thành lập",
        "it succeeds another, and its beginning is not known",
    ),
    "NOT_YET_VALID": Words("chưa thành lập vào ngày đó", "it did not exist yet on that day"),
    "NO_LONGER_VALID": Words("không còn vào ngày đó", "it did not exist any more on that day"),
    "NOT_ASSIGNABLE": Words("không nhận nhiệm vụ", "it takes no tasks"),
}


def _outcome(item: _Item, outcome: Outcome, name: str, reasons: tuple[Words, ...] = ()) -> Row:
    """The item's row once the fate of its directive is known; one refused by itself stays so."""
    row = item.row
    if item.message is None:
        return row
    notes = row.notes if outcome is not Outcome.REFUSED else ()
    return Row(row.kind, row.id, row.label, outcome, reasons, notes, name)


def _same_for_all(
    row_id: str,
    label: str,
    tasks: Sequence[Mapping[str, Any]],
    outcome: Outcome,
    reasons: tuple[Words, ...],
    reasons_of_items: tuple[Words, ...],
) -> list[Row]:
    return [
        Row(Kind.DIRECTIVE, row_id, label, outcome, reasons),
        *(
            Row(Kind.ITEM, f"{row_id}/{n}", text(task, "content"), outcome, reasons_of_items)
            for n, task in enumerate(tasks, 1)
        ),
    ]


def _coordinators(task: Mapping[str, Any]) -> list[str]:
    return [one.strip() for one in task.get("coordinating") or () if str(one).strip()]


def _united(lists: Any, without: Sequence[str] = ()) -> list[str]:
    every = dict.fromkeys(one for some in lists for one in some)
    return [one for one in every if one not in without]


def _label(entry: Mapping[str, Any]) -> str:
    return text(entry, "number") or text(entry, "abstract") or text(entry, "id")


async def import_directives(
    house: House,
    entries: Sequence[Mapping[str, Any]],
    *,
    on_dates: bool = False,
    province: str = document.PROVINCE,
    on_row: Callable[[], None] = lambda: None,
) -> Report:
    """Enters all rows. With `on_dates` (simulated clock only) each on its day of issue, in their
    order, the clock moving there; what was issued before the clock's now is entered at once.

    The report is in the order of the file. Raises CliError and AioRpcError.
    """
    importing = DirectiveImport(house, province)
    await importing.begin()
    order = list(enumerate(entries))
    if on_dates:
        clock.refuse_real_clock(house)
        order.sort(key=lambda pair: importing.day_of_entry(pair[1]) or date.min)
    found: dict[int, list[Row]] = {}
    for index, entry in order:
        issued = importing.day_of_entry(entry) if on_dates else None
        if issued:
            morning = datetime.combine(issued, MORNING, HO_CHI_MINH)
            if morning > await clock.now(house):
                await clock.advance(house, morning)
        found[index] = await importing.enter(entry)
        on_row()
    return Report([row for index in sorted(found) for row in found[index]])
