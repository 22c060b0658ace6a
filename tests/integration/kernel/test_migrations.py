"""Migrations: complete, equal to the tables, and no obstacle to an older replica."""

from __future__ import annotations

from importlib import import_module

import pytest
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
        assert "tasks_0001" in await migrate.missing(engine, "tasks")
    finally:
        await engine.dispose()


async def test_an_older_replica_starts_on_a_newer_database(start_service: StartService) -> None:
    room = await start_service("tasks")
    async with room.engine.begin() as connection:
        newer = "UPDATE alembic_version SET version_num = 'tasks_9999' WHERE version_num ~ '^tasks'"
        assert (await connection.execute(text(newer))).rowcount == 1
    assert await migrate.missing(room.engine, "tasks") == []
