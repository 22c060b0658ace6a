"""What the words of a file mean: kinds, numbers, authorities, limits. Pure; nothing is guessed.

Real files are untidy: a deadline of 1970 is none, a limit may be known in words only, a period may
be one that the regulation does not know. What is not understood is said, never filled in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final

from dondoc.directives.v1 import directive_pb2
from dondoc.directory.v1 import agency_pb2
from dondoc.type.v1 import document_pb2, limit_pb2
from dondoc.type.v1.limit_pb2 import TaskLimit

from cli.language import Words
from services.kernel.runtime.protos import to_date

EPOCH: Final = 1970  # programs that have no date write the beginning of their count of time

_NUMBER = re.compile(r"(?P<number>\d{1,6}[a-z]?)/(?:(?P<year>(?:19|20)\d\d)/)?(?P<symbol>\D[^/].*)")
_YEARLY_DATE = re.compile(r"\d\d-\d\d")

AGENCY_KINDS: Final[Mapping[str, int]] = {
    "authority": agency_pb2.AGENCY_KIND_AUTHORITY,
    "office": agency_pb2.AGENCY_KIND_OFFICE,
    "department": agency_pb2.AGENCY_KIND_DEPARTMENT,
    "district": agency_pb2.AGENCY_KIND_DISTRICT,
    "it-center": agency_pb2.AGENCY_KIND_IT_CENTER,
    "other": agency_pb2.AGENCY_KIND_OTHER,
}

DOCUMENT_KINDS: Final[Mapping[str, int]] = {
    "nghị quyết": document_pb2.DOCUMENT_KIND_RESOLUTION,
    "quyết định": document_pb2.DOCUMENT_KIND_DECISION,
    "chỉ thị": document_pb2.DOCUMENT_KIND_INSTRUCTION,
    "quy chế": document_pb2.DOCUMENT_KIND_REGULATION,
    "quy định": document_pb2.DOCUMENT_KIND_RULES,
    "thông cáo": document_pb2.DOCUMENT_KIND_COMMUNIQUE,
    "thông báo": document_pb2.DOCUMENT_KIND_NOTICE,
    "hướng dẫn": document_pb2.DOCUMENT_KIND_GUIDANCE,
    "chương trình": document_pb2.DOCUMENT_KIND_PROGRAMME,
    "kế hoạch": document_pb2.DOCUMENT_KIND_PLAN,
    "phương án": document_pb2.DOCUMENT_KIND_SCHEME_OF_ACTION,
    "đề án": document_pb2.DOCUMENT_KIND_SCHEME,
    "dự án": document_pb2.DOCUMENT_KIND_PROJECT,
    "báo cáo": document_pb2.DOCUMENT_KIND_REPORT,
    "tờ trình": document_pb2.DOCUMENT_KIND_SUBMISSION,
    "công điện": document_pb2.DOCUMENT_KIND_TELEGRAM,
    "công văn": document_pb2.DOCUMENT_KIND_LETTER,
    "kết luận": document_pb2.DOCUMENT_KIND_CONCLUSION,
}
AUTHORITIES: Final[Mapping[str, int]] = {
    "ubnd tỉnh": directive_pb2.ISSUING_AUTHORITY_PEOPLES_COMMITTEE,
    "chủ tịch ubnd tỉnh": directive_pb2.ISSUING_AUTHORITY_CHAIRMAN,
}
SECRECIES: Final[Mapping[str, int]] = {
    "": document_pb2.SECRECY_UNSPECIFIED,
    "none": document_pb2.SECRECY_NONE,
    "không": document_pb2.SECRECY_NONE,
    "mật": document_pb2.SECRECY_CONFIDENTIAL,
    "tối mật": document_pb2.SECRECY_SECRET,
    "tuyệt mật": document_pb2.SECRECY_TOP_SECRET,
}
URGENCIES: Final[Mapping[str, int]] = {
    "": directive_pb2.URGENCY_UNSPECIFIED,
    "none": directive_pb2.URGENCY_NONE,
    "không": directive_pb2.URGENCY_NONE,
    "khẩn": directive_pb2.URGENCY_URGENT,
    "thượng khẩn": directive_pb2.URGENCY_VERY_URGENT,
    "hỏa tốc": directive_pb2.URGENCY_EXPRESS,
}
SOURCES: Final[Mapping[str, int]] = {
    "": directive_pb2.SOURCE_UNSPECIFIED,
    "văn bản": directive_pb2.SOURCE_DOCUMENT,
    "kết luận bằng lời": directive_pb2.SOURCE_ORAL_CONCLUSION,
    "chỉ đạo bằng lời": directive_pb2.SOURCE_ORAL_CONCLUSION,
}
# The most frequent first: where a file names several, the first of these holds.
CADENCES: Final[Mapping[str, int]] = {
    "tháng": limit_pb2.CADENCE_MONTHLY,
    "quý": limit_pb2.CADENCE_QUARTERLY,
    "6 tháng": limit_pb2.CADENCE_HALF_YEARLY,
    "năm": limit_pb2.CADENCE_YEARLY,
}


def text(row: Mapping[str, Any], field: str) -> str:
    """The field as NFC text without blanks around it; empty for null, missing, and what is no text."""
    value = row.get(field)
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else ""


def fold(written: str) -> str:
    """As names are compared: one case, single blanks, the two spellings of "hỏa" and of "ủy"."""
    plain = " ".join(unicodedata.normalize("NFC", written).casefold().split())
    plain = plain.replace("hoả", "hỏa").replace("uỷ", "ủy")
    return plain.replace("ủy ban nhân dân", "ubnd")


def day(written: str) -> date | None:
    """A day as the files write it, "2020-02-15"; None for none, for 1970 and for what is no day."""
    try:
        found = date.fromisoformat(written)
    except ValueError:
        return None
    return None if found.year == EPOCH else found


def time_of_day(written: str) -> time | None:
    """A time as the files write it, "16:30"; None for none, and for what is no time."""
    try:
        return time.fromisoformat(written) if re.fullmatch(r"\d\d:\d\d", written) else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """`69/2019/QĐ-UBND` → "69", "QĐ-UBND", 2019; `year` is None where it is not printed."""

    number: str
    symbol: str
    year: int | None


def document_number(written: str) -> DocumentNumber | None:
    """None for what is no number with its symbol."""
    found = _NUMBER.fullmatch(written.replace(" ", ""))
    if found is None:
        return None
    year = found["year"]
    return DocumentNumber(found["number"], found["symbol"], int(year) if year else None)


@dataclass(frozen=True, slots=True)
class WrittenLimit:
    """A limit, its words where words are all there is, and what is to be said about the reading."""

    limit: TaskLimit
    words: str = ""
    notes: tuple[Words, ...] = ()


def limit_of(task: Mapping[str, Any]) -> WrittenLimit:
    """Reads `deadline_kind`, `deadline` and `period` of a task of the file (Điều 4)."""
    kind, words = text(task, "deadline_kind"), text(task, "deadline")
    without = TaskLimit(limit_class=limit_pb2.LIMIT_CLASS_WITHOUT_LIMIT)
    open_limit = TaskLimit(limit_class=limit_pb2.LIMIT_CLASS_WITH_LIMIT)
    if kind == "none" or (kind == "date" and words.startswith(f"{EPOCH}-")):
        return WrittenLimit(without)
    if kind == "date" and (due := day(words)):
        with_limit = limit_pb2.LIMIT_CLASS_WITH_LIMIT
        return WrittenLimit(TaskLimit(limit_class=with_limit, due_date=to_date(due)))
    if kind == "period":
        cadence, notes = _cadence(task.get("period"))
        without.cadence = cadence  # type: ignore[assignment]
        return WrittenLimit(without, words, notes)
    if kind in ("relative", "immediate", "not_visible", "date"):
        return WrittenLimit(open_limit, words, _ONLY_WORDS)
    unclassified = Words(
        "chưa rõ có thời hạn hay không: cần phân loại trước khi chuyển",
        "with or without a limit is not known: to be classified before forwarding",
    )
    return WrittenLimit(TaskLimit(), words, (unclassified,))


_ONLY_WORDS: Final = (
    Words("thời hạn chưa có ngày cụ thể: cần bổ sung", "the limit states no day: to be filled in"),
)


def _cadence(period: Any) -> tuple[int, tuple[Words, ...]]:
    named = [fold(str(one)) for one in period] if isinstance(period, Sequence) else []
    known = {"năm" if _YEARLY_DATE.fullmatch(one) else one for one in named} & set(CADENCES)
    strange = [one for one in named if one not in CADENCES and not _YEARLY_DATE.fullmatch(one)]
    notes = tuple(
        Words(
            f"kỳ “{one}” không có trong Quy chế: không ghi vào chu kỳ cập nhật",
            f"the regulation knows no period “{one}”: it sets no cadence",
        )
        for one in strange
    )
    for word, cadence in CADENCES.items():
        if word in known:
            return cadence, notes
    return limit_pb2.CADENCE_UNSPECIFIED, notes
