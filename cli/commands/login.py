"""`login`, `whoami`, `logout`: a person at Keycloak."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape

from cli.errors import told
from cli.keycloak import login as logins
from cli.keycloak.login import Issuer
from cli.language import say
from cli.options import Json, Lang
from cli.render import NOTHING, instant, print_json, row, stdout, table

IssuerOption = Annotated[
    str,
    typer.Option(
        "--issuer",
        envvar="DONDOC_ISSUER_URL",
        help=say(
            "Địa chỉ realm, ví dụ https://dangnhap.example/realms/dondoc.",
            "Address of the realm, such as https://login.example/realms/dondoc.",
        ),
    ),
]


def login(issuer: IssuerOption, lang: Lang = None) -> None:
    with told():
        found = Issuer(issuer)
        pending = found.begin()
        stdout.print(
            say(
                "Hãy mở trang sau, đăng nhập và kiểm tra mã:",
                "Open this page, log in, and check the code:",
            )
        )
        stdout.print(f"  {escape(pending.url)}", soft_wrap=True)
        stdout.print(f"  [bold]{escape(pending.code)}[/bold]")
        made = found.wait(pending)
        logins.keep(made)
        name = str(made.claims().get("preferred_username", ""))
        stdout.print(say(f"Đã đăng nhập: {escape(name)}", f"Logged in: {escape(name)}"))


def whoami(as_json: Json = False, lang: Lang = None) -> None:
    with told():
        found = logins.current()
    claims = found.claims()
    roles = sorted(claims.get("realm_access", {}).get("roles", []))
    ends = datetime.fromtimestamp(found.ends_at, UTC)
    if as_json:
        print_json(
            {
                "subject": claims["sub"],
                "username": claims.get("preferred_username", ""),
                "agency": claims.get("agency", ""),
                "roles": roles,
                "issuer": found.issuer,
                "expires": ends.isoformat(timespec="seconds"),
            }
        )
        return
    shown = table(say("Người dùng", "User"), "", "")
    shown.show_header = False
    row(shown, [say("Tên", "Name"), str(claims.get("preferred_username", NOTHING))])
    row(shown, [say("Mã", "Subject"), str(claims["sub"])])
    row(shown, [say("Cơ quan", "Agency"), str(claims.get("agency", NOTHING))])
    row(shown, [say("Vai trò", "Roles"), ", ".join(roles) or NOTHING])
    row(shown, [say("Nơi cấp", "Issuer"), found.issuer])
    row(shown, [say("Mã truy cập hết hạn", "Token ends"), instant(ends)])
    stdout.print(shown)


def logout(lang: Lang = None) -> None:
    with told():
        found = logins.kept()
        Issuer(found.issuer).log_out(found)
        logins.forget()
    stdout.print(say("Đã đăng xuất.", "Logged out."))


def register(app: typer.Typer) -> None:
    """Adds the commands to the top level."""
    app.command(
        help=say(
            """Đăng nhập bằng trang của Keycloak (trên máy này hoặc máy khác).

            Ví dụ:

                dondoc login --issuer https://dangnhap.example/realms/dondoc
            """,
            """Log in at Keycloak's page, on this machine or on another.

            Example:

                dondoc login --issuer https://login.example/realms/dondoc
            """,
        )
    )(login)
    app.command(
        help=say(
            "Ai đang đăng nhập: cơ quan, vai trò, hạn của mã truy cập. Mã thoát 3 nếu không có ai.",
            "Who is logged in: agency, roles, end of the token. Exit code 3 when nobody is.",
        )
    )(whoami)
    app.command(help=say("Kết thúc phiên đăng nhập ở Keycloak.", "End the session at Keycloak."))(
        logout
    )
