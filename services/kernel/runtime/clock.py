"""The clock of the law: real, or simulated by a row in the service's own database.

Tokens, TLS, leases, back-off and request spans stay on real time in both modes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kernel.runtime.errors import FieldViolation, invalid
from services.kernel.runtime.tables import simulated_clock

# Before anything is set, the demonstration's first day: the directory is entered on it.
BEGINNING = datetime(2020, 2, 13, 17, 0, tzinfo=UTC)  # 14 February 2020, 00:00 in Ho Chi Minh City


class Clock(Protocol):
    """Tells now, aware and in UTC."""

    simulated: bool

    async def now(self, connection: AsyncConnection) -> datetime: ...


class RealClock:
    simulated = False

    async def now(self, connection: AsyncConnection) -> datetime:
        return datetime.now(UTC)


class SimulatedClock:
    simulated = True

    async def now(self, connection: AsyncConnection) -> datetime:
        found = await connection.scalar(select(simulated_clock.c.now))
        return found.astimezone(UTC) if found else BEGINNING

    async def set(self, connection: AsyncConnection, now: datetime) -> None:
        """Moves forward; INVALID_ARGUMENT backwards, since what has fired has fired."""
        if now < await self.now(connection):
            raise invalid(
                FieldViolation(
                    "time",
                    "đồng hồ mô phỏng chỉ đi tới",
                    "the simulated clock only moves forward",
                    "CLOCK_MOVES_FORWARD",
                )
            )
        row = insert(simulated_clock).values(id=1, now=now)
        await connection.execute(
            row.on_conflict_do_update(index_elements=["id"], set_={"now": row.excluded.now})
        )


def make_clock(mode: str) -> RealClock | SimulatedClock:
    return SimulatedClock() if mode == "simulated" else RealClock()
