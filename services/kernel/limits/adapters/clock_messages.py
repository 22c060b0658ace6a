"""The one mapping of clocks to messages; a clock has no field with content."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dondoc.limits.v1 import clock_pb2

from services.kernel.directory.copy import resource
from services.kernel.limits.domain.calendar import local_date
from services.kernel.limits.domain.clock import Clock, LedgerEntry
from services.kernel.limits.domain.profile import Colour, Profiles
from services.kernel.limits.domain.rungs import Rung
from services.kernel.runtime.protos import to_date, to_timestamp

_INSTANT = datetime.resolution


def name_of(clock: Clock) -> str:
    return f"{clock.subject}/clocks/{clock.id}"


def to_message(
    clock: Clock,
    profiles: Profiles,
    *,
    ledger: Iterable[LedgerEntry] = (),
    rungs: Iterable[Rung] = (),
    now: datetime | None = None,
    estimated_days: int = 0,
) -> clock_pb2.Clock:
    """`now` adds the state at that instant; events go without, since time alone changes it."""
    profile = profiles.pinned(clock.profile, clock.profile_version)
    rule = profile.rule(clock.rule)
    alternative = rule.alternative(clock.length_ground)
    state = f"CLOCK_STATE_{clock.state(now)}" if now else "CLOCK_STATE_UNSPECIFIED"
    return clock_pb2.Clock(
        name=name_of(clock),
        subject=clock.subject,
        rule=clock.rule,
        article=rule.article,
        profile=clock.profile,
        profile_version=str(clock.profile_version),
        owed_by=resource(clock.owed_by),
        start_time=to_timestamp(clock.started_at),
        stated_due_date=to_date(clock.stated_due),
        due_time=to_timestamp(clock.due_at),
        last_day=to_date(local_date(clock.due_at - _INSTANT)),
        act_time=to_timestamp(clock.act_at),
        stop_time=to_timestamp(clock.stopped_at),
        void_reason=clock.void_reason,
        state=clock_pb2.ClockState.Value(state),
        calendar_version=clock.calendar_version,
        generation=clock.generation,
        etag=str(clock.version),
        ground=alternative.text.vi if alternative else "",
        ledger=[_entry(entry) for entry in ledger],
        rungs=[rung_message(rung, profile.colour_of(rule, rung.name)) for rung in rungs],
        estimated_days=estimated_days,
        cut_over_time=to_timestamp(clock.cut_over),
    )


def _entry(entry: LedgerEntry) -> clock_pb2.LedgerEntry:
    return clock_pb2.LedgerEntry(
        generation=entry.generation,
        kind=entry.kind,
        from_due_time=to_timestamp(entry.from_due),
        to_due_time=to_timestamp(entry.to_due),
        ground=entry.ground,
        document=entry.document,
        time=to_timestamp(entry.at),
        actor=entry.actor,
        act_time=to_timestamp(entry.act_at),
    )


def rung_message(rung: Rung, colour: Colour | None = None) -> clock_pb2.Rung:
    """In events without its colour: another version of a profile may show the same step otherwise."""
    return clock_pb2.Rung(
        rung=rung.name,
        generation=rung.generation,
        fire_time=to_timestamp(rung.fire_at),
        fired_time=to_timestamp(rung.fired_at),
        revoke_time=to_timestamp(rung.revoked_at),
        skipped=rung.skipped,
        colour=colour or "",
    )


def rung_name(clock: Clock, rung: Rung) -> str:
    """The aggregate of its events."""
    at = int(rung.fire_at.timestamp())
    return f"{name_of(clock)}/rungs/{rung.name}.{rung.generation}.{at}"
