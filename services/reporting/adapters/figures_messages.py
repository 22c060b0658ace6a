"""The one mapping of tables to messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from dondoc.reporting.v1 import reporting_service_pb2 as pb

from services.kernel.directory.copy import resource
from services.kernel.runtime.protos import to_date, to_timestamp
from services.reporting.domain.figures import ClockCounts, Counts, Row, Share, Table


def figures_message(table: Table) -> pb.Figures:
    question = table.question
    return pb.Figures(
        from_date=to_date(question.from_date),
        to_date=to_date(question.to_date),
        as_of_time=to_timestamp(question.as_of),
        rows=[_row(row) for row in table.rows],
        total=_counts(table.total),
        levels=[_level(level, counts) for level, counts in table.levels.items()],
    )


def clock_figures_message(as_of: datetime, rows: Iterable[ClockCounts]) -> pb.ClockFigures:
    return pb.ClockFigures(
        as_of_time=to_timestamp(as_of),
        rows=[
            pb.ClockFiguresRow(**{**asdict(row), "agency": resource(row.agency)}) for row in rows
        ],
    )


def _row(row: Row) -> pb.FiguresRow:
    message = _counts(row.counts)
    message.agency, message.display_name = resource(row.agency), row.display_name
    message.level = row.level
    return message


def _level(level: str, counts: Counts) -> pb.FiguresRow:
    message = _counts(counts)
    message.level = level
    return message


def _counts(counts: Counts) -> pb.FiguresRow:
    return pb.FiguresRow(
        **asdict(counts), on_time=_share(counts.on_time), overdue=_share(counts.overdue)
    )


def _share(share: Share) -> pb.Share:
    return pb.Share(numerator=share.numerator, denominator=share.denominator)
