"""Writes a migration from the difference between tables and a freshly migrated database.

`python -m embedded.migration tasks "say what it adds"`; `--branch kernel` for the kernel's tables.
For developers; what it writes is read and corrected before it is committed.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from embedded.postgres import EmbeddedPostgres
from services.kernel.runtime import db, migrate


async def _write(service: str, message: str, branch: str, revision: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedPostgres(Path(folder), durable=False) as server:
            engine = db.engine_for(await server.create_role_and_database(service))
            try:
                await migrate.upgrade(engine, service)
                await migrate.write_revision(engine, service, message, branch, revision)
            finally:
                await engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("service")
    parser.add_argument("message")
    parser.add_argument("--branch", default="", help="`kernel`, or the service's own (default)")
    parser.add_argument("--revision", required=True, help="id of the revision, as `tasks_0002`")
    arguments = parser.parse_args()
    branch = arguments.branch or arguments.service
    asyncio.run(_write(arguments.service, arguments.message, branch, arguments.revision))


if __name__ == "__main__":
    main()
