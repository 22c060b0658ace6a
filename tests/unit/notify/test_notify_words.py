from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.notify.adapters.templates import (
    HEADINGS,
    LISTED,
    LONGEST,
    TEMPLATES,
    body_of,
    classified_body,
    digest_body,
    digest_title,
    title_of,
)
from services.notify.domain.digest import NOTICE_OF, DigestKind, Entry, latest
from services.notify.domain.notice import NoticeKind

ISSUED = date(2024, 3, 5)
CODE = "374/UBND-VXNV"


def test_every_kind_has_its_words() -> None:
    assert set(TEMPLATES) | set(NOTICE_OF.values()) == set(NoticeKind)
    assert set(HEADINGS) == set(NOTICE_OF) == set(DigestKind)
    assert len({template.headline for template in TEMPLATES.values()}) == len(TEMPLATES)


OF_NO_DIRECTIVE = (NoticeKind.CALENDAR_MISSING, NoticeKind.REPORT_DUE)


@pytest.mark.parametrize("kind", [k for k in TEMPLATES if k not in OF_NO_DIRECTIVE])
def test_words_are_composed_and_name_number_and_date(kind: NoticeKind) -> None:
    decomposed = unicodedata.normalize("NFD", "Kế hoạch tổ chức lễ hội")
    body = body_of(kind, CODE, ISSUED, {"abstract": decomposed})
    for words in (title_of(kind, CODE, ISSUED), body, classified_body(CODE, ISSUED)):
        assert unicodedata.is_normalized("NFC", words)
        assert f"{CODE} ngày 05/03/2024" in words
    assert "Kế hoạch tổ chức lễ hội" in body


def test_a_line_without_its_value_is_left_out() -> None:
    body = body_of(NoticeKind.FORWARDED, CODE, ISSUED, {"abstract": "A", "due": " "})
    assert "Trích yếu: A" in body
    assert "Thời hạn" not in body
    assert "{" not in body


def test_words_of_a_document_are_no_template() -> None:
    body = body_of(NoticeKind.FORWARDED, CODE, ISSUED, {"content": "{due} {0.__class__} %s"})
    assert "Nội dung nhiệm vụ: {due} {0.__class__} %s" in body


def test_long_content_is_shortened() -> None:
    body = body_of(NoticeKind.CONFIRMED, CODE, ISSUED, {"content": "rất dài " * 2000})
    assert len(body) < LONGEST + 200
    assert body.endswith("…")


def test_what_concerns_no_directive_names_none() -> None:
    assert title_of(NoticeKind.CALENDAR_MISSING, "", None) == "Lịch làm việc năm sau chưa được nhập"
    body = body_of(NoticeKind.CALENDAR_MISSING, "", None, {"year": "2028"})
    assert body.startswith("Chưa có ngày nghỉ lễ, tết của năm 2028;")
    assert "Văn bản số" not in body


def test_a_title_is_one_line_even_of_an_unknown_date() -> None:
    assert title_of(NoticeKind.OVERDUE, CODE, None).splitlines() == [
        f"Nhiệm vụ quá hạn: Văn bản số {CODE} ngày …"
    ]


def entry(number: int, subject: str = "tasks/1", topic: str = "a", words: str = "") -> Entry:
    at = datetime(2024, 3, number % 28 + 1, tzinfo=UTC)
    return Entry(
        event=UUID(int=number), agency="so-noi-vu", kind=NoticeKind.OVERDUE, subject=subject,
        topic=topic, classified=not words, document_code=f"{number}/UBND", issue_date=ISSUED,
        words=words, occurred_at=at, event_recorded_at=at,
    )  # fmt: skip


def test_a_digest_shows_the_latest_of_each_topic_in_the_order_of_what_happened() -> None:
    first, later = entry(1), entry(5)
    other_topic, other_subject = entry(3, topic="b"), entry(2, subject="tasks/2")
    assert latest([later, first, other_topic, other_subject]) == [other_subject, other_topic, later]


def test_a_digest_lists_its_entries_and_of_very_many_the_number() -> None:
    assert digest_title(DigestKind.MISSED, 2).startswith("Thông báo tổng hợp: 2 việc")
    body = digest_body(DigestKind.MISSED, [entry(1, words="Căn cứ: A\nB"), entry(2)])
    assert "1. Nhiệm vụ quá hạn: Văn bản số 1/UBND ngày 05/03/2024.\n   Căn cứ: A\n   B\n" in body
    assert "2. Nhiệm vụ quá hạn: Văn bản số 2/UBND ngày 05/03/2024.\n\n" in body
    many = digest_body(DigestKind.CALENDAR, [entry(n) for n in range(LISTED + 7)])
    assert f"{LISTED}. Nhiệm vụ" in many
    assert f"{LISTED + 1}. Nhiệm vụ" not in many
    assert "… và 7 việc khác." in many
