"""Clocks counted by SQL of the tests' own, written without looking at the store's statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from tests.fixtures.house import Room
from tests.integration.tasks.every_state import END

COUNTS = ("met", "met_late", "late", "running", "due_soon", "voided")
# Due soon: within the five working days after Tuesday 20 January 2026.
RECOUNT = """
SELECT rule, owed_by,
  count(*) FILTER (WHERE void_reason = '' AND act_at IS NOT NULL AND act_at < due_at),
  count(*) FILTER (WHERE void_reason = '' AND act_at IS NOT NULL AND NOT act_at < due_at),
  count(*) FILTER (WHERE stopped_at IS NULL AND NOT :now < due_at),
  count(*) FILTER (WHERE stopped_at IS NULL AND :now < due_at),
  count(*) FILTER (WHERE stopped_at IS NULL AND :now < due_at
                     AND due_at <= TIMESTAMPTZ '2026-01-28 00:00+07'),
  count(*) FILTER (WHERE void_reason <> '')
FROM clock GROUP BY rule, owed_by
"""


async def recount(room: Room) -> dict[tuple[str, str], tuple[int, ...]]:
    async with room.engine.connect() as connection:
        rows = await connection.execute(text(RECOUNT), {"now": END})
        return {(row[0], row[1]): tuple(row[2:]) for row in rows}


def counts(rows: Iterable[Any]) -> dict[tuple[str, str], tuple[int, ...]]:
    return {
        (row.rule, row.agency.removeprefix("agencies/")): tuple(getattr(row, n) for n in COUNTS)
        for row in rows
    }
