"""Periods that begin: a task without limit owes one update in each (điểm b khoản 2 Điều 7)."""

from __future__ import annotations

from services.kernel.limits.domain.calendar import local_date
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters import period_store, task_store
from services.tasks.application.limits import TaskClocks


async def begin(work: UnitOfWork, clocks: TaskClocks, limit: int) -> int:
    """Starts the clocks of the periods that have begun, for `limit` tasks; returns of how many."""
    due = await period_store.due(work, local_date(work.now), limit)
    for task_id in due:
        await clocks.start_due_periods(work, await task_store.get(work, task_id))
    return len(due)
