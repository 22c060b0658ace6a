"""`dondoc keycloak provision | diff | export`."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from cli.commands.running import bar
from cli.errors import FAILED, USAGE, CliError, stderr, told
from cli.importing.report import read_json
from cli.keycloak import login
from cli.keycloak.agencies import AgencyFacts, of_directory, of_file
from cli.keycloak.connection import Connection, connect
from cli.keycloak.export import export
from cli.keycloak.plan import Action, Change, Plan
from cli.keycloak.provision import carry_out, make_plan, read_realm
from cli.language import Words, say
from cli.options import Directory, Json, Lang
from cli.render import print_json, stdout
from embedded.issuer import DEFAULT_REALM_FILE

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "Realm của Keycloak: vai trò, nhóm cơ quan, máy khách.",
        "Keycloak's realm: roles, groups of agencies, clients.",
    ),
)

RealmFile = Annotated[
    Path,
    typer.Option("--realm", help=say("Tệp mô tả realm.", "File that describes the realm.")),
]
AgenciesFile = Annotated[
    Path | None,
    typer.Option(
        "--agencies",
        help=say(
            "Lấy cơ quan từ tệp (mẫu: sample/organisations.json), khi danh bạ chưa có.",
            "Take the agencies from a file (as sample/organisations.json), before there is a directory.",
        ),
    ),
]
Delete = Annotated[
    bool,
    typer.Option(
        "--delete",
        help=say(
            "Xóa cả những gì không có trong tệp và danh bạ (nhóm còn người dùng thì giữ lại).",
            "Also delete what file and directory do not know (groups with users stay).",
        ),
    ),
]

PROVISION = say(
    """Đưa realm về đúng tệp mô tả, và các nhóm về đúng danh bạ cơ quan.

    Không có --yes thì chỉ cho xem sẽ làm gì. Mật khẩu chỉ lấy từ biến môi trường: $DONDOC_KEYCLOAK_URL và
    $DONDOC_KEYCLOAK_CLIENT_SECRET (chỉ các nhóm) hoặc $DONDOC_KEYCLOAK_ADMIN,
    $DONDOC_KEYCLOAK_ADMIN_PASSWORD (cả realm).

    Ví dụ:

        dondoc keycloak provision --agencies sample/organisations.json

        dondoc keycloak provision --directory 127.0.0.1:50051 --yes
    """,
    """Bring the realm to what its file says, and the groups to what the directory says.

    Without --yes it only shows what would be done. Credentials come from the environment alone:
    $DONDOC_KEYCLOAK_URL and $DONDOC_KEYCLOAK_CLIENT_SECRET (groups only) or $DONDOC_KEYCLOAK_ADMIN,
    $DONDOC_KEYCLOAK_ADMIN_PASSWORD (the whole realm).

    Examples:

        dondoc keycloak provision --agencies sample/organisations.json

        dondoc keycloak provision --directory 127.0.0.1:50051 --yes
    """,
)


@app.command(help=PROVISION)
def provision(
    realm: RealmFile = DEFAULT_REALM_FILE,
    agencies: AgenciesFile = None,
    directory: Directory = "",
    yes: Annotated[bool, typer.Option("--yes", help=say("Thực hiện.", "Carry it out."))] = False,
    delete: Delete = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        connection, plan, obstacles = _look(realm, agencies, directory)
        changes = plan.chosen(delete=delete)
        _show(plan, changes, as_json)
        _refuse(obstacles)
        if not yes:
            if changes:
                stderr.print(
                    say("Chưa làm gì. Để thực hiện: --yes", "Nothing was done. To do it: --yes")
                )
            return
        with bar("Keycloak") as progress:
            task = progress.add_task("", total=len(changes))
            carry_out(connection, changes, lambda change: progress.advance(task))
        stderr.print(say(f"Đã thực hiện {len(changes)}.", f"Done: {len(changes)}."))


@app.command(
    help=say(
        "Chỗ Keycloak khác với tệp mô tả và danh bạ. Mã thoát 1 nếu có.",
        "Where Keycloak differs from file and directory. Exit code 1 if it does.",
    )
)
def diff(
    realm: RealmFile = DEFAULT_REALM_FILE,
    agencies: AgenciesFile = None,
    directory: Directory = "",
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        _, plan, obstacles = _look(realm, agencies, directory)
        _show(plan, plan.changes, as_json)
        _refuse(obstacles)
    if plan.changes or plan.notes:
        raise typer.Exit(FAILED)


@app.command(
    "export",
    help=say(
        "In realm hiện tại dưới dạng so sánh được (không có người dùng, khóa, mật khẩu).",
        "Print the realm as it stands, in a form that compares (no users, keys or secrets).",
    ),
)
def export_(
    output: Annotated[
        Path | None, typer.Option("--output", help=say("Ghi vào tệp.", "Write to a file."))
    ] = None,
    realm: RealmFile = DEFAULT_REALM_FILE,
    lang: Lang = None,
) -> None:
    with told():
        found = export(connect(read_realm(realm)["realm"], os.environ).admin)
    if output is None:
        print_json(found)
        return
    output.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _look(
    realm: Path, agencies: Path | None, directory: str
) -> tuple[Connection, Plan, list[Words]]:
    file = read_realm(realm)
    connection = connect(file["realm"], os.environ)
    known = _agencies(agencies, directory)
    if known is None:
        if not connection.whole_realm:
            raise CliError(
                Words(
                    "Cần --agencies hoặc --directory: tài khoản này chỉ quản lý các nhóm.",
                    "--agencies or --directory is needed: this account handles groups alone.",
                ),
                USAGE,
            )
        stderr.print(
            say(
                "Không xem các nhóm cơ quan (cần --agencies hoặc --directory).",
                "Groups of agencies are not looked at (that takes --agencies or --directory).",
            )
        )
    return (connection, *make_plan(connection, file, known))


def _agencies(file: Path | None, directory: str) -> list[AgencyFacts] | None:
    if file is not None:
        return of_file(read_json(file))
    if not directory:
        return None
    token = os.environ.get("DONDOC_TOKEN") or login.current().access_token
    return asyncio.run(of_directory(directory, token))


SIGNS = {
    Action.CREATE: "[green]+[/green]",
    Action.UPDATE: "[yellow]~[/yellow]",
    Action.DELETE: "[red]-[/red]",
}


def _show(plan: Plan, changes: Sequence[Change], as_json: bool) -> None:
    """All differences; `changes` are those of them that would be made."""
    if as_json:
        print_json(
            {
                "changes": [change.as_json() for change in changes],
                "left": [each.as_json() for each in plan.changes if each not in changes],
                "notes": [{"vi": note.vi, "en": note.en} for note in plan.notes],
            }
        )
        return
    for change in plan.changes:
        left = "" if change in changes else say(" (giữ lại; --delete)", " (stays; --delete)")
        line = f"{SIGNS[change.action]} {escape(change.kind)} {escape(change.name)}{left}"
        stdout.print(line, soft_wrap=True)
        if change.action is Action.UPDATE:
            for name, (now, then) in change.fields.items():
                stdout.print(escape(f"    {name}: {_written(now)} → {_written(then)}"))
    for note in plan.notes:
        stdout.print(f"[yellow]![/yellow] {escape(str(note))}", soft_wrap=True)
    if not plan.changes:
        stdout.print(say("Keycloak đã đúng.", "Keycloak is as it should be."))


def _written(value: object) -> str:
    return "–" if value is None else json.dumps(value, ensure_ascii=False)


def _refuse(obstacles: Sequence[Words]) -> None:
    if not obstacles:
        return
    vi, en = "\n".join(each.vi for each in obstacles), "\n".join(each.en for each in obstacles)
    raise CliError(
        Words(
            f"{vi}\nMỗi người chỉ thuộc một cơ quan: hãy bỏ nhóm thừa, rồi chạy lại.",
            f"{en}\nA user belongs to one agency: take the others away, then run this again.",
        )
    )
