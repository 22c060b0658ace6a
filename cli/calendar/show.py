"""The calendar, its journal and previews on the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from dondoc.calendar.v1 import calendar_pb2 as pb
from dondoc.limits.v1.clock_pb2 import ClockState
from dondoc.limits.v1.deadline_service_pb2 import ClockMove
from rich.markup import escape

from cli.calendar.preview import Preview
from cli.calendar.words import KINDS, STATUSES, weekday
from cli.language import Words, say
from cli.render import NOTHING, day, row, slug, stamp, stdout, table
from services.kernel.runtime.protos import from_date

LISTED = 40  # moves of one service, days of one edit; of more the number is told
_STATES = {
    "RUNNING": Words("đang chạy", "running"),
    "LATE": Words("quá hạn", "late"),
    "MET": Words("đúng hạn", "met"),
    "MET_LATE": Words("hoàn thành quá hạn", "met late"),
}


def missing_year(year: int) -> str:
    """The warning from October on."""
    return say(
        f"Chưa nhập ngày nghỉ lễ, tết năm {year}: thời hạn kéo sang năm này mới chỉ trừ ngày nghỉ hằng "
        f"tuần. Hãy dùng: dondoc calendar template {year}",
        f"The holidays of {year} are not entered: limits that reach into it are counted with weekends "
        f"only. Begin with: dondoc calendar template {year}",
    )


def days(found: Sequence[pb.CalendarDay], known: Preview, state: pb.CalendarState) -> None:
    """Entries of the years asked for, with the open clocks on those that are not decided."""
    clocks: Counter[date] = Counter()
    for answer in known.answers:
        for estimated in answer.estimated_days:
            clocks[from_date(estimated.day, "")] += estimated.clocks
    shown = table(
        say(f"Lịch làm việc, phiên bản {state.version}", f"Calendar, version {state.version}"),
        say("Ngày", "Day"),
        "",
        say("Loại", "Kind"),
        say("Tên", "Name"),
        say("Văn bản", "Document"),
        say("Trạng thái", "Status"),
        say("thời hạn đang chạy", "open clocks"),
    )
    for one in found:
        when = from_date(one.day, "")
        undecided = one.status == pb.DAY_STATUS_ESTIMATED
        row(
            shown,
            [
                day(one, "day"),
                weekday(when),
                str(KINDS[one.kind][0]),
                one.title,
                one.document,
                str(STATUSES[one.status][0]),
                str(clocks[when]) if undecided else "",
            ],
        )
    stdout.print(shown)
    resting = sum(answer.estimated_clocks for answer in known.answers)
    if resting:
        stdout.print(
            say(
                f"{resting} thời hạn đang chạy dựa trên ngày chưa có quyết định: có thể thay đổi.",
                f"{resting} open clocks rest on days that are not decided yet: their ends may move.",
            )
        )
    silent(known)
    if state.year_to_announce:
        stdout.print(f"[yellow]{escape(missing_year(state.year_to_announce))}[/yellow]")


def moves(known: Preview) -> None:
    """Which clocks would move, service by service."""
    for answer in known.answers:
        if not answer.moves:
            continue
        shown = table(
            f"{answer.service}: {len(answer.moves)} {say('thời hạn thay đổi', 'clocks move')}",
            say("Đối tượng", "Subject"),
            say("Quy định", "Rule"),
            say("Cơ quan", "Owed by"),
            say("Ngày cuối cũ", "Last day before"),
            say("Ngày cuối mới", "Last day after"),
            say("Tình trạng", "State"),
        )
        for move in answer.moves[:LISTED]:
            row(
                shown,
                [
                    move.subject,
                    move.rule,
                    slug(move.owed_by),
                    day(move, "from_last_day"),
                    day(move, "to_last_day"),
                    _states(move),
                ],
            )
        stdout.print(shown)
        if len(answer.moves) > LISTED:
            more = len(answer.moves) - LISTED
            stdout.print(say(f"… và {more} thời hạn khác (--json)", f"… and {more} more (--json)"))
    counted = ", ".join(
        f"{answer.service} {len(answer.moves)}/{answer.running_clocks}"
        for answer in known.answers
        if not answer.silence
    )
    stdout.print(
        say(
            f"{known.moves} thời hạn thay đổi (thay đổi/đang chạy: {counted}).",
            f"{known.moves} clocks move (moved/running: {counted}).",
        )
    )
    silent(known)


def silent(known: Preview) -> None:
    """Names whoever did not answer: what is shown is without them."""
    for answer in known.silent:
        assert answer.silence is not None
        words = say("không trả lời, còn thiếu", "did not answer, its clocks are missing")
        stdout.print(f"[red]{answer.service}: {words}[/red] ({escape(str(answer.silence))})")


def journal(edits: Sequence[pb.CalendarEdit]) -> None:
    shown = table(
        say("Nhật ký sửa lịch", "Journal of the calendar"),
        say("Phiên bản", "Version"),
        say("Lúc", "When"),
        say("Người sửa", "Editor"),
        say("Ngày", "Days"),
        say("Văn bản", "Documents"),
        say("Lý do", "Reason"),
        "",
    )
    for edit in edits:
        marks = []
        if edit.undoes:
            marks.append(f"{say('hủy', 'undoes')} {_number(edit.undoes)}")
        if edit.undone_by:
            marks.append(f"{say('bị hủy bởi', 'undone by')} {_number(edit.undone_by)}")
        if edit.stopped_too:
            marks.append(say("cả thời hạn đã dừng", "stopped clocks too"))
        row(
            shown,
            [
                str(edit.version),
                stamp(edit, "occur_time"),
                f"{edit.editor} ({slug(edit.editor_agency)})"
                if edit.editor
                else say("hệ thống", "the system"),
                "\n".join(_changes(edit)),
                "\n".join(edit.documents) or NOTHING,
                edit.reason if edit.editor else say("lịch ban đầu", "the first calendar"),
                "\n".join(marks),
            ],
        )
    stdout.print(shown)


def _changes(edit: pb.CalendarEdit) -> list[str]:
    """A line for each day; of many the first ones and how many more."""
    pairs = list(zip(edit.days_before, edit.days, strict=True))
    lines = [_change(*pair) for pair in pairs[:LISTED]]
    more = len(pairs) - len(lines)
    if more:
        lines.append(say(f"… và {more} ngày khác (--json)", f"… and {more} more (--json)"))
    return lines


def _change(before: pb.CalendarDay, after: pb.CalendarDay) -> str:
    one, other = (str(KINDS[entry.kind][0]) for entry in (before, after))
    if one == other:
        one, other = (str(STATUSES[e.status][0]) if e.status else NOTHING for e in (before, after))
    return f"{day(after, 'day')}: {one} → {other}"


def _states(move: ClockMove) -> str:
    before, after = (
        ClockState.Name(state).removeprefix("CLOCK_STATE_")
        for state in (move.from_state, move.to_state)
    )
    one, other = (str(_STATES.get(name, name)) for name in (before, after))
    return one if before == after else f"{one} → {other}"


def _number(name: str) -> str:
    return name.rpartition("/")[2]
