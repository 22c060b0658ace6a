"""`dondoc agencies`: the directory."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from dondoc.directory.v1.agency_pb2 import AgencyKind
from dondoc.directory.v1.directory_service_pb2 import GetOfficersStateRequest, OfficersState
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub

from cli import officers as house_officers
from cli.client import House
from cli.commands.running import bar, with_house
from cli.errors import told
from cli.importing import show
from cli.importing.agencies import AgencyImport
from cli.importing.report import Report, read_json
from cli.keycloak import login
from cli.language import say
from cli.options import DEFAULT_DATA, Data, Directory, Json, Lang
from cli.render import as_dict, print_json, row, slug, stdout, table

app = typer.Typer(
    no_args_is_help=True,
    help=say("Danh bạ cơ quan, nhóm cơ quan.", "The directory of agencies and groups."),
)


@app.command(
    "import",
    help=say(
        """Nhập cơ quan và nhóm cơ quan từ tệp JSON (mẫu: sample/organisations.json).

        Báo kết quả từng dòng; nhập lại cùng tệp thì không nhập thêm gì. Mỗi cơ quan có sẵn hai
        người dùng: <mã>.officer và <mã>.head.

        Ví dụ:

            dondoc agencies import sample/organisations.json --placeholder-officers
        """,
        """Enter agencies and groups from a JSON file (as sample/organisations.json).

        Tells row by row; the same file again enters nothing. Each agency gets two users:
        <slug>.officer and <slug>.head.

        Example:

            dondoc agencies import sample/organisations.json --placeholder-officers
        """,
    ),
)
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    placeholder_officers: Annotated[
        bool,
        typer.Option(
            "--placeholder-officers",
            help=say(
                "Ghi hộp thư chức vụ <mã>@dondoc.example làm đầu mối tạm, có đánh dấu.",
                "Name the role mailbox <slug>@dondoc.example as a marked stand-in officer.",
            ),
        ),
    ] = False,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        content = read_json(file)

    async def work(house: House) -> Report:
        importing = AgencyImport(house, content, placeholder_officers=placeholder_officers)
        with bar(say("Nhập cơ quan", "Agencies")) as progress:
            task = progress.add_task("", total=importing.size)
            return await importing.run(lambda: progress.advance(task))

    show.show(with_house(data, work), as_json)


@app.command("list", help=say("Các cơ quan trong danh bạ.", "The agencies of the directory."))
def list_(data: Data = DEFAULT_DATA, as_json: Json = False, lang: Lang = None) -> None:
    found = with_house(data, lambda house: house.agencies())
    if as_json:
        print_json([as_dict(agency) for agency in found])
        return
    shown = table(
        say("Cơ quan", "Agencies"),
        say("Mã", "Slug"),
        say("Tên", "Name"),
        say("Loại", "Kind"),
        say("Cấp", "Level"),
        say("Cấp trên", "Superior"),
        say("Đầu mối", "Officer"),
    )
    for agency in found:
        kind = AgencyKind.Name(agency.kind).removeprefix("AGENCY_KIND_").lower()
        level = agency.level.lower() or kind
        superior = slug(agency.parent) if agency.parent else agency.parent_display_name
        row(
            shown,
            [slug(agency.name), agency.display_name, kind, level, superior, agency.officer.email],
        )
    stdout.print(shown)


@app.command(
    help=say(
        """Cơ quan nào chưa có cán bộ đầu mối, và thông tin đó đọc từ Keycloak khi nào.

        Ví dụ:

            dondoc agencies officers

            dondoc agencies officers --directory 127.0.0.1:50051 --json
        """,
        """Which agencies have no active officer in charge, and when that was read from Keycloak.

        Examples:

            dondoc agencies officers

            dondoc agencies officers --directory 127.0.0.1:50051 --json
        """,
    )
)
def officers(
    directory: Directory = "",
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    state = _officers_of(directory) if directory else with_house(data, _officers)
    if as_json:
        print_json({**as_dict(state), "age_seconds": house_officers.age_seconds(state)})
        return
    house_officers.show(state)


async def _officers(house: House) -> OfficersState:
    state: OfficersState = await house.call(
        DirectoryServiceStub, "GetOfficersState", GetOfficersStateRequest()
    )
    return state


def _officers_of(directory: str) -> OfficersState:
    with told():
        token = os.environ.get("DONDOC_TOKEN") or login.current().access_token
        return asyncio.run(house_officers.of_directory(directory, token))
