"""A year's spreadsheet: what each row becomes, and how days are written on the command line."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from dondoc.calendar.v1 import calendar_pb2 as pb
from rich.console import Console
from typer.testing import CliRunner

from cli import language
from cli.calendar import rows, sheet
from cli.calendar import show as showing
from cli.calendar.template import days_to_fill
from cli.calendar.words import day_argument, day_of, kind_of, status_of
from cli.errors import USAGE, CliError
from cli.importing.report import Kind, Outcome
from cli.main import app
from cli.render import stdout
from cli.status import HouseStatus
from cli.status import show as show_status
from services.kernel.limits.adapters.calendar_store import day_message
from services.kernel.limits.adapters.holiday_seed import seeded_days
from services.kernel.runtime.protos import from_date

LAW = "khoản 1 Điều 112"


def csv_file(folder: Path, *lines: str, heading: str = "Ngày,Loại,Tên,Văn bản,Trạng thái") -> Path:
    file = folder / "calendar.csv"
    file.write_text("\n".join([heading, *lines]), "utf-8")
    return file


def read(folder: Path, *lines: str, known: tuple[pb.CalendarDay, ...] = ()) -> rows.Read:
    return rows.read(sheet.read(csv_file(folder, *lines)), known)


@pytest.mark.parametrize("name", ["lich.xlsx", "lich.csv"])
def test_the_template_of_a_year_reads_as_the_calendar_that_the_law_lets_foresee(
    tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    sheet.write(file, days_to_fill(2028))
    found = rows.read(sheet.read(file), [])
    assert not found.refused
    assert found.days == [day_message(day) for day in seeded_days(2028, 2028)]
    assert {day.status for day in found.days} == {pb.DAY_STATUS_ESTIMATED}
    again = rows.read(sheet.read(file), found.days)
    assert again.days == []
    assert again.report.totals(Kind.DAY) == {Outcome.ALREADY_THERE: len(found.days)}


def test_a_sheet_filled_by_hand_is_read_whatever_its_cells_are(tmp_path: Path) -> None:
    """Dates as dates or text, columns in another order, an empty row, English words."""
    file = tmp_path / "hand.xlsx"
    book = openpyxl.Workbook()
    for row in (
        [None, "Kind", "Date", "Status", "Document", "Name", "remarks"],
        [None] * 7,
        [None, "swap-off", datetime(2027, 4, 29), "official", "9/VPCP", "Hoán đổi", "?"],  # noqa: DTZ001
        [None, "Làm bù", "08/05/2027", None, "9/VPCP", None, None],
    ):
        book.active.append(row)
    book.save(file)
    found = rows.read(sheet.read(file), [])
    assert [row.id for row in found.report.rows] == ["3", "4"]
    assert [(from_date(d.day, ""), d.kind) for d in found.days] == [
        (date(2027, 4, 29), pb.DAY_KIND_SWAP_OFF),
        (date(2027, 5, 8), pb.DAY_KIND_SWAP_WORK),
    ]
    assert not any(row.notes for row in found.report.rows)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"30/02/2027,nghỉ lễ,Tết,{LAW},", "no real day"),
        (f"1/1/27,nghỉ lễ,Tết,{LAW},", "no real day"),
        (f"2027-01-01,picnic,Tết,{LAW},", "kind “picnic” is not known"),
        (f"2027-01-01,nghỉ lễ,Tết,{LAW},maybe", "status “maybe” is not known"),
        ("2027-01-01,nghỉ lễ,Tết,,chính thức", "needs the number of its document"),
        ("2027-01-01,nghỉ lễ,Tết,,", "needs the number of its document"),
        ("2027-01-01,weekend,,,", "is not what that day of the week is"),
        (f"2027-01-01,nghỉ lễ,{'x' * 201},{LAW},", "name is longer than 200"),
        (f"2027-01-01,nghỉ lễ,Tết,{'x' * 101},", "document is longer than 100"),
    ],
)
def test_a_wrong_row_is_refused_with_its_reason_and_the_others_stand(
    tmp_path: Path, line: str, reason: str
) -> None:
    found = read(tmp_path, line, f"2027-04-30,nghỉ lễ,Chiến thắng,{LAW},chính thức")
    wrong, right = found.report.rows
    assert (wrong.outcome, right.outcome) == (Outcome.REFUSED, Outcome.VALID)
    assert reason in wrong.reasons[0].en
    assert len(found.days) == 1
    assert found.settled(Outcome.ENTERED).rows[1].outcome is Outcome.ENTERED
    assert found.settled(Outcome.ENTERED).rows[0].outcome is Outcome.REFUSED


def test_a_day_twice_is_refused_and_names_the_first_row(tmp_path: Path) -> None:
    found = read(tmp_path, *["2027-01-01,nghỉ lễ,Tết,,dự kiến"] * 2)
    assert [row.outcome for row in found.report.rows] == [Outcome.VALID, Outcome.REFUSED]
    assert "row 2" in found.report.rows[1].reasons[0].en


def test_a_swap_without_its_other_half_is_noted(tmp_path: Path) -> None:
    found = read(tmp_path, "2027-04-29,nghỉ hoán đổi,Hoán đổi,9/VPCP,")
    assert "differ in number" in found.report.rows[0].notes[0].en
    whole = read(
        tmp_path,
        "2027-04-29,nghỉ hoán đổi,Hoán đổi,9/VPCP,",
        "2027-05-08,làm bù,Hoán đổi,9/VPCP,",
    )
    assert not any(row.notes for row in whole.report.rows)


def test_an_entry_is_taken_back_only_where_there_is_one(tmp_path: Path) -> None:
    known = (day_argument("2027-04-29=swap-off", name="", document="9/VPCP", estimated=False),)
    lines = ("2027-04-29,ngày làm việc,,,", "2027-04-28,ngày làm việc,,,")
    found = read(tmp_path, *lines, known=known)
    assert [row.outcome for row in found.report.rows] == [Outcome.VALID, Outcome.ALREADY_THERE]
    assert [day.kind for day in found.days] == [pb.DAY_KIND_WORKING]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"no zip", "no valid XLSX"),
        ("a.csv", b"\xff\xfe\x00", "no valid XLSX, nor CSV"),
        ("a.csv", b"Ng\xc3\xa0y,T\xc3\xaan\n", "columns Kind, Document, Status are missing"),
        ("a.csv", b"", "columns Date, Kind, Name, Document, Status are missing"),
    ],
)
def test_a_file_of_another_form_is_refused_with_what_would_be_right(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CliError) as caught:
        sheet.read(tmp_path / name)
    assert said in caught.value.words.en
    with pytest.raises(CliError) as caught:
        sheet.read(tmp_path / "absent.csv")
    assert "cannot be read" in caught.value.words.en


def test_semicolons_of_excel_are_read_too(tmp_path: Path) -> None:
    file = csv_file(
        tmp_path, "01/01/2027;lễ;Tết;;dự kiến", heading="Ngày;Loại;Tên;Văn bản;Trạng thái"
    )
    assert [line.kind for line in sheet.read(file)] == ["lễ"]


def test_words_of_kinds_and_states_are_read_in_both_languages() -> None:
    assert kind_of("Nghỉ-hoán-đổi") == kind_of("SWAP_OFF") == pb.DAY_KIND_SWAP_OFF
    assert kind_of("Làm bù") == kind_of("swap-work") == pb.DAY_KIND_SWAP_WORK
    assert kind_of("") is None
    assert status_of("") == status_of("Chính thức") == pb.DAY_STATUS_OFFICIAL
    assert status_of("dự kiến") == pb.DAY_STATUS_ESTIMATED
    assert day_of("02/01/2026") == day_of("2026-01-02") == date(2026, 1, 2)
    assert day_of("2026-13-01") is None


def test_an_ordinary_day_is_what_the_week_makes_it() -> None:
    options = {"name": "", "document": "", "estimated": False}
    assert day_argument("2026-01-02=ordinary", **options).kind == pb.DAY_KIND_WORKING
    assert day_argument("2026-01-10=ordinary", **options).kind == pb.DAY_KIND_WEEKEND


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["preview", "2026-01-02"], "is no day of the calendar"),
        (["preview", "2026-02-30=swap-off"], "is no day of the calendar"),
        (["edit", "2026-01-02=swap-off", "--stopped-too"], "needs a --reason"),
        (["import", "absent.csv"], "cannot be read"),
    ],
)
def test_wrong_usage_is_told_before_any_service_is_asked(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    told = CliRunner().invoke(
        app, ["calendar", *arguments, "--lang", "en"], env={"DONDOC_DATA": str(tmp_path)}
    )
    assert told.exit_code == USAGE
    assert said in " ".join(told.stderr.split())


def test_the_journal_tells_the_first_calendar_in_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(language, "current", language.Language.VI)
    written = io.StringIO()
    monkeypatch.setattr(showing, "stdout", Console(file=written, width=200, highlight=False))
    days = [day_message(day) for day in seeded_days(2024, 2027)]
    before = [pb.CalendarDay(day=day.day, kind=pb.DAY_KIND_WORKING) for day in days]
    first = pb.CalendarEdit(version=1, days=days, days_before=before, reason="seed")
    edit = pb.CalendarEdit(
        version=2, days=days[:1], days_before=before[:1], editor="vanphong", reason="nhầm",
        editor_agency="agencies/van-phong-ubnd-tinh",
    )  # fmt: skip
    showing.journal([edit, first])
    told = written.getvalue()
    assert "hệ thống" in told
    assert "lịch ban đầu" in told
    assert f"… và {len(days) - showing.LISTED} ngày khác (--json)" in told
    assert "vanphong (van-phong-ubnd-tinh)" in told
    assert "seed" not in told


def test_the_status_of_a_house_warns_of_the_missing_year() -> None:
    found = HouseStatus("data", "real", "issuer", (), year_to_announce=2028)
    with stdout.capture() as said:
        show_status(found)
    assert "2028" in said.get()
    assert found.as_json()["year_to_announce"] == 2028
    with stdout.capture() as said:
        show_status(HouseStatus("data", "real", "issuer", ()))
    assert "dondoc calendar template" not in said.get()
