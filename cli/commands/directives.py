"""`dondoc directives`: what the province's leadership issued."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from dondoc.directives.v1 import directive_service_pb2 as pb
from dondoc.directives.v1.directive_pb2 import Directive, DirectiveState, Urgency
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.type.v1.limit_pb2 import LimitUnit
from rich.markup import escape

from cli.client import House
from cli.commands.running import bar, with_house
from cli.errors import told
from cli.importing import document
from cli.importing import show as report
from cli.importing.directives import import_directives
from cli.importing.report import Report, read_json, rows_of
from cli.language import say
from cli.options import DEFAULT_DATA, Data, Json, Lang, User
from cli.render import NOTHING, as_dict, day, length, print_json, row, slug, stamp, stdout, table
from cli.withdrawal import withdrawal_facts
from embedded.users import OFFICE_USER

app = typer.Typer(
    no_args_is_help=True,
    help=say("Văn bản chỉ đạo, điều hành.", "Directives of the province."),
)


@app.command(
    "import",
    help=say(
        """Nhập văn bản từ tệp JSON (mẫu: sample/directives.json) qua dịch vụ, như Văn phòng nhập.

        Cần có: tên loại, số và ký hiệu, ngày ban hành, do UBND tỉnh hoặc Chủ tịch UBND tỉnh ban
        hành. Thiếu thông tin khác thì vẫn nhập và ghi là còn thiếu. Báo kết quả từng dòng; nhập
        lại cùng tệp thì không nhập thêm gì.

        Nếu quy chế tính theo giờ hoặc theo độ khẩn: `urgency` (khẩn, thượng khẩn, hỏa tốc),
        `issued_time` ("16:30"); `source`: "văn bản" hoặc "kết luận bằng lời".

        Ví dụ:

            dondoc directives import sample/directives.json --on-dates

            dondoc directives import van-ban.json --json > ket-qua.json
        """,
        """Enter directives from a JSON file (as sample/directives.json), as the Office does.

        Needed are kind, number with symbol, date of issue, and that the People's Committee or its
        Chairman issued it. What else is missing stays listed as a gap. Tells row by row; the same
        file again enters nothing.

        For regulations that count in hours or by urgency: `urgency` ("khẩn", "thượng khẩn", "hỏa
        tốc"), `issued_time` ("16:30"); `source`: "văn bản" or "kết luận bằng lời" (an oral one).

        Examples:

            dondoc directives import sample/directives.json --on-dates

            dondoc directives import documents.json --json > outcome.json
        """,
    ),
)
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    on_dates: Annotated[
        bool,
        typer.Option(
            "--on-dates",
            help=say(
                "Đồng hồ mô phỏng đi tới ngày ban hành của từng văn bản.",
                "Move the simulated clock to the day of issue of each directive.",
            ),
        ),
    ] = False,
    province: Annotated[
        str,
        typer.Option(
            "--province",
            envvar="DONDOC_PROVINCE",
            help=say("Tỉnh của hệ thống này.", "The province of this house."),
        ),
    ] = document.PROVINCE,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        entries = rows_of(read_json(file), str(file))

    async def work(house: House) -> Report:
        with bar(say("Nhập văn bản", "Directives")) as progress:
            task = progress.add_task("", total=len(entries))
            return await import_directives(
                house,
                entries,
                on_dates=on_dates,
                province=province,
                on_row=lambda: progress.advance(task),
            )

    report.show(with_house(data, work), as_json)


@app.command(
    "show",
    help=say(
        """Một văn bản với các nhiệm vụ, thời hạn chuyển (khoản 1 Điều 7) và thông tin còn thiếu.

        Ví dụ:

            dondoc directive show directives/3c5f…
        """,
        """One directive with its items, the limit of khoản 1 Điều 7, and its gaps.

        Example:

            dondoc directive show directives/3c5f…
        """,
    ),
)
def show(
    name: Annotated[str, typer.Argument(metavar="directives/UUID")],
    user: User = OFFICE_USER,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    ask = pb.GetDirectiveRequest(name=name)
    found: Directive = with_house(
        data, lambda house: house.call(DirectiveServiceStub, "GetDirective", ask, user=user)
    )
    if as_json:
        print_json(as_dict(found))
        return
    _show(found)


def _show(found: Directive) -> None:
    facts = table(found.document_code, "", "")
    facts.show_header = False
    for label, value in (
        (say("Trích yếu", "Abstract"), found.abstract or NOTHING),
        (say("Ngày ban hành", "Issued"), _issued(found)),
        (say("Độ khẩn", "Urgency"), _urgency(found)),
        (say("Quy chế áp dụng", "Regulation"), _regulation(found)),
        (say("Cơ quan trình", "Submitting agency"), slug(found.submitting_agency)),
        (say("Trạng thái", "State"), state_of(found)),
        (say("Nhập lúc", "Entered"), stamp(found, "enter_time")),
        (say("Chuyển lúc", "Forwarded"), stamp(found, "forward_time")),
        (say("Thời hạn chuyển", "To be forwarded by"), _intake_limit(found)),
        *withdrawal_facts(found),
        (say("Còn thiếu", "Gaps"), "\n".join(f"{g.field} ({g.article})" for g in found.gaps)),
        (say("Tên", "Name"), found.name),
    ):
        row(facts, [label, value])
    stdout.print(facts)
    items = table(
        say("Nhiệm vụ", "Items"),
        "#",
        say("Nội dung", "Content"),
        say("Chủ trì", "Lead"),
        say("Phối hợp", "Coordinating"),
        say("Thời hạn", "Limit"),
    )
    for item in found.items:
        limit = day(item.limit, "due_date")
        if limit == NOTHING:
            limit = item.limit_in_words or NOTHING
        coordinating = [*map(slug, item.coordinating_agencies), *item.unresolved_coordinators]
        leads = ", ".join(map(slug, item.lead_agencies))
        cells = [str(item.ordinal), item.content, leads, ", ".join(coordinating), limit]
        row(items, cells)
    stdout.print(items)
    for task in (name for item in found.items for name in item.tasks):
        stdout.print(f"  dondoc task show {escape(task)}")


def _intake_limit(found: Directive) -> str:
    if not found.HasField("intake_limit"):
        return NOTHING
    limit = found.intake_limit
    in_hours = limit.unit == LimitUnit.LIMIT_UNIT_HOURS
    end = stamp(limit, "due_time") if in_hours else day(limit, "last_day")
    grounds = ", ".join(limit.grounds)
    return f"{end} ({length(limit.length, limit.unit)}{': ' + grounds if grounds else ''})"


def _issued(found: Directive) -> str:
    return stamp(found, "issue_time") if found.HasField("issue_time") else day(found, "issue_date")


def _urgency(found: Directive) -> str:
    return {
        Urgency.URGENCY_URGENT: say("khẩn", "urgent"),
        Urgency.URGENCY_VERY_URGENT: say("thượng khẩn", "very urgent"),
        Urgency.URGENCY_EXPRESS: say("hỏa tốc", "express"),
    }.get(found.urgency, NOTHING)


def _regulation(found: Directive) -> str:
    return found.profile or say(
        "ban hành trước mọi quy chế đã cài: không tính thời hạn",
        "older than every installed regulation: no limit is counted",
    )


def state_of(found: Directive) -> str:
    return {
        DirectiveState.DIRECTIVE_STATE_ENTERED: say("đã nhập, chưa chuyển", "entered"),
        DirectiveState.DIRECTIVE_STATE_FORWARDED: say("đã chuyển", "forwarded"),
        DirectiveState.DIRECTIVE_STATE_NO_TASK: say("không giao nhiệm vụ", "gives no task"),
        DirectiveState.DIRECTIVE_STATE_WITHDRAWN: say("đã thu hồi", "withdrawn"),
        DirectiveState.DIRECTIVE_STATE_SUPERSEDED: say("đã được thay thế", "superseded"),
    }.get(found.state, NOTHING)


@app.command("list", help=say("Các văn bản, mới nhất trước.", "Directives, newest issue first."))
def list_(
    with_gaps: Annotated[
        bool,
        typer.Option(
            "--with-gaps", help=say("Chỉ văn bản còn thiếu thông tin.", "Only those with gaps.")
        ),
    ] = False,
    user: User = OFFICE_USER,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    ask = pb.ListDirectivesRequest(with_gaps=with_gaps)
    found: list[Directive] = with_house(
        data,
        lambda house: house.pages(
            DirectiveServiceStub, "ListDirectives", ask, "directives", user=user
        ),
    )
    if as_json:
        print_json([as_dict(directive) for directive in found])
        return
    shown = table(
        say("Văn bản", "Directives"),
        say("Số, ký hiệu", "Number"),
        say("Ngày", "Issued"),
        say("Trạng thái", "State"),
        say("Nhiệm vụ", "Items"),
        say("Thiếu", "Gaps"),
        say("Tên", "Name"),
    )
    for one in found:
        counts = [str(len(one.items)), str(len(one.gaps))]
        cells = [one.document_code, day(one, "issue_date"), state_of(one), *counts, one.name]
        row(shown, cells)
    stdout.print(shown)
