"""`up`, `down`, `status`, `token`: the house itself."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from cli import status as house_status
from cli.commands.running import with_house
from cli.errors import FAILED, NOT_RUNNING, CliError, spoken, stderr, told
from cli.language import Words, say
from cli.options import DEFAULT_DATA, Data, Json, Lang
from cli.render import print_json, stdout
from embedded.files import FolderInUseError
from embedded.process import ServerStartError
from embedded.run_file import NotRunningError, RunFile
from embedded.supervisor import ClockModeError, Supervisor
from embedded.unprivileged import UnprivilegedError

DOWN_SECONDS = 150.0  # five services drain one after the other, then the servers

ClockOption = Annotated[
    Literal["simulated", "real"] | None,
    typer.Option(
        "--clock",
        help=say(
            "Đồng hồ thật hay mô phỏng; mặc định theo thư mục dữ liệu, thư mục mới dùng đồng hồ thật.",
            "Real or simulated; by default that of the data folder, real for a new one.",
        ),
    ),
]


def up(
    data: Data = DEFAULT_DATA,
    clock: ClockOption = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        asyncio.run(_up(data, clock, as_json))


async def _up(data: Path, clock: Literal["simulated", "real"] | None, as_json: bool) -> None:
    stopped = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)

    supervisor = Supervisor(
        data, clock, say=lambda line: stderr.print(escape(spoken(Exception(line))))
    )
    stderr.print(say("Đang khởi động …", "Starting …"))
    starting = asyncio.create_task(supervisor.start())
    await asyncio.wait(
        [starting, asyncio.create_task(stopped.wait())], return_when=asyncio.FIRST_COMPLETED
    )
    if stopped.is_set():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        if not starting.cancelled() and starting.exception() is None:
            await supervisor.stop()
        return
    try:
        found = starting.result()
    except FolderInUseError as error:
        raise CliError(_in_use(data, error), NOT_RUNNING) from None
    except (ClockModeError, ServerStartError, UnprivilegedError, OSError) as error:
        raise CliError(Words(spoken(error), spoken(error)), FAILED) from None
    tell(found, as_json)
    try:
        await supervisor.watch(stopped)
    finally:
        stderr.print(say("Đang dừng …", "Stopping …"))
        await supervisor.stop()


def _in_use(data: Path, error: Exception) -> Words:
    try:
        pid = RunFile.read(data).supervisor.pid
    except NotRunningError:
        return Words(spoken(error), spoken(error))
    return Words(
        f"Hệ thống đã chạy trên {data} (tiến trình {pid}). Xem: dondoc status; dừng: dondoc down",
        f"A house runs on {data} already (process {pid}). See: dondoc status; stop: dondoc down",
    )


def tell(found: RunFile, as_json: bool) -> None:
    """Where everything is. Passwords stay in run.json."""
    if as_json:
        # One line, so that a program can read it while the command goes on.
        told = {
            "data": found.data,
            "clock": found.clock,
            "issuer": found.issuer,
            "services": {name: service.address for name, service in found.services.items()},
            "smtp": {
                "address": f"{found.smtp_host}:{found.smtp_port}",
                "folder": found.smtp_folder,
            }
            if found.smtp_host
            else None,
            "run_file": str(Path(found.data) / "run.json"),
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    for name, service in found.services.items():
        stdout.print(f"{name:<12} {service.address}")
    stdout.print(f"{'issuer':<12} {found.issuer}")
    stdout.print(f"{say('thư mục', 'data'):<12} {escape(found.data)}")
    stdout.print(f"{say('đồng hồ', 'clock'):<12} {found.clock}")
    stdout.print(
        say(
            "Đang chạy. Ở cửa sổ khác: dondoc status. Dừng: Ctrl-C hoặc dondoc down",
            "Running. In another window: dondoc status. To stop: Ctrl-C or dondoc down",
        )
    )


def down(data: Data = DEFAULT_DATA, lang: Lang = None) -> None:
    with told():
        asyncio.run(_down(data))


async def _down(data: Path) -> None:
    supervisor = RunFile.read(data).supervisor
    supervisor.send(signal.SIGTERM)
    if not await supervisor.gone(DOWN_SECONDS):
        raise CliError(
            Words(
                f"Tiến trình {supervisor.pid} vẫn chưa dừng sau {DOWN_SECONDS:g} giây.",
                f"The process {supervisor.pid} still runs after {DOWN_SECONDS:g} s.",
            )
        )
    stderr.print(say("Đã dừng.", "Stopped."))


def status(data: Data = DEFAULT_DATA, as_json: Json = False, lang: Lang = None) -> None:
    found = with_house(data, house_status.read)
    if as_json:
        print_json(found.as_json())
    else:
        house_status.show(found)
    if not found.healthy:
        raise typer.Exit(FAILED)


def token(
    user: Annotated[
        str,
        typer.Option(
            "--user",
            help=say(
                "Tên người dùng: vanphong, lanhdao, kiemtoan, ttcntt, <mã cơ quan>.officer …",
                "User: vanphong, lanhdao, kiemtoan, ttcntt, <slug>.officer, <slug>.head …",
            ),
        ),
    ],
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
) -> None:
    sys.stdout.write(with_house(data, lambda house: house.token(user)) + "\n")


def register(app: typer.Typer) -> None:
    """Adds the commands to the top level."""
    app.command(
        help=say(
            """Khởi động cả hệ thống và chạy cho đến khi dừng.

            Ví dụ:

                dondoc up --clock simulated

                dondoc up --data /srv/dondoc --clock real --json
            """,
            """Start the whole house, and run until stopped.

            Examples:

                dondoc up --clock simulated

                dondoc up --data /srv/dondoc --clock real --json
            """,
        )
    )(up)
    app.command(help=say("Dừng hệ thống đang chạy.", "Stop the running house."))(down)
    app.command(
        help=say(
            "Tình trạng từng dịch vụ, đồng hồ và việc còn tồn. Mã thoát 1 nếu có dịch vụ hỏng.",
            "Each service, the clock, and the backlog. Exit code 1 when a service is not well.",
        )
    )(status)
    app.command(
        help=say(
            """In mã truy cập của một người dùng (hết hạn sau 5 phút).

            Ví dụ:

                grpcurl -plaintext -H "authorization: Bearer $(dondoc token --user vanphong)" \\
                127.0.0.1:PORT list
            """,
            """Print an access token of a user (it ends after 5 minutes).

            Example:

                grpcurl -plaintext -H "authorization: Bearer $(dondoc token --user vanphong)" \\
                127.0.0.1:PORT list
            """,
        )
    )(token)
