"""The table as CSV, in the columns that provinces publish; every share beside its denominator.

UTF-8 without a byte order mark, decimal point, CRLF (RFC 4180). Each line states its moment and
period, so that a line copied elsewhere still tells of what it speaks.
"""

from __future__ import annotations

import csv
import io

from services.kernel.limits.domain.calendar import LOCAL
from services.reporting.domain.figures import Counts, Table

MEDIA_TYPE = "text/csv; charset=utf-8"
HEADER = (
    "STT",
    "Đơn vị",
    "Tổng số nhiệm vụ",
    "Đã hoàn thành: Tổng",
    "Đã hoàn thành: Đúng hạn",
    "Đã hoàn thành: Quá hạn",
    "Đã hoàn thành: Không có hạn",
    "Chưa hoàn thành: Tổng",
    "Chưa hoàn thành: Trong hạn",
    "Chưa hoàn thành: Quá hạn",
    "Chưa hoàn thành: Không có hạn",
    "Đang thực hiện",
    "Chưa thực hiện",
    "Chờ xác nhận",
    "Chuyển lại Văn phòng",
    "Trong đó không tính là chưa hoàn thành",
    "Tỷ lệ đúng hạn (%)",
    "Mẫu số: đã hoàn thành, có hạn",
    "Tỷ lệ quá hạn (%)",
    "Mẫu số: tất cả, có hạn",
    "Từ ngày",
    "Đến ngày",
    "Thời điểm số liệu",
    "Cấp",
)


def figures_csv(table: Table) -> bytes:
    question = table.question
    moment = [
        question.from_date.isoformat() if question.from_date else "",
        question.to_date.isoformat() if question.to_date else "",
        question.as_of.astimezone(LOCAL).isoformat(),
    ]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for number, row in enumerate(table.rows, start=1):
        name = row.display_name or row.agency
        writer.writerow([number, name, *_cells(row.counts), *moment, row.level])
    writer.writerow(["", "Tổng cộng", *_cells(table.total), *moment, table.question.level])
    return text.getvalue().encode()


def _cells(counts: Counts) -> list[object]:
    return [
        counts.total,
        counts.done, counts.done_within_limit, counts.done_overdue, counts.done_no_limit,
        counts.open, counts.open_within_limit, counts.open_overdue, counts.open_no_limit,
        counts.in_progress, counts.not_started, counts.awaiting_confirmation, counts.returned,
        counts.returned_apart,
        counts.on_time.percent, counts.on_time.denominator,
        counts.overdue.percent, counts.overdue.denominator,
    ]  # fmt: skip
