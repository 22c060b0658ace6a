"""What the demonstration came to: figures, breached limits, notices, reports, and how to go on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dondoc.inspections.v1 import inspection_service_pb2 as inspections
from dondoc.inspections.v1.inspection_service_pb2_grpc import InspectionServiceStub
from dondoc.notify.v1 import notice_pb2
from dondoc.notify.v1 import notify_service_pb2 as notify
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from dondoc.reporting.v1 import reporting_service_pb2 as reporting
from dondoc.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub
from google.type.date_pb2 import Date

from cli import clock
from cli.client import House
from cli.importing.report import Report
from cli.play.year import Played
from cli.render import instant
from embedded.files import private_folder
from services.kernel.runtime.protos import to_date

REAL_FROM, REAL_TO = date(2020, 1, 1), date(2023, 12, 31)
YEAR_FROM, YEAR_TO = date(2024, 1, 1), date(2024, 12, 31)
COLUMNS = (
    "total",
    "done",
    "done_within_limit",
    "done_overdue",
    "done_no_limit",
    "open",
    "open_within_limit",
    "open_overdue",
    "open_no_limit",
    "in_progress",
    "not_started",
    "awaiting_confirmation",
    "returned",
)


@dataclass(frozen=True)
class Summary:
    """All that is told at the end; `files` are those of the report folder."""

    now: str
    year: reporting.Figures
    real: reporting.Figures
    breaches: Sequence[reporting.ClockFiguresRow]
    deliveries: Counter[tuple[str, str]]  # (channel, state)
    notices: Counter[str]  # by kind, each once
    inspections: int
    files: Sequence[Path]
    played: Played
    agencies: Report
    directives: Report

    def as_json(self) -> dict[str, Any]:
        """For programs, and for the file summary.json."""
        return {
            "now": self.now,
            "scripted": True,
            "entered": {
                "agencies": self.agencies.as_json()["totals"],
                "directives": self.directives.as_json()["totals"],
                "generated_directives": {
                    "entered": self.played.entered,
                    "already there": self.played.already_there,
                },
            },
            "figures_2024": _figures(self.year),
            "figures_real": _figures(self.real),
            "breaches": [
                {
                    "rule": row.rule,
                    "article": row.article,
                    "agency": row.agency,
                    "late": row.late,
                    "met_late": row.met_late,
                }
                for row in self.breaches
            ],
            "refused_as_scripted": dict(self.played.refused_as_scripted),
            "acts": {str(what): count for what, count in self.played.acts.items()},
            "notices": dict(self.notices),
            "deliveries": [
                {"channel": channel, "state": state, "count": count}
                for (channel, state), count in sorted(self.deliveries.items())
            ],
            "inspections": self.inspections,
            "files": [str(file) for file in self.files],
            "unexpected": [{"vi": one.vi, "en": one.en} for one in self.played.unexpected],
        }


async def gather(
    house: House, folder: Path, agencies: Report, directives: Report, played: Played
) -> Summary:
    """Asks the services for everything, and writes the files of the report."""
    year = await _ask_figures(house, YEAR_FROM, YEAR_TO)
    real = await _ask_figures(house, REAL_FROM, REAL_TO)
    clocks = await house.call(
        ReportingServiceStub, "GetClockFigures", reporting.GetClockFiguresRequest()
    )
    listed = await house.pages(
        NotifyServiceStub, "ListDeliveries", notify.ListDeliveriesRequest(), "deliveries"
    )
    decided = await house.pages(
        InspectionServiceStub,
        "ListInspections",
        inspections.ListInspectionsRequest(),
        "inspections",
    )
    csv = folder / "figures-2024.csv"
    files = [csv, folder / "import.json", folder / "summary.json"]
    summary = Summary(
        now=instant(await clock.now(house)),
        year=year,
        real=real,
        breaches=[row for row in clocks.rows if row.late or row.met_late],
        deliveries=Counter((_channel(one.channel), _state(one.state)) for one in listed),
        notices=Counter(
            _kind(one.kind) for one in listed if one.channel == notice_pb2.CHANNEL_INBOX
        ),
        inspections=len(decided),
        files=files,
        played=played,
        agencies=agencies,
        directives=directives,
    )
    export = await house.call(
        ReportingServiceStub,
        "ExportFigures",
        reporting.ExportFiguresRequest(from_date=_day(YEAR_FROM), to_date=_day(YEAR_TO)),
    )
    private_folder(folder)
    csv.write_bytes(export.data)
    _write(files[1], _united(agencies, directives).as_json())
    _write(files[2], summary.as_json())
    return summary


async def _ask_figures(house: House, first: date, last: date) -> reporting.Figures:
    request = reporting.GetFiguresRequest(from_date=_day(first), to_date=_day(last))
    figures = await house.call(ReportingServiceStub, "GetFigures", request)
    assert isinstance(figures, reporting.Figures)
    return figures


def _figures(figures: reporting.Figures) -> dict[str, Any]:
    def cells(row: reporting.FiguresRow) -> dict[str, int]:
        return {column: getattr(row, column) for column in COLUMNS}

    return {
        "agencies": {row.display_name or row.agency: cells(row) for row in figures.rows},
        "total": cells(figures.total),
    }


def _united(*reports: Report) -> Report:
    return Report([row for report in reports for row in report.rows])


def _write(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _day(value: date) -> Date:
    day = to_date(value)
    assert day
    return day


def _channel(value: int) -> str:
    return notice_pb2.Channel.Name(value).removeprefix("CHANNEL_").lower()  # type: ignore[arg-type]


def _state(value: int) -> str:
    name = notice_pb2.DeliveryState.Name(value)  # type: ignore[arg-type]
    return name.removeprefix("DELIVERY_STATE_").lower()


def _kind(value: int) -> str:
    name = notice_pb2.NoticeKind.Name(value)  # type: ignore[arg-type]
    return name.removeprefix("NOTICE_KIND_").lower()
