"""Alembic, run by ourselves: the kernel's tables are a branch of their own, the same in all five."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.kernel.runtime import db

logger = logging.getLogger(__name__)
SERVICES = Path(__file__).resolve().parent.parent.parent

# Less than PostgreSQL's deadlock_timeout (1 s): in a deadlock the migration gives way, never a call.
PATIENCE_MS = 800
PAUSE_SECONDS = 1.0
ATTEMPTS = 120
_LOCK = int.from_bytes(b"migrate")
_IN_THE_WAY = frozenset({db.LOCK_NOT_AVAILABLE, *db.SERIALIZATION})


def config_for(service: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SERVICES / "kernel" / "migrations"))
    places = [SERVICES / "kernel" / "migrations" / "versions", SERVICES / service / "migrations"]
    config.set_main_option("version_locations", "\n".join(map(str, places)))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["service"] = service
    return config


def _with(connection: Connection, service: str, action: Any, *arguments: Any) -> None:
    config = config_for(service)
    config.attributes["connection"] = connection
    action(config, *arguments)


async def upgrade(engine: AsyncEngine, service: str, pause: float = PAUSE_SECONDS) -> None:
    """Brings the database of `service` to the newest tables; a second run changes nothing.

    Services of the version before may be at work on it. A change of a table waits for those who use it,
    and whoever comes later waits behind it: so it waits for a moment only, lets them pass and begins
    again, `ATTEMPTS` times; then StorageError, with nothing changed. Two at once do it one after the other.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with db.transaction(engine) as connection:
                await connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE_MS}ms'"))
                await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
                await connection.run_sync(_with, service, command.upgrade, "heads")
            return
        except db.StorageError as error:
            if error.sqlstate not in _IN_THE_WAY or attempt == ATTEMPTS:
                raise
            logger.info("tables are in use", extra={"service": service, "attempt": attempt})
        await asyncio.sleep(pause)


def _missing(connection: Connection, service: str) -> list[str]:
    scripts = ScriptDirectory.from_config(config_for(service))
    current = MigrationContext.configure(connection).get_current_heads()
    known = {script.revision for script in scripts.walk_revisions()}
    if not known.issuperset(current):
        # Newer than this code: an old replica beside or after an upgrade. Migrations only add.
        return []
    # With what they depend on: the kernel's head is no head of its own once a service builds on it.
    present = {script.revision for script in scripts.get_all_current(tuple(current))}
    return sorted(set(scripts.get_heads()) - present)


async def missing(engine: AsyncEngine, service: str) -> list[str]:
    """Revisions that the database lacks; empty when it is up to date."""
    async with engine.connect() as connection:
        return await connection.run_sync(_missing, service)


async def write_revision(
    engine: AsyncEngine, service: str, message: str, branch: str, revision: str
) -> None:
    """Writes a revision of `branch` from the difference between its tables and the database."""
    kernel, own = config_for(service).get_main_option("version_locations", "").split("\n")
    place = kernel if branch == "kernel" else own
    first = not any(branch in script.branch_labels for script in _scripts(service))
    extra: dict[str, Any] = (
        {"head": "base", "branch_label": branch} if first else {"head": f"{branch}@head"}
    )
    if first and branch != "kernel":
        extra["depends_on"] = "kernel_0001"

    def write(connection: Connection) -> None:
        config = config_for(service)
        config.attributes |= {"connection": connection, "only": branch}
        command.revision(
            config, message, autogenerate=True, version_path=place, rev_id=revision, **extra
        )

    async with engine.begin() as connection:
        await connection.run_sync(write)


def _scripts(service: str) -> list[Script]:
    return list(ScriptDirectory.from_config(config_for(service)).walk_revisions())
