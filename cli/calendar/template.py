"""What the template of a year is filled with."""

from __future__ import annotations

from datetime import date
from typing import Any

from dondoc.calendar.v1 import calendar_pb2 as pb

from cli.calendar.words import KINDS, STATUSES
from services.kernel.limits.adapters.holiday_seed import seeded_days

Filled = tuple[date, str, str, str, str]


def days_to_fill(year: int) -> list[Filled]:
    """The days off that the law lets foresee, estimated where nobody has decided them yet.

    Swaps cannot be foreseen; those of years that are decided are there.
    """
    return [
        (
            entry.day,
            _word(KINDS, pb.DayKind.Value(f"DAY_KIND_{entry.kind}")),
            entry.name,
            entry.document,
            _word(STATUSES, pb.DayStatus.Value(f"DAY_STATUS_{entry.status}")),
        )
        for entry in seeded_days(year, year)
    ]


def _word(table: Any, value: int) -> str:
    return str(table[value][0])
