"""`python -m services.<name> serve | migrate | replay | dead-letters`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from dondoc.type.v1.event_pb2 import Event
from sqlalchemy import delete, select, text

from services.kernel.runtime import db, migrate, service, settings, telemetry
from services.kernel.runtime.tables import dead_letter, inbox


def run(definition: service.Definition) -> None:
    """The command line of one service; exits 2 with what is wrong."""
    parser = argparse.ArgumentParser(
        prog=f"python -m services.{definition.name}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="settings, from the environment:\n" + settings.describe(definition.settings),
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="answer gRPC calls until stopped")
    commands.add_parser("migrate", help="bring the database to the newest tables")
    replaying = commands.add_parser(
        "replay", help="rebuild what this service has copied from another one's events"
    )
    replaying.add_argument("stream", choices=definition.streams or ["(none)"])
    letters = commands.add_parser("dead-letters", help="events that could not be applied")
    letters.add_argument("--replay", action="store_true", help="apply them again")
    arguments = parser.parse_args()
    try:
        found = settings.load(definition.settings)
        if arguments.command == "serve":
            asyncio.run(service.serve(definition, found))
        elif arguments.command == "migrate":
            asyncio.run(_migrate(definition, found))
        elif arguments.command == "replay":
            asyncio.run(replay(definition, found, arguments.stream))
        else:
            asyncio.run(_dead_letters(definition, found, arguments.replay))
    except (settings.SettingsError, service.StartError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


async def _migrate(definition: service.Definition, found: settings.Settings) -> None:
    telemetry.start_logging(definition.name, found.log_level)
    kernel = service.build(definition, found)
    try:
        await migrate.upgrade(kernel.engine, definition.name)
    finally:
        await kernel.engine.dispose()


async def replay(definition: service.Definition, found: settings.Settings, stream: str) -> None:
    """Forgets what was read of `stream`: the running service reads it again from its beginning.

    A definition with `forget` starts from nothing; without it handlers reconcile by version, so
    that what is there already is left as it is.
    """
    kernel = service.build(definition, found)
    try:
        async with db.transaction(kernel.engine) as connection:
            await connection.execute(delete(inbox).where(inbox.c.stream == stream))
            if definition.forget:
                await definition.forget(connection, stream)
        await kernel.bus.connect()
        await kernel.bus.forget_reader(stream, definition.name)
    finally:
        await kernel.bus.close()
        await kernel.engine.dispose()


async def _dead_letters(
    definition: service.Definition, found: settings.Settings, again: bool
) -> None:
    kernel = service.build(definition, found)
    running = service.Running(kernel, definition)
    try:
        async with kernel.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            rows = (await connection.execute(select(dead_letter))).all()
        for row in rows:
            line = {"stream": row.stream, "event": str(row.event_id), "type": row.type}
            if again:
                consumer = next(c for c in running.consumers if c.stream == row.stream)
                async with db.transaction(kernel.engine) as connection:
                    for table in (inbox, dead_letter):
                        await connection.execute(
                            delete(table).where(
                                table.c.stream == row.stream, table.c.event_id == row.event_id
                            )
                        )
                await consumer.apply(Event.FromString(row.event))
                line["outcome"] = "applied"
            sys.stdout.write(json.dumps({**line, "error": row.error}) + "\n")
    finally:
        await kernel.engine.dispose()
