"""What `dondoc explain` draws and says, from explanations as the services give them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from dondoc.limits.v1 import clock_pb2
from dondoc.limits.v1 import deadline_service_pb2 as pb
from rich.console import Console

from cli import language
from cli.explaining import show as showing
from cli.explaining.picture import Way, cell, draw, months
from cli.explaining.show import show, way_of
from cli.explaining.subject import _same
from cli.language import Language
from services.kernel.limits.adapters import clock_messages
from services.kernel.limits.adapters.explanation_messages import to_message
from services.kernel.limits.adapters.holiday_seed import seeded_calendar
from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.asking import asking_for_time
from services.kernel.limits.domain.calendar import LOCAL, start_of
from services.kernel.limits.domain.clock import Cause, Clock, LedgerEntry, MoveGround, start
from services.kernel.limits.domain.duedate import compute
from services.kernel.limits.domain.explain import explain
from services.kernel.limits.domain.profile import Colour
from services.kernel.limits.domain.rungs import rungs_for

PROFILES = load_profiles()
PROFILE, CALENDAR = PROFILES.installed[0], seeded_calendar(2019, 2027)
CAUSE = Cause(datetime(2025, 12, 31, 9, tzinfo=LOCAL), "", "vanphong", "374/UBND-VXNV")


@pytest.fixture(params=["vi", "en"])
def spoken(request: pytest.FixtureRequest) -> Iterator[str]:
    before = language.current
    language.choose(Language(request.param))
    yield request.param
    language.choose(before)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a terminal without colours shows."""
    written = io.StringIO()
    plain = Console(file=written, width=140, no_color=True, highlight=False)
    monkeypatch.setattr(showing, "stdout", plain)
    return written


def told(
    clock: Clock, ledger: list[LedgerEntry], now: datetime, origin: str = ""
) -> pb.ExplainDeadlineResponse:
    computed = compute(
        PROFILE.rule(clock.rule), PROFILE, CALENDAR,
        started_at=clock.started_at, stated_due=clock.stated_due,
    )  # fmt: skip
    asking = clock.stated_due and asking_for_time(
        PROFILE, CALENDAR, clock.stated_due,
        forwarded_on=clock.started_at.date(), today=now.date(), origin=origin,
    )  # fmt: skip
    lang = language.current.value
    response = to_message(explain(computed, CALENDAR, lang), clock, CALENDAR, asking or None, lang)
    full = clock_messages.to_message(clock, PROFILES, ledger=ledger, now=now)
    response.clock.CopyFrom(full)
    response.time.FromDatetime(now.astimezone(tz=None).replace(tzinfo=None) - _offset(now))
    return response


def _offset(now: datetime) -> timedelta:
    return now.astimezone(tz=None).utcoffset() or timedelta()


def intake(now: datetime) -> pb.ExplainDeadlineResponse:
    """31 December 2025: New Year, the swap of 2 January and a weekend lie on the way."""
    end = compute(PROFILE.rule("R7.1"), PROFILE, CALENDAR, started_at=start_of(date(2025, 12, 31)))
    clock, entry = start("directives/x", "van-phong-ubnd-tinh", end, CAUSE)
    return told(clock, [entry], now)


def task(stated: date, now: datetime, origin: str = "") -> pb.ExplainDeadlineResponse:
    forwarded = datetime(2026, 1, 5, 9, tzinfo=LOCAL)
    rule = PROFILE.rule("R5.1e")
    first = compute(rule, PROFILE, CALENDAR, started_at=forwarded, stated_due=date(2026, 1, 6))
    clock, entry = start("tasks/x", "so-noi-vu", first, CAUSE)
    later = compute(rule, PROFILE, CALENDAR, started_at=forwarded, stated_due=stated)
    answer = Cause(forwarded, "", "vanphong", "12/UBND-TH")
    clock, moved = clock.move(later, MoveGround.EXTENSION, answer)
    return told(clock, [entry, moved], now, origin)


@pytest.mark.rule("R7.1")
def test_the_months_show_start_counted_and_skipped_days_end_and_today_without_colours(
    spoken: str, page: io.StringIO
) -> None:
    show(intake(datetime(2026, 1, 5, 10, tzinfo=LOCAL)))
    drawn = page.getvalue()
    for mark in (">31", " 1*", " 2*", " 3×", " 4×", "[   5·1 ]", "# 6·2", "10+"):
        assert mark in drawn, mark
    december, january = (
        ("Tháng 12/2025", "Tháng 1/2026") if spoken == "vi" else ("December 2025", "January 2026")
    )
    assert drawn.index(december) < drawn.index(january)
    assert "12729/VPCP-KGVX" in drawn
    assert "khoản 1 Điều 7" in drawn
    ground = {"vi": "nghỉ hoán đổi", "en": "day off by a swap"}[spoken]
    assert ground in drawn


@pytest.mark.rule("R6.2c")
@pytest.mark.parametrize(
    ("stated", "origin", "vi", "en"),
    [
        (date(2026, 1, 14), "", "chậm nhất ngày 10/01/2026", "until 10/01/2026"),
        (date(2026, 1, 7), "", "Hạn quá ngắn", "Too short for an extension"),
        (date(2026, 1, 14), "CENTRAL_MINISTRY", "Bộ, ngành Trung ương", "a central ministry"),
    ],
)
def test_it_says_until_when_more_time_can_be_asked_for_or_why_not(
    spoken: str, page: io.StringIO, stated: date, origin: str, vi: str, en: str
) -> None:
    show(task(stated, datetime(2026, 1, 6, 10, tzinfo=LOCAL), origin))
    assert {"vi": vi, "en": en}[spoken] in page.getvalue()


def test_what_moved_the_end_is_shown_with_document_and_who(spoken: str, page: io.StringIO) -> None:
    show(task(date(2026, 1, 14), datetime(2026, 1, 6, 10, tzinfo=LOCAL)))
    line = next(line for line in page.getvalue().splitlines() if "12/UBND-TH" in line)
    assert {"vi": "gia hạn", "en": "extension"}[spoken] in line
    for part in ("06/01/2026", "14/01/2026", "vanphong"):
        assert part in line


def reminded(page: io.StringIO) -> dict[str, list[str]]:
    """Step → its cells besides, of the table of reminders."""
    rows = [[c.strip() for c in x.split("│")[1:-1]] for x in page.getvalue().splitlines()]
    ladder = PROFILE.ladder_of(PROFILE.rule("R5.1e"))
    assert ladder
    return {row[0]: row[1:] for row in rows if row and row[0] in {s.name for s in ladder.steps}}


def test_its_reminders_are_shown_with_instant_colour_and_whether_they_were_said(
    spoken: str, page: io.StringIO
) -> None:
    now, rule = datetime(2026, 1, 15, 0, 0, 1, tzinfo=LOCAL), PROFILE.rule("R5.1e")
    forwarded = datetime(2026, 1, 5, 9, tzinfo=LOCAL)
    end = compute(rule, PROFILE, CALENDAR, started_at=forwarded, stated_due=date(2026, 1, 14))
    clock, entry = start("tasks/x", "so-noi-vu", end, CAUSE)
    soon, today, late, *later = rungs_for(clock, PROFILE.ladder_of(rule), CALENDAR, now)
    rungs = (
        soon,
        replace(today, skipped=False, fired_at=today.fire_at, revoked_at=forwarded),
        replace(late, fired_at=now),
        *(replace(one, revoked_at=forwarded) for one in later[1:]),
        later[0],
    )
    response = told(clock, [entry], now)
    response.clock.CopyFrom(clock_messages.to_message(clock, PROFILES, rungs=rungs, now=now))
    show(response)
    vietnamese = spoken == "vi"
    assert reminded(page) == {
        "due_soon": ["08/01/2026 00:00", "bỏ qua" if vietnamese else "passed over",
                     "vàng" if vietnamese else "yellow"],
        "due_today": ["14/01/2026 00:00", "14/01/2026 00:00, "
                      + ("rút lại" if vietnamese else "taken back") + " 05/01/2026 09:00",
                      "cam" if vietnamese else "orange"],
        "overdue": ["15/01/2026 00:00", "15/01/2026 00:00", "đỏ" if vietnamese else "red"],
        "overdue_5": ["21/01/2026 00:00", "–", "đỏ" if vietnamese else "red"],
    }  # fmt: skip


def test_reminders_have_the_colours_of_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="256", width=140)
    monkeypatch.setattr(showing, "stdout", console)
    response = intake(datetime(2026, 1, 5, 10, tzinfo=LOCAL))
    for colour in Colour:
        response.clock.rungs.add(rung=f"step_{colour}", colour=colour)
    show(response)
    drawn = console.file.getvalue()  # type: ignore[attr-defined]
    codes = {"green": 2, "blue": 4, "yellow": 3, "orange": "8;5;208", "red": 1}
    for colour in Colour:
        assert f"\x1b[3{codes[colour]}mstep_{colour}" in drawn


def test_days_that_no_decision_has_fixed_are_named(spoken: str, page: io.StringIO) -> None:
    show(task(date(2027, 2, 5), datetime(2026, 1, 6, 10, tzinfo=LOCAL)))
    said = {"vi": "Chưa có quyết định chính thức", "en": "Not decided yet"}[spoken]
    assert said in page.getvalue()
    assert "05/02/2027" in page.getvalue()


def test_a_late_end_is_drawn_otherwise_than_one_in_time() -> None:
    late = way_of(intake(datetime(2026, 1, 7, tzinfo=LOCAL)))
    in_time = way_of(intake(datetime(2026, 1, 6, tzinfo=LOCAL)))
    assert (late.late, in_time.late) == (True, False)
    coloured = [Console(file=io.StringIO(), force_terminal=True, width=140) for _ in range(2)]
    for console, way in zip(coloured, (late, in_time), strict=True):
        console.print(draw(way))
    reds = ["\x1b[1;37;41m" in console.file.getvalue() for console in coloured]  # type: ignore[attr-defined]
    assert reds == [True, False]


def test_a_day_can_be_start_end_and_today_at_once() -> None:
    day = date(2026, 1, 10)
    way = Way(day, day, day, worked=frozenset({day}))
    assert cell(way, day) == "[>#10+  ]"
    assert cell(way, day + timedelta(days=1)) == "   11×   "
    assert {len(cell(way, date(2026, 1, n))) for n in range(1, 32)} == {9}


def test_a_long_way_is_drawn_without_its_empty_middle_and_a_far_today_is_left_out() -> None:
    near, far = date(2026, 2, 20), date(2027, 3, 1)
    way = Way(start=date(2026, 1, 5), end=far, today=near)
    assert months(way) == [(2026, 1), (2026, 2), (2027, 3)]
    short = Way(start=date(2025, 12, 5), end=date(2026, 1, 5), today=date(2026, 2, 1))
    assert months(short) == [(2025, 12), (2026, 1), (2026, 2)]
    assert months(Way(date(2025, 12, 5), date(2026, 1, 5), far)) == [(2025, 12), (2026, 1)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("374/UBND-VXNV", True), ("374/ubnd-vxnv", True), ("374", True), ("374 / UBND VXNV", True),
        ("37/UBND-VXNV", False), ("374/UBND", False), ("37", False),
    ],
)  # fmt: skip
def test_a_document_is_meant_by_its_number_and_symbol_whatever_their_case(
    written: str, meant: bool
) -> None:
    assert _same("374/UBND-VXNV", written) is meant
    assert _same("69/2019/QĐ-UBND", "69/2019/qd-ubnd")


def test_a_stopped_limit_tells_that_the_calendar_changed_since(
    spoken: str, page: io.StringIO
) -> None:
    response = intake(datetime(2026, 1, 7, tzinfo=LOCAL))
    response.clock.state = clock_pb2.CLOCK_STATE_MET
    assert not response.HasField("last_day_by_calendar")
    response.last_day_by_calendar.CopyFrom(response.clock.last_day)
    show(response)
    assert {"vi": "giữ nguyên", "en": "stays"}[spoken] in page.getvalue()
