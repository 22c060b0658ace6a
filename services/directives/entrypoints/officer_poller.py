"""Reads officers in charge from Keycloak again and again, one replica at a time.

Replicas share one row that says when the next reading is due, and a session advisory lock that only one
of them gets; no transaction is held across Keycloak. What fails is tried again after a pause that
doubles; the last good copy stays, and its age is told.
"""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from services.directives.adapters import officer_store
from services.directives.adapters.keycloak_users import KeycloakUsers, ReadingError
from services.directives.application.officers import take_over
from services.directives.domain.officers import User, pause_after
from services.directives.settings import DirectivesSettings
from services.kernel.runtime.identity import Principal
from services.kernel.runtime.service import Kernel
from services.kernel.runtime.unit_of_work import UnitOfWork

logger = logging.getLogger("dondoc.officers")

HEALTH: Final = "officers"
STALE_AFTER: Final = 3  # intervals without a good reading


class OfficerPoller:
    """`healthy`: the copy is of this realm and not old; true of every replica, not of the reader alone."""

    def __init__(self, kernel: Kernel, settings: DirectivesSettings) -> None:
        self._kernel = kernel
        self._users = KeycloakUsers(
            settings.officers_url,
            settings.officers_client_id,
            settings.officers_client_secret.get_secret_value(),
        )
        self._interval = timedelta(seconds=settings.officers_interval_seconds)
        self.healthy = False

    async def run(self) -> None:
        """Until cancelled; never gives up."""
        while True:
            try:
                await self.round()
            except Exception as error:
                # The database away, an agency changed meanwhile: the next round does it.
                self.healthy = False
                logger.warning("officers were not read", extra={"error": type(error).__name__})
            await asyncio.sleep(self._kernel.settings.poll_seconds)

    async def round(self) -> bool:
        """Reads if a reading is due and nobody else is at it; whether it tried."""
        async with self._kernel.engine.connect() as connection:
            if not await self._due(connection) or not await officer_store.try_lock(connection):
                return False
            try:
                # Another replica may have read between the look and the lock.
                tried = await self._due(connection)
                if tried:
                    await self._read(connection)
                await officer_store.unlock(connection)
            except BaseException:
                # With the session its lock goes; in the pool it would keep everybody out.
                await connection.invalidate()
                raise
        return tried

    async def _due(self, connection: AsyncConnection) -> bool:
        now = datetime.now(UTC)
        async with connection.begin():
            row = await officer_store.reading(UnitOfWork(connection, now))
        if row is None or row.source != self._users.realm:
            self.healthy = False
            return True
        self.healthy = bool(row.read_at) and now - row.read_at < self._interval * STALE_AFTER
        return bool(row.next_at <= now)

    async def _read(self, connection: AsyncConnection) -> None:
        try:
            members = await self._users.members()
        except ReadingError as error:
            await self._failed(connection, error)
            return
        await self._took(connection, members)

    async def _took(self, connection: AsyncConnection, members: dict[str, list[User]]) -> None:
        now = datetime.now(UTC)
        async with connection.begin():
            work = await self._work(connection)
            changed = await take_over(work, members)
            await officer_store.save_reading(
                work,
                source=self._users.realm,
                read_at=now,
                attempt_at=now,
                next_at=now + self._interval,
            )
        self.healthy = True
        if changed:
            self._kernel.relay.wake.set()
            logger.info("officers in charge changed", extra={"agencies": changed})

    async def _failed(self, connection: AsyncConnection, error: ReadingError) -> None:
        now = datetime.now(UTC)
        async with connection.begin():
            work = await self._work(connection)
            before: Any = await officer_store.reading(work)
            failures = (before.failed_attempts if before else 0) + 1
            pause = pause_after(failures, random.random())  # noqa: S311 (no secret)
            await officer_store.save_reading(
                work,
                source=self._users.realm,
                read_at=before.read_at if before else None,
                attempt_at=now,
                next_at=now + pause,
                failed_attempts=failures,
                failure=error.failure,
            )
        logger.warning(
            "Keycloak could not be read: the last copy of officers stays",
            extra={"failure": error.failure.value, "failed_attempts": failures},
        )

    async def _work(self, connection: AsyncConnection) -> UnitOfWork:
        """Records as the client that read: that is who said it."""
        who = Principal(self._users.client_id, "", frozenset(), 0.0)
        now = await self._kernel.clock.now(connection)
        return UnitOfWork(connection, now, who, salt=self._kernel.salt)
