"""Alembic, run by ourselves: the kernel's tables are a branch of their own, the same in all five."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

SERVICES = Path(__file__).resolve().parent.parent.parent


def config_for(service: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SERVICES / "kernel" / "migrations"))
    places = [SERVICES / "kernel" / "migrations" / "versions", SERVICES / service / "migrations"]
    config.set_main_option("version_locations", "\n".join(map(str, places)))
    config.set_main_option("path_separator", "newline")
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
    wanted = set(ScriptDirectory.from_config(config_for(service)).get_heads())
    present = set(MigrationContext.configure(connection).get_current_heads())
    return sorted(wanted - present)


async def missing(engine: AsyncEngine, service: str) -> list[str]:
    """Revisions that the database lacks; empty when it is up to date."""
    async with engine.connect() as connection:
        return await connection.run_sync(_missing, service)


async def write_revision(engine: AsyncEngine, service: str, message: str, branch: str) -> None:
    """Writes a revision from the difference between tables and database (`make migration`)."""
    place = config_for(service).get_main_option("version_locations", "").split("\n")
    path = place[0] if branch == "kernel" else place[1]
    async with engine.begin() as connection:
        await connection.run_sync(
            lambda sync: _with(
                sync,
                service,
                lambda config: command.revision(
                    config, message, autogenerate=True, head=f"{branch}@head", version_path=path
                ),
            )
        )
