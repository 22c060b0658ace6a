"""A spreadsheet of days: the template, and the cells of a filled one as text. XLSX or CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

from cli.calendar.words import KINDS, STATUSES
from cli.errors import USAGE, CliError
from cli.importing.written import fold
from cli.language import Words

COLUMNS: Final = (
    Words("Ngày", "Date"),
    Words("Loại", "Kind"),
    Words("Tên", "Name"),
    Words("Văn bản", "Document"),
    Words("Trạng thái", "Status"),
)
_WIDTHS = (14, 18, 44, 40, 14)
LONGEST_FILE = 5000  # rows; a year has 366 days


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file: its number as the program that wrote it counts, and its five cells."""

    number: int
    day: str
    kind: str
    name: str
    document: str
    status: str


def read(file: Path) -> list[Line]:
    """The rows below the heading that are not empty. Raises CliError."""
    try:
        rows = _from_xlsx(file) if file.suffix.lower() == ".xlsx" else _from_csv(file)
        return list(_lines(rows, file))
    except OSError as error:
        raise CliError(
            Words(
                f"Không đọc được {file}: {error.strerror}",
                f"{file} cannot be read: {error.strerror}",
            ),
            USAGE,
        ) from None
    except (UnicodeDecodeError, csv.Error, BadZipFile, KeyError, ValueError):
        raise CliError(
            Words(
                f"{file} không phải là tệp XLSX hoặc CSV (UTF-8) hợp lệ.",
                f"{file} is no valid XLSX, nor CSV in UTF-8.",
            ),
            USAGE,
        ) from None


def write(file: Path, rows: Sequence[Sequence[Any]]) -> None:
    """A sheet with the heading and these rows, each of a day and four texts."""
    if file.suffix.lower() == ".xlsx":
        _to_xlsx(file, rows)
        return
    with file.open("w", encoding="utf-8-sig", newline="") as out:  # the mark tells Excel UTF-8
        writer = csv.writer(out)
        writer.writerow([str(column) for column in COLUMNS])
        writer.writerows(rows)


def _lines(rows: Iterable[Sequence[Any]], file: Path) -> Iterator[Line]:
    numbered = ((n, [_text(cell) for cell in row]) for n, row in enumerate(rows, 1))
    filled = ((number, cells) for number, cells in numbered if any(cells))
    _, heading = next(filled, (0, []))
    places = [_place(column, heading) for column in COLUMNS]
    missing = [column for column, place in zip(COLUMNS, places, strict=True) if place is None]
    if missing:
        vi, en = (", ".join(words) for words in zip(*((c.vi, c.en) for c in missing), strict=True))
        raise CliError(
            Words(
                f"{file}: thiếu cột {vi}; hãy dùng mẫu: dondoc calendar template <năm>",
                f"{file}: the columns {en} are missing; take the template: dondoc calendar template <year>",
            ),
            USAGE,
        )
    for count, (number, cells) in enumerate(filled):
        if count == LONGEST_FILE:
            raise CliError(
                Words(
                    f"{file}: quá {LONGEST_FILE} dòng.", f"{file}: more than {LONGEST_FILE} rows."
                ),
                USAGE,
            )
        day, kind, name, document, status = (
            cells[place] if place is not None and place < len(cells) else "" for place in places
        )
        yield Line(number, day, kind, name, document, status)


def _place(column: Words, heading: Sequence[str]) -> int | None:
    named = {fold(column.vi), fold(column.en)}
    return next((n for n, cell in enumerate(heading) if fold(cell) in named), None)


def _text(cell: Any) -> str:
    """A cell as text; a date as it is written in the law's documents, whatever its format shows."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell).strip()


def _from_csv(file: Path) -> list[list[str]]:
    text = file.read_text(encoding="utf-8-sig")
    first = text.partition("\n")[0]
    # Excel in Vietnamese writes semicolons.
    return list(csv.reader(text.splitlines(), delimiter=";" if ";" in first else ","))


def _from_xlsx(file: Path) -> list[tuple[Any, ...]]:
    book = _openpyxl().load_workbook(file, read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        # Excel stretches a sheet to a million empty rows when a whole column was formatted.
        return list(sheet.iter_rows(max_row=LONGEST_FILE * 2, values_only=True))
    finally:
        book.close()


def _to_xlsx(file: Path, rows: Sequence[Sequence[Any]]) -> None:
    openpyxl = _openpyxl()
    from openpyxl.styles import Font
    from openpyxl.worksheet.datavalidation import DataValidation

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = str(Words("Lịch", "Calendar"))
    sheet.append([str(column) for column in COLUMNS])
    for row in rows:
        sheet.append(list(row))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDE", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for row_cells in sheet.iter_rows(min_row=2, max_row=max(sheet.max_row, 400), max_col=1):
        row_cells[0].number_format = "dd/mm/yyyy"
    for letter, table in (("B", KINDS), ("E", STATUSES)):
        listed = ",".join(str(words) for words, _ in table.values())
        choice = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
        sheet.add_data_validation(choice)
        choice.add(f"{letter}2:{letter}400")
    book.save(file)


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError:
        raise CliError(
            Words(
                "Tệp XLSX cần gói openpyxl: pip install 'dondoc[spreadsheets]'; hoặc dùng tệp CSV.",
                "XLSX files need openpyxl: pip install 'dondoc[spreadsheets]'; or take a CSV file.",
            ),
            USAGE,
        ) from None
    return openpyxl
