from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from services.notify.adapters.templates import (
    LONGEST,
    TEMPLATES,
    body_of,
    classified_body,
    title_of,
)
from services.notify.domain.notice import NoticeKind

ISSUED = date(2024, 3, 5)
CODE = "374/UBND-VXNV"


def test_every_kind_has_its_words() -> None:
    assert set(TEMPLATES) == set(NoticeKind)
    assert len({template.headline for template in TEMPLATES.values()}) == len(NoticeKind)


@pytest.mark.parametrize("kind", list(NoticeKind))
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


def test_a_title_is_one_line_even_of_an_unknown_date() -> None:
    assert title_of(NoticeKind.OVERDUE, CODE, None).splitlines() == [
        f"Nhiệm vụ quá hạn: Văn bản số {CODE} ngày …"
    ]
