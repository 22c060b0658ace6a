"""What the agency and the Office do to a task. Each act returns the next version, or raises.

WrongState and Refused where it is not possible, BadField where it is said wrongly; the task that
was given stays as it is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from services.kernel.limits.domain.clock import clock_id
from services.kernel.limits.domain.profile import Duty, Profile
from services.tasks.domain import checks
from services.tasks.domain.guards import Facts
from services.tasks.domain.task import Task
from services.tasks.domain.transitions import BY_ACTION, Action, target
from services.tasks.domain.values import (
    DocumentRef,
    Evaluation,
    LimitClass,
    ProgressEntry,
    Result,
    Round,
    Withdrawal,
)


def received(task: Task, profile: Profile | None) -> Task:
    """A task as it arrives: pins the profile, names the clock of its due date."""
    if profile is None:
        return task
    pinned = replace(task, profile=profile.id, profile_version=profile.version)
    return with_due_clock(pinned, profile)


def accept(task: Task, facts: Facts) -> Task:
    """The agency checked the task and takes it (điểm a khoản 2 Điều 6)."""
    return task.next(state=target(task, Action.ACCEPT, facts), accepted_at=facts.now)


def return_to_office(task: Task, facts: Facts, reason: str, words: str) -> Task:
    """In the three cases of điểm a khoản 2 Điều 6, with the reason."""
    state = target(task, Action.RETURN, facts)
    checks.words(task, "words", words)
    rounds = task.with_round(returned_at=facts.now, return_reason=reason, return_words=words)
    return task.next(state=state, rounds=rounds)


def reforward(task: Task, facts: Facts, lead: str, content: str, due_date: date | None) -> Task:
    """As it was, adjusted, or to another agency (điểm a khoản 2 Điều 6); what is empty stays.

    A former lead becomes a party concerned, so that it still sees what became of the task.
    """
    state = target(task, Action.REFORWARD, facts)
    if due_date:
        checks.after_issue(task, "due_date", due_date)
    lead, content = lead or task.lead, content or task.content
    concerned = {*task.concerned, task.lead} - {lead}
    if lead == task.lead:
        concerned = set(task.concerned)
    limit = task.limit
    if due_date:
        limit = replace(limit, limit_class=LimitClass.WITH_LIMIT, due_date=due_date)
    new = Round(len(task.rounds) + 1, lead, facts.now, content, limit.due_date)
    after = task.next(
        state=state,
        lead=lead,
        content=content,
        limit=limit,
        coordinating=tuple(agency for agency in task.coordinating if agency != lead),
        concerned=tuple(sorted(concerned)),
        rounds=(*task.rounds, new),
        accepted_at=None,
        started_at=None,
    )
    return with_due_clock(after, facts.profile)


def record_progress(task: Task, facts: Facts, day: date | None, situation: str) -> Task:
    """Điểm b khoản 2 Điều 6; `day` is the one of which it tells, today when None."""
    state = target(task, Action.RECORD_PROGRESS, facts)
    day = day or facts.today
    checks.act_day(task, facts, "date", day)
    checks.words(task, "situation", situation)
    entry = ProgressEntry(len(task.entries) + 1, day, situation, facts.now, task.lead)
    return task.next(
        state=state, entries=(*task.entries, entry), started_at=task.started_at or facts.now
    )


def report_result(
    task: Task,
    facts: Facts,
    done_date: date,
    summary: str,
    quality: str,
    effectiveness: str,
    document: DocumentRef | None,
) -> Task:
    """Điểm b khoản 2 Điều 6; `done_date` is the date of the act."""
    state = target(task, Action.REPORT_RESULT, facts)
    checks.act_day(task, facts, "done_date", done_date)
    checks.words(task, "summary", summary)
    result = Result(
        len(task.results) + 1, done_date, summary, quality, effectiveness, document, facts.now
    )
    return _reported(task, facts, state, result)


def enter_on_behalf(
    task: Task,
    facts: Facts,
    done_date: date,
    summary: str,
    quality: str,
    effectiveness: str,
    document: DocumentRef,
    receipt_date: date,
) -> Task:
    """Written report of an agency without connection (điểm b khoản 1 Điều 6, khoản 3 Điều 7)."""
    state = target(task, Action.ENTER_ON_BEHALF, facts)
    checks.act_day(task, facts, "done_date", done_date)
    checks.act_day(task, facts, "receipt_date", receipt_date)
    checks.received("receipt_date", receipt_date, done_date)
    checks.words(task, "summary", summary)
    result = Result(
        len(task.results) + 1, done_date, summary, quality, effectiveness, document, facts.now,
        on_behalf=True, receipt_date=receipt_date,
    )  # fmt: skip
    return _reported(task, facts, state, result)


def confirm(task: Task, facts: Facts, evaluation: Evaluation) -> Task:
    """The Office evaluates and confirms the result (điểm c khoản 1 Điều 6)."""
    state = target(task, Action.CONFIRM, facts)
    checks.graded(evaluation)
    return task.next(state=state, evaluation=evaluation, confirmed_at=facts.now)


def send_back(task: Task, facts: Facts, reason: str, words: str) -> Task:
    """What was reported is not what was asked: the work goes on."""
    state = target(task, Action.SEND_BACK, facts)
    checks.words(task, "words", words)
    *earlier, last = task.results
    sent = replace(last, sent_back_at=facts.now, send_back_reason=reason, send_back_words=words)
    return task.next(state=state, results=(*earlier, sent))


def close(task: Task, facts: Facts) -> Task:
    """Khoản 2 Điều 8: what is done and confirmed is closed."""
    return task.next(state=target(task, Action.CLOSE, facts), closed_at=facts.now)


def withdraw(task: Task, facts: Facts, document: DocumentRef, reason: str, by: str) -> Task:
    """This task alone, by a document."""
    state = target(task, Action.WITHDRAW, facts)
    checks.numbered("document", document)
    assert document.date is not None  # held by checks.numbered
    checks.act_day(task, facts, "document.date", document.date)
    checks.words(task, "reason", reason)
    return task.next(state=state, withdrawal=Withdrawal(document, reason, facts.now, by))


def withdrawn_with_directive(task: Task, withdrawal: Withdrawal) -> Task:
    """Follows its directive; the same task where its state has nothing more to withdraw."""
    transition = BY_ACTION[Action.WITHDRAW]
    if task.state not in transition.sources:
        return task
    return task.next(state=transition.to, withdrawal=withdrawal)


def _reported(task: Task, facts: Facts, state: str, result: Result) -> Task:
    # A result without an entry before it starts the work too: sent back, it is in progress.
    return task.next(
        state=state,
        results=(*task.results, result),
        started_at=task.started_at or facts.now,
    )


def with_due_clock(task: Task, profile: Profile | None) -> Task:
    """Names the clock of its due date; none without a date."""
    rule = profile.limit_on(Duty.TASK) if profile else None
    if rule is None or task.limit.due_date is None:
        return replace(task, due_clock=None)
    return replace(task, due_clock=clock_id(task.name, rule.id, task.limit_key))
