"""`dondoc connect`: a trial on a cluster, as if it ran on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from cli.cluster.forward import Forward
from cli.cluster.people import TrialPeople
from cli.cluster.release import KEYCLOAK, Kubectl, Release, find
from cli.commands.house import tell
from cli.errors import NOT_RUNNING, CliError, stderr, told
from cli.language import Words, say
from cli.options import Data, Json, Lang
from embedded.alive import Mark
from embedded.files import FolderInUseError, FolderLock, new_password, private_folder
from embedded.process import free_port
from embedded.run_file import RunFile, RunningService, TrialKeycloak
from embedded.supervisor import SERVICES

DEFAULT_CONNECTION = Path(".dondoc-trial")

HELP = say(
    """Nối tới bản dùng thử trên Kubernetes (values-trial.yaml), để mọi lệnh khác dùng được với nó.

    Mở kubectl port-forward tới năm dịch vụ và Keycloak, tạo người dùng của các cơ quan với mật khẩu
    ngẫu nhiên, và giữ cho đến khi dừng (Ctrl-C hoặc dondoc down). Dùng thư mục dữ liệu riêng, không phải của
    `dondoc up`.

    Ví dụ:

        dondoc connect --namespace dondoc

        dondoc play --data .dondoc-trial

        dondoc down --data .dondoc-trial
    """,
    """Connect to a trial on Kubernetes (values-trial.yaml), so that all other commands work on it.

    Opens kubectl port-forwards to the five services and Keycloak, makes users for the agencies with random
    passwords, and stays until stopped (Ctrl-C or dondoc down). Takes a data folder of its own, not that of
    `dondoc up`.

    Examples:

        dondoc connect --namespace dondoc

        dondoc play --data .dondoc-trial

        dondoc down --data .dondoc-trial
    """,
)


def connect(
    namespace: Annotated[
        str, typer.Option("--namespace", "-n", help=say("Namespace.", "Namespace."))
    ] = "dondoc",
    release: Annotated[
        str,
        typer.Option("--release", help=say("Tên bản cài đặt của helm.", "Name of the release.")),
    ] = "dondoc",
    context: Annotated[
        str,
        typer.Option(
            "--context",
            help=say(
                "Ngữ cảnh của kubectl; mặc định là ngữ cảnh hiện tại.",
                "Context of kubectl; the current one by default.",
            ),
        ),
    ] = "",
    data: Data = DEFAULT_CONNECTION,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        asyncio.run(
            _connect(Kubectl(namespace, context), release, private_folder(data.absolute()), as_json)
        )


def register(app: typer.Typer) -> None:
    """Adds the command to the top level."""
    app.command(help=HELP)(connect)


async def _connect(kubectl: Kubectl, name: str, data: Path, as_json: bool) -> None:
    stopped = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)
    found = await asyncio.to_thread(find, kubectl, name)
    lock = FolderLock(data)
    try:
        lock.acquire()
    except FolderInUseError as error:
        raise CliError(Words(str(error), str(error)), NOT_RUNNING) from None
    stderr.print(say("Đang nối …", "Connecting …"))
    forwards = {
        component: Forward(
            component, kubectl.command("port-forward", f"service/{service}"), free_port(), data
        )
        for component, service in found.services.items()
    }
    async with contextlib.AsyncExitStack() as stack:
        for forward in forwards.values():
            stack.push_async_callback(forward.stop)
        await asyncio.gather(*(forward.start() for forward in forwards.values()))
        keeping = [asyncio.create_task(forward.keep()) for forward in forwards.values()]
        for task in keeping:
            stack.callback(task.cancel)
        run = _run_file(data, found, forwards)
        people = TrialPeople(run)
        await asyncio.to_thread(people.open)
        stack.push_async_callback(asyncio.to_thread, people.close)
        run.write()
        stack.callback(RunFile.remove, data)
        tell(run, as_json)
        await stopped.wait()
        stderr.print(say("Đang ngắt …", "Disconnecting …"))


def _run_file(data: Path, found: Release, forwards: dict[str, Forward]) -> RunFile:
    return RunFile(
        data=str(data),
        clock=found.clock,
        issuer=found.issuer,
        issuer_folder=str(data / "issuer"),
        nats="",
        smtp_host="",
        smtp_port=0,
        smtp_folder="",
        supervisor=Mark.of(os.getpid()),
        services={
            name: RunningService(forwards[name].address, "", os.getpid(), str(forwards[name].log))
            for name in SERVICES
        },
        keycloak=TrialKeycloak(
            url=f"http://{forwards[KEYCLOAK].address}",
            admin_password=found.admin_password,
            client_secret=new_password(),
        ),
    )
