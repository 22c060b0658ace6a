"""Every statement that counts. The caller's scope is a mandatory argument."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.kernel.directory.copy import find, level_of
from services.kernel.limits.domain.calendar import end_of, start_of
from services.kernel.runtime.access import Access, seen
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.adapters.tables import clock_version, task_interval
from services.reporting.domain.figures import ClockCounts, Counts, Question, Row
from services.reporting.domain.standing import Progress


async def rows(work: UnitOfWork, access: Access, question: Question) -> list[Row]:
    """One for each lead agency; its name and level are those that it has now."""
    counted = list(await work.execute(_count(access, question)))
    known = await find(work, {found.agency for found in counted})
    made = [
        Row(
            agency=found.agency,
            display_name=known[found.agency].display_name if found.agency in known else "",
            counts=Counts(**{field.name: getattr(found, field.name) for field in fields(Counts)}),
            level=level_of(known[found.agency]) if found.agency in known else "",
        )
        for found in counted
    ]
    return [row for row in made if question.level in ("", row.level)]


def _count(access: Access, question: Question) -> Select[Any]:
    interval, as_of, due_at = task_interval.c, question.as_of, task_interval.c.due_at
    done = interval.progress == Progress.DONE
    still_open = and_(interval.progress != Progress.DONE, ~interval.apart)
    late_act = interval.act_at >= due_at
    late_now = due_at <= as_of

    def number(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(and_(*conditions))

    query = (
        select(
            interval.agency,
            func.count().label("total"),
            number(done).label("done"),
            number(done, interval.act_at < due_at).label("done_within_limit"),
            number(done, late_act).label("done_overdue"),
            number(done, due_at.is_(None)).label("done_no_limit"),
            number(still_open).label("open"),
            number(still_open, due_at > as_of).label("open_within_limit"),
            number(still_open, late_now).label("open_overdue"),
            number(still_open, due_at.is_(None)).label("open_no_limit"),
            number(still_open, interval.progress == Progress.IN_PROGRESS).label("in_progress"),
            number(still_open, interval.progress == Progress.NOT_STARTED).label("not_started"),
            number(done, ~interval.confirmed).label("awaiting_confirmation"),
            number(interval.returned).label("returned"),
            number(interval.apart).label("returned_apart"),
        )
        .where(
            interval.begin_at <= as_of,
            or_(interval.end_at.is_(None), interval.end_at > as_of),
            seen(access, interval.task, owner=interval.agency),
        )
        .group_by(interval.agency)
    )
    if question.from_date:
        query = query.where(interval.forwarded_at >= start_of(question.from_date))
    if question.to_date:
        query = query.where(interval.forwarded_at < end_of(question.to_date))
    if question.agency:
        query = query.where(interval.agency == question.agency)
    if question.real_only or question.published:
        query = query.where(~interval.generated)
    if question.published:
        query = query.where(~interval.classified)
    return query


async def clock_rows(
    work: UnitOfWork, access: Access, as_of: datetime, agency: str
) -> list[ClockCounts]:
    """By rule, then agency. Lateness goes by the date of the act, not of its entry."""
    newest = (
        select(clock_version)
        .ext(distinct_on(clock_version.c.clock))
        .where(clock_version.c.occurred_at <= as_of)
        .order_by(clock_version.c.clock, clock_version.c.version.desc())
    )
    clock = newest.subquery("clock").c
    counts = ~clock.voided

    def number(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(and_(*conditions))

    keys = (clock.rule, clock.article, clock.owed_by)
    query = (
        select(
            clock.rule,
            clock.article,
            clock.owed_by.label("agency"),
            number(counts, clock.act_at.is_(None), clock.due_at > as_of).label("running"),
            number(counts, clock.act_at.is_(None), clock.due_at <= as_of).label("late"),
            number(counts, clock.act_at < clock.due_at).label("met"),
            number(counts, clock.act_at >= clock.due_at).label("met_late"),
            number(clock.voided).label("voided"),
        )
        .where(seen(access, clock.subject, owner=clock.owed_by))
        .group_by(*keys)
        .order_by(*keys)
    )
    if agency:
        query = query.where(clock.owed_by == agency)
    return [ClockCounts(**row._mapping) for row in await work.execute(query)]
