"""How a task stood at an instant."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.limits.domain.calendar import LOCAL, end_of, start_of
from services.reporting.domain.standing import (
    Amended,
    DueClock,
    Granted,
    History,
    Progress,
    Result,
    Round,
    intervals,
    standing_at,
)

FIRST = datetime(2024, 3, 1, 8, tzinfo=LOCAL)


def hour(number: int) -> datetime:
    return FIRST + timedelta(hours=number)


@pytest.mark.rule("R5.1g")
def test_a_task_is_not_started_then_in_progress_then_done() -> None:
    history = History(
        rounds=(Round("so-a", hour(0)),),
        progress_at=(hour(2),),
        results=(Result(date(2024, 3, 1), hour(5)),),
    )
    assert [standing_at(history, hour(at)).progress for at in (0, 1, 2, 4, 5, 99)] == [
        Progress.NOT_STARTED, Progress.NOT_STARTED,
        Progress.IN_PROGRESS, Progress.IN_PROGRESS,
        Progress.DONE, Progress.DONE,
    ]  # fmt: skip


def test_a_task_does_not_count_before_it_was_forwarded_nor_once_it_is_withdrawn() -> None:
    history = History(rounds=(Round("so-a", hour(0)),), withdrawn_at=hour(3))
    assert standing_at(history, hour(-1)) is None
    assert standing_at(history, hour(2)) is not None
    assert standing_at(history, hour(3)) is None
    assert [(found.begin, found.end) for found in intervals(history)] == [(hour(0), hour(3))]


@pytest.mark.rule("R5.1g")
def test_what_was_sent_back_is_in_progress_until_it_is_reported_again() -> None:
    history = History(
        rounds=(Round("so-a", hour(0)),),
        results=(
            Result(date(2024, 3, 1), hour(5), sent_back_at=hour(7)),
            Result(date(2024, 3, 4), hour(90)),
        ),
        confirmed_at=hour(95),
    )
    assert standing_at(history, hour(6)).act_at == start_of(date(2024, 3, 1))
    assert standing_at(history, hour(7)).progress is Progress.IN_PROGRESS
    assert standing_at(history, hour(8)).act_at is None
    again = standing_at(history, hour(92))
    assert (again.act_at, again.confirmed) == (start_of(date(2024, 3, 4)), False)
    assert standing_at(history, hour(95)).confirmed


@pytest.mark.rule("R6.2a")
def test_a_returned_task_stays_with_its_lead_until_another_one_begins_anew() -> None:
    history = History(
        rounds=(
            Round("so-a", hour(0), date(2024, 4, 1), returned_at=hour(4)),
            Round("so-b", hour(9), date(2024, 4, 5)),
        ),
        progress_at=(hour(2), hour(12)),
    )
    assert standing_at(history, hour(3)).progress is Progress.IN_PROGRESS
    returned = standing_at(history, hour(4))
    assert (returned.agency, returned.returned) == ("so-a", True)
    anew = standing_at(history, hour(9))
    assert (anew.agency, anew.returned, anew.progress) == ("so-b", False, Progress.NOT_STARTED)
    assert (anew.forwarded_at, anew.due_at) == (hour(9), end_of(date(2024, 4, 5)))
    assert standing_at(history, hour(12)).progress is Progress.IN_PROGRESS


@pytest.mark.rule("R6.1d")
def test_an_extension_counts_from_its_answer_on() -> None:
    history = History(
        rounds=(Round("so-a", hour(0), date(2024, 4, 1)),),
        granted=(Granted(date(2024, 5, 1), hour(30)),),
    )
    assert standing_at(history, hour(29)).due_at == end_of(date(2024, 4, 1))
    assert standing_at(history, hour(30)).due_at == end_of(date(2024, 5, 1))


@pytest.mark.rule("R23.1")
def test_an_amendment_counts_from_its_entry_on_and_the_last_change_of_a_round_stands() -> None:
    history = History(
        rounds=(Round("so-a", hour(0), date(2024, 4, 1)), Round("so-b", hour(90))),
        granted=(Granted(date(2024, 5, 1), hour(30)),),
        amended=(
            Amended(date(2024, 4, 20), hour(20)),
            Amended(date(2024, 4, 10), hour(40)),
            Amended(None, hour(50)),
        ),
    )
    told = [standing_at(history, hour(at)).due_at for at in (19, 20, 30, 40, 49, 50, 90)]
    assert told == [
        end_of(date(2024, 4, 1)), end_of(date(2024, 4, 20)), end_of(date(2024, 5, 1)),
        end_of(date(2024, 4, 10)), end_of(date(2024, 4, 10)), None, None,
    ]  # fmt: skip


@pytest.mark.rule("R4", "R23.1")
def test_a_date_that_was_taken_away_is_told_of_the_time_before_and_no_more_since() -> None:
    history = History(
        rounds=(Round("so-a", hour(0), date(2024, 4, 1)),),
        amended=(Amended(None, hour(30)), Amended(date(2024, 4, 2), hour(60))),
        clocks=(
            DueClock("a", 1, hour(0), hour(0), hour(700)),
            DueClock("a", 2, hour(30), hour(0), hour(700), voided=True),
            DueClock("b", 1, hour(60), hour(60), hour(800)),
        ),
    )
    told = [standing_at(history, hour(at)).due_at for at in (29, 30, 59, 60)]
    assert told == [hour(700), None, None, hour(800)]


@pytest.mark.rule("R5.1g")
def test_the_clock_tells_the_end_as_it_was_known_then() -> None:
    history = History(
        rounds=(Round("so-a", hour(0), date(2024, 3, 30)),),
        clocks=(
            DueClock("a", 1, hour(0), hour(0), hour(700)),
            DueClock("a", 3, hour(40), hour(0), hour(900)),
            DueClock("a", 2, hour(30), hour(0), hour(800)),
        ),
    )
    told = [standing_at(history, hour(at)).due_at for at in (29, 30, 39, 40)]
    assert told == [hour(700), hour(800), hour(800), hour(900)]


@pytest.mark.rule("R6.2a")
def test_after_a_return_the_voided_clock_speaks_until_the_next_round_has_its_own() -> None:
    history = History(
        rounds=(
            Round("so-a", hour(0), date(2024, 4, 1), returned_at=hour(4)),
            Round("so-b", hour(9), date(2024, 4, 5)),
        ),
        clocks=(
            DueClock("z", 1, hour(0), hour(0), hour(700)),
            DueClock("z", 2, hour(4), hour(0), hour(700), voided=True),
            DueClock("a", 1, hour(9), hour(9), hour(800)),
        ),
    )
    assert [standing_at(history, hour(at)).due_at for at in (3, 5, 9)] == [
        hour(700), hour(700), hour(800),
    ]  # fmt: skip


def test_of_two_rounds_begun_at_one_instant_the_clock_that_is_not_void_tells_the_end() -> None:
    history = History(
        rounds=(
            Round("so-a", hour(0), date(2024, 4, 1), returned_at=hour(0)),
            Round("so-b", hour(0), date(2024, 4, 5)),
        ),
        clocks=(
            DueClock("z", 1, hour(0), hour(0), hour(700)),
            DueClock("z", 2, hour(0), hour(0), hour(700), voided=True),
            DueClock("a", 1, hour(0), hour(0), hour(800)),
        ),
    )
    assert standing_at(history, hour(0)).due_at == hour(800)


@pytest.mark.rule("R4")
def test_a_task_that_lost_its_date_has_no_limit_though_its_voided_clock_is_known() -> None:
    history = History(
        rounds=(
            Round("so-a", hour(0), date(2024, 4, 1), returned_at=hour(4)),
            Round("so-a", hour(9)),
        ),
        clocks=(
            DueClock("z", 1, hour(0), hour(0), hour(700)),
            DueClock("z", 2, hour(4), hour(0), hour(700), voided=True),
        ),
    )
    assert standing_at(history, hour(9)).due_at is None


HOURS = st.integers(0, 40).map(hour)
DAYS = st.dates(date(2024, 3, 1), date(2024, 3, 3))


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Any acts at any hours, also at the same one: wilder than a task can be."""
    begins = sorted(draw(st.lists(HOURS, min_size=1, max_size=3)))
    return History(
        rounds=tuple(
            Round(draw(st.sampled_from(["so-a", "so-b"])), begin, None, draw(st.none() | HOURS))
            for begin in begins
        ),
        progress_at=tuple(sorted(draw(st.lists(HOURS, max_size=3)))),
        results=tuple(
            Result(draw(DAYS), at, draw(st.none() | HOURS))
            for at in sorted(draw(st.lists(HOURS, max_size=3)))
        ),
        granted=tuple(Granted(draw(DAYS), at) for at in draw(st.lists(HOURS, max_size=1))),
        amended=tuple(
            Amended(draw(st.none() | DAYS), at) for at in draw(st.lists(HOURS, max_size=2))
        ),
        confirmed_at=draw(st.none() | HOURS),
        withdrawn_at=draw(st.none() | HOURS),
        clocks=tuple(
            DueClock("a", version, draw(HOURS), hour(0), draw(HOURS), draw(st.booleans()))
            for version in range(draw(st.integers(0, 3)))
        ),
    )


@given(histories(), st.integers(-2, 45))
def test_at_each_instant_one_interval_holds_and_it_tells_how_the_task_stood(
    history: History, at: int
) -> None:
    instant = hour(at) + timedelta(minutes=1)
    holding = [
        found.standing
        for found in intervals(history)
        if found.begin <= instant and (found.end is None or instant < found.end)
    ]
    expected = standing_at(history, instant)
    assert holding == ([expected] if expected else [])


@given(histories())
def test_intervals_follow_each_other_and_neighbours_differ(history: History) -> None:
    found = intervals(history)
    for earlier, later in pairwise(found):
        assert earlier.end is not None
        assert earlier.begin < earlier.end <= later.begin
        assert earlier.end < later.begin or earlier.standing != later.standing
