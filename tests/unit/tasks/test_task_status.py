"""The status of điểm g khoản 1 Điều 5: derived from recorded acts, never typed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.kernel.limits.domain.calendar import end_of, start_of
from services.tasks.domain import acts
from services.tasks.domain.values import Limit, LimitClass, Progress, TaskState, Timeliness
from tests.unit.tasks.task_builders import DUE, WITHDRAWING, facts, in_state, task

END = end_of(DUE)


@pytest.mark.rule("R5.1g")
@pytest.mark.parametrize(
    ("state", "progress"),
    [
        (TaskState.FORWARDED, Progress.NOT_STARTED),
        (TaskState.ACCEPTED, Progress.NOT_STARTED),
        (TaskState.RETURNED, Progress.NOT_STARTED),
        (TaskState.IN_PROGRESS, Progress.IN_PROGRESS),
        (TaskState.REPORTED, Progress.DONE),
        (TaskState.CONFIRMED, Progress.DONE),
        (TaskState.CLOSED, Progress.DONE),
    ],
)
def test_progress_follows_from_entries_and_results(state: TaskState, progress: Progress) -> None:
    assert in_state(state).progress is progress


@pytest.mark.rule("R5.1g")
def test_what_is_sent_back_is_in_progress_again_even_if_it_was_reported_at_once() -> None:
    reported = acts.report_result(
        in_state(TaskState.ACCEPTED), facts(), date(2026, 1, 7), "Xong", "GOOD", "GOOD", None
    )
    sent = acts.send_back(reported, facts(), "INCOMPLETE", "Còn thiếu")
    assert (sent.progress, sent.done_date) == (Progress.IN_PROGRESS, None)


@pytest.mark.rule("R5.1g", "R5.2g")
def test_overdue_begins_at_midnight_after_the_due_date() -> None:
    made = task()
    assert made.timeliness(END, END - timedelta(microseconds=1)) is Timeliness.WITHIN_LIMIT
    assert made.timeliness(END, END) is Timeliness.OVERDUE


@pytest.mark.rule("R5.1g")
def test_lateness_goes_by_the_date_of_the_act_not_by_its_entry() -> None:
    accepted, late_entry = in_state(TaskState.ACCEPTED), facts(date(2026, 1, 20))
    for day, expected in (
        (DUE, Timeliness.WITHIN_LIMIT),
        (date(2026, 1, 15), Timeliness.OVERDUE),
    ):
        made = acts.report_result(accepted, late_entry, day, "Xong", "GOOD", "GOOD", None)
        assert made.timeliness(END, late_entry.now) is expected
        years_later = start_of(date(2030, 1, 1))
        assert made.timeliness(END, years_later) is expected


@pytest.mark.rule("R4", "R5.1g")
@pytest.mark.parametrize("limit_class", list(LimitClass))
def test_without_a_date_the_third_value_is_no_limit(limit_class: LimitClass) -> None:
    made = task(limit=Limit(limit_class), limit_in_words="trong quý I")
    assert made.timeliness(None, start_of(date(2030, 1, 1))) is Timeliness.NO_LIMIT


def test_without_a_clock_the_stated_date_stands() -> None:
    made = task()
    assert made.timeliness(None, END) is Timeliness.OVERDUE
    assert made.timeliness(None, END - timedelta(microseconds=1)) is Timeliness.WITHIN_LIMIT


@pytest.mark.rule("R23.1")
@pytest.mark.parametrize("state", [TaskState.FORWARDED, TaskState.REPORTED])
def test_a_withdrawn_task_is_neither_in_time_nor_overdue(state: TaskState) -> None:
    withdrawn = acts.withdraw(in_state(state), facts(), WITHDRAWING, "Không còn cần", "chi-do")
    for now in (facts().now, start_of(date(2030, 1, 1))):
        assert withdrawn.timeliness(END, now) is None
