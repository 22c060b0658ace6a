"""What a task takes over from its directive later: what it lacks, and nothing that it has."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.tasks.domain import acts
from services.tasks.domain.amendments import amend
from services.tasks.domain.supplements import dated, supplemented
from services.tasks.domain.task import Task
from services.tasks.domain.values import DocumentRef, Limit, LimitClass, TaskState
from tests.unit.tasks.task_builders import DUE, PROFILE, amended, facts, in_state, task

DIRECTIVE = DocumentRef(number="374", symbol="UBND-VXNV", date=date(2026, 1, 5))
WITH_LIMIT = Limit(LimitClass.WITH_LIMIT)


def lacking(made: Task, **changes: Any) -> Task:
    """As it came from a document of which little was known; `changes` come last."""
    bare: dict[str, Any] = {
        "header": replace(made.header, abstract=""), "content": "", "monitoring": "",
        "submitting": "", "coordinating": (), "limit": WITH_LIMIT, "due_clock": None,
        "rounds": made.with_round(content="", due_date=None),
    }  # fmt: skip
    return replace(made, **(bare | changes))


def told(due: date | None = DUE, purpose: str = "REPORT") -> Task:
    """The task as the directive tells it once it is filled in."""
    return replace(task(), limit=Limit(LimitClass.WITH_LIMIT, due, purpose))


STANDING = [state for state in TaskState if state is not TaskState.WITHDRAWN]
RUNNING = (TaskState.FORWARDED, TaskState.ACCEPTED, TaskState.IN_PROGRESS, TaskState.REPORTED)


@pytest.mark.rule("R5.1a", "R5.1b", "R5.1c", "R5.1d", "R5.1dd", "R5.1e")
@pytest.mark.parametrize("state", STANDING)
def test_a_task_takes_over_what_it_lacks_in_every_state_it_stands_in(state: TaskState) -> None:
    before = lacking(in_state(state))
    after = supplemented(before, told(), PROFILE)
    assert (after.state, after.version) == (state, before.version + 1)
    assert after.header == told().header
    assert (after.content, after.round.content) == ("Tổng kết năm học", "Tổng kết năm học")
    assert (after.monitoring, after.submitting) == ("phong-vx", "so-gd")
    assert after.coordinating == ("so-tai-chinh",)
    assert after.limit == replace(WITH_LIMIT, purpose="REPORT")
    # Once more it is the very same: events come twice.
    assert supplemented(after, told(), PROFILE) is after


def test_a_withdrawn_task_takes_nothing_over() -> None:
    gone = lacking(in_state(TaskState.WITHDRAWN))
    assert supplemented(gone, told(), PROFILE) is gone
    assert dated(gone, told(), facts(), DIRECTIVE, "chi-do") is gone


def test_what_a_task_has_is_its_own() -> None:
    adjusted = replace(
        task(), content="Đã điều chỉnh", monitoring="khac", submitting="khac",
        limit=Limit(LimitClass.WITH_LIMIT, DUE, "SUBMIT"),
    )  # fmt: skip
    assert supplemented(adjusted, told(date(2026, 2, 2)), PROFILE) is adjusted
    without = replace(task(due=None), limit=Limit(LimitClass.WITHOUT_LIMIT))
    assert supplemented(without, told(), PROFILE) is without
    assert dated(without, told(), facts(), DIRECTIVE, "chi-do") is without


@pytest.mark.rule("R6.2a")
def test_who_led_the_task_once_does_not_come_back_as_coordinating() -> None:
    """The directive still names it; it was made lead, and gave the task back."""
    to_it = acts.reforward(in_state(TaskState.RETURNED), facts(), "so-tai-chinh", "", None)
    assert to_it.coordinating == ()
    assert supplemented(to_it, told(None, "UNSPECIFIED"), PROFILE) is to_it
    back = acts.return_to_office(to_it, facts(), "OUTSIDE_COMPETENCE", "Không thuộc")
    third = acts.reforward(back, facts(), "so-tu-phap", "", None)
    assert supplemented(third, told(None, "UNSPECIFIED"), PROFILE) is third


@pytest.mark.rule("R5.1e")
@pytest.mark.parametrize("state", STANDING)
def test_a_task_that_runs_takes_its_first_date_by_the_directive_itself(state: TaskState) -> None:
    before = replace(in_state(state), limit=WITH_LIMIT, due_clock=None)
    after = dated(before, told(), facts(), DIRECTIVE, "chi-do")
    if state not in RUNNING:
        assert after is before
        return
    (made,) = after.amendments
    assert (made.document, made.previous_due_date, made.due_date) == (DIRECTIVE, None, DUE)
    assert (made.origin, made.by) == ("PROVINCE", "chi-do")
    assert after.due_clock is not None
    assert dated(after, told(date(2026, 2, 2)), facts(), DIRECTIVE, "chi-do") is after


@pytest.mark.rule("R5.1e", "R6.1d")
def test_a_date_that_the_government_fixed_stays_the_governments() -> None:
    header = replace(task().header, origin="GOVERNMENT")
    before = replace(task(due=None), header=header, limit=WITH_LIMIT)
    after = dated(before, told(), facts(), DIRECTIVE, "chi-do")
    assert (after.origin, after.amendments[0].origin) == ("GOVERNMENT", "GOVERNMENT")


@pytest.mark.rule("R5.1e")
def test_a_date_that_was_taken_away_does_not_come_back() -> None:
    removed = amend(task(), facts(), amended(None), "chi-do")
    assert dated(removed, told(), facts(), DIRECTIVE, "chi-do") is removed
    assert supplemented(removed, told(purpose="UNSPECIFIED"), PROFILE) is removed


def test_a_task_whose_history_is_to_be_loaded_has_the_date_from_the_start() -> None:
    waiting = lacking(task(), cut_over=facts().now)
    after = supplemented(waiting, told(), PROFILE)
    assert (after.limit.due_date, after.round.due_date) == (DUE, DUE)
    assert after.due_clock == task().due_clock
    assert dated(waiting, told(), facts(), DIRECTIVE, "chi-do") is waiting
