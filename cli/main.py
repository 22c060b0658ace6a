"""`dondoc`: the command line of the house. One module of `commands` for each group."""

from __future__ import annotations

import typer

from cli.cluster import command as cluster
from cli.commands import (
    agencies,
    calendar,
    clock,
    directives,
    explain,
    golive,
    house,
    log,
    login,
    profile,
    tasks,
)
from cli.keycloak import commands as keycloak
from cli.language import say
from cli.options import Lang
from cli.play import command as play
from cli.sla import commands as sla

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help=say(
        """Theo dõi, đôn đốc, kiểm tra nhiệm vụ do UBND tỉnh, Chủ tịch UBND tỉnh giao.

        Bắt đầu (mỗi lệnh có --help kèm ví dụ):

            dondoc play

            dondoc up --clock simulated

            dondoc agencies import sample/organisations.json

            dondoc directives import sample/directives.json --on-dates

            dondoc status

        Mã thoát: 0 xong · 1 bị từ chối hoặc lỗi · 2 dùng sai lệnh · 3 không có hệ thống đang chạy.

        Thư mục dữ liệu: --data hoặc $DONDOC_DATA (mặc định .dondoc). English: --lang en hoặc
        $DONDOC_LANG=en.
        """,
        """Tracks, urges and inspects the tasks that the province assigns.

        To begin with (each command has a --help with examples):

            dondoc play

            dondoc up --clock simulated

            dondoc agencies import sample/organisations.json

            dondoc directives import sample/directives.json --on-dates

            dondoc status

        Exit codes: 0 done · 1 refused or failed · 2 wrong usage · 3 nothing runs.

        Data folder: --data or $DONDOC_DATA (.dondoc by default). Language: --lang or $DONDOC_LANG.
        """,
    ),
)


@app.callback()
def every_command(lang: Lang = None) -> None:
    """`--lang` may also stand before the command."""


house.register(app)
cluster.register(app)
play.register(app)
sla.register(app)
login.register(app)
explain.register(app)
app.add_typer(agencies.app, name="agencies")
app.add_typer(directives.app, name="directives")
app.add_typer(directives.app, name="directive", hidden=True)
app.add_typer(tasks.app, name="task")
app.add_typer(clock.app, name="clock")
app.add_typer(calendar.app, name="calendar")
app.add_typer(profile.app, name="profile")
app.add_typer(golive.app, name="golive")
app.add_typer(log.app, name="log")
app.add_typer(keycloak.app, name="keycloak")

if __name__ == "__main__":
    app()
