"""The words of notices, in Vietnamese: one template for each kind.

A line whose values are all unknown is left out. A notice on a classified directive carries its number
and date only (khoản 2 Điều 5), whatever else is known.
"""

from __future__ import annotations

import string
import textwrap
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.notify.domain.notice import NoticeKind

LONGEST = 1000  # letters of one value in a body; the task itself has the rest


@dataclass(frozen=True, slots=True)
class Template:
    """`headline` says what happened; each of `lines` names at least one value."""

    headline: str
    lines: tuple[str, ...] = ()
    ask: str = ""


_DOCUMENT = "Văn bản số {document} ngày {issued}"
_MATTER = ("Trích yếu: {abstract}", "Nội dung nhiệm vụ: {content}")

TEMPLATES: Mapping[NoticeKind, Template] = {
    NoticeKind.FORWARDED: Template(
        "Nhiệm vụ được chuyển đến",
        (*_MATTER, "Cơ quan chủ trì: {lead}", "Thời hạn: {due}"),
        "Đề nghị kiểm tra và tiếp nhận nhiệm vụ; nếu nhiệm vụ thiếu, chưa chính xác hoặc không thuộc "
        "chức năng, nhiệm vụ, quyền hạn thì chuyển lại và nêu rõ lý do (điểm a khoản 2 Điều 6).",
    ),
    NoticeKind.DUE_SOON: Template(
        "Nhiệm vụ sắp đến hạn",
        (*_MATTER, "Ngày cuối cùng của thời hạn: {last_day}", "Căn cứ: {article}"),
        "Đề nghị thực hiện và cập nhật kết quả đúng thời hạn.",
    ),
    NoticeKind.OVERDUE: Template(
        "Nhiệm vụ quá hạn",
        (
            *_MATTER,
            "Cơ quan chủ trì: {lead}",
            "Ngày cuối cùng của thời hạn: {last_day}",
            "Căn cứ: {article}",
        ),
        "Đề nghị khẩn trương thực hiện và báo cáo kết quả.",
    ),
    NoticeKind.UPDATE_MISSING: Template(
        "Chưa cập nhật tình hình, kết quả thực hiện nhiệm vụ",
        (
            *_MATTER,
            "Cơ quan chủ trì: {lead}",
            "Phải cập nhật chậm nhất ngày: {last_day}",
            "Căn cứ: {article}",
        ),
        "Đề nghị cập nhật đầy đủ tình hình, kết quả thực hiện.",
    ),
    NoticeKind.RETURNED: Template(
        "Nhiệm vụ được chuyển lại",
        (*_MATTER, "Cơ quan chuyển lại: {lead}", "Lý do: {reason}", "Nêu rõ: {words}"),
        "Đề nghị Văn phòng UBND tỉnh bổ sung, điều chỉnh hoặc chuyển cơ quan khác "
        "(điểm a khoản 2 Điều 6).",
    ),
    NoticeKind.EXTENSION_ASKED: Template(
        "Đề nghị gia hạn",
        (
            *_MATTER,
            "Cơ quan đề nghị: {lead}",
            "Thời hạn hiện tại: {due}",
            "Thời hạn đề nghị: {requested}",
            "Lý do: {reason}",
            "Nêu rõ: {words}",
        ),
        "Đề nghị Văn phòng UBND tỉnh trình và trả lời trong 02 ngày làm việc "
        "(điểm d khoản 1 Điều 6).",
    ),
    NoticeKind.EXTENSION_ANSWERED: Template(
        "Trả lời đề nghị gia hạn",
        (
            *_MATTER,
            "Kết quả: {answer}",
            "Thời hạn mới: {granted}",
            "Văn bản trả lời: {answer_document}",
        ),
    ),
    NoticeKind.CONFIRMED: Template("Kết quả thực hiện nhiệm vụ được xác nhận", _MATTER),
    NoticeKind.SENT_BACK: Template(
        "Kết quả thực hiện nhiệm vụ được chuyển trả để thực hiện tiếp",
        (*_MATTER, "Lý do: {reason}", "Nêu rõ: {words}"),
        "Đề nghị thực hiện tiếp và báo cáo lại kết quả.",
    ),
    NoticeKind.OFFICE_LIMIT: Template(
        "Thời hạn thực hiện của Văn phòng UBND tỉnh",
        (
            "Trích yếu: {abstract}",
            "Tình trạng: {standing}",
            "Ngày cuối cùng của thời hạn: {last_day}",
            "Căn cứ: {article}",
        ),
    ),
}


def printed(day: date | None) -> str:
    """05/03/2024; empty when not known."""
    return f"{day:%d/%m/%Y}" if day else ""


def title_of(kind: NoticeKind, document: str, issued: date | None) -> str:
    """Number and date only, so that it serves classified directives too."""
    return _nfc(f"{TEMPLATES[kind].headline}: {_document(document, issued)}")


def body_of(kind: NoticeKind, document: str, issued: date | None, values: Mapping[str, str]) -> str:
    """Not for classified directives. Unknown values are missing in `values` or empty."""
    template = TEMPLATES[kind]
    known = {
        name: textwrap.shorten(value, LONGEST, placeholder=" …")
        for name, value in values.items()
        if value.strip()
    }
    lines = [f"{_document(document, issued)}."]
    lines += [line.format_map(known) for line in template.lines if _fields(line) <= known.keys()]
    if template.ask:
        lines += ["", template.ask]
    return _nfc("\n".join(lines))


def classified_body(document: str, issued: date | None) -> str:
    return _nfc(f"{_document(document, issued)}.")


def _document(document: str, issued: date | None) -> str:
    return _DOCUMENT.format(document=document, issued=printed(issued) or "…")


def _fields(line: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(line) if name}


def _nfc(words: str) -> str:
    return unicodedata.normalize("NFC", words)
