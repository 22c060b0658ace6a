"""The sweep: what claiming the due rungs among a million running clocks costs beside the bare SQL.

`python -m benchmarks.sweep [--clocks N] [--due N] [--json]`

The rows are made by INSERT … SELECT, one rung waiting for each clock. Measured in one run, turn about:
- ours: `claim_due` of the clocks' store, through SQLAlchemy, with rows made into rungs and sorted;
- bare: the same UPDATE … SKIP LOCKED … RETURNING, as text, by asyncpg alone.
Each claim is rolled back, so that every turn finds the same rungs due. The plan that PostgreSQL chose is
shown: it must read the partial index of what waits, whatever the number of clocks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy.dialects import postgresql

from embedded.postgres import EmbeddedPostgres
from services.kernel.limits.adapters import clock_store
from services.kernel.runtime import db, migrate
from services.kernel.runtime.unit_of_work import UnitOfWork

NOW = datetime(2024, 6, 3, 1, tzinfo=UTC)
TURNS = 21  # odd, so that the median is a turn

CLOCKS = """
    INSERT INTO clock (id, subject, owner, rule, profile, profile_version, owed_by, started_at,
                       stated_due, due_at, void_reason, length_ground, calendar_version, generation,
                       version, classified)
    SELECT md5(n::text)::uuid, 'tasks/' || md5('t' || n)::uuid, 'tasks/' || md5('t' || n)::uuid,
           'R5.1e', '69/2019/QĐ-UBND', 1, 'so-' || n % 60, $1::timestamptz - interval '30 days',
           NULL, $1::timestamptz + interval '1 day', '', '', 1, 1, 1, false
    FROM generate_series(1, $2::int) n ORDER BY 1
"""
# Those that are due lie spread over the table, in no order of time.
RUNGS = """
    INSERT INTO rung (clock_id, rung, generation, fire_at, skipped)
    SELECT md5(n::text)::uuid, 'due_soon', 1,
           $1::timestamptz + CASE WHEN n % ($2::int / $3::int) = 0
               THEN -make_interval(secs => n % 86400) ELSE make_interval(secs => 1 + n % 8640000) END,
           false
    FROM generate_series(1, $2::int) n ORDER BY 1
"""
# Built after the rows, as one builds them: an index at a time takes seconds, a row at a time minutes.
LATER = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
    FROM pg_index WHERE indrelid IN ('clock'::regclass, 'rung'::regclass) AND NOT indisprimary
"""
KEY = "fk_rung_clock_id_clock"


async def fill(url: str, clocks: int, due: int) -> float:
    """Seconds."""
    started = time.perf_counter()
    connection = await asyncpg.connect(url)
    try:
        indexes = await connection.fetch(LATER)
        await connection.execute(f"ALTER TABLE rung DROP CONSTRAINT {KEY}")
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")
        await connection.execute(CLOCKS, NOW, clocks)
        await connection.execute(RUNGS, NOW, clocks, due)
        for index in indexes:
            await connection.execute(index["definition"])
        await connection.execute(
            f"ALTER TABLE rung ADD CONSTRAINT {KEY} FOREIGN KEY (clock_id) REFERENCES clock (id)"
        )
        await connection.execute("ANALYZE clock")
        await connection.execute("ANALYZE rung")
    finally:
        await connection.close()
    return time.perf_counter() - started


def bare_sql(limit: int) -> tuple[str, list[Any]]:
    """The statement of the store as text, with its values in order."""
    compiled = clock_store.claim_statement(NOW, limit).compile(
        dialect=postgresql.asyncpg.dialect()  # type: ignore[attr-defined]
    )
    return str(compiled), [compiled.params[name] for name in compiled.positiontup or ()]


async def ours(engine: Any, limit: int) -> tuple[int, float]:
    async with engine.connect() as connection, connection.begin() as transaction:
        work = UnitOfWork(connection, NOW)
        started = time.perf_counter()
        fired = await clock_store.claim_due(work, limit)
        seconds = time.perf_counter() - started
        await transaction.rollback()
    return len(fired), seconds


async def bare(connection: Any, sql: str, values: list[Any]) -> tuple[int, float]:
    transaction = connection.transaction()
    await transaction.start()
    started = time.perf_counter()
    rows = await connection.fetch(sql, *values)
    seconds = time.perf_counter() - started
    await transaction.rollback()
    return len(rows), seconds


async def measure(clocks: int, due: int, progress: Progress) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = await stack.enter_async_context(EmbeddedPostgres(folder / "postgres"))
        url = await postgres.create_role_and_database("tasks")
        engine = db.engine_for(url)
        stack.push_async_callback(engine.dispose)
        await migrate.upgrade(engine, "tasks")
        bar = progress.add_task(f"{clocks:,} clocks", total=TURNS + 1)
        filled = await fill(url, clocks, due)
        progress.update(bar, advance=1, description="claims")
        connection = await asyncpg.connect(url)
        stack.push_async_callback(connection.close)
        sql, values = bare_sql(due)
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {sql}", *values))
        times: dict[str, list[float]] = {"ours": [], "bare": []}
        for turn in range(TURNS + 2):
            for name, claim in (
                ("ours", ours(engine, due)),
                ("bare", bare(connection, sql, values)),
            ):
                claimed, seconds = await claim
                assert claimed == due, f"{name} claimed {claimed} of {due}"
                if turn > 1:  # the first two warm the caches
                    times[name].append(seconds)
            progress.update(bar, advance=turn > 1)
        # A rolled-back claim leaves dead rows behind: as a rule vacuumed, never the measured part.
        return {
            "clocks": clocks,
            "due": due,
            "filled_seconds": filled,
            "ours_ms": 1000 * statistics.median(times["ours"]),
            "bare_ms": 1000 * statistics.median(times["bare"]),
            "plan": plan,
        }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clocks", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=1_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        found = asyncio.run(measure(arguments.clocks, arguments.due, progress))
    if arguments.json:
        print(json.dumps(found))
        return
    table = Table(
        "what",
        "milliseconds",
        "ours takes",
        title=f"Claim {found['due']:,} due rungs among {found['clocks']:,} running clocks",
    )
    for name, label in (("ours_ms", "ours"), ("bare_ms", "the same statement, bare")):
        table.add_row(label, f"{found[name]:.1f}", f"{found['ours_ms'] / found[name]:.2f} ×")
    console = Console()
    console.print(table)
    console.print(f"Filled in {found['filled_seconds']:.0f} s. The plan of the statement:")
    console.print(found["plan"], markup=False, highlight=False)
    if "ix_rung_due" not in found["plan"]:
        raise SystemExit("the partial index is not used")


if __name__ == "__main__":
    main()
