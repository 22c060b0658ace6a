"""What the demonstration came to: figures, breached limits, notices, reports, and how to go on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
from cli.play.scripted import Played
from cli.render import instant
from embedded.files import private_folder
from sample.agencies import Ending, change_of_2025, endings
from sample.seasons import END, STAGES, Stage, stage_of
from services.kernel.runtime.protos import to_date

REAL_FROM, REAL_TO = date(2020, 1, 1), date(2023, 12, 31)
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
    "returned_apart",
)


@dataclass(frozen=True)
class Summary:
    """All that is told at the end; `files` are those of the report folder.

    stage     what was played last: its figures come first
    figures   of the tasks forwarded in each stage so far
    endings   the bodies that end with the play, with what is open at each; none before its end
    open      what is open at all agencies
    went_on   whether this run played anything
    """

    now: str
    stage: Stage
    went_on: bool
    figures: Mapping[str, reporting.Figures]
    endings: Sequence[tuple[Ending, int]]
    open: int
    real: reporting.Figures
    breaches: Sequence[reporting.ClockFiguresRow]
    deliveries: Counter[tuple[str, str]]  # (channel, state)
    notices: Counter[str]  # by kind, each once
    inspections: int
    files: Sequence[Path]
    played: Played
    agencies: Report
    directives: Report

    @property
    def ended_by(self) -> dict[str, Any]:
        """Why the play ends there, and where that was read."""
        words, urls = change_of_2025()
        return {"words": words, "sources": list(urls)}

    @property
    def at_the_end(self) -> bool:
        return bool(self.endings)

    def as_json(self) -> dict[str, Any]:
        """For programs, and for the file summary.json."""
        return {
            "now": self.now,
            "scripted": True,
            "stage": self.stage.key,
            "went_on": self.went_on,
            "at_the_end": self.at_the_end,
            "entered": {
                "agencies": self.agencies.as_json()["totals"],
                "directives": self.directives.as_json()["totals"],
                "generated_directives": {
                    "entered": self.played.entered,
                    "already there": self.played.already_there,
                },
            },
            **{
                f"figures_{key.lower().replace('-', '_')}": _figures(figures)
                for key, figures in self.figures.items()
            },
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
            "open_tasks": self.open,
            "ended_by": self.ended_by if self.at_the_end else None,
            "endings": [
                {
                    "agency": ending.name,
                    "last_day": ending.last.isoformat(),
                    "successor": ending.successor,
                    "open_tasks": count,
                }
                for ending, count in self.endings
            ],
            "files": [str(file) for file in self.files],
            "unexpected": [{"vi": one.vi, "en": one.en} for one in self.played.unexpected],
        }


async def gather(
    house: House,
    folder: Path,
    began: datetime,
    agencies: Report,
    directives: Report,
    played: Played,
) -> Summary:
    """Asks the services for everything, and writes the files of the report.

    `began`: the simulated now at which this run began.
    """
    now = await clock.now(house)
    stage = stage_of(now)
    figures = {
        one.key: await _ask_figures(house, one.first, one.last)
        for one in STAGES[: STAGES.index(stage) + 1]
    }
    every = await _ask_figures(house)
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
    csv = folder / f"figures-{stage.key}.csv"
    files = [csv, folder / "import.json", folder / "summary.json"]
    summary = Summary(
        now=instant(now),
        stage=stage,
        went_on=now > began,
        figures=figures,
        endings=_endings(every) if now >= END else (),
        open=every.total.open,
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
        reporting.ExportFiguresRequest(from_date=_day(stage.first), to_date=_day(stage.last)),
    )
    private_folder(folder)
    csv.write_bytes(export.data)
    _write(files[1], _united(agencies, directives).as_json())
    _write(files[2], summary.as_json())
    return summary


async def _ask_figures(
    house: House, first: date | None = None, last: date | None = None
) -> reporting.Figures:
    """Of the tasks forwarded in a period, or of all of them."""
    request = reporting.GetFiguresRequest(from_date=to_date(first), to_date=to_date(last))
    figures = await house.call(ReportingServiceStub, "GetFigures", request)
    assert isinstance(figures, reporting.Figures)
    return figures


def _endings(figures: reporting.Figures) -> list[tuple[Ending, int]]:
    """Each body that ends, with what is open at it as lead."""
    still_open = {row.display_name: row.open for row in figures.rows}
    return [(ending, still_open.get(ending.name, 0)) for ending in endings()]


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
