"""What an act ends, told by clocks that the regulation's own rules started."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from services.kernel.limits.domain.calendar import Calendar, start_of
from services.kernel.limits.domain.clock import Cause, Clock, ClockState, start
from services.kernel.limits.domain.duedate import compute, legal_end
from services.kernel.limits.domain.ending import stopped_by, voided_by
from services.kernel.limits.domain.profile import Act, Duty, Profile

BEGUN, DUE = date(2026, 1, 5), date(2026, 1, 14)
TASK = "tasks/7d0c8b1e-9a43-4a52-8f6d-3f1a0c1d2e3f"
RUNNING, MET, VOID = ClockState.RUNNING, ClockState.MET, ClockState.VOID
After = Callable[..., dict[str, ClockState]]


@pytest.fixture
def after(profile: Profile, calendar: Calendar) -> After:
    """(acts, the day of each) → how the clocks of the rules that are named stand then."""

    def of(*acts: Act, rules: str, on: date = BEGUN) -> dict[str, ClockState]:
        at = start_of(on)
        clocks = {rule: _started(profile, calendar, rule) for rule in rules.split()}
        for act in acts:
            end = legal_end(DUE, profile.due_roll(), calendar)
            for clock in stopped_by(act, clocks.values(), profile, on, end):
                clocks[clock.rule] = clock.stop(at, Cause(at, act, "ai-do"))[0]
            for clock in voided_by(act, clocks.values(), profile):
                clocks[clock.rule] = clock.void(Cause(at, act, "ai-do"))[0]
        return {rule: clock.state(at) for rule, clock in clocks.items()}

    return of


def _started(profile: Profile, calendar: Calendar, rule: str) -> Clock:
    begun = start_of(BEGUN)
    end = compute(profile.rule(rule), profile, calendar, started_at=begun, stated_due=DUE)
    return start(TASK, "so-noi-vu", end, Cause(begun, "", "ai-do"), started_at=begun)[0]


OF_TASK = "R5.1e R7.2a R7.2b R6.1d R7.3"


@pytest.mark.rule("R5.1e", "R7.2a", "R7.2b", "R6.1d")
def test_a_return_leaves_the_agency_nothing_to_do_and_the_office_nothing_to_answer(
    after: After,
) -> None:
    """The written report of an agency came in before the return and is still to be entered."""
    assert after(Act.TASK_RETURNED, rules=OF_TASK) == {
        "R5.1e": VOID, "R7.2a": VOID, "R7.2b": VOID, "R6.1d": VOID, "R7.3": RUNNING,
    }  # fmt: skip


@pytest.mark.rule("R5.1e", "R7.2a", "R7.2b", "R6.1d", "R7.3")
def test_a_withdrawn_task_leaves_nobody_anything_to_do(after: After) -> None:
    assert set(after(Act.TASK_WITHDRAWN, rules=OF_TASK).values()) == {VOID}


@pytest.mark.rule("R5.1e", "R7.2a", "R7.2b")
def test_a_result_meets_what_the_agency_owes_and_not_what_the_office_owes(after: After) -> None:
    assert after(Act.RESULT_REPORTED, rules=OF_TASK) == {
        "R5.1e": MET, "R7.2a": MET, "R7.2b": MET, "R6.1d": RUNNING, "R7.3": RUNNING,
    }  # fmt: skip


@pytest.mark.rule("R5.1e", "R7.2a", "R7.2b")
def test_an_entry_is_the_update_of_its_period_and_from_the_due_day_on_that_of_the_due_date(
    after: After,
) -> None:
    """An entry does not do the task itself."""
    rules, entered = "R5.1e R7.2a R7.2b", Act.PROGRESS_ENTERED
    early, late = (
        after(entered, rules=rules, on=date(2026, 1, 13)),
        after(entered, rules=rules, on=DUE),
    )
    assert early == {"R5.1e": RUNNING, "R7.2a": RUNNING, "R7.2b": MET}
    assert late == {"R5.1e": RUNNING, "R7.2a": MET, "R7.2b": MET}


@pytest.mark.rule("R5.1e", "R7.2a", "R7.2b", "R6.1d")
def test_a_date_taken_away_ends_the_limits_of_the_date_and_a_date_set_those_of_the_period(
    after: After,
) -> None:
    """A request that waits is still answered."""
    removed = after(Act.DUE_DATE_REMOVED, rules=OF_TASK)
    assert removed == {
        "R5.1e": VOID, "R7.2a": VOID, "R7.2b": RUNNING, "R6.1d": RUNNING, "R7.3": RUNNING,
    }  # fmt: skip
    given = after(Act.DUE_DATE_SET, rules=OF_TASK)
    assert given == {
        "R5.1e": RUNNING, "R7.2a": RUNNING, "R7.2b": VOID, "R6.1d": RUNNING, "R7.3": RUNNING,
    }  # fmt: skip


@pytest.mark.rule("R6.1d")
def test_the_office_has_done_its_part_once_a_request_is_submitted_or_answered(
    after: After,
) -> None:
    for act in (Act.EXTENSION_SUBMITTED, Act.EXTENSION_ANSWERED):
        assert after(act, rules="R6.1d R5.1e") == {"R6.1d": MET, "R5.1e": RUNNING}
    # The answer comes to a clock that stands.
    both = after(Act.EXTENSION_SUBMITTED, Act.EXTENSION_ANSWERED, rules="R6.1d")
    assert both == {"R6.1d": MET}


@pytest.mark.rule("R6.1d")
def test_a_request_that_is_taken_back_asks_nothing_of_the_office_any_more(after: After) -> None:
    withdrawn = Act.EXTENSION_REQUEST_WITHDRAWN
    assert after(withdrawn, rules="R6.1d R5.1e") == {"R6.1d": VOID, "R5.1e": RUNNING}
    # What the Office had done by then it has done.
    assert after(Act.EXTENSION_SUBMITTED, withdrawn, rules="R6.1d") == {"R6.1d": MET}


@pytest.mark.rule("R7.3")
def test_a_written_report_is_entered_by_the_entry(after: After) -> None:
    assert after(Act.RESULT_ENTERED, rules="R7.3 R5.1e") == {"R7.3": MET, "R5.1e": RUNNING}


@pytest.mark.rule("R7.1")
def test_the_intake_of_a_directive_ends_by_forwarding_and_lapses_with_the_directive(
    after: After,
) -> None:
    assert after(Act.DIRECTIVE_FORWARDED, rules="R7.1") == {"R7.1": MET}
    for act in (Act.DIRECTIVE_WITHDRAWN, Act.DIRECTIVE_SUPERSEDED, Act.NO_TASK_RECORDED):
        assert after(act, rules="R7.1") == {"R7.1": VOID}


@pytest.mark.rule("R12.1dd", "R22.1", "R22.2")
def test_a_report_is_met_by_its_sending(after: After) -> None:
    rules = "R12.1dd R22.1 R22.2"
    assert set(after(Act.REPORT_SENT, rules=rules).values()) == {MET}


@pytest.mark.rule("R19.1")
def test_the_situation_is_supplied_when_it_is_supplied(after: After) -> None:
    assert after(Act.SITUATION_SUPPLIED, rules="R19.1") == {"R19.1": MET}


@pytest.mark.rule("R5.1e")
def test_what_was_stopped_is_voided_only_where_that_is_asked_for(
    profile: Profile, calendar: Calendar
) -> None:
    running = _started(profile, calendar, "R5.1e")
    stopped = running.stop(start_of(DUE), Cause(start_of(DUE), "", "ai-do"))[0]
    removed = Act.DUE_DATE_REMOVED
    assert voided_by(removed, [stopped], profile) == []
    assert voided_by(removed, [stopped], profile, stopped_too=True) == [stopped]
    void = stopped.void(Cause(start_of(DUE), removed, "ai-do"))[0]
    assert voided_by(removed, [void], profile, stopped_too=True) == []


@pytest.mark.rule("R5.1e", "R6.1d", "R7.2b", "R7.3", "R7.1")
@pytest.mark.parametrize(
    ("duty", "act"),
    [
        (Duty.INTAKE, Act.DIRECTIVE_ISSUED),
        (Duty.TASK, Act.TASK_FORWARDED),
        (Duty.UPDATE_AFTER_DUE, Act.TASK_FORWARDED),
        (Duty.PERIODIC_UPDATE, Act.PERIOD_BEGINS),
        (Duty.ANSWER_EXTENSION, Act.EXTENSION_REQUEST_RECEIVED),
        (Duty.ENTER_ON_BEHALF, Act.WRITTEN_REPORT_RECEIVED),
    ],
)
def test_a_limit_begins_by_its_own_act_alone(profile: Profile, duty: Duty, act: Act) -> None:
    rule = profile.limit_on(duty)
    assert rule is not None
    assert [other for other in Act if profile.limit_begun_by(other, duty)] == [act]
    without = replace(profile, limits=tuple(r for r in profile.limits if r.duty is not duty))
    assert without.limit_begun_by(act, duty) is None
