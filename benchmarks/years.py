"""Three years of a province through the real services, and an edit of the calendar in their midst.

`python -m benchmarks.years [--tasks N] [--seed N] [--json]` (a quick look: --tasks 1000)

The five services run as processes of their own, on the simulated clock. A script of 2022 to 2024 is played
through the gRPC APIs: tasks are forwarded, accepted, extended, returned, reported, confirmed, late. On
12 April 2024 the swap of 29 April for 4 May is entered, as it was announced that day. Told are
- time and peak memory of the play and of the edit (until every service has read everything);
- the same edit on copies of the clocks of `tasks` in one process: in the house's batches, and one clock a
  transaction;
- whether the figures of `reporting` and its clocks by rule and state are those of a recount of the event
  logs by other code, on the day of the edit and at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
from dondoc.reporting.v1 import reporting_service_pb2 as reporting
from dondoc.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks.recount import Recount, recount
from benchmarks.row_by_row import HOUSE, empty_copy, fill, redate
from cli.client import House
from cli.play.summary import COLUMNS
from cli.render import instant
from embedded.postgres import EmbeddedPostgres
from embedded.supervisor import Supervisor
from sample.acts import Script
from services.kernel.limits.adapters.holiday_seed import seeded_calendar
from services.kernel.runtime.protos import to_timestamp
from tests.fixtures.years import EDITED, YearsPlay, years

STATES = ("running", "late", "met", "met_late", "voided")


@dataclass
class Result:
    """Seconds, kB and counts."""

    agencies: int = 0
    tasks: int = 0
    acts: int = 0
    events: int = 0
    play_seconds: float = 0.0
    play_peak: dict[str, int] = field(default_factory=dict)
    edit_seconds: float = 0.0
    edit_peak: dict[str, int] = field(default_factory=dict)
    clocks_running: int = 0
    clocks_moved: int = 0
    batched_seconds: float = 0.0
    single_seconds: float = 0.0
    cells_equal: int = 0
    unexpected: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Measured(YearsPlay):
    """The play, with the edit measured in it."""

    def __init__(self, postgres: EmbeddedPostgres, result: Result, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._postgres, self._result = postgres, result
        self._copies: list[str] = []
        self.aside = 0.0  # seconds that are none of the play's

    async def begin(self) -> None:
        self._copies = [await empty_copy(self._postgres, name) for name in ("batched", "single")]
        await super().begin()

    async def edit(self) -> None:
        result, began = self._result, time.perf_counter()
        await self.pace.settle()
        dsn = self.house.found.services["tasks"].dsn
        for copy in self._copies:
            await fill(dsn, copy)
        batched, single = self._copies
        calendar = seeded_calendar(2016, 2027, version=1000)  # newer than any of the play
        _, result.single_seconds = await redate(single, calendar, EDITED, 1)
        running, result.batched_seconds = await redate(batched, calendar, EDITED, HOUSE)
        result.clocks_running = running
        self._note_peak(result.play_peak)
        _forget_peaks(self.house)
        before = await _moved(self.house)
        started = time.perf_counter()
        await super().edit()
        result.edit_seconds = time.perf_counter() - started
        self._note_peak(result.edit_peak)
        result.clocks_moved = await _moved(self.house) - before
        await compare(self.house, EDITED, result)
        self.aside = time.perf_counter() - began

    def _note_peak(self, peaks: dict[str, int]) -> None:
        for name, service in self.house.found.services.items():
            peaks[name] = max(peaks.get(name, 0), _peak(service.pid))


async def _moved(house: House) -> int:
    """Clocks that a calendar moved."""
    count = 0
    for service in house.found.services.values():
        connection = await asyncpg.connect(service.dsn)
        query = "SELECT count(*) FROM clock_ledger WHERE kind = 'MOVED' AND ground = 'CALENDAR'"
        count += await connection.fetchval(query)
        await connection.close()
    return count


def _peak(pid: int) -> int:
    """Most kB that a process held since it began, or since `_forget_peaks`."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def _forget_peaks(house: House) -> None:
    for service in house.found.services.values():
        Path(f"/proc/{service.pid}/clear_refs").write_text("5")


async def compare(house: House, as_of: datetime, result: Result) -> None:
    """What reporting tells, against the recount; differences are written down."""
    dsns = [service.dsn for service in house.found.services.values()]
    counted: Recount = await recount(dsns, as_of)
    result.events = counted.events
    stamp = to_timestamp(as_of)
    figures = await house.call(
        ReportingServiceStub, "GetFigures", reporting.GetFiguresRequest(as_of_time=stamp)
    )
    clocks = await house.call(
        ReportingServiceStub, "GetClockFigures", reporting.GetClockFiguresRequest(as_of_time=stamp)
    )
    told = {row.agency: {c: getattr(row, c) for c in COLUMNS} for row in figures.rows}
    told_clocks = {
        (row.rule, row.agency): {state: getattr(row, state) for state in STATES}
        for row in clocks.rows
    }
    for rows, own, columns in (
        (told, counted.figures, COLUMNS),
        (told_clocks, counted.clocks, STATES),
    ):
        for key in {*rows, *own}:
            for column in columns:
                theirs, ours = rows.get(key, {}).get(column, 0), own[key][column]
                if theirs == ours:
                    result.cells_equal += 1
                else:
                    result.wrong.append(
                        f"{instant(as_of)} {key} {column}: told {theirs}, counted {ours}"
                    )


def script_of(seed: int, tasks: int) -> Script:
    """Three years with about so many tasks."""
    directives = max(6, tasks // 12)
    for _ in range(4):
        played = years(seed, directives)
        directives = max(6, round(directives * tasks / len(played.lives)))
    return years(seed, directives)


async def measure(seed: int, tasks: int, progress: Progress) -> Result:
    result = Result()
    played = script_of(seed, tasks)
    result.tasks, result.acts = len(played.lives), len(played.acts)
    bar = progress.add_task("three years", total=len(played.acts), moment="")
    with tempfile.TemporaryDirectory(prefix="dondoc-years-") as folder:
        supervisor = Supervisor(Path(folder) / "data", "simulated")
        await supervisor.start()
        stopped = asyncio.Event()
        watching = asyncio.create_task(supervisor.watch(stopped))
        try:
            async with House.load(Path(folder) / "data") as house:
                play = Measured(
                    supervisor.postgres, result, house, played,
                    lambda moment: progress.update(bar, moment=instant(moment)),
                )  # fmt: skip
                await play.begin()
                result.agencies = len(await house.agencies())
                started = time.perf_counter()
                done = await play.play(played.end, lambda _: progress.advance(bar))
                result.play_seconds = time.perf_counter() - started - play.aside
                play._note_peak(result.play_peak)
                result.unexpected = [words.en for words in done.unexpected]
                await compare(house, played.end, result)
        finally:
            stopped.set()
            await asyncio.gather(watching, return_exceptions=True)
            await supervisor.stop()
    return result


def show(result: Result) -> None:
    made = Table("what", "", title="Three years of a province", title_justify="left")
    made.add_row("agencies in the directory", str(result.agencies))
    made.add_row("tasks, acts, events", f"{result.tasks}, {result.acts}, {result.events}")
    made.add_row("play", f"{result.play_seconds:.0f} s")
    made.add_row("acts a second", f"{result.acts / result.play_seconds:.0f}")
    made.add_row("edit, read by all services", f"{result.edit_seconds:.2f} s")
    made.add_row("clocks looked at, moved", f"{result.clocks_running}, {result.clocks_moved}")
    made.add_row(f"on a copy, {HOUSE} a transaction", f"{result.batched_seconds:.2f} s")
    made.add_row("on a copy, row by row", f"{result.single_seconds:.2f} s")
    ratio = result.single_seconds / result.batched_seconds
    made.add_row("row by row takes", f"{ratio:.1f} times as long")
    for name in result.play_peak:
        peaks = f"{result.play_peak[name] / 1024:.0f} MB, {result.edit_peak[name] / 1024:.0f} MB"
        made.add_row(f"peak of {name}: play, edit", peaks)
    made.add_row("cells equal to the recount, not", f"{result.cells_equal}, {len(result.wrong)}")
    made.add_row("acts that went wrong", str(len(result.unexpected)))
    Console().print(made)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=16_300, help="about so many (16300)")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[moment]}"), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        result = asyncio.run(measure(arguments.seed, arguments.tasks, bar))
    if arguments.json:
        print(json.dumps(asdict(result)))
    else:
        show(result)
    if not result.clocks_moved:
        print("the edit moved no clock: too few tasks to show anything", file=sys.stderr)
    for line in (*result.wrong[:20], *result.unexpected[:20]):
        print(line, file=sys.stderr)
    sound = result.cells_equal and result.clocks_moved
    sys.exit(not sound or bool(result.wrong or result.unexpected))


if __name__ == "__main__":
    main()
