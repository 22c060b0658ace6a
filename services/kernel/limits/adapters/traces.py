"""Traces of a service's subjects, read from its ledger; and the queue in which they wait to be sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from services.kernel.limits.adapters import clock_store, trace_store
from services.kernel.limits.adapters.calendar_store import CalendarStore
from services.kernel.limits.domain.profile import Duty, Profiles
from services.kernel.limits.domain.trace import ClockRecord, Life, Trace, trace_of
from services.kernel.runtime.access import Access
from services.kernel.runtime.unit_of_work import UnitOfWork

# What a service knows of a subject; None for what it does not have or the caller may not see.
LifeOf = Callable[[UnitOfWork, Access, str], Awaitable[Life | None]]


async def without_lives(work: UnitOfWork, access: Access, name: str) -> Life | None:
    """Of a service whose subjects have no trace."""
    return None


class Traces:
    """`receiver`: whether an OTLP receiver is set; without one nothing is queued."""

    def __init__(
        self, profiles: Profiles, calendars: CalendarStore, *, receiver: bool, life_of: LifeOf
    ) -> None:
        self._profiles, self._calendars, self._life_of = profiles, calendars, life_of
        self.receiver = receiver

    def queue(self, work: UnitOfWork, name: str) -> None:
        """To be called when something of a life has come to its end: it is told from then on."""
        if self.receiver:
            trace_store.queue(work, name)

    async def of(self, work: UnitOfWork, access: Access, name: str) -> Trace | None:
        """None for what is absent and for what the caller may not see."""
        life = await self._life_of(work, access, name)
        if life is None:
            return None
        clocks = [kept.clock for kept in await clock_store.owned_by(work, name)]
        ids = [clock.id for clock in clocks]
        ledgers, rungs = await clock_store.ledger(work, ids), await clock_store.rungs(work, ids)
        records = []
        for clock in clocks:
            rule = self._profiles.pinned(clock.profile, clock.profile_version).rule(clock.rule)
            records.append(
                ClockRecord(
                    clock,
                    rule.article,
                    ledgers[clock.id],
                    rungs.get(clock.id, ()),
                    extendable=rule.duty is Duty.TASK,
                )
            )
        return trace_of(life, records, await self._calendars.read(work), work.now)
