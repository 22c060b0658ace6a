"""`dondoc play`: the demonstration, on the simulated clock, through the gRPC APIs alone."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli import clock
from cli.client import House
from cli.errors import FAILED, CliError, spoken, stderr, told
from cli.language import Words, say
from cli.options import DEFAULT_DATA, Data, Json, Lang
from cli.play import real as play_real
from cli.play import show as play_print
from cli.play import summary as play_summary
from cli.play.clock import PlayClock
from cli.play.real import BEGINNING
from cli.play.reports import SentReports
from cli.play.scripted import ScriptedDirectives
from cli.play.summary import Summary
from cli.render import HO_CHI_MINH, instant, print_json
from embedded.files import FolderInUseError
from embedded.process import ServerStartError
from embedded.run_file import NotRunningError, RunFile
from embedded.supervisor import ClockModeError, Supervisor
from embedded.unprivileged import UnprivilegedError
from sample.generator import DEFAULT_SEED
from sample.script import script
from sample.seasons import END, EVENING, next_stage

SHOWN = 20  # unexpected refusals that are printed; all of them are in summary.json

HELP = say(
    """Chạy phần trình diễn: văn bản thật từ ngày 14/02/2020, rồi năm 2024 theo kịch bản.

    Dùng hệ thống đang chạy trên thư mục dữ liệu; nếu chưa có thì tự bật, xong lại tắt. Mỗi lần chạy
    sau đi tiếp một quý: quý I rồi quý II năm 2025, đến ngày 30/6/2025 thì tỉnh và các huyện chấm
    dứt. Văn bản của lần trước không nhập lại; chạy dở thì lần sau đi tiếp từ chỗ dừng.

    Ví dụ:

        dondoc play

        dondoc play --data /tmp/thu --until 2024-06-30 --json
    """,
    """Play the demonstration: real directives from 14 February 2020, then a scripted 2024.

    Uses the house that runs on the data folder; where there is none, starts one and stops it at the
    end. Each later run plays a quarter on: the first, then the second of 2025, to 30 June 2025, when
    the province and its districts end. It enters none of the same directives; a run that was
    broken off is gone on with.

    Examples:

        dondoc play

        dondoc play --data /tmp/trial --until 2024-06-30 --json
    """,
)


def play(
    data: Data = DEFAULT_DATA,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            min=0,
            help=say("Số gieo cho phần được sinh ra.", "Seed of what is generated."),
        ),
    ] = DEFAULT_SEED,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until",
            formats=["%Y-%m-%d"],
            help=say("Dừng ở cuối ngày này.", "Stop at the end of this day."),
        ),
    ] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Exit code 1 when the house refuses what the script does not expect it to refuse."""
    last = None
    if until is not None:
        last = min(END, datetime.combine(until.date(), EVENING, HO_CHI_MINH))
    with told():
        try:
            summary = asyncio.run(_play(data, seed, last, as_json))
        except asyncio.CancelledError:
            raise typer.Exit(FAILED) from None
    if summary.played.unexpected:
        _complain(summary)
        raise typer.Exit(FAILED)


def register(app: typer.Typer) -> None:
    """Adds the command to the top level."""
    app.command(help=HELP)(play)


async def _play(data: Path, seed: int, last: datetime | None, as_json: bool) -> Summary:
    # As Ctrl-C does: `dondoc down` ends a play that is under way, and what it started.
    playing = asyncio.current_task()
    assert playing
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
    async with _house(data) as (house, was_up):
        clock.refuse_real_clock(house)
        summary = await _run(house, seed, last)
        if as_json:
            print_json(summary.as_json())
        else:
            play_print.show(summary, data, house.found, was_up)
        return summary


async def _run(house: House, seed: int, last: datetime | None) -> Summary:
    """Plays up to `last`, else to the end of the stage in which the house is."""
    played = script(seed)
    began = await clock.now(house)
    if last is None:
        stage = next_stage(began)
        last = stage.end if stage else END
        play_print.announce(stage)
    acts = sum(act.at <= last for act in played.acts)
    with _bar() as bar:
        ahead = bar.add_task("", total=play_real.rows() + acts, moment="")

        def on_row(*_: object) -> None:
            bar.advance(ahead)

        def on_move(moment: datetime) -> None:
            bar.update(ahead, moment=instant(moment))

        pace = PlayClock(house, on_move, SentReports(house).send_due)
        scripted = ScriptedDirectives(house, pace, played)
        await pace.to(BEGINNING)
        agencies = await play_real.enter_agencies(house, on_row)
        real = play_real.RealDirectives(house, pace, on_row)
        await real.begin()
        await scripted.begin()
        done = await scripted.play(last, real.up_to, on_row)
    folder = Path(house.found.data) / "report"
    return await play_summary.gather(house, folder, began, agencies, real.report, done)


@contextlib.asynccontextmanager
async def _house(data: Path) -> AsyncIterator[tuple[House, bool]]:
    """The house that runs on the folder, else one of our own; and whether it was up before."""
    try:
        RunFile.read(data)
    except NotRunningError:
        pass
    else:
        async with House.load(data) as house:
            yield house, True
        return
    supervisor = Supervisor(
        data, "simulated", say=lambda line: stderr.print(escape(spoken(Exception(line))))
    )
    stderr.print(say("Đang khởi động …", "Starting …"))
    try:
        await supervisor.start()
    except (
        ClockModeError,
        FolderInUseError,
        ServerStartError,
        UnprivilegedError,
        OSError,
    ) as error:
        raise CliError(Words(spoken(error), spoken(error))) from None
    stopped = asyncio.Event()
    watching = asyncio.create_task(supervisor.watch(stopped))
    try:
        async with House.load(data) as house:
            yield house, False
    finally:
        stopped.set()
        await asyncio.gather(watching, return_exceptions=True)
        stderr.print(say("Đang dừng …", "Stopping …"))
        await supervisor.stop()


def _bar() -> Progress:
    """On stderr, so that stdout stays the result alone."""
    return Progress(
        TextColumn(say("Trình diễn", "Playing")),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[moment]}"),
        TimeElapsedColumn(),
        console=stderr,
        transient=True,
    )


def _complain(summary: Summary) -> None:
    unexpected = summary.played.unexpected
    stderr.print(
        say(
            f"[red]{len(unexpected)} việc không diễn ra như kịch bản:[/red]",
            f"[red]{len(unexpected)} acts did not go as the script says:[/red]",
        )
    )
    for words in unexpected[:SHOWN]:
        stderr.print(f"  {escape(str(words))}")
