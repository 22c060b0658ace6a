"""One limit on the terminal: what it is, its days, its picture, its moves, and the way to more time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from dondoc.calendar.v1 import calendar_pb2
from dondoc.limits.v1 import clock_pb2
from dondoc.limits.v1 import deadline_service_pb2 as pb
from dondoc.type.v1 import document_pb2
from google.type.date_pb2 import Date
from rich.markup import escape

from cli import language
from cli.explaining.picture import Way, draw
from cli.language import say
from cli.profiles.words import act, word
from cli.render import HO_CHI_MINH, NOTHING, day, instant, length, row, slug, stamp, stdout, table
from services.kernel.limits.domain.asking import Asking, AskingState, asking_as_text
from services.kernel.limits.domain.moves import ground_as_text
from services.kernel.limits.domain.profile import Colour, Origin
from services.kernel.runtime.protos import from_timestamp

_INSTANT = datetime.resolution
Explained = pb.ExplainDeadlineResponse
_STYLES = {colour: "dark_orange" if colour is Colour.ORANGE else colour.value for colour in Colour}


def show(told: Explained) -> None:
    _show_facts(told)
    _show_days(told)
    stdout.print(draw(way_of(told)))
    if told.estimated_days:
        days = ", ".join(f"{_day(one):%d/%m/%Y}" for one in told.estimated_days)
        stdout.print(
            say(
                f"Chưa có quyết định chính thức, thời hạn có thể thay đổi: {days}",
                f"Not decided yet, the end may move: {days}",
            ),
            style="yellow",
        )
    if told.HasField("last_day_by_calendar"):
        by_now = day(told, "last_day_by_calendar")
        stdout.print(
            say(
                f"Lịch đã thay đổi sau khi dừng: theo lịch hiện nay ngày cuối là {by_now}, "
                "thời hạn đã ghi giữ nguyên.",
                f"The calendar was edited after it was stopped: by the calendar of now the last day "
                f"would be {by_now}; the end on record stays.",
            ),
            style="yellow",
        )
    _show_moves(told.clock.ledger)
    _show_rungs(told.clock.rungs)
    if told.HasField("asking"):
        stdout.print(asking_words(told.asking), style="bold")
        if told.asking.days and told.asking.state != pb.ASKING_STATE_LOCKED:
            back = [f"{_day(d.day):%d/%m} ({d.number or d.ground})" for d in told.asking.days]
            stdout.print(f"  {escape(' ← '.join(reversed(back)))}", style="dim")


def way_of(told: Explained) -> Way:
    """What of the explanation is drawn."""
    clock = told.clock
    kinds = {_day(entry.day): entry.kind for entry in told.calendar_days}
    worked = frozenset(d for d, k in kinds.items() if k == calendar_pb2.DAY_KIND_SWAP_WORK)
    late = (clock_pb2.CLOCK_STATE_LATE, clock_pb2.CLOCK_STATE_MET_LATE)
    return Way(
        start=_local(from_timestamp(clock.start_time)),
        end=_day(clock.last_day),
        today=_local(from_timestamp(told.time)),
        numbers={_day(one.day): one.number for one in told.days if one.number},
        walked=frozenset(_day(one.day) for one in told.days),
        off=frozenset(kinds) - worked,
        worked=worked,
        late=clock.state in late,
    )


def asking_words(asking: pb.AskingForTime) -> str:
    """Until when more time can be asked for, or why not."""
    state = pb.AskingState.Name(asking.state).removeprefix("ASKING_STATE_")
    origin = document_pb2.Origin.Name(asking.locked_by).removeprefix("ORIGIN_")
    known = Asking(
        state=AskingState(state),
        article=asking.article,
        last_day=_day(asking.last_day) if asking.HasField("last_day") else None,
        locked_by=Origin(origin) if asking.locked_by else None,
    )
    return asking_as_text(known, language.current.value)


def _show_facts(told: Explained) -> None:
    clock = told.clock
    facts = table(f"{clock.rule} · {told.title}", "", "")
    facts.show_header = False
    for label, value in (
        (say("Căn cứ", "Legal basis"), f"{clock.article} · {clock.profile}"),
        (say("Trách nhiệm", "Owed by"), slug(clock.owed_by)),
        (say("Thời hạn", "Length"), _length(told)),
        (say("Bắt đầu", "Start"), stamp(clock, "start_time")),
        (say("Ngày nêu trong văn bản", "Stated date"), day(clock, "stated_due_date")),
        (say("Hết thời hạn", "End"), _end(clock)),
        (say("Tình trạng", "State"), _state(clock)),
        (say("Đối tượng", "Subject"), clock.subject),
    ):
        if value != NOTHING:
            row(facts, [label, value])
    stdout.print(facts)


def _length(told: Explained) -> str:
    if not told.length:
        return NOTHING
    ground = f" ({told.length_ground})" if told.length_ground else ""
    return f"{length(told.length, told.unit)}{ground}"


def _end(clock: clock_pb2.Clock) -> str:
    due = from_timestamp(clock.due_time).astimezone(HO_CHI_MINH)
    midnight = (due.hour, due.minute) == (0, 0)
    return f"{day(clock, 'last_day')} 24:00" if midnight else instant(due)


def _state(clock: clock_pb2.Clock) -> str:
    words = {
        clock_pb2.CLOCK_STATE_RUNNING: say("đang tính, trong hạn", "running"),
        clock_pb2.CLOCK_STATE_LATE: say("đang tính, quá hạn", "running, late"),
        clock_pb2.CLOCK_STATE_MET: say("đúng hạn", "met in time"),
        clock_pb2.CLOCK_STATE_MET_LATE: say("hoàn thành quá hạn", "met late"),
        clock_pb2.CLOCK_STATE_VOID: say("không còn tính", "void"),
    }.get(clock.state, NOTHING)
    if clock.void_reason:
        return f"{words}: {act(clock.void_reason)}"
    return f"{words} ({stamp(clock, 'act_time')})" if clock.HasField("act_time") else words


def _show_days(told: Explained) -> None:
    days = table(
        "",
        say("Ngày thứ", "Day"),
        say("Ngày", "Date"),
        say("Tính hay không, vì sao", "Why it counts or not"),
        say("Căn cứ", "By"),
    )
    estimated = say(" (dự kiến)", " (estimated)")
    for one in told.days:
        ground = one.ground + (estimated if one.estimated else "")
        cells = [str(one.number or ""), _dated(_day(one.day)), ground, one.document]
        row(days, cells)
    stdout.print(days)


def _show_moves(ledger: Sequence[clock_pb2.LedgerEntry]) -> None:
    later = [entry for entry in ledger if entry.kind != "STARTED"]
    if not later:
        return
    moves = table(
        say("Từ khi bắt đầu", "Since the start"),
        say("Lúc", "When"),
        say("Việc", "What"),
        say("Từ", "From"),
        say("Đến", "To"),
        say("Văn bản", "Document"),
        say("Người ghi", "Who"),
    )
    for entry in later:
        ends = [_last(entry, "from_due_time"), _last(entry, "to_due_time")]
        who = entry.actor or NOTHING
        row(moves, [stamp(entry, "time"), _move(entry), *ends, entry.document or NOTHING, who])
    stdout.print(moves)


def _show_rungs(rungs: Sequence[clock_pb2.Rung]) -> None:
    """Those that were said or stand, in the colours of the profile, which words repeat."""
    told = [one for one in rungs if one.HasField("fired_time") or not one.HasField("revoke_time")]
    if not told:
        return
    shown = table(
        say("Nhắc việc", "Reminders"),
        say("Bước", "Step"),
        say("Lúc", "When"),
        say("Đã nhắc", "Said"),
        say("Màu", "Colour"),
    )
    for rung in sorted(told, key=lambda one: (one.generation, one.fire_time.ToNanoseconds())):
        colour = Colour(rung.colour) if rung.colour else None
        row(
            shown,
            [rung.rung, stamp(rung, "fire_time"), _said(rung), word(colour) if colour else ""],
        )
        shown.rows[-1].style = _STYLES[colour] if colour else ""
    stdout.print(shown)


def _said(rung: clock_pb2.Rung) -> str:
    said = stamp(rung, "fired_time")
    if rung.HasField("revoke_time"):
        at = stamp(rung, "revoke_time")
        return say(f"{said}, rút lại {at}", f"{said}, taken back {at}")
    if rung.skipped:
        return say("bỏ qua", "passed over")
    return said


def _move(entry: clock_pb2.LedgerEntry) -> str:
    ground = ground_as_text(entry.ground, language.current)
    if entry.kind == "MOVED":
        return ground
    kind = {
        "STOPPED": say("dừng", "stopped"),
        "REOPENED": say("chạy lại", "reopened"),
        "VOIDED": say("không còn tính", "void"),
    }.get(entry.kind, entry.kind)
    return f"{kind}: {ground}" if ground else kind


def _last(entry: clock_pb2.LedgerEntry, field: str) -> str:
    """The last good day before an instant of the ledger."""
    if not entry.HasField(field):  # type: ignore[arg-type]
        return NOTHING
    return f"{_local(from_timestamp(getattr(entry, field)) - _INSTANT):%d/%m/%Y}"


def _dated(value: date) -> str:
    weekdays = say("T2 T3 T4 T5 T6 T7 CN", "Mon Tue Wed Thu Fri Sat Sun").split()
    return f"{weekdays[value.weekday()]} {value:%d/%m/%Y}"


def _day(value: Date) -> date:
    return date(value.year, value.month, value.day)


def _local(moment: datetime) -> date:
    return moment.astimezone(HO_CHI_MINH).date()
