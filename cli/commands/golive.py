"""`dondoc golive`: a province begins with the tasks that are open."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.client import House
from cli.commands.running import bar, with_house
from cli.errors import told
from cli.importing import show as report
from cli.importing.golive import import_open_tasks
from cli.importing.report import Report, read_json, rows_of
from cli.language import say
from cli.options import DEFAULT_DATA, Data, Json, Lang, User
from embedded.users import OFFICE_USER

app = typer.Typer(
    no_args_is_help=True,
    help=say("Bắt đầu sử dụng với nhiệm vụ đang thực hiện.", "Go live with open tasks."),
)


@app.callback()
def every_command() -> None:
    """Keeps `import` a command of its own."""


@app.command(
    "import",
    help=say(
        """Nạp nhiệm vụ đang thực hiện cùng quá trình của chúng từ tệp JSON.

        Ngày chuyển, ngày của từng việc giữ như trước đây: hạn, danh sách và số liệu tính theo các
        ngày đó. Việc đến hạn trước ngày bắt đầu sử dụng không gửi thông báo cho ai. Báo kết quả
        từng dòng; nạp lại cùng tệp thì không nạp thêm gì. Mẫu và giải thích: docs/golive.md,
        sample/golive.json.

        Ví dụ:

            dondoc golive import sample/golive.json --cut-over 2024-03-18

            dondoc golive import nhiem-vu.json --cut-over 2024-03-18 --json > ket-qua.json
        """,
        """Load open tasks with their history from a JSON file.

        Days of forwarding and of each act stay as they were: limits, lists and figures go by them.
        Nobody is told of what was due before the cut-over. Tells row by row; the same file again
        loads nothing. The format, with an example: docs/golive.md, sample/golive.json.

        Examples:

            dondoc golive import sample/golive.json --cut-over 2024-03-18

            dondoc golive import tasks.json --cut-over 2024-03-18 --json > outcome.json
        """,
    ),
)
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    cut_over: Annotated[
        datetime,
        typer.Option(
            "--cut-over",
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help=say(
                "Ngày bắt đầu sử dụng: từ ngày này mọi việc được thông báo như thường lệ.",
                "The first day on which people are told what comes due.",
            ),
        ),
    ],
    user: User = OFFICE_USER,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        entries = rows_of(read_json(file), str(file))

    async def work(house: House) -> Report:
        with bar(say("Nạp nhiệm vụ", "Open tasks")) as progress:
            task = progress.add_task("", total=len(entries))
            return await import_open_tasks(
                house,
                entries,
                cut_over.date(),
                user=user,
                on_row=lambda: progress.advance(task),
            )

    report.show(with_house(data, work), as_json)
