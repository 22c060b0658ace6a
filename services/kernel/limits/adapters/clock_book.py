"""Clocks as handlers use them: each move writes clock, ledger, rungs and event with the handler's work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from dondoc.limits.v1 import clock_pb2

from services.kernel.directory.copy import resource
from services.kernel.limits.adapters import clock_store
from services.kernel.limits.adapters.calendar_store import CalendarStore
from services.kernel.limits.adapters.clock_messages import (
    name_of,
    rung_message,
    rung_name,
    to_message,
)
from services.kernel.limits.adapters.clock_store import Kept
from services.kernel.limits.adapters.traces import LifeOf, Traces, without_lives
from services.kernel.limits.domain import clock as domain
from services.kernel.limits.domain.calendar import Calendar
from services.kernel.limits.domain.clock import Cause, Clock, LedgerEntry, MoveGround
from services.kernel.limits.domain.duedate import Computation, compute
from services.kernel.limits.domain.profile import LimitRule, Profile, Profiles
from services.kernel.limits.domain.reach import document_of
from services.kernel.limits.domain.rungs import Rung, RungChanges, reconcile, rungs_for
from services.kernel.runtime import crashpoints
from services.kernel.runtime.unit_of_work import UnitOfWork

EVENTS = {
    "STARTED": "ClockStarted",
    "MOVED": "ClockMoved",
    "STOPPED": "ClockStopped",
    "REOPENED": "ClockReopened",
    "VOIDED": "ClockVoided",
}


class ClockBook:
    """The clocks of one service."""

    def __init__(
        self,
        profiles: Profiles,
        calendars: CalendarStore,
        *,
        life_of: LifeOf = without_lives,
        receiver: bool = False,
    ) -> None:
        """`life_of`: of a service whose subjects have traces; `receiver`: whether these are sent."""
        self.profiles, self.calendars = profiles, calendars
        self.traces = Traces(profiles, calendars, receiver=receiver, life_of=life_of)

    async def start(
        self,
        work: UnitOfWork,
        rule: LimitRule,
        profile: Profile,
        *,
        subject: str,
        owner: str,
        owed_by: str,
        started_at: datetime,
        cause: Cause,
        stated_due: date | None = None,
        length_ground: str = "",
        discriminator: str = "",
        classified: bool = False,
        cut_over: datetime | None = None,
    ) -> Clock:
        """Starts the clock of `rule` for `subject`; its parties are those of `owner`.

        `stated_due` is the date of a document or period, `discriminator` the period or round. Of
        what was due before `cut_over` (go-live) nothing is said, whatever moves it later.
        """
        calendar = await self.calendars.read(work)
        computation = compute(
            rule,
            profile,
            calendar,
            started_at=started_at,
            stated_due=stated_due,
            length_ground=length_ground,
        )
        clock, entry = domain.start(
            subject,
            owed_by,
            computation,
            cause,
            started_at=started_at,
            discriminator=discriminator,
            cut_over=cut_over,
        )
        kept = Kept(clock, owner, classified)
        await clock_store.insert(work, kept, entry)
        self._record(work, clock, entry)
        ladder = profile.ladder_of(rule)
        new = rungs_for(clock, ladder, calendar, work.clock_now)
        await clock_store.write_rungs(work, RungChanges(insert=new))
        return clock

    async def of(self, work: UnitOfWork, owner: str) -> list[Clock]:
        """All clocks of an object, locked; the oldest first.

        Running ones are brought onto the current calendar before anybody acts on them: what stops
        between an edit and the sweep must not keep its old end.
        """
        kept = await clock_store.of_owner(work, owner)
        calendar = await self.calendars.read(work)
        behind = [k for k in kept if k.clock.open and k.clock.calendar_version < calendar.version]
        if not behind:
            return [one.clock for one in kept]
        redated = {clock.id: clock for clock in await self._redate(work, behind, calendar)}
        return [redated.get(one.clock.id, one.clock) for one in kept]

    async def move(
        self,
        work: UnitOfWork,
        clock: Clock,
        ground: MoveGround,
        cause: Cause,
        *,
        stated_due: date | None = None,
        length_ground: str | None = None,
        started_at: datetime | None = None,
        stopped_too: bool = False,
    ) -> Clock:
        """Gives a running clock another end, a stopped one if asked; what is not named stays."""
        profile, calendar = await self._pinned(work, clock)
        to = self._computed(clock, profile, calendar, stated_due, length_ground, started_at)
        after, entry = clock.move(to, ground, cause, stopped_too=stopped_too)
        return await self._save(work, after, entry, profile, calendar)

    async def stop(self, work: UnitOfWork, clock: Clock, act_at: datetime, cause: Cause) -> Clock:
        """By an act; for one that is known by its day, `act_at` is 00:00 of that day."""
        profile, calendar = await self._pinned(work, clock)
        after, entry = clock.stop(act_at, cause)
        return await self._save(work, after, entry, profile, calendar)

    async def reopen(self, work: UnitOfWork, clock: Clock, cause: Cause) -> Clock:
        """What was done was sent back: a new generation on the same stated date."""
        profile, calendar = await self._pinned(work, clock)
        to = self._computed(clock, profile, calendar, None, None, None)
        after, entry = clock.reopen(to, cause)
        return await self._save(work, after, entry, profile, calendar)

    async def void(self, work: UnitOfWork, clock: Clock, cause: Cause) -> Clock:
        """It no longer counts; `cause.ground` says why."""
        profile, calendar = await self._pinned(work, clock)
        after, entry = clock.void(cause)
        self.traces.queue(work, clock.subject.partition("/extensions/")[0])
        return await self._save(work, after, entry, profile, calendar)

    async def redate_behind(self, work: UnitOfWork, limit: int = 200) -> int:
        """Brings clocks of an older calendar onto the current one; returns how many it took.

        Called after an edit and by a sweep, which heals a clock that started beside the edit. Stopped
        clocks are taken only for an edit that was made with that command.
        """
        calendar = await self.calendars.read(work)
        taken = await clock_store.behind(work, calendar.version, limit)
        if taken:
            await self._redate(work, taken, calendar)
            return len(taken)
        change = await self.calendars.stopped_pending(work)
        if change is None:
            return 0
        stopped = await clock_store.stopped_behind(work, change, calendar.longest_rest, limit)
        if stopped is None:
            await self.calendars.stopped_done(work, change)
            return 0
        await self._redate(work, stopped, calendar, stopped_too=True)
        return len(stopped)

    async def _redate(
        self,
        work: UnitOfWork,
        taken: Sequence[Kept],
        calendar: Calendar,
        *,
        stopped_too: bool = False,
    ) -> list[Clock]:
        """Moves what has another end by this calendar, with the document of the edit in the ledger."""
        changes = await self.calendars.changes(work)
        redated: list[Clock] = []
        stayed: list[UUID] = []
        for kept in taken:
            clock = kept.clock
            profile = self.profiles.pinned(clock.profile, clock.profile_version)
            document = document_of(clock, changes, calendar)
            cause = Cause(work.now, MoveGround.CALENDAR, "", document)
            after, entry = domain.redate(clock, profile, calendar, cause, stopped_too=stopped_too)
            if entry is None:
                stayed.append(clock.id)
                await self._reconcile(work, after, profile, calendar)
            else:
                await self._save(work, after, entry, profile, calendar)
            redated.append(after)
        if stayed:
            await clock_store.keep_calendar_version(work, stayed, calendar.version)
        return redated

    async def fire_due(self, work: UnitOfWork, limit: int = 500) -> int:
        """Fires the rungs that are due, in the order in which they were due; returns how many."""
        if not await clock_store.take_turn(work):
            return 0
        fired = await clock_store.claim_due(work, limit)
        crashpoints.reached("timer.after_claim")
        clocks = await clock_store.kept_of(work, {rung.clock_id for rung in fired})
        parties = await work.parties_of({kept.owner for kept in clocks.values()})
        for rung in fired:
            kept = clocks[rung.clock_id]
            work.record(
                "RungFired",
                rung_name(kept.clock, rung),
                1,
                clock_pb2.RungFired(
                    clock=to_message(kept.clock, self.profiles),
                    rung=rung_message(rung),
                    parties=[resource(slug) for slug in sorted(parties.get(kept.owner, {}))],
                    classified=kept.classified,
                ),
                occurred_at=rung.fire_at,
            )
        return len(fired)

    async def _pinned(self, work: UnitOfWork, clock: Clock) -> tuple[Profile, Calendar]:
        profile = self.profiles.pinned(clock.profile, clock.profile_version)
        return profile, await self.calendars.read(work)

    def _computed(
        self,
        clock: Clock,
        profile: Profile,
        calendar: Calendar,
        stated_due: date | None,
        length_ground: str | None,
        started_at: datetime | None,
    ) -> Computation:
        return compute(
            profile.rule(clock.rule),
            profile,
            calendar,
            started_at=started_at or clock.started_at,
            stated_due=stated_due or clock.stated_due,
            length_ground=clock.length_ground if length_ground is None else length_ground,
        )

    async def _save(
        self,
        work: UnitOfWork,
        after: Clock,
        entry: LedgerEntry,
        profile: Profile,
        calendar: Calendar,
    ) -> Clock:
        await clock_store.save(work, after, entry)
        self._record(work, after, entry)
        await self._reconcile(work, after, profile, calendar)
        return after

    async def _reconcile(
        self, work: UnitOfWork, clock: Clock, profile: Profile, calendar: Calendar
    ) -> None:
        existing = (await clock_store.rungs(work, [clock.id])).get(clock.id, [])
        ladder = profile.ladder_of(profile.rule(clock.rule))
        wanted = rungs_for(clock, ladder, calendar, work.clock_now)
        changes = reconcile(clock, existing, wanted, work.clock_now)
        await clock_store.write_rungs(work, changes)
        for type, rungs in (("RungRevoked", changes.revoke), ("RungRestored", changes.restore)):
            for rung in rungs:
                if rung.fired_at:
                    self._take_back(work, type, clock, rung)

    def _take_back(self, work: UnitOfWork, type: str, clock: Clock, rung: Rung) -> None:
        """What was said became untrue, or true again: whoever heard it must hear this."""
        data = clock_pb2.RungRevoked(
            clock=to_message(clock, self.profiles), rung=rung_message(rung)
        )
        work.record(type, rung_name(clock, rung), 1 + rung.changes, data)

    def _record(self, work: UnitOfWork, clock: Clock, entry: LedgerEntry) -> None:
        message = to_message(clock, self.profiles, ledger=[entry])
        work.record(
            EVENTS[entry.kind], name_of(clock), clock.version, message, occurred_at=entry.at
        )
