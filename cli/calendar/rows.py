"""From the rows of a spreadsheet to the days of one edit, and what became of each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from dondoc.calendar.v1 import calendar_pb2 as pb

from cli.calendar.sheet import Line
from cli.calendar.words import KINDS, ORDINARY, STATUSES, day_of, kind_of, ordinary, status_of
from cli.importing.report import Kind, Outcome, Report, Row
from cli.language import Words
from services.kernel.runtime.protos import from_date, to_date

LONGEST_NAME, LONGEST_DOCUMENT, MOST_DAYS = 200, 100, 400
YEARS = range(1900, 2201)


@dataclass
class Read:
    """`days`: what the edit would enter. Rows of days that stand so already are in the report alone."""

    days: list[pb.CalendarDay] = field(default_factory=list)
    report: Report = field(default_factory=Report)

    @property
    def refused(self) -> bool:
        return any(row.outcome is Outcome.REFUSED for row in self.report.rows)

    def settled(self, outcome: Outcome) -> Report:
        """The report, with what then became of the valid rows."""
        rows = [
            replace(row, outcome=outcome) if row.outcome is Outcome.VALID else row
            for row in self.report.rows
        ]
        return Report(rows)


def read(lines: Sequence[Line], known: Sequence[pb.CalendarDay]) -> Read:
    """`known`: the calendar as it is."""
    before = {from_date(day.day, ""): day for day in known}
    found = Read()
    first_at: dict[date, int] = {}
    swaps = _swaps(lines)
    for line in lines:
        day, reasons = _checked(line, first_at)
        if day is None:
            found.report.rows.append(_row(line, Outcome.REFUSED, reasons))
            continue
        when = from_date(day.day, "")
        first_at[when] = line.number
        same = before.get(when) == day if day.kind not in ORDINARY else when not in before
        if same:
            found.report.rows.append(_row(line, Outcome.ALREADY_THERE))
            continue
        notes = _notes(day, when, swaps)
        if len(found.days) == MOST_DAYS:
            why = Words(
                f"quá {MOST_DAYS} ngày thay đổi trong một lần",
                f"more than {MOST_DAYS} changed days in one edit",
            )
            found.report.rows.append(_row(line, Outcome.REFUSED, (why,)))
            continue
        found.days.append(day)
        found.report.rows.append(_row(line, Outcome.VALID, notes=notes))
    return found


def _checked(
    line: Line, first_at: Mapping[date, int]
) -> tuple[pb.CalendarDay | None, tuple[Words, ...]]:
    """The day, or why there is none."""
    reasons: list[Words] = []
    when, kind, status = day_of(line.day), kind_of(line.kind), status_of(line.status)
    if when is None or when.year not in YEARS:
        reasons.append(
            Words(
                f"ngày “{line.day}” không có thật; ví dụ đúng: 2027-01-01 hoặc 01/01/2027",
                f"“{line.day}” is no real day; right would be 2027-01-01 or 01/01/2027",
            )
        )
    elif when in first_at:
        reasons.append(
            Words(
                f"ngày này đã có ở dòng {first_at[when]}",
                f"row {first_at[when]} has this day already",
            )
        )
    if kind is None:
        reasons.append(_unknown(line.kind, "loại", "kind", [words for words, _ in KINDS.values()]))
    elif when and kind in ORDINARY and kind != ordinary(when):
        reasons.append(
            Words(
                "ngày này trong tuần thường không như vậy; hãy ghi “làm bù” hoặc “nghỉ hoán đổi”",
                "is not what that day of the week is; write swap-work or swap-off",
            )
        )
    if status is None:
        choices = [words for words, _ in STATUSES.values()]
        reasons.append(_unknown(line.status, "trạng thái", "status", choices))
    if status == pb.DAY_STATUS_OFFICIAL and kind not in (None, *ORDINARY) and not line.document:
        reasons.append(
            Words(
                "ngày chính thức cần số văn bản; nếu chưa có thì ghi “dự kiến”",
                "an official day needs the number of its document; without one it is estimated",
            )
        )
    for text, longest, vi, en in (
        (line.name, LONGEST_NAME, "tên", "name"),
        (line.document, LONGEST_DOCUMENT, "văn bản", "document"),
    ):
        if len(text) > longest:
            reasons.append(
                Words(f"{vi} dài quá {longest} ký tự", f"{en} is longer than {longest} letters")
            )
    if reasons or when is None or kind is None or status is None:
        return None, tuple(reasons)
    if kind in ORDINARY:
        return pb.CalendarDay(day=to_date(when), kind=kind, document=line.document), ()
    return pb.CalendarDay(
        day=to_date(when), kind=kind, title=line.name, document=line.document, status=status
    ), ()


def _swaps(lines: Sequence[Line]) -> Counter[str]:
    """By document, days off by a swap less the days worked for them."""
    signs = {pb.DAY_KIND_SWAP_OFF: 1, pb.DAY_KIND_SWAP_WORK: -1}
    balance: Counter[str] = Counter()
    for line in lines:
        balance[line.document] += signs.get(kind_of(line.kind), 0)  # type: ignore[arg-type]
    return balance


def _notes(day: pb.CalendarDay, when: date, swaps: Counter[str]) -> tuple[Words, ...]:
    """What may be meant, and is more often a slip."""
    notes: list[Words] = []
    off = day.kind not in (pb.DAY_KIND_SWAP_WORK, *ORDINARY)
    if off and ordinary(when) == pb.DAY_KIND_WEEKEND and day.kind != pb.DAY_KIND_HOLIDAY:
        notes.append(Words("ngày này vốn là ngày nghỉ hằng tuần", "is a weekly day off anyway"))
    if day.kind == pb.DAY_KIND_SWAP_WORK and ordinary(when) == pb.DAY_KIND_WORKING:
        notes.append(Words("ngày này vốn là ngày làm việc", "is a working day anyway"))
    if day.kind in (pb.DAY_KIND_SWAP_OFF, pb.DAY_KIND_SWAP_WORK) and swaps[day.document]:
        notes.append(
            Words(
                "trong văn bản này số ngày nghỉ hoán đổi khác số ngày làm bù",
                "of this document, days off by a swap and days worked for them differ in number",
            )
        )
    return tuple(notes)


def _unknown(written: str, vi: str, en: str, choices: Sequence[Words]) -> Words:
    return Words(
        f"{vi} “{written}” không có; một trong: {', '.join(choice.vi for choice in choices)}",
        f"{en} “{written}” is not known; one of: {', '.join(choice.en for choice in choices)}",
    )


def _row(
    line: Line,
    outcome: Outcome,
    reasons: tuple[Words, ...] = (),
    notes: tuple[Words, ...] = (),
) -> Row:
    label = " · ".join(part for part in (line.day, line.kind, line.name) if part)
    return Row(Kind.DAY, str(line.number), label, outcome, reasons, notes)
