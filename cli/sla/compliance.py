"""`dondoc sla`: how limits were kept, by rule and agency."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer
from dondoc.limits.v1 import compliance_pb2
from dondoc.limits.v1.compliance_pb2 import Compliance, ComplianceRow
from dondoc.limits.v1.deadline_service_pb2 import GetComplianceRequest
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub

from cli.client import House
from cli.commands.running import with_house
from cli.errors import USAGE, CliError, told
from cli.language import Words, say
from cli.options import DEFAULT_DATA, Data, Json, Lang, User
from cli.render import NOTHING, as_dict, print_json, row, slug, stamp, stdout, table
from embedded.users import OFFICE_USER
from services.kernel.runtime.protos import to_date

COUNTS = ("met", "met_late", "late", "running", "due_soon", "voided")


def register(app: typer.Typer) -> None:
    app.command(
        "sla",
        help=say(
            """Thời hạn được chấp hành thế nào, theo quy định và cơ quan, của mọi dịch vụ.

            Tỷ lệ đúng hạn = đúng hạn / (đúng hạn + trễ hạn + đang quá hạn). Thời hạn còn đang chạy và
            thời hạn không còn tính (nhiệm vụ chuyển lại, thu hồi) không nằm trong mẫu số.

            Ví dụ:

                dondoc sla

                dondoc sla --agency so-noi-vu --from 2024-01-01 --to 2024-06-30

                dondoc sla --rule R7.1 --json
            """,
            """How limits were kept, by rule and agency, in all services.

            Compliance = met / (met + met late + late). Limits that still run before their end, and
            those that count no more (a returned or withdrawn task), are not in the denominator.

            Examples:

                dondoc sla

                dondoc sla --agency so-noi-vu --from 2024-01-01 --to 2024-06-30

                dondoc sla --rule R7.1 --json
            """,
        ),
    )(show)


def show(
    agency: Annotated[
        str, typer.Option("--agency", help=say("Mã cơ quan có trách nhiệm.", "Slug of who owes."))
    ] = "",
    rule: Annotated[
        str, typer.Option("--rule", help=say("Mã quy định, ví dụ R5.1e.", "Rule, as R5.1e."))
    ] = "",
    first: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="YYYY-MM-DD",
            help=say("Hạn từ ngày này.", "Limits that end on or after this day."),
        ),
    ] = "",
    last: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="YYYY-MM-DD",
            help=say("Hạn đến ngày này.", "Limits that end on or before this day."),
        ),
    ] = "",
    user: User = OFFICE_USER,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        ask = GetComplianceRequest(
            from_date=to_date(_day(first)),
            to_date=to_date(_day(last)),
            agency=f"agencies/{agency.removeprefix('agencies/')}" if agency else "",
            rule=rule,
        )
    found = with_house(data, lambda house: compliance(house, ask, user))
    if as_json:
        print_json(as_dict(found))
    else:
        _print(found)


async def compliance(house: House, ask: GetComplianceRequest, user: str) -> Compliance:
    """The figures of all services as one, all as of the moment that the first one told."""
    asked, whole = GetComplianceRequest(), Compliance()
    asked.CopyFrom(ask)
    for service in house.services:
        part: Compliance = await house.call(
            DeadlineServiceStub, "GetCompliance", asked, user=user, service=service
        )
        asked.as_of_time.CopyFrom(part.as_of_time)
        rows, total = [*whole.rows, *part.rows], _sum(whole.total, part.total)
        whole.CopyFrom(part)
        del whole.rows[:]
        whole.rows.extend(sorted(rows, key=lambda r: (r.rule, r.agency)))
        whole.total.CopyFrom(total)
    return whole


def _sum(one: ComplianceRow, other: ComplianceRow) -> ComplianceRow:
    made = ComplianceRow(**{name: getattr(one, name) + getattr(other, name) for name in COUNTS})
    made.compliance.numerator = made.met
    made.compliance.denominator = made.met + made.met_late + made.late
    return made


def share(of: compliance_pb2.ComplianceShare) -> str:
    """`85.7 % (6/7)`: never without its denominator."""
    if not of.denominator:
        return f"{NOTHING} (0/0)"
    percent = f"{100 * of.numerator / of.denominator:.1f} %"
    return f"{say(percent.replace('.', ','), percent)} ({of.numerator}/{of.denominator})"


def _print(found: Compliance) -> None:
    shown = table(
        say("Chấp hành thời hạn, tính đến ", "Compliance with limits, as of ")
        + stamp(found, "as_of_time"),
        say("Quy định", "Rule"),
        say("Cơ quan", "Agency"),
        say("Đúng hạn", "Met"),
        say("Trễ hạn", "Met late"),
        say("Đang quá hạn", "Late"),
        say("Tỷ lệ đúng hạn", "Compliance"),
        say("Còn hạn", "Running"),
        say(f"Hạn trong {found.due_soon_days} ngày", f"Due in {found.due_soon_days} days"),
        say("Không tính", "Void"),
    )
    for column in shown.columns[2:]:
        column.justify = "right"
    rule = ""
    for one in found.rows:
        if one.rule != rule:
            shown.add_section()
            rule = one.rule
            title = say(one.title_vi, one.title_en)
            row(shown, [rule, f"{one.article}: {title}"])
        row(shown, ["", slug(one.agency), *_cells(one)])
    shown.add_section()
    row(shown, [say("Cộng", "Total"), "", *_cells(found.total)])
    stdout.print(shown)


def _cells(of: ComplianceRow) -> list[str]:
    counts: dict[str, Any] = {name: str(getattr(of, name)) for name in COUNTS}
    return [
        *(counts[name] for name in ("met", "met_late", "late")),
        share(of.compliance),
        *(counts[name] for name in ("running", "due_soon", "voided")),
    ]


def _day(written: str) -> date | None:
    """Raises CliError for what is no day."""
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise CliError(
            Words(
                f"Không hiểu ngày “{written}”; ví dụ đúng: 2024-06-30",
                f"“{written}” is no day; right would be 2024-06-30",
            ),
            USAGE,
        ) from None
