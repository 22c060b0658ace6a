"""The clocks of a task: what each act starts, stops, moves, reopens and voids.

Which limits there are, and what they count, is in the profile that the task pins.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.domain import periods
from services.kernel.limits.domain.calendar import end_of, local_date, start_of
from services.kernel.limits.domain.clock import Cause, Clock, MoveGround, clock_id
from services.kernel.limits.domain.duedate import legal_end
from services.kernel.limits.domain.ending import stopped_by, voided_by
from services.kernel.limits.domain.periods import Span
from services.kernel.limits.domain.profile import (
    Act,
    Cadence,
    Duty,
    LimitRule,
    Owner,
    Period,
    Profile,
    Unit,
)
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters import office, period_store, task_store
from services.tasks.domain.task import Task
from services.tasks.domain.values import Extension, LimitClass, ProgressEntry, Result

_CADENCES = {
    "MONTHLY": Cadence.MONTH,
    "QUARTERLY": Cadence.QUARTER,
    "HALF_YEARLY": Cadence.HALF_YEAR,
    "YEARLY": Cadence.YEAR,
}
_DAY = timedelta(days=1)
OF_DUE_DATE = (Duty.TASK, Duty.UPDATE_AFTER_DUE)


class TaskClocks:
    """The clocks of tasks, written with the work of the handler that acts."""

    def __init__(self, book: ClockBook) -> None:
        self.book = book

    def profile_of(self, task: Task) -> Profile | None:
        """None for a task of a directive that is older than every profile."""
        if not task.profile:
            return None
        return self.book.profiles.pinned(task.profile, task.profile_version)

    async def origin_of(self, work: UnitOfWork, clock: Clock) -> str:
        """Who fixed the time of the task whose clock it is."""
        return (await task_store.get(work, UUID(clock.subject.removeprefix("tasks/")))).origin

    async def start_round(self, work: UnitOfWork, task: Task) -> None:
        """The clocks of the round that begins: of the due date, or of the next period."""
        profile = self.profile_of(task)
        if profile is None:
            return
        cause = _forwarded(work, task, task.round.forwarded_at)
        if task.limit.due_date:
            await self.start_due_date(work, task, profile, cause)
        else:
            await self.begin_periods(work, task, profile, cause)

    async def start_due_date(
        self, work: UnitOfWork, task: Task, profile: Profile, cause: Cause
    ) -> None:
        """The limits that a date gives, from the forwarding or from when the task got the date."""
        for duty in OF_DUE_DATE:
            rule = profile.limit_begun_by(Act.TASK_FORWARDED, duty)
            if rule:
                await self.book.start(
                    work, rule, profile,
                    subject=task.name, owner=task.name, owed_by=await _owing(work, rule, task),
                    started_at=cause.at, cause=cause, stated_due=task.limit.due_date,
                    discriminator=task.limit_key, classified=task.classified,
                    cut_over=task.cut_over,
                )  # fmt: skip

    async def begin_periods(
        self, work: UnitOfWork, task: Task, profile: Profile, cause: Cause
    ) -> None:
        """Điểm b khoản 2 Điều 7, as read: the first update is for the period after this one."""
        period = self._period(task, profile)
        if period:
            first = periods.next_span_after(period, local_date(cause.at))
            await self._start_period(work, task, profile, first, cause)
            await period_store.plan(work, task.id, first.last_day + _DAY)

    async def start_due_periods(self, work: UnitOfWork, task: Task) -> int:
        """Starts the clock of each period that has begun meanwhile; returns how many."""
        profile = self.profile_of(task)
        next_on = await period_store.take(work, task.id)
        period = self._period(task, profile) if profile else None
        if next_on is None or profile is None or period is None:
            return 0
        started = 0
        while next_on <= local_date(work.now):
            span = periods.span_of(period, next_on)
            cause = _forwarded(work, task, start_of(span.first_day))
            await self._start_period(work, task, profile, span, cause)
            next_on = span.last_day + _DAY
            started += 1
        await period_store.plan(work, task.id, next_on)
        return started

    async def void_round(
        self, work: UnitOfWork, task: Task, act: Act, document: str = "", actor: str = ""
    ) -> None:
        """The work on the task is over by this act: what still runs counts no more."""
        await period_store.take(work, task.id)
        profile = self.profile_of(task)
        if profile is None:
            return
        for clock in voided_by(act, await self.book.of(work, task.name), profile):
            await self.book.void(work, clock, _cause(work, act, document, actor))

    async def progress_entered(self, work: UnitOfWork, task: Task, entry: ProgressEntry) -> None:
        await self.start_due_periods(work, task)
        profile = self.profile_of(task)
        if profile is None:
            return
        end = None
        if task.limit.due_date:
            calendar = await self.book.calendars.read(work)
            end = legal_end(task.limit.due_date, profile.due_roll(), calendar)
        clocks = await self.book.of(work, task.name)
        for clock in stopped_by(Act.PROGRESS_ENTERED, clocks, profile, entry.date, end):
            periodic = profile.rule(clock.rule).duty is Duty.PERIODIC_UPDATE
            if periodic and not self._in_period(task, clock, entry.date):
                continue
            await self.book.stop(work, clock, work.now, _cause(work, Act.PROGRESS_ENTERED))

    async def result_reported(self, work: UnitOfWork, task: Task, result: Result) -> None:
        """The task's own clock goes by the date of the act, the others by the entry."""
        await self.start_due_periods(work, task)
        await period_store.take(work, task.id)
        profile = self.profile_of(task)
        if profile is None:
            return
        clocks = await self.book.of(work, task.name)
        for clock in stopped_by(Act.RESULT_REPORTED, clocks, profile, result.done_date):
            of_task = profile.rule(clock.rule).duty is Duty.TASK
            act_at = start_of(result.done_date) if of_task else work.now
            await self.book.stop(work, clock, act_at, _cause(work, Act.RESULT_REPORTED))

    async def entered_on_behalf(self, work: UnitOfWork, task: Task, result: Result) -> None:
        """Khoản 3 Điều 7: the Office's own limit, from the receipt of the written report."""
        profile, received = self.profile_of(task), Act.WRITTEN_REPORT_RECEIVED
        rule = profile.limit_begun_by(received, Duty.ENTER_ON_BEHALF) if profile else None
        if profile is None or rule is None or result.receipt_date is None:
            return
        clock = await self.book.start(
            work, rule, profile,
            subject=task.name, owner=task.name, owed_by=await _owing(work, rule, task),
            started_at=_begun(rule, result.receipt_date, work.now),
            cause=_cause(work, received),
            discriminator=str(result.number), classified=task.classified, cut_over=task.cut_over,
        )  # fmt: skip
        # What is entered is a result too: a regulation may name either.
        for act in (Act.RESULT_ENTERED, Act.RESULT_REPORTED):
            if stopped_by(act, [clock], profile, result.done_date):
                await self.book.stop(work, clock, work.now, _cause(work, act))
                return

    async def sent_back(self, work: UnitOfWork, task: Task, result: Result) -> None:
        """Reopens what the result had stopped; an update of a period that is over stays made."""
        profile = self.profile_of(task)
        if profile is None:
            return
        today = local_date(work.now)
        last: date | None = None
        for clock in await self.book.of(work, task.name):
            rule = profile.rule(clock.rule)
            if clock.void_reason or Act.RESULT_REPORTED not in rule.stop:
                continue
            if rule.duty is Duty.PERIODIC_UPDATE:
                assert clock.stated_due is not None  # the end of its period
                last = max(last or clock.stated_due, clock.stated_due)
                if clock.stated_due < today:
                    continue
            # By the result: when it was entered, or since, where an amendment gave the date only then.
            if clock.stopped_at and clock.stopped_at >= result.entered_at:
                await self.book.reopen(work, clock, _cause(work, "SENT_BACK"))
        period = None if task.limit.due_date else self._period(task, profile)
        if period:
            following = periods.next_span_after(period, max(last or today, today))
            await period_store.plan(work, task.id, following.first_day)

    async def extension_asked(self, work: UnitOfWork, task: Task, asked: Extension) -> None:
        """Điểm d khoản 1 Điều 6: the Office's two days, from the day of receipt."""
        profile, received = self.profile_of(task), Act.EXTENSION_REQUEST_RECEIVED
        rule = profile.limit_begun_by(received, Duty.ANSWER_EXTENSION) if profile else None
        if profile is None or rule is None:
            return
        await self.book.start(
            work, rule, profile,
            subject=_subject(task, asked), owner=task.name,
            owed_by=await _owing(work, rule, task),
            started_at=_begun(rule, asked.ask_date, asked.asked_at),
            cause=_cause(work, received, asked.request_document.code),
            stated_due=asked.previous_due_date, classified=task.classified, cut_over=task.cut_over,
        )  # fmt: skip

    async def extension_submitted(self, work: UnitOfWork, task: Task, asked: Extension) -> None:
        """Stops the Office's clock where the regulation counts the submission; no other ever."""
        profile, day = self.profile_of(task), asked.submit_date
        if profile is None or day is None:
            return
        document = asked.submit_document.code if asked.submit_document else ""
        own = await self._on_request(work, task, asked)
        for clock in stopped_by(Act.EXTENSION_SUBMITTED, own, profile, day):
            act_at = _done(profile.rule(clock.rule), day, work.now)
            cause = _cause(work, Act.EXTENSION_SUBMITTED, document)
            await self.book.stop(work, clock, act_at, cause)

    async def extension_withdrawn(self, work: UnitOfWork, task: Task, asked: Extension) -> None:
        """There is nothing to answer any more."""
        profile, withdrawn = self.profile_of(task), Act.EXTENSION_REQUEST_WITHDRAWN
        if profile is None:
            return
        document = asked.withdraw_document.code if asked.withdraw_document else ""
        for clock in voided_by(withdrawn, await self._on_request(work, task, asked), profile):
            await self.book.void(work, clock, _cause(work, withdrawn, document))

    async def extension_answered(self, work: UnitOfWork, task: Task, answer: Extension) -> None:
        """Stops the Office's clock; granted, gives those of the due date their new end."""
        profile, document = self.profile_of(task), answer.answer_document
        if profile is None or document is None or document.date is None:
            return
        cause = _cause(work, Act.EXTENSION_ANSWERED, document.code)
        own = await self._on_request(work, task, answer)
        for clock in stopped_by(Act.EXTENSION_ANSWERED, own, profile, document.date):
            act_at = _done(profile.rule(clock.rule), document.date, work.now)
            await self.book.stop(work, clock, act_at, cause)
        if answer.granted_due_date is None:
            return
        await self.move_due_date(work, task, profile, MoveGround.EXTENSION, cause)

    async def move_due_date(
        self, work: UnitOfWork, task: Task, profile: Profile, ground: MoveGround, cause: Cause
    ) -> None:
        """Brings the limits of the date to the one that the task has now, those that are met too."""
        for clock in await self._of_due_date(work, task, profile):
            update = profile.rule(clock.rule).duty is Duty.UPDATE_AFTER_DUE
            made = await self._update_made(work, task, profile) if update else None
            # An entry made at the old due date is no update after the new one, but another may be.
            met_at = made.entered_at if made else None
            if update and not clock.open and task.result is None and clock.act_at != met_at:
                clock = await self.book.reopen(work, clock, cause)
            moved = await self.book.move(
                work, clock, ground, cause, stated_due=task.limit.due_date, stopped_too=True
            )
            if made and moved.open:
                stopped = _cause(work, Act.PROGRESS_ENTERED, cause.document)
                await self.book.stop(work, moved, made.entered_at, stopped)

    async def stop_what_is_done(self, work: UnitOfWork, task: Task, profile: Profile) -> None:
        """A date that the task got only now meets what was done before."""
        result, made = task.result, await self._update_made(work, task, profile)
        for clock in await self._of_due_date(work, task, profile):
            rule = profile.rule(clock.rule)
            if result and stopped_by(Act.RESULT_REPORTED, [clock], profile, result.done_date):
                of_task = rule.duty is Duty.TASK
                act_at = start_of(result.done_date) if of_task else result.entered_at
                await self.book.stop(work, clock, act_at, _cause(work, Act.RESULT_REPORTED))
            elif made and rule.duty is Duty.UPDATE_AFTER_DUE and clock.open:
                cause = _cause(work, Act.PROGRESS_ENTERED)
                await self.book.stop(work, clock, made.entered_at, cause)

    async def _of_due_date(self, work: UnitOfWork, task: Task, profile: Profile) -> list[Clock]:
        """The clocks of the date that stands, those that are void apart."""
        rules = [rule for duty in OF_DUE_DATE if (rule := profile.limit_on(duty))]
        ids = {clock_id(task.name, rule.id, task.limit_key) for rule in rules}
        clocks = await self.book.of(work, task.name)
        return [clock for clock in clocks if clock.id in ids and not clock.void_reason]

    async def _update_made(
        self, work: UnitOfWork, task: Task, profile: Profile
    ) -> ProgressEntry | None:
        """The first entry of this round that is an update after the date that stands."""
        rule, due_date = profile.limit_on(Duty.UPDATE_AFTER_DUE), task.limit.due_date
        if rule is None or due_date is None:
            return None
        end = legal_end(due_date, profile.due_roll(), await self.book.calendars.read(work))
        made = (
            entry
            for entry in task.entries
            if entry.entered_at >= task.round.forwarded_at
            and rule.stopped_by(Act.PROGRESS_ENTERED, entry.date, end)
        )
        return next(made, None)

    async def _on_request(self, work: UnitOfWork, task: Task, asked: Extension) -> list[Clock]:
        subject = _subject(task, asked)
        return [clock for clock in await self.book.of(work, task.name) if clock.subject == subject]

    async def _start_period(
        self, work: UnitOfWork, task: Task, profile: Profile, span: Span, cause: Cause
    ) -> None:
        """One update is owed in the period."""
        rule = profile.limit_begun_by(Act.PERIOD_BEGINS, Duty.PERIODIC_UPDATE)
        assert rule is not None  # there is no period without it
        # A returned or amended task keeps its voided clocks: what comes later needs ids of its own.
        later = f".{task.limit_key}" if task.limit_key != "1" else ""
        await self.book.start(
            work, rule, profile,
            subject=task.name, owner=task.name, owed_by=await _owing(work, rule, task),
            started_at=cause.at, cause=cause,
            stated_due=span.last_day, discriminator=span.label + later,
            classified=task.classified, cut_over=task.cut_over,
        )  # fmt: skip

    def _period(self, task: Task, profile: Profile) -> Period | None:
        """How often a task without limit is updated; None where nothing is owed by period."""
        rule = profile.limit_begun_by(Act.PERIOD_BEGINS, Duty.PERIODIC_UPDATE)
        without = task.limit.limit_class is LimitClass.WITHOUT_LIMIT and not task.limit.due_date
        if rule is None or not without or not profile.practice.tasks_without_limit_tracked:
            return None
        return _cadence(task, rule)

    def _in_period(self, task: Task, clock: Clock, day: date) -> bool:
        """Whether an entry that tells of `day` is an update for this period, if a late one."""
        profile = self.profile_of(task)
        period = _cadence(task, profile.rule(clock.rule)) if profile else None
        if period is None or clock.stated_due is None:
            return False
        return day >= periods.span_of(period, clock.stated_due).first_day


def _cadence(task: Task, rule: LimitRule) -> Period | None:
    own = _CADENCES.get(task.limit.cadence)
    return Period(own) if own else rule.period


def _subject(task: Task, asked: Extension) -> str:
    """What the Office's clock on a request is about."""
    return f"{task.name}/extensions/{asked.number}"


async def _owing(work: UnitOfWork, rule: LimitRule, task: Task) -> str:
    return task.lead if rule.owed_by is Owner.LEAD else await office.slug(work)


def _begun(rule: LimitRule, day: date, entered_at: datetime) -> datetime:
    """When a limit begins that is started by what came in on a day.

    In days from that day; in hours from the entry on that day, else from its end: a reading in favour
    of who owes, since of the day no hour is known.
    """
    if rule.unit is not Unit.HOURS:
        return start_of(day)
    return entered_at if local_date(entered_at) == day else end_of(day)


def _done(rule: LimitRule, day: date, now: datetime) -> datetime:
    """When an act of a day stops a limit: in hours it may have happened as late as its entry."""
    if rule.unit is not Unit.HOURS:
        return start_of(day)
    return min(now, end_of(day) - datetime.resolution)


def _forwarded(work: UnitOfWork, task: Task, at: datetime) -> Cause:
    """A limit is as old as the act or the period that starts it, whenever that arrived here."""
    actor = work.principal.subject if work.principal else ""
    return Cause(at, Act.TASK_FORWARDED, actor, task.header.document_code)


def _cause(work: UnitOfWork, ground: str, document: str = "", actor: str = "") -> Cause:
    """`actor`: who did it in another service; else the caller."""
    actor = actor or (work.principal.subject if work.principal else "")
    return Cause(work.now, ground, actor, document)
