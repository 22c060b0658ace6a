"""The clock of khoản 1 Điều 7: it starts with the first item, moves with its ground, ends with
forwarding, or with what makes forwarding needless."""

from __future__ import annotations

from dataclasses import replace

from services.directives.adapters import directory_store
from services.directives.domain import intake
from services.directives.domain.directive import Directive, State
from services.kernel.limits.adapters import clock_store
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.domain.clock import Cause, Clock, MoveGround
from services.kernel.limits.domain.ending import voided_by
from services.kernel.limits.domain.profile import Act, Duty
from services.kernel.runtime.errors import precondition
from services.kernel.runtime.unit_of_work import UnitOfWork

# What has happened to a directive that is in this state.
_ACTS = {
    State.FORWARDED: Act.DIRECTIVE_FORWARDED,
    State.NO_TASK: Act.NO_TASK_RECORDED,
    State.WITHDRAWN: Act.DIRECTIVE_WITHDRAWN,
    State.SUPERSEDED: Act.DIRECTIVE_SUPERSEDED,
}


async def keep(
    work: UnitOfWork, book: ClockBook, directive: Directive
) -> tuple[Directive, Clock | None]:
    """Brings the clock to what the directive has become; returns both.

    Without an item there is nothing to forward yet, and a document older than every regulation
    profile has no limit: no clock in either case.
    """
    if directive.intake_clock is None:
        return await _started(work, book, directive)
    clock = next(c for c in await book.of(work, directive.name) if c.id == directive.intake_clock)
    profile = book.profiles.pinned(clock.profile, clock.profile_version)
    rule = profile.rule(clock.rule)
    act = _ACTS.get(directive.state)
    if act and clock.open and act in rule.stop:
        clock = await book.stop(work, clock, work.now, _cause(work, directive, act))
    elif act:
        # Forwarded, or found to give no task, before it was withdrawn: the clock stays as it was.
        for running in voided_by(act, [clock], profile):
            clock = await book.void(work, running, _cause(work, directive, act))
    else:
        ground = intake.ground_of(rule, intake.facts_of(directive))
        start = intake.starts_at(directive, rule, ground)
        if (ground, start) != (clock.length_ground, clock.started_at):
            cause = _cause(work, directive, MoveGround.FACTS)
            clock = await book.move(
                work, clock, MoveGround.FACTS, cause, length_ground=ground, started_at=start
            )
    return directive, clock


async def of(work: UnitOfWork, directives: list[Directive]) -> dict[str, Clock]:
    """Clocks by the name of their directive, without a lock."""
    ids = {d.intake_clock: d.name for d in directives if d.intake_clock}
    kept = await clock_store.kept_of(work, set(ids)) if ids else {}
    return {ids[clock_id]: found.clock for clock_id, found in kept.items()}


async def _started(
    work: UnitOfWork, book: ClockBook, directive: Directive
) -> tuple[Directive, Clock | None]:
    profile = book.profiles.for_day(directive.issue_date)
    rule = profile.limit_begun_by(Act.DIRECTIVE_ISSUED, Duty.INTAKE) if profile else None
    if profile is None or rule is None or not directive.items:
        return directive, None
    if directive.state is not State.ENTERED:
        return directive, None
    ground = intake.ground_of(rule, intake.facts_of(directive))
    clock = await book.start(
        work,
        rule,
        profile,
        subject=directive.name,
        owner=directive.name,
        owed_by=await _office(work),
        started_at=intake.starts_at(directive, rule, ground),
        cause=_cause(work, directive, Act.DIRECTIVE_ISSUED),
        length_ground=ground,
        classified=directive.classified,
        cut_over=directive.cut_over_at,
    )
    return replace(directive, intake_clock=clock.id), clock


async def _office(work: UnitOfWork) -> str:
    """Slug of the agency that owes the limit."""
    found = await directory_store.list_agencies(work, kind="OFFICE", limit=1)
    if not found:
        raise precondition(
            "NO_OFFICE",
            "Danh bạ chưa có Văn phòng UBND tỉnh; hãy nhập cơ quan này trước.",
            "the directory holds no Office yet; enter that agency first",
        )
    return str(found[0].slug)


def _cause(work: UnitOfWork, directive: Directive, ground: str) -> Cause:
    """The document is the directive itself, or the one by which it was withdrawn."""
    withdrawal = directive.withdrawal
    code = withdrawal.document.code if withdrawal else directive.document_code
    return Cause(work.now, ground, work.actor.subject, code)
