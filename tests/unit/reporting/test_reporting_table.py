"""The table that is printed, and its CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import fields, replace
from datetime import date, datetime

import pytest

from services.kernel.limits.domain.calendar import LOCAL
from services.reporting.adapters.figures_csv import HEADER, figures_csv
from services.reporting.domain.figures import (
    Counts,
    DoesNotSum,
    Question,
    Row,
    Share,
    Table,
    table_of,
)
from services.reporting.domain.vietnamese_order import vietnamese_order

ASKED = Question(datetime(2024, 7, 1, tzinfo=LOCAL), date(2024, 1, 1), date(2024, 6, 30))
# Đà Nẵng 2023, Sở Nội vụ: 630 assigned, 604 done, 567 on time, 37 late, 26 open.
INTERIOR = Counts(
    total=630, done=604, done_within_limit=567, done_overdue=37,
    open=26, open_within_limit=20, open_overdue=6, in_progress=16, not_started=10,
    awaiting_confirmation=4, returned=1,
)  # fmt: skip


def table(*rows: Row) -> Table:
    return table_of(ASKED, rows)


def test_a_table_sums_its_rows() -> None:
    made = table(Row("so-noi-vu", "Sở Nội vụ", INTERIOR), Row("so-tu-phap", "Sở Tư pháp", INTERIOR))
    assert (made.total.total, made.total.done_overdue, made.total.returned) == (1260, 74, 2)


@pytest.mark.parametrize("column", [field.name for field in fields(Counts)])
def test_a_table_of_which_one_column_is_wrong_is_never_made(column: str) -> None:
    wrong = replace(INTERIOR, **{column: getattr(INTERIOR, column) + 1000})
    with pytest.raises(DoesNotSum) as refused:
        table(Row("so-noi-vu", "Sở Nội vụ", wrong))
    assert refused.value.agency == "so-noi-vu"


def test_shares_carry_their_denominators() -> None:
    assert INTERIOR.on_time == Share(567, 604)
    assert INTERIOR.overdue == Share(43, 630)
    assert INTERIOR.on_time.percent == "93.9"
    assert Share(0, 0).percent == ""
    assert Share(1, 8).percent == "12.5"
    assert Share(1, 16).percent == "6.3"


def test_names_stand_in_vietnamese_order() -> None:
    names = ["Sở Y tế", "Sở Xây dựng", "Sở Tài chính", "Sở Tư pháp", "Đài A", "Ban B", "Sở Công an"]
    assert sorted(names, key=vietnamese_order) == [
        "Ban B", "Đài A", "Sở Công an", "Sở Tài chính", "Sở Tư pháp", "Sở Xây dựng", "Sở Y tế",
    ]  # fmt: skip
    assert sorted(["ma", "mạ", "má", "mã", "mả", "mà"], key=vietnamese_order) == [
        "ma", "mà", "mả", "mã", "má", "mạ",
    ]  # fmt: skip
    assert sorted(["tân", "tan", "tăn", "tàn"], key=vietnamese_order) == [
        "tan", "tàn", "tăn", "tân",
    ]  # fmt: skip


def test_the_csv_states_its_moment_and_each_denominator_in_a_column_of_its_own() -> None:
    data = figures_csv(table(Row("so-noi-vu", "Sở Nội vụ", INTERIOR)))
    assert not data.startswith(b"\xef\xbb\xbf")
    header, row, total = csv.reader(io.StringIO(data.decode()))
    assert tuple(header) == HEADER
    told = dict(zip(header, row, strict=True))
    assert (told["STT"], told["Đơn vị"], told["Tổng số nhiệm vụ"]) == ("1", "Sở Nội vụ", "630")
    assert (told["Tỷ lệ đúng hạn (%)"], told["Mẫu số: đã hoàn thành, có hạn"]) == ("93.9", "604")
    assert (told["Tỷ lệ quá hạn (%)"], told["Mẫu số: tất cả, có hạn"]) == ("6.8", "630")
    assert told["Thời điểm số liệu"] == "2024-07-01T00:00:00+07:00"
    assert (told["Từ ngày"], told["Đến ngày"]) == ("2024-01-01", "2024-06-30")
    assert total[:3] == ["", "Tổng cộng", "630"]
