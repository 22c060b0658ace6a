from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import limits_oracle as oracle
import pytest

from services.kernel.limits.domain.calendar import LOCAL, CalendarEdit, start_of
from services.kernel.limits.domain.duedate import LegKind, compute
from services.kernel.limits.domain.explain import as_text, explain
from services.kernel.limits.domain.profile import Unit


@pytest.fixture
def told(profile, calendar):
    def of(rule, start=None, stated=None, ground="", lang="vi"):
        computation = compute(
            profile.rule(rule),
            profile,
            calendar,
            started_at=start_of(start) if start else None,
            stated_due=stated,
            length_ground=ground,
        )
        return explain(computation, calendar, lang)

    return of


@pytest.mark.rule("R7.1")
def test_each_day_over_new_year_is_counted_or_skipped_with_its_ground(told):
    days = told("R7.1", start=date(2025, 12, 31)).days
    assert [(day.day.day, day.number, day.working) for day in days] == [
        (31, None, True),
        (1, None, False),
        (2, None, False),
        (3, None, False),
        (4, None, False),
        (5, 1, True),
        (6, 2, True),
    ]
    assert "Điều 147" in days[0].ground
    assert days[1].ground == "ngày nghỉ lễ: Tết Dương lịch"
    assert days[2].ground == "nghỉ hoán đổi: Hoán đổi với ngày 10/01/2026"
    assert days[2].document == "12729/VPCP-KGVX"
    assert days[3].ground == "ngày nghỉ hằng tuần"


@pytest.mark.rule("R6.2c")
def test_a_limit_counted_back_walks_back_through_the_saturday_that_is_worked(told):
    days = told("R6.2c", stated=date(2026, 1, 14)).days
    assert [(day.day.day, day.number) for day in days] == [
        (14, None),
        (13, 1),
        (12, 2),
        (11, None),
        (10, 3),
    ]
    assert days[-1].ground.startswith("làm việc bù")


@pytest.mark.rule("R7.2a")
def test_the_roll_of_the_due_date_is_shown_before_the_three_days(told):
    saturday = date(2024, 6, 1)
    days = told("R7.2a", stated=saturday, lang="en").days
    assert [(day.day.day, day.number, day.leg) for day in days] == [
        (1, None, LegKind.ROLL),
        (2, None, LegKind.ROLL),
        (3, None, LegKind.ROLL),
        (4, 1, LegKind.FORWARD),
        (5, 2, LegKind.FORWARD),
        (6, 3, LegKind.FORWARD),
    ]
    assert days[2].ground == "the next working day (art. 148.5 Civil Code 2015)"


@pytest.mark.rule("R6.1d")
def test_the_day_before_the_due_date_is_shown_as_the_bound_of_the_answer(told):
    thursday, saturday = date(2024, 5, 23), date(2024, 5, 25)
    last = told("R6.1d", start=thursday, stated=saturday).days[-1]
    assert (last.day, last.leg) == (date(2024, 5, 26), LegKind.CAP)
    assert "chậm nhất trước ngày đến hạn" in last.ground


def test_the_days_shown_are_working_exactly_where_a_naive_walk_finds_them_so(told):
    for day in oracle.EVERY_DAY[::13]:
        shown = told("R7.1", start=day, ground="SEVERAL_TASKS").days[1:]
        counted = [entry.day for entry in shown if entry.number]
        skipped = [entry.day for entry in shown if not entry.number]
        assert len(counted) == 7
        assert all(map(oracle.working, counted))
        assert not any(map(oracle.working, skipped))


@pytest.mark.rule("R7.1")
def test_the_text_names_article_length_ground_and_end_in_vietnamese_and_english(told):
    start = date(2024, 6, 3)
    vietnamese = as_text(told("R7.1", start=start, ground="SEVERAL_TASKS"))
    lines = vietnamese.splitlines()
    assert lines[0].startswith("R7.1 (khoản 1 Điều 7): Phân loại")
    assert lines[1] == "Thời hạn: 7 ngày làm việc (văn bản gồm nhiều nhiệm vụ)"
    assert lines[3] == "   1  Thứ Ba, 04/06/2024: ngày làm việc"
    assert lines[-1] == "Hết thời hạn lúc 24:00, Thứ Tư, 12/06/2024"
    english = as_text(told("R7.1", start=start, lang="en"), "en").splitlines()
    assert english[1] == "Limit: 2 working days"
    assert english[-1] == "Ends at 24:00, Wednesday 5 June 2024"


def test_days_that_no_decision_has_fixed_are_named_as_such(told):
    over_tet = told("R5.1e", stated=date(2027, 2, 4))
    assert over_tet.estimated[0] == date(2027, 2, 4)
    assert "Chưa có quyết định chính thức" in as_text(over_tet)
    assert told("R7.1", start=date(2028, 3, 1)).estimated
    decided = told("R7.1", start=date(2024, 6, 3), lang="en")
    assert decided.estimated == ()
    assert "may move" not in as_text(decided, "en")


def test_hours_are_told_by_the_clock_on_the_wall(profile, calendar):
    rule = replace(profile.rule("R7.3"), unit=Unit.HOURS, length=24)
    started = datetime(2024, 6, 11, 15, 30, tzinfo=LOCAL)
    told = explain(compute(rule, profile, calendar, started_at=started), calendar, "en")
    assert [day.number for day in told.days] == [None, None]
    assert as_text(told, "en").endswith("Ends at 15:30, Wednesday 12 June 2024")


def test_an_explanation_by_another_calendar_is_refused(profile, calendar):
    computation = compute(profile.rule("R5.1e"), profile, calendar, stated_due=date(2024, 6, 3))
    with pytest.raises(ValueError, match="calendar"):
        explain(computation, calendar.edited(CalendarEdit(), version=2))
