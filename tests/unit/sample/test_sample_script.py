"""The script: legal in its order, every required thing in it, and totals counted by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime

import pytest

from sample import agencies, workdays
from sample.acts import ZONE, Act, Intake, Life, Outcome, Refusal, Script, TaskKey, What, at
from sample.documents import Item
from sample.generator import directives
from sample.script import REQUIRED, script
from sample.seasons import END, STAGES, year
from sample.totals import Row, expected_totals
from services.kernel.limits.adapters.holiday_seed import seeded_days
from services.kernel.limits.domain.calendar import Calendar
from services.tasks.domain.transitions import BY_ACTION, Action
from services.tasks.domain.values import TaskState

SEEDS = range(16)
YEAR_END = STAGES[0].end


@pytest.fixture(params=SEEDS, scope="module")
def played(request: pytest.FixtureRequest) -> Script:
    """The generated year 2024, to its end."""
    return script(request.param, [year(2024)], YEAR_END.date())


def test_every_required_outcome_occurs_whatever_the_seed(played: Script) -> None:
    outcomes = Counter(life.outcome for life in played.lives)
    for outcome, count in REQUIRED.items():
        assert outcomes[outcome] >= count
    assert outcomes[Outcome.ON_BEHALF] >= 1
    assert sum(intake.breached for intake in played.intakes) == 4
    assert sum(len(intake.acts) == 3 for intake in played.intakes) == 3  # with a consultation
    assert all(act.tasks for act in played.inspections)
    assert len(played.inspections) == 1


def test_about_a_fifth_of_what_has_a_due_date_is_late(played: Script) -> None:
    total = expected_totals(played).total
    late = total.done_overdue + total.open_overdue
    dated = late + total.done_within_limit + total.open_within_limit
    assert 0.15 <= late / dated <= 0.27


def test_every_life_is_legal_by_the_transitions_of_tasks(played: Script) -> None:
    for life in played.lives:
        state, lead, open_request = TaskState.FORWARDED, life.task.lead, False
        day = life.forwarded
        for act in life.acts:
            assert act.at.date() >= day, "an act lies before the one that it follows"
            day = act.at.date()
            transition = BY_ACTION[Action(act.what)]
            assert state in transition.sources, (life.task, act)
            by_office = transition.who == "OFFICE"
            assert act.who == (agencies.OFFICE if by_office else lead)
            if act.what is What.ON_BEHALF:
                assert lead in agencies.UNCONNECTED
            else:
                assert lead not in agencies.UNCONNECTED or by_office
            if act.refusal:
                continue
            if act.what in (What.ASK, What.ADMIT):
                assert not open_request
                open_request = True
            if act.what is What.ANSWER:
                assert open_request
                open_request = False
            if act.what is What.REFORWARD:
                lead = act.other
            state = transition.to or state
        assert not (open_request and state is TaskState.CLOSED)


def test_nothing_is_done_on_a_day_off_or_after_the_end(played: Script) -> None:
    for act in played.acts:
        assert workdays.is_working(act.at.date())
        assert act.at <= YEAR_END


def test_keys_are_unique_since_request_ids_are_made_of_them(played: Script) -> None:
    keys = [act.key for act in played.acts]
    assert len(keys) == len(set(keys))


@pytest.mark.rule("R6.2c")
def test_what_is_asked_too_late_is_and_what_is_granted_was_asked_in_time(played: Script) -> None:
    for life in played.lives:
        for act in life.acts:
            if act.what is not What.ASK:
                continue
            assert life.item.last_day
            last = workdays.before(life.item.last_day, 3)
            if act.refusal is Refusal.ASKED_TOO_LATE:
                assert last < act.at.date() <= life.item.last_day
                assert last >= life.forwarded  # else it was impossible from the start
            else:
                assert act.at.date() <= last


@pytest.mark.rule("R7.1")
def test_a_directive_is_forwarded_in_time_unless_the_script_says_otherwise(played: Script) -> None:
    for intake in played.intakes:
        days = [act.at.date() for act in intake.acts]
        assert days == sorted(days)
        assert intake.directive.issued <= days[0]
    late = [intake for intake in played.intakes if intake.breached]
    for intake in late:
        limit = 7 if intake.directive.task_count > 1 else intake.directive.intake_days
        assert workdays.after(intake.directive.issued, limit) < intake.forwarded


def test_the_days_off_written_down_are_those_of_the_calendar_of_the_house() -> None:
    calendar = Calendar.of(seeded_days(2021, 2025), 1)
    for day in workdays.between(date(2021, 12, 1), date(2025, 12, 31)):
        assert calendar.is_working(day), day
    length = (date(2025, 12, 31) - date(2021, 12, 1)).days + 1
    working = sum(
        calendar.is_working(date.fromordinal(date(2021, 12, 1).toordinal() + n))
        for n in range(length)
    )
    assert working == len(workdays.between(date(2021, 12, 1), date(2025, 12, 31)))


def test_totals_of_two_tasks_counted_by_hand() -> None:
    # Issued Monday 4 March 2024. Task 1 is due Friday 15 March and is done on Monday 18 March, entered
    # on the 18th; task 2 is due Friday 15 March too, is extended to the 29th and done on the 28th.
    template = directives(3, year(2024))[0]
    item = Item(1, "x", ("A", "B"), due=date(2024, 3, 15))
    directive = replace(template, key="D", issued=date(2024, 3, 4), items=(item,))
    forwarded = date(2024, 3, 13)
    intake = Intake(
        directive,
        (
            Act(at(date(2024, 3, 4)), agencies.OFFICE, What.ENTER, "D"),
            Act(at(forwarded), agencies.OFFICE, What.FORWARD, "D"),
        ),
        last_day=date(2024, 3, 13),  # 7 working days after the 4th
    )

    def life(lead: str, outcome: Outcome, *acts: tuple[What, date, dict]) -> Life:
        task = TaskKey("D", 1, lead)
        made = (Act(at(day), lead, what, "D", task, **named) for what, day, named in acts)
        return Life(task, item, forwarded, outcome, tuple(made))

    late = life(
        "A",
        Outcome.LATE,
        (What.ACCEPT, date(2024, 3, 14), {}),
        (What.REPORT, date(2024, 3, 18), {"day": date(2024, 3, 18)}),
        (What.CONFIRM, date(2024, 3, 20), {}),
    )
    extended = life(
        "B",
        Outcome.EXTENDED,
        (What.ACCEPT, date(2024, 3, 14), {}),
        (
            What.ASK,
            date(2024, 3, 14),
            {"day": date(2024, 3, 22), "refusal": Refusal.ASKED_TOO_LATE},
        ),
        (What.ADMIT, date(2024, 3, 14), {"day": date(2024, 3, 29)}),
        (What.ANSWER, date(2024, 3, 14), {"day": date(2024, 3, 29), "granted": True}),
        (What.REPORT, date(2024, 3, 28), {"day": date(2024, 3, 28)}),
    )
    inspection = Act(at(date(2024, 10, 15)), agencies.OFFICE, What.INSPECT, "inspection")
    small = Script(0, (intake,), (late, extended), (inspection,), YEAR_END)

    end = expected_totals(small)
    assert end.agencies == {
        "A": Row(total=1, done=1, done_overdue=1),
        "B": Row(total=1, done=1, done_within_limit=1, awaiting_confirmation=1),
    }
    assert end.breaches == {"R5.1e": 1}
    assert end.refusals == {"EXTENSION_TOO_LATE": 1}

    # On Saturday 16 March task 1 is overdue and open, task 2 within its new limit.
    saturday = expected_totals(small, datetime(2024, 3, 16, 12, tzinfo=ZONE))
    assert saturday.agencies == {
        "A": Row(total=1, open=1, open_overdue=1, not_started=1),
        "B": Row(total=1, open=1, open_within_limit=1, not_started=1),
    }
    # On the 12th nothing is forwarded yet.
    assert expected_totals(small, datetime(2024, 3, 12, 12, tzinfo=ZONE)).agencies == {}
    assert expected_totals(small).inspections == 1


def test_the_rows_of_the_expected_totals_sum(played: Script) -> None:
    for moment in (
        datetime(2024, 5, 4, 12, tzinfo=ZONE),
        datetime(2024, 9, 1, tzinfo=ZONE),
        YEAR_END,
    ):
        for row in expected_totals(played, moment).agencies.values():
            assert row.total == row.done + row.open + row.returned_apart
            assert row.done == row.done_within_limit + row.done_overdue + row.done_no_limit
            assert row.open == row.open_within_limit + row.open_overdue + row.open_no_limit
            assert row.open == row.in_progress + row.not_started


def test_what_comes_later_changes_nothing_before() -> None:
    alone, longer = script(5, [year(2024)], YEAR_END.date()), script(5)
    assert longer.end == END

    def done(played: Script) -> set[Act]:
        """Without updates by quarter: one of the last quarter is due only if the play goes on."""
        mine = {life.task: life for life in alone.lives}
        steady = {
            task for task, life in mine.items() if life.outcome is not Outcome.WITHOUT_LIMIT_UPDATED
        }
        return {act for act in played.acts if act.task in steady and act.at <= YEAR_END}

    assert done(alone) == done(longer)
    assert [i for i in longer.intakes if i.directive.key.startswith("2024")] == list(alone.intakes)


def test_quarters_without_an_update_are_missed_over_the_end_of_a_year() -> None:
    whole = script()
    missed = [expected_totals(whole, stage.end).breaches["R7.2b"] for stage in STAGES]
    assert missed[0] < missed[1] < missed[2]


def test_the_totals_of_the_default_seed_are_known() -> None:
    totals = expected_totals(script(), YEAR_END)
    assert totals.total == Row(
        total=451,
        done=383,
        done_within_limit=291,
        done_overdue=70,
        done_no_limit=22,
        open=68,
        open_within_limit=11,
        open_overdue=39,
        open_no_limit=18,
        in_progress=33,
        not_started=35,
        awaiting_confirmation=71,
    )
    assert totals.directives == totals.forwarded == 120
    assert totals.breaches == {"R7.1": 4, "R5.1e": 109, "R7.2a": 66, "R7.2b": 4}
    assert totals.refusals == {"EXTENSION_TOO_LATE": 5, "ORIGIN_LOCKED": 3}


def test_the_totals_of_the_quarters_of_2025_are_known() -> None:
    quarters = [
        expected_totals(script(), stage.end, (stage.first, stage.last)) for stage in STAGES[1:]
    ]
    assert [totals.forwarded for totals in quarters] == [149, 176]
    assert [totals.breaches["R5.1e"] for totals in quarters] == [130, 153]
    first, second = (totals.total for totals in quarters)
    assert (first.total, first.done, first.done_within_limit, first.open_overdue) == (
        113,
        67,
        58,
        12,
    )
    assert (second.total, second.done, second.done_within_limit, second.open_overdue) == (
        122, 96, 81, 6,
    )  # fmt: skip
