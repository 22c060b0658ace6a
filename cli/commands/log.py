"""`dondoc log`: the permanent event logs of the five services."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.client import House
from cli.commands.running import with_house
from cli.errors import USAGE, CliError
from cli.language import Words, say
from cli.log import Digest
from cli.log import export as export_log
from cli.options import DEFAULT_DATA, Data, Json, Lang
from cli.render import print_json, row, stdout, table

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "Nhật ký sự kiện lâu dài của các dịch vụ, để so sánh và lưu trữ.",
        "The permanent event logs of the services, to compare and to keep.",
    ),
)


@app.callback()
def every_command() -> None:
    """Keeps `export` a command of its own although it is the only one."""


@app.command(
    help=say(
        """Ghi nhật ký của từng dịch vụ theo dạng chuẩn và in mã băm SHA-256.

        Dạng chuẩn xếp theo đối tượng rồi phiên bản, bỏ giờ ghi của máy và vết cuộc gọi: hai hệ thống
        chạy cùng một kịch bản cho ra cùng một mã băm. Cần quyền đọc thư mục dữ liệu.

        Ví dụ:

            dondoc log export

            dondoc log export --out nhat-ky --json
        """,
        """Write the log of each service in a canonical form, and print its SHA-256.

        The canonical form goes by aggregate and version, without the machine's time of recording
        and the trace of the call: two houses that played the same script have the same digests.
        Needs the right to read the data folder.

        Examples:

            dondoc log export

            dondoc log export --out logs --json
        """,
    )
)
def export(
    data: Data = DEFAULT_DATA,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help=say(
                "Thư mục nhận mỗi dịch vụ một tệp .jsonl; không có thì chỉ in mã băm.",
                "Folder that gets a .jsonl file for each service; without it, digests alone.",
            ),
        ),
    ] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    async def work(house: House) -> dict[str, Digest]:
        if house.found.keycloak is not None:
            raise CliError(
                Words(
                    "Hệ thống này chạy trên cụm máy chủ nên từ đây không đọc được cơ sở dữ liệu; lệnh này "
                    "cần một thư mục dữ liệu có hệ thống chạy ngay trên máy (dondoc up).",
                    "This house runs on a cluster, whose databases cannot be read from here; the command "
                    "needs the data folder of a house that runs on this machine (dondoc up).",
                ),
                USAGE,
            )
        return {
            name: await export_log(service.dsn, out / f"{name}.jsonl" if out else None)
            for name, service in house.found.services.items()
        }

    found = with_house(data, work)
    if as_json:
        print_json(
            {name: {"events": one.events, "sha256": one.sha256} for name, one in found.items()}
        )
        return
    shown = table(
        say("Nhật ký sự kiện, dạng chuẩn", "Event logs, canonical"),
        say("Dịch vụ", "Service"),
        say("Sự kiện", "Events"),
        "SHA-256",
    )
    for name, one in found.items():
        row(shown, [name, str(one.events), one.sha256])
    stdout.print(shown)
