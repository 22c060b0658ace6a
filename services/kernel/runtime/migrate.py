"""Alembic, run by ourselves: the kernel's tables are a branch of their own, the same in all five."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

SERVICES = Path(__file__).resolve().parent.parent.parent


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


async def upgrade(engine: AsyncEngine, service: str) -> None:
    """Brings the database of `service` to the newest tables; a second run changes nothing."""
    async with engine.begin() as connection:
        await connection.run_sync(_with, service, command.upgrade, "heads")


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
