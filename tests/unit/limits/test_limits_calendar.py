from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import holidays
import limits_oracle as oracle
import pytest

from services.kernel.limits.adapters.holiday_seed import DECIDED_THROUGH, seeded_days
from services.kernel.limits.domain.calendar import (
    LOCAL,
    Calendar,
    CalendarDay,
    CalendarEdit,
    CalendarError,
    DayKind,
    DayStatus,
    end_of,
    local_date,
    start_of,
)


def test_every_day_of_nine_years_is_worked_or_off_as_the_announcements_say(calendar):
    wrong = [day for day in oracle.EVERY_DAY if calendar.is_working(day) != oracle.working(day)]
    assert wrong == []


@pytest.mark.parametrize("count", [1, 2, 3, 7, 10, 30])
def test_counting_forward_agrees_with_a_naive_walk_from_every_day(calendar, count):
    for day in oracle.EVERY_DAY:
        assert calendar.add_working_days(day, count) == oracle.forward(day, count), day


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_counting_back_agrees_with_a_naive_walk_from_every_day(calendar, count):
    for day in oracle.EVERY_DAY[60:]:
        assert calendar.subtract_working_days(day, count) == oracle.back(day, count), day


def test_the_next_and_the_previous_working_day_agree_with_a_naive_walk(calendar):
    for day in oracle.EVERY_DAY[30:]:
        assert calendar.next_working_day(day) == oracle.rolled(day), day
        assert calendar.previous_working_day(day) == (
            day if oracle.working(day) else oracle.back(day, 1)
        ), day


def test_working_days_between_two_days_are_those_after_the_first_up_to_the_last(calendar):
    for start in oracle.EVERY_DAY[::17]:
        end = start + timedelta(days=23)
        walked = (start + timedelta(days=n) for n in range(1, 24))
        assert calendar.working_days_between(start, end) == sum(map(oracle.working, walked))
        assert calendar.working_days_between(end, start) == -calendar.working_days_between(
            start, end
        )


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2025, 12, 31), 2, date(2026, 1, 6)),  # over the swapped Friday 2 January
        (date(2026, 1, 9), 2, date(2026, 1, 12)),  # through the Saturday worked for it
        (date(2024, 2, 7), 2, date(2024, 2, 16)),  # over Tết
        (date(2024, 5, 3), 1, date(2024, 5, 4)),
    ],
)
def test_known_ends_come_out_as_an_office_would_count_them(calendar, start, count, end):
    assert calendar.add_working_days(start, count) == end


def test_no_day_is_counted_for_a_count_of_zero_even_from_a_day_off(calendar):
    sunday = date(2024, 6, 2)
    assert calendar.add_working_days(sunday, 0) == sunday
    assert calendar.subtract_working_days(sunday, 0) == sunday


def test_a_negative_count_is_refused(calendar):
    with pytest.raises(ValueError, match="not negative"):
        calendar.add_working_days(date(2024, 6, 3), -1)


def test_a_count_past_the_last_date_is_a_clear_error(calendar):
    with pytest.raises(CalendarError, match="leaves the years"):
        calendar.add_working_days(date(9999, 12, 30), 5)
    with pytest.raises(CalendarError, match="leaves the years"):
        calendar.subtract_working_days(date(1, 1, 2), 5)


def test_a_calendar_of_nothing_but_days_off_still_finds_the_next_working_day():
    first = date(2024, 1, 1)
    off = [CalendarDay(first + timedelta(days=n), DayKind.SWAP_OFF, "nghỉ") for n in range(400)]
    calendar = Calendar.of(off)
    assert calendar.next_working_day(first) == date(2025, 2, 4)
    assert calendar.previous_working_day(date(2025, 2, 3)) == date(2023, 12, 29)


def test_a_day_off_tells_why(calendar):
    assert calendar.why_off(date(2026, 1, 5)) is None
    assert calendar.why_off(date(2026, 1, 10)) is None
    assert calendar.why_off(date(2026, 1, 11)) is DayKind.WEEKEND
    swap = calendar.why_off(date(2026, 1, 2))
    assert isinstance(swap, CalendarDay)
    assert (swap.kind, swap.document) == (DayKind.SWAP_OFF, "12729/VPCP-KGVX")
    assert calendar.kind_of(date(2026, 1, 10)) is DayKind.SWAP_WORK
    assert calendar.kind_of(date(2022, 5, 3)) is DayKind.MAKE_UP
    assert calendar.kind_of(date(2022, 5, 1)) is DayKind.HOLIDAY
    assert calendar.kind_of(date(2022, 5, 4)) is DayKind.WORKING


def test_a_year_without_holidays_is_not_covered_and_counts_with_weekends_only(calendar):
    assert calendar.covers(date(2027, 12, 31))
    assert not calendar.covers(date(2028, 1, 1))
    assert calendar.is_working(date(2028, 1, 3))
    assert not calendar.is_working(date(2028, 1, 1))  # a Saturday
    assert calendar.status_of(date(2028, 1, 3)) is DayStatus.ESTIMATED
    assert calendar.status_of(date(2024, 1, 3)) is DayStatus.OFFICIAL


def test_from_october_on_the_calendar_asks_for_the_holidays_of_next_year(calendar):
    assert calendar.year_to_announce(date(2027, 9, 30)) is None
    assert calendar.year_to_announce(date(2027, 10, 1)) == 2028
    assert calendar.year_to_announce(date(2026, 12, 31)) is None


def test_a_day_ends_at_midnight_in_vietnam():
    day = date(2024, 6, 3)
    assert end_of(day) == datetime(2024, 6, 3, 17, tzinfo=UTC)
    assert end_of(day) == datetime(2024, 6, 4, tzinfo=LOCAL) == start_of(date(2024, 6, 4))
    assert local_date(datetime(2024, 6, 3, 16, 59, tzinfo=UTC)) == day
    assert local_date(datetime(2024, 6, 3, 17, 0, tzinfo=UTC)) == date(2024, 6, 4)
    with pytest.raises(ValueError, match="time zone"):
        local_date(datetime(2024, 6, 3))  # noqa: DTZ001


def test_an_edit_counts_at_once_and_its_reverse_restores_the_calendar(calendar):
    friday, saturday, tet = date(2024, 6, 7), date(2024, 6, 15), date(2024, 2, 8)
    edit = CalendarEdit(
        put=(
            CalendarDay(friday, DayKind.SWAP_OFF, "Hoán đổi", "1/TB"),
            CalendarDay(saturday, DayKind.SWAP_WORK, "Hoán đổi", "1/TB"),
        ),
        remove=(tet,),
    )
    edited = calendar.edited(edit, version=2)
    assert edited.version == 2
    assert not edited.is_working(friday)
    assert edited.is_working(saturday)
    assert edited.is_working(tet)
    assert edited.add_working_days(date(2024, 6, 6), 1) == date(2024, 6, 10)
    assert edited.add_working_days(date(2024, 6, 14), 1) == saturday
    restored = edited.edited(calendar.reverse(edit), version=3)
    assert restored.days == calendar.days


def test_what_makes_no_calendar_is_refused():
    new_year = CalendarDay(date(2024, 1, 1), DayKind.HOLIDAY, "Tết Dương lịch")
    with pytest.raises(CalendarError, match="twice"):
        Calendar.of([new_year, new_year])
    with pytest.raises(CalendarError, match="ordinary"):
        CalendarDay(date(2024, 1, 2), DayKind.WORKING, "")
    with pytest.raises(CalendarError, match="filed under"):
        Calendar(1, {date(2024, 1, 2): new_year})
    with pytest.raises(CalendarError, match="no entry"):
        Calendar.of([new_year]).edited(CalendarEdit(remove=(date(2024, 1, 2),)), version=2)


def test_the_seed_marks_what_no_decision_has_fixed_as_estimated():
    days = seeded_days(2019, 2027)
    estimated = {entry.day.year for entry in days if entry.status is DayStatus.ESTIMATED}
    official = {entry.day.year for entry in days if entry.status is DayStatus.OFFICIAL}
    assert estimated == {2027}
    assert official == set(range(2019, DECIDED_THROUGH + 1))


def test_the_seed_does_not_take_over_the_culture_day_that_no_law_has_made_a_day_off(calendar):
    assert date(2026, 11, 24) in holidays.country_holidays("VN", years=2026)
    assert calendar.is_working(date(2026, 11, 24))


def test_the_seed_knows_every_swap_that_the_package_knows(calendar):
    package = holidays.country_holidays("VN", years=range(2019, 2028), language="vi")
    swapped = [day for day in package if "thay cho" in package[day]]
    worked = [day for day in package.weekend_workdays if day.year >= 2019]
    assert len(swapped) >= 4
    assert len(worked) >= 5
    assert {calendar.kind_of(day) for day in swapped} == {DayKind.SWAP_OFF}
    assert {calendar.kind_of(day) for day in worked} == {DayKind.SWAP_WORK}
