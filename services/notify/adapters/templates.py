"""The words of notices and digests, in Vietnamese: one template for each kind.

A line whose values are all unknown is left out. A notice on a classified directive carries its number
and date only (khoản 2 Điều 5), whatever else is known.
"""

from __future__ import annotations

import string
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.notify.domain.digest import DigestKind, Entry
from services.notify.domain.notice import NoticeKind

LONGEST = 1000  # letters of one value in a body; the task itself has the rest
LONGEST_IN_DIGEST = 160
LISTED = 100  # entries that a digest lists; of more it tells the number


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
    NoticeKind.EXTENSION_WITHDRAWN: Template(
        "Văn bản xin gia hạn được rút lại",
        (
            *_MATTER,
            "Cơ quan đề nghị: {lead}",
            "Thời hạn đã đề nghị: {requested}",
            "Văn bản rút lại: {letter}",
        ),
        "Không phải trình, trả lời đề nghị gia hạn này nữa.",
    ),
    NoticeKind.DUE_DATE_AMENDED: Template(
        "Thời hạn thực hiện nhiệm vụ được điều chỉnh",
        (
            *_MATTER,
            "Cơ quan chủ trì: {lead}",
            "Thời hạn trước đây: {before}",
            "Thời hạn mới: {now}",
            "Văn bản điều chỉnh: {amending_document}",
        ),
        "Đề nghị bố trí thực hiện theo thời hạn mới.",
    ),
    NoticeKind.SUPPLEMENTED: Template(
        "Thông tin của nhiệm vụ được bổ sung",
        (*_MATTER, "Cơ quan chủ trì: {lead}", "Thời hạn: {due}"),
        "Đề nghị xem lại nội dung, các cơ quan liên quan và thời hạn của nhiệm vụ.",
    ),
    NoticeKind.CONFIRMED: Template("Kết quả thực hiện nhiệm vụ được xác nhận", _MATTER),
    NoticeKind.SENT_BACK: Template(
        "Kết quả thực hiện nhiệm vụ được chuyển trả để thực hiện tiếp",
        (*_MATTER, "Lý do: {reason}", "Nêu rõ: {words}"),
        "Đề nghị thực hiện tiếp và báo cáo lại kết quả.",
    ),
    NoticeKind.WITHDRAWN: Template(
        "Nhiệm vụ được rút, không phải thực hiện nữa",
        (
            *_MATTER,
            "Cơ quan chủ trì: {lead}",
            "Văn bản thu hồi: {withdrawing_document}",
            "Lý do: {reason}",
        ),
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
    NoticeKind.DUE_MOVED: Template(
        "Thời hạn thay đổi theo lịch làm việc",
        (
            *_MATTER,
            "Báo cáo: {report}",
            "Ngày cuối cùng trước đây: {from_day}",
            "Ngày cuối cùng của thời hạn: {last_day}",
            "Căn cứ: {article}",
        ),
    ),
    NoticeKind.REPORT_DUE: Template(
        "Báo cáo định kỳ",
        (
            "Báo cáo: {report}",
            "Tình trạng: {standing}",
            "Ngày cuối cùng của thời hạn: {last_day}",
            "Căn cứ: {article}",
        ),
        "Đề nghị gửi báo cáo và cập nhật số, ký hiệu, ngày của văn bản.",
    ),
    NoticeKind.CALENDAR_MISSING: Template(
        "Lịch làm việc năm sau chưa được nhập",
        (
            "Chưa có ngày nghỉ lễ, tết của năm {year}; thời hạn kéo sang năm này mới chỉ trừ ngày nghỉ "
            "hằng tuần.",
        ),
        "Đề nghị nhập ngày nghỉ lễ, tết, ngày hoán đổi khi có quyết định, hoặc nhập ngày dự kiến "
        "(khoản 3 Điều 112 Bộ luật Lao động 2019).",
    ),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """Of a digest: title and first line, both with the number of what it lists."""

    title: str
    opening: str
    ask: str


HEADINGS: Mapping[DigestKind, Heading] = {
    DigestKind.MISSED: Heading(
        "Thông báo tổng hợp: {count} việc đến hạn trong thời gian hệ thống gián đoạn",
        "Trong thời gian hệ thống gián đoạn có {count} việc sau đây đến hạn; mỗi việc nêu tình trạng "
        "mới nhất:",
        "Đề nghị kiểm tra, thực hiện và cập nhật kết quả.",
    ),
    DigestKind.CALENDAR: Heading(
        "Thông báo tổng hợp: {count} thời hạn thay đổi theo lịch làm việc",
        "Lịch ngày nghỉ, ngày làm việc được điều chỉnh; {count} thời hạn sau đây thay đổi theo:",
        "Đề nghị bố trí thực hiện theo thời hạn mới.",
    ),
}


def printed(day: date | None) -> str:
    """05/03/2024; empty when not known."""
    return f"{day:%d/%m/%Y}" if day else ""


def title_of(kind: NoticeKind, document: str, issued: date | None) -> str:
    """Number and date only, so that it serves classified directives too."""
    headline = TEMPLATES[kind].headline
    return _nfc(f"{headline}: {_document(document, issued)}" if document else headline)


def body_of(kind: NoticeKind, document: str, issued: date | None, values: Mapping[str, str]) -> str:
    """Not for classified directives. Unknown values are missing in `values` or empty."""
    lines = [f"{_document(document, issued)}."] if document else []
    lines += _lines(kind, values, LONGEST)
    if TEMPLATES[kind].ask:
        lines += ["", TEMPLATES[kind].ask]
    return _nfc("\n".join(lines))


def entry_words(kind: NoticeKind, values: Mapping[str, str]) -> str:
    """What a digest says of one entry below its title. Not for classified directives."""
    return _nfc("\n".join(_lines(kind, values, LONGEST_IN_DIGEST)))


def digest_title(kind: DigestKind, count: int) -> str:
    return _nfc(HEADINGS[kind].title.format(count=count))


def digest_body(kind: DigestKind, entries: Sequence[Entry]) -> str:
    """Each entry with its number; of a classified directive number and date only."""
    heading = HEADINGS[kind]
    lines = [heading.opening.format(count=len(entries)), ""]
    for number, entry in enumerate(entries[:LISTED], 1):
        lines.append(f"{number}. {title_of(entry.kind, entry.document_code, entry.issue_date)}.")
        lines += [f"   {line}" for line in entry.words.splitlines()]
    if len(entries) > LISTED:
        lines.append(f"… và {len(entries) - LISTED} việc khác.")
    return _nfc("\n".join([*lines, "", heading.ask]))


def classified_body(document: str, issued: date | None) -> str:
    return _nfc(f"{_document(document, issued)}.")


def _document(document: str, issued: date | None) -> str:
    return _DOCUMENT.format(document=document, issued=printed(issued) or "…")


def _lines(kind: NoticeKind, values: Mapping[str, str], longest: int) -> list[str]:
    """The lines of the template whose values are all known."""
    known = {
        name: textwrap.shorten(value, longest, placeholder=" …")
        for name, value in values.items()
        if value.strip()
    }
    template = TEMPLATES[kind]
    return [line.format_map(known) for line in template.lines if _fields(line) <= known.keys()]


def _fields(line: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(line) if name}


def _nfc(words: str) -> str:
    return unicodedata.normalize("NFC", words)
