"""Migrations: complete, equal to the tables, and no obstacle to an older replica."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from importlib import import_module
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from embedded.postgres import EmbeddedPostgres
from services.kernel.runtime import db, migrate
from services.kernel.runtime import tables as kernel
from tests.fixtures.house import StartService
from tests.fixtures.world import SERVICES


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_make_the_tables_that_the_code_speaks_of(
    start_service: StartService, service: str
) -> None:
    room = await start_service(service)
    own = import_module(f"services.{service}.adapters.tables").metadata

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, [kernel.metadata, own]))

    async with room.engine.connect() as connection:
        assert not await connection.run_sync(differences)


async def test_a_second_migration_changes_nothing(start_service: StartService) -> None:
    room = await start_service("tasks")
    await migrate.upgrade(room.engine, "tasks")
    assert await migrate.missing(room.engine, "tasks") == []


async def test_an_empty_database_lacks_the_revisions(postgres: EmbeddedPostgres) -> None:
    engine = db.engine_for(await postgres.create_role_and_database("lacking"))
    try:
        lacking = await migrate.missing(engine, "tasks")
        assert {revision.rsplit("_", 1)[0] for revision in lacking} >= {"tasks"}
    finally:
        await engine.dispose()


STARTED, ACT, ENTERED = (datetime(2026, 1, day, tzinfo=UTC) for day in (5, 7, 8))


async def test_the_ledger_learns_the_acts_of_clocks_that_were_there_before(
    postgres: EmbeddedPostgres,
) -> None:
    """A clock that was stopped, reopened, stopped again and moved."""
    engine = db.engine_for(await postgres.create_role_and_database("ledger"))
    ledger = [
        (1, 1, "STARTED"), (2, 1, "STOPPED"), (3, 2, "REOPENED"), (4, 2, "MOVED"),
        (5, 2, "STOPPED"), (6, 2, "MOVED"),
    ]  # fmt: skip
    clock = {
        "id": uuid4(), "subject": "tasks/x", "owner": "tasks/x", "rule": "R5.1e", "profile": "p",
        "profile_version": 1, "owed_by": "a", "started_at": STARTED, "due_at": ENTERED,
        "act_at": ACT, "stopped_at": ENTERED, "void_reason": "", "length_ground": "",
        "calendar_version": 1, "generation": 2, "version": 6, "classified": False,
    }  # fmt: skip
    entries = [
        {
            "clock_id": clock["id"], "version": version, "generation": generation, "kind": kind,
            "at": ENTERED, "ground": "", "document": "", "actor": "",
        }
        for version, generation, kind in ledger
    ]  # fmt: skip
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate._with, "tasks", command.upgrade, "kernel_0001")
            for table, rows in (("clock", [clock]), ("clock_ledger", entries)):
                names = list(rows[0])
                values = ", ".join(f":{name}" for name in names)
                into = text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})")
                await connection.execute(into, rows)
        await migrate.upgrade(engine, "tasks")
        async with engine.connect() as connection:
            found = await connection.execute(
                text("SELECT act_at FROM clock_ledger ORDER BY version")
            )
            acts = [row.act_at for row in found]
    finally:
        await engine.dispose()
    # Of the first run only its entry is known; of the last one the act itself.
    assert acts == [None, ENTERED, None, None, ACT, ACT]


async def test_an_older_replica_starts_on_a_newer_database(start_service: StartService) -> None:
    room = await start_service("tasks")
    async with room.engine.begin() as connection:
        newer = "UPDATE alembic_version SET version_num = 'tasks_9999' WHERE version_num ~ '^tasks'"
        assert (await connection.execute(text(newer))).rowcount == 1
    assert await migrate.missing(room.engine, "tasks") == []


async def test_a_migration_lets_calls_pass_while_a_table_that_it_changes_is_in_use(
    postgres: EmbeddedPostgres,
) -> None:
    engine = db.engine_for(await postgres.create_role_and_database("busy"))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate._with, "tasks", command.upgrade, "kernel_0001")
        async with engine.begin() as reader:
            await reader.execute(text("SELECT count(*) FROM clock_ledger"))
            upgrading = asyncio.create_task(migrate.upgrade(engine, "tasks", pause=0.01))
            async with engine.connect() as watcher:
                waiting = text(
                    "SELECT count(*) FROM pg_locks JOIN pg_database ON database = pg_database.oid "
                    "WHERE NOT granted AND datname = current_database()"
                )
                while not await watcher.scalar(waiting):
                    await asyncio.sleep(0.01)
            # Somebody new: behind the migration in the queue, until it steps aside.
            async with engine.begin() as other:
                await other.execute(text("SELECT count(*) FROM clock_ledger"))
            assert not upgrading.done()
        await upgrading
        assert await migrate.missing(engine, "tasks") == []
    finally:
        await engine.dispose()


async def test_two_migrations_at_once_do_it_one_after_the_other(postgres: EmbeddedPostgres) -> None:
    engine = db.engine_for(await postgres.create_role_and_database("twice"))
    try:
        await asyncio.gather(*(migrate.upgrade(engine, "tasks", pause=0.01) for _ in range(3)))
        assert await migrate.missing(engine, "tasks") == []
    finally:
        await engine.dispose()
