"""`dondoc calendar`: working days and days off, corrected at run time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.calendar import edits, rows, sheet
from cli.calendar import show as showing
from cli.calendar.edits import Look
from cli.calendar.options import (
    Change,
    Reason,
    RequiredReason,
    StoppedToo,
    Yes,
    changing,
)
from cli.calendar.template import days_to_fill
from cli.calendar.words import day_argument
from cli.client import House
from cli.commands.running import with_house
from cli.errors import FAILED, USAGE, CliError, told
from cli.importing import show as report_showing
from cli.importing.report import Outcome
from cli.language import Words, say
from cli.options import DEFAULT_DATA, Data, Json, Lang, User
from cli.render import as_dict, print_json, stdout
from embedded.users import OFFICE_USER

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "Lịch làm việc: xem, nhập cả năm, sửa, xem trước, nhật ký, hủy.",
        "The calendar of working days: show, import a year, edit, preview, journal, undo.",
    ),
)


@app.command(
    help=say(
        """Ngày nghỉ, ngày làm bù; ngày dự kiến kèm số thời hạn đang chạy dựa vào đó.

        Ví dụ:

            dondoc calendar show 2026
        """,
        """Days off and worked Saturdays; estimated days with the open clocks that rest on them.

        Example:

            dondoc calendar show 2026
        """,
    )
)
def show(
    year: Annotated[int, typer.Argument(metavar="[YEAR]", show_default=False)] = 0,
    user: User = OFFICE_USER,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    async def work(house: House) -> tuple[Look, Any]:
        return await edits.look(house, [], user=user), await edits.state_of(house, user)

    found, state = with_house(data, work)
    days = [day for day in found.known.days if year in (0, day.day.year)]
    if as_json:
        print_json(
            {
                "state": as_dict(state),
                "days": [as_dict(day) for day in days],
                **found.moves.as_json(),
            }
        )
        return
    showing.days(days, found.moves, state)


@app.command(
    help=say(
        """Tệp mẫu của một năm: mỗi dòng một ngày, điền sẵn ngày tính theo luật để sửa lại.

        Ví dụ:

            dondoc calendar template 2028

            dondoc calendar template 2028 --out lich.csv
        """,
        """The template of a year: one row a day, filled with what the law lets foresee, to be corrected.

        Examples:

            dondoc calendar template 2028

            dondoc calendar template 2028 --out calendar.csv
        """,
    )
)
def template(
    year: Annotated[int, typer.Argument(min=1946, max=2100, metavar="YEAR")],
    out: Annotated[
        Path | None, typer.Option("--out", help=say("Tệp XLSX hoặc CSV.", "An XLSX or CSV file."))
    ] = None,
    lang: Lang = None,
) -> None:
    file = out or Path(f"lich-{year}.xlsx")
    with told():
        sheet.write(file, days_to_fill(year))
    stdout.print(str(file), markup=False)


@app.command(
    "import",
    help=say(
        """Nhập lịch từ tệp XLSX hoặc CSV (mẫu: dondoc calendar template). Báo kết quả từng dòng.

        Các dòng hợp lệ là MỘT lần sửa; ngày đã đúng như trong tệp thì giữ nguyên.

        Ví dụ:

            dondoc calendar import lich-2028.xlsx --dry-run

            dondoc calendar import lich-2028.xlsx --strict --yes
        """,
        """Enter a calendar from an XLSX or CSV file (see: dondoc calendar template). Tells row by row.

        All valid rows are ONE edit; days that stand so already stay as they are.

        Examples:

            dondoc calendar import lich-2028.xlsx --dry-run

            dondoc calendar import lich-2028.xlsx --strict --yes
        """,
    ),
)
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx|FILE.csv")],
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help=say("Có dòng sai thì không nhập gì.", "One wrong row: nothing is entered."),
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help=say("Chỉ kiểm tra và xem trước.", "Check and preview only.")
        ),
    ] = False,
    stopped_too: StoppedToo = False,
    reason: Reason = "",
    yes: Yes = False,
    user: User = OFFICE_USER,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        lines = sheet.read(file)
        _need_reason(stopped_too, reason)

    async def work(house: House) -> tuple[rows.Read, Look, int]:
        known = await edits.days_of(house, user)
        found = rows.read(lines, known.days)
        looked = await edits.look(
            house, found.days, user=user, stopped_too=stopped_too, known=known
        )
        hold = dry_run or (strict and found.refused) or not found.days
        if hold:
            return found, looked, 0
        if not as_json:
            showing.moves(looked.moves)
        _confirm(yes, as_json)
        why = reason or file.name
        made = await edits.make(
            house, found.days, known.version, user=user, reason=why, stopped_too=stopped_too
        )
        return found, looked, made.version

    found, looked, version = with_house(data, work)
    outcome = Outcome.ENTERED if version else Outcome.VALID if dry_run else Outcome.LEFT_OUT
    report = found.settled(outcome)
    if as_json:
        print_json({"version": version, **report.as_json(), "preview": looked.moves.as_json()})
    else:
        if not version and found.days:
            showing.moves(looked.moves)
        report_showing.show(report)
        _tell(version)
    if found.refused or not looked.moves.complete:
        raise typer.Exit(FAILED)


@app.command(
    help=say(
        """Xem trước: thời hạn nào thay đổi, từ ngày nào sang ngày nào. Không ghi gì.

        Ví dụ:

            dondoc calendar preview 2026-01-02=nghỉ-hoán-đổi 2026-01-10=làm-bù --estimated
        """,
        """Preview: which clocks would move, from when to when. Writes nothing.

        Example:

            dondoc calendar preview 2026-01-02=swap-off 2026-01-10=swap-work --estimated
        """,
    )
)
@changing
def preview(
    change: Change,
    user: User = OFFICE_USER,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        entered = _entered(change, estimated=change.estimated or not change.document)
    found = with_house(
        data, lambda house: edits.look(house, entered, user=user, stopped_too=change.stopped_too)
    )
    if as_json:
        print_json({"version": found.known.version, **found.moves.as_json()})
    else:
        showing.moves(found.moves)
    if not found.moves.complete:
        raise typer.Exit(FAILED)


@app.command(
    help=say(
        """Sửa lịch: xem trước, hỏi lại, rồi sửa. Mọi ngày nêu ra là một lần sửa.

        Ví dụ:

            dondoc calendar edit 2026-01-02=nghỉ-hoán-đổi 2026-01-10=làm-bù --name "Hoán đổi"
            --document 12729/VPCP-KGVX

            dondoc calendar edit 2026-11-24=ordinary --yes
        """,
        """Edit the calendar: shows what would move, asks, then does it. All days are one edit.

        Examples:

            dondoc calendar edit 2026-01-02=swap-off 2026-01-10=swap-work --name "Hoán đổi"
            --document 12729/VPCP-KGVX

            dondoc calendar edit 2026-11-24=ordinary --yes
        """,
    )
)
@changing
def edit(
    change: Change,
    reason: Reason = "",
    yes: Yes = False,
    user: User = OFFICE_USER,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        entered = _entered(change, estimated=change.estimated)
        _need_reason(change.stopped_too, reason)

    async def work(house: House) -> tuple[Look, int]:
        looked = await edits.look(house, entered, user=user, stopped_too=change.stopped_too)
        if not as_json:
            showing.moves(looked.moves)
        _confirm(yes, as_json)
        made = await edits.make(
            house,
            entered,
            looked.known.version,
            user=user,
            reason=reason,
            stopped_too=change.stopped_too,
        )
        return looked, made.version

    _told_after(*with_house(data, work), as_json)


@app.command(
    help=say(
        """Nhật ký: ai sửa ngày nào, lúc nào, theo văn bản nào, vì sao.

        Ví dụ:

            dondoc calendar journal --json
        """,
        """The journal: who changed which days when, on which document, and why.

        Example:

            dondoc calendar journal --json
        """,
    )
)
def journal(
    user: User = OFFICE_USER, data: Data = DEFAULT_DATA, as_json: Json = False, lang: Lang = None
) -> None:
    found = with_house(data, lambda house: edits.journal(house, user))
    if as_json:
        print_json([as_dict(one) for one in found])
        return
    showing.journal(found)


@app.command(
    help=say(
        """Hủy một lần sửa: các ngày trở lại như trước đó, thành một lần sửa mới.

        Ví dụ:

            dondoc calendar undo 12 --reason "nhập nhầm ngày"
        """,
        """Undo an edit: its days go back to what they were before, as a new edit.

        Example:

            dondoc calendar undo 12 --reason "wrong day"
        """,
    )
)
def undo(
    version: Annotated[int, typer.Argument(min=1, metavar="VERSION")],
    reason: RequiredReason,
    stopped_too: StoppedToo = False,
    yes: Yes = False,
    user: User = OFFICE_USER,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    async def work(house: House) -> tuple[Look, int]:
        before = await edits.reverse_of(house, version, user)
        looked = await edits.look(house, before, user=user, stopped_too=stopped_too)
        if not as_json:
            showing.moves(looked.moves)
        _confirm(yes, as_json)
        made = await edits.undo(
            house, version, looked.known.version, user=user, reason=reason, stopped_too=stopped_too
        )
        return looked, made.version

    _told_after(*with_house(data, work), as_json)


def _entered(change: Change, *, estimated: bool) -> list[Any]:
    said = {"name": change.name, "document": change.document}
    return [day_argument(day, estimated=estimated, **said) for day in change.days]


def _need_reason(stopped_too: bool, reason: str) -> None:
    if stopped_too and not reason.strip():
        raise CliError(
            Words("--stopped-too cần --reason.", "--stopped-too needs a --reason."), USAGE
        )


def _confirm(yes: bool, as_json: bool) -> None:
    """Raises typer.Abort where somebody says no; a program says --yes."""
    if yes:
        return
    if as_json:
        raise CliError(Words("--json cần --yes để sửa lịch.", "--json needs --yes to edit."), USAGE)
    typer.confirm(say("Sửa lịch?", "Edit the calendar?"), abort=True)


def _told_after(looked: Look, version: int, as_json: bool) -> None:
    if as_json:
        print_json({"version": version, "preview": looked.moves.as_json()})
        return
    _tell(version)


def _tell(version: int) -> None:
    if version:
        stdout.print(
            say(
                f"Lịch phiên bản {version}; các thời hạn thay đổi theo. Hủy: dondoc calendar undo {version}",
                f"Calendar version {version}; clocks follow. To undo: dondoc calendar undo {version}",
            )
        )
