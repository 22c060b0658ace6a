"""The edit of a calendar on copies of the clocks: in the batches of the house, and one clock at a time."""

from __future__ import annotations

import tempfile
import time
from datetime import datetime

import asyncpg

from embedded.postgres import EmbeddedPostgres
from services.kernel.limits.adapters.calendar_store import CalendarStore
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.calendar import Calendar
from services.kernel.runtime import db, migrate
from services.kernel.runtime.unit_of_work import UnitOfWork

# What an edit reads and writes, those that others point to first.
TABLES = ("calendar_state", "calendar_day", "clock", "clock_ledger", "rung", "party", "event_log")
HOUSE = 200  # clocks in a transaction, as the timer of a service takes them


async def empty_copy(postgres: EmbeddedPostgres, name: str) -> str:
    """The DSN of a database with the tables of `tasks`."""
    dsn = await postgres.create_role_and_database(name)
    engine = db.engine_for(dsn, pool=1)
    await migrate.upgrade(engine, "tasks")
    await engine.dispose()
    return dsn


async def fill(source_dsn: str, target_dsn: str) -> None:
    """Gives a copy the clocks of another database as they are now."""
    source, target = await asyncpg.connect(source_dsn), await asyncpg.connect(target_dsn)
    for table in TABLES:
        with tempfile.TemporaryFile() as rows:
            await source.copy_from_table(table, output=rows, format="binary")
            rows.seek(0)
            await target.execute(f"TRUNCATE {table} CASCADE")
            await target.copy_to_table(table, source=rows, format="binary")
    # Events that follow get positions that follow.
    await target.execute(
        "SELECT setval(pg_get_serial_sequence('event_log', 'position'), max(position)) FROM event_log"
    )
    await target.execute("ANALYZE")
    await source.close()
    await target.close()


async def redate(dsn: str, calendar: Calendar, now: datetime, at_once: int) -> tuple[int, float]:
    """Brings all running clocks onto `calendar`, `at_once` in a transaction: how many, and seconds."""
    engine = db.engine_for(dsn, pool=2)
    book = ClockBook(load_profiles(), CalendarStore())
    try:
        async with db.transaction(engine) as connection:
            work = UnitOfWork(connection, now)
            await book.calendars.replace(work, calendar)
            await work.flush()
        taken, started = 0, time.perf_counter()
        while True:
            async with db.transaction(engine) as connection:
                work = UnitOfWork(connection, now)
                done = await book.redate_behind(work, at_once)
                await work.flush()
            taken += done
            if done < at_once:
                return taken, time.perf_counter() - started
    finally:
        await engine.dispose()
