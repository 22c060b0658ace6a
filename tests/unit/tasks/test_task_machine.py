"""Any sequence of acts, legal and illegal: the task never leaves what its history can explain."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.tasks.domain import acts, amendments, extensions
from services.tasks.domain.amendments import Amended
from services.tasks.domain.refusals import BadField, Refused, WrongState
from services.tasks.domain.task import Task
from services.tasks.domain.transitions import Action, allowed
from services.tasks.domain.values import ExtensionState, LimitClass, Progress, TaskState
from tests.unit.tasks.task_builders import (
    AMENDING,
    ANSWER,
    GOOD,
    ISSUED,
    LETTER,
    WITHDRAWING,
    asked,
    facts,
    task,
)


class TaskMachine(RuleBasedStateMachine):
    """`day` moves forward between acts; each act is tried in whatever state the task is in."""

    def __init__(self) -> None:
        super().__init__()
        self.task: Task = task()
        self.day = ISSUED
        self.clocks: dict[UUID | None, str] = {}  # of due dates, with what tells them apart

    def attempt(self, action: Action, act: object) -> None:
        before, snapshot = self.task, replace(self.task)
        try:
            after = act(before)  # type: ignore[operator]
        except WrongState as refused:
            assert before == snapshot
            assert action not in allowed(before.state)
            assert refused.metadata["state"] == before.state
            assert refused.allowed == allowed(before.state)
        except (Refused, BadField):
            # A guard or a field: the state would have allowed it.
            assert before == snapshot
            assert action in allowed(before.state)
        else:
            assert action in allowed(before.state)
            assert after.version == before.version + 1
            self.task = after

    @rule(days=st.integers(1, 12))
    def time_passes(self, days: int) -> None:
        self.day += timedelta(days=days)

    @rule()
    def accept(self) -> None:
        self.attempt(Action.ACCEPT, lambda t: acts.accept(t, facts(self.day)))

    @rule(words=st.sampled_from(["", "Ngoài thẩm quyền"]))
    def return_to_office(self, words: str) -> None:
        self.attempt(
            Action.RETURN,
            lambda t: acts.return_to_office(t, facts(self.day), "OUTSIDE_COMPETENCE", words),
        )

    @rule(lead=st.sampled_from(["", "so-tu-phap", "so-noi-vu"]), longer=st.integers(-40, 40))
    def reforward(self, lead: str, longer: int) -> None:
        due = self.day + timedelta(days=longer) if longer else None
        self.attempt(Action.REFORWARD, lambda t: acts.reforward(t, facts(self.day), lead, "", due))

    @rule(back=st.integers(0, 5))
    def record_progress(self, back: int) -> None:
        told = self.day - timedelta(days=back)
        self.attempt(
            Action.RECORD_PROGRESS,
            lambda t: acts.record_progress(t, facts(self.day), told, "Đang làm"),
        )

    @rule(back=st.integers(-1, 5))
    def report_result(self, back: int) -> None:
        done = self.day - timedelta(days=back)
        self.attempt(
            Action.REPORT_RESULT,
            lambda t: acts.report_result(t, facts(self.day), done, "Xong", "GOOD", "GOOD", None),
        )

    @rule(connected=st.booleans())
    def enter_on_behalf(self, connected: bool) -> None:
        self.attempt(
            Action.ENTER_ON_BEHALF,
            lambda t: acts.enter_on_behalf(
                t, facts(self.day, connected=connected), self.day, "Xong", "GOOD", "GOOD",
                LETTER, self.day,
            ),
        )  # fmt: skip

    @rule()
    def confirm(self) -> None:
        self.attempt(Action.CONFIRM, lambda t: acts.confirm(t, facts(self.day), GOOD))

    @rule()
    def send_back(self) -> None:
        self.attempt(
            Action.SEND_BACK, lambda t: acts.send_back(t, facts(self.day), "WRONG", "Làm lại")
        )

    @rule()
    def close(self) -> None:
        self.attempt(Action.CLOSE, lambda t: acts.close(t, facts(self.day)))

    @precondition(lambda self: self.day > date(2026, 3, 1))
    @rule(back=st.integers(-1, 5))
    def withdraw(self, back: int) -> None:
        document = replace(WITHDRAWING, date=self.day - timedelta(days=back))
        self.attempt(
            Action.WITHDRAW,
            lambda t: acts.withdraw(t, facts(self.day), document, "Không còn cần", "chi-do"),
        )

    @rule(days=st.none() | st.integers(-8, 40), origin=st.sampled_from(["", "PROVINCE"]))
    def amend_due_date(self, days: int | None, origin: str) -> None:
        due = None if days is None else self.day + timedelta(days=days)
        said = Amended(replace(AMENDING, date=self.day), due, origin or "UNSPECIFIED")
        self.attempt(
            Action.AMEND_DUE_DATE,
            lambda t: amendments.amend(t, facts(self.day), said, "chi-do"),
        )

    @rule(longer=st.integers(-3, 30))
    def request_extension(self, longer: int) -> None:
        self.attempt(
            Action.REQUEST_EXTENSION,
            lambda t: extensions.request(t, facts(self.day), asked(self._due(longer))),
        )

    @rule(longer=st.integers(1, 30))
    def admit_extension(self, longer: int) -> None:
        self.attempt(
            Action.ADMIT_EXTENSION,
            lambda t: extensions.admit(
                t, facts(self.day), asked(self._due(longer)), self.day, "Có lý do"
            ),
        )

    @precondition(lambda self: self.task.extensions)
    @rule(granted=st.booleans(), longer=st.integers(-3, 30))
    def answer_extension(self, granted: bool, longer: int) -> None:
        number = len(self.task.extensions)
        document = replace(ANSWER, date=self.day)
        due = self._due(longer) if granted else None
        self.attempt(
            Action.ANSWER_EXTENSION,
            lambda t: extensions.answer(t, facts(self.day), number, granted, due, document),
        )

    @precondition(lambda self: self.task.extensions)
    @rule(back=st.integers(-1, 5), by_document=st.booleans())
    def submit_extension(self, back: int, by_document: bool) -> None:
        number, day = len(self.task.extensions), self.day - timedelta(days=back)
        document = replace(ANSWER, date=day) if by_document else None
        self.attempt(
            Action.SUBMIT_EXTENSION,
            lambda t: extensions.submit(
                t, facts(self.day), number, None if by_document else day, document
            ),
        )

    @precondition(lambda self: self.task.extensions)
    @rule(connected=st.booleans(), by_lead=st.booleans(), letter=st.booleans())
    def withdraw_extension(self, connected: bool, by_lead: bool, letter: bool) -> None:
        number = len(self.task.extensions)
        document = replace(ANSWER, date=self.day) if letter else None
        told = facts(self.day, connected=connected, by_lead=by_lead)
        self.attempt(
            Action.WITHDRAW_EXTENSION, lambda t: extensions.withdraw(t, told, number, document)
        )

    def _due(self, longer: int) -> date:
        return (self.task.limit.due_date or self.day) + timedelta(days=longer)

    @invariant()
    def history_is_whole(self) -> None:
        made = self.task
        for numbered in (made.rounds, made.entries, made.results, made.extensions):
            assert [found.number for found in numbered] == list(range(1, len(numbered) + 1))
        assert all(found.returned_at for found in made.rounds[:-1])
        if made.state is not TaskState.WITHDRAWN:  # from RETURNED too
            assert (made.round.returned_at is not None) == (made.state is TaskState.RETURNED)
        assert (made.withdrawal is not None) == (made.state is TaskState.WITHDRAWN)
        assert made.round.lead == made.lead

    @invariant()
    def progress_agrees_with_the_state(self) -> None:
        done = self.task.state in (TaskState.REPORTED, TaskState.CONFIRMED, TaskState.CLOSED)
        if self.task.state is not TaskState.WITHDRAWN:  # of that what was done by then stays
            assert (self.task.progress is Progress.DONE) == done
        if self.task.state is TaskState.IN_PROGRESS:
            assert self.task.progress is Progress.IN_PROGRESS

    @invariant()
    def one_request_waits_at_most_and_dates_change_by_answers_and_amendments_alone(self) -> None:
        made = self.task
        waiting = [
            found
            for found in made.extensions
            if found.state is ExtensionState.ASKED and found.round == made.round.number
        ]
        assert len(waiting) <= 1
        changes = [
            *((e.answered_at, e.granted_due_date) for e in made.extensions
              if e.granted_due_date and e.round == made.round.number),
            *((a.amended_at, a.due_date) for a in made.amendments
              if a.round == made.round.number),
        ]  # fmt: skip
        # Two changes of one moment are not told apart: each of them may be the last.
        last = [due for at, due in changes if at == max(at for at, _ in changes)]
        assert made.limit.due_date in (last or [made.round.due_date])
        if made.state in (TaskState.CLOSED, TaskState.WITHDRAWN):
            assert made.open_extension is None

    @invariant()
    def a_request_is_submitted_after_its_receipt_and_ends_in_one_way(self) -> None:
        for found in self.task.extensions:
            if found.submit_date:
                assert found.submitted_at is not None
                assert found.ask_date <= found.submit_date <= found.submitted_at.date()
            withdrawn = found.state is ExtensionState.WITHDRAWN
            assert withdrawn == (found.withdrawn_at is not None)
            answered = found.state in (ExtensionState.GRANTED, ExtensionState.REFUSED)
            assert answered == (found.answered_at is not None)

    @invariant()
    def a_date_has_its_clock_and_a_task_without_one_no_limit(self) -> None:
        limit = self.task.limit
        assert (self.task.due_clock is None) == (limit.due_date is None)
        assert (limit.limit_class is LimitClass.WITH_LIMIT) == (limit.due_date is not None)
        known = self.clocks.setdefault(self.task.due_clock, self.task.limit_key)
        assert known == self.task.limit_key or self.task.due_clock is None

    @invariant()
    def no_agency_has_lead_and_another_part_in_the_work(self) -> None:
        assert self.task.lead not in self.task.coordinating
        assert self.task.lead not in self.task.concerned


TestTaskMachine = TaskMachine.TestCase
TestTaskMachine.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestTaskMachine = pytest.mark.rule("R6.2a", "R6.2c", "R8.2")(TestTaskMachine)
