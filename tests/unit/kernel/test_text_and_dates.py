"""Text and days as they may enter."""

from __future__ import annotations

import unicodedata

import pytest
from dondoc.tasks.v1 import task_service_pb2
from google.type.date_pb2 import Date

from services.kernel.runtime import text
from services.kernel.runtime.errors import DondocError
from services.kernel.runtime.protos import from_date


def progress(situation: str) -> task_service_pb2.RecordProgressRequest:
    return task_service_pb2.RecordProgressRequest(situation=situation)


def test_text_is_brought_to_one_form_of_vietnamese() -> None:
    decomposed = unicodedata.normalize("NFD", "Sở Nội vụ")
    request = progress(decomposed)
    assert not list(text.clean(request))
    assert request.situation == "Sở Nội vụ"


@pytest.mark.parametrize("bad", ["a\x00b", "a\u202eb", "a\x07b", "\u2066x"])
def test_characters_that_hide_or_reverse_text_are_refused(bad: str) -> None:
    assert [v.reason for v in text.clean(progress(bad))] == ["FORBIDDEN_CHARACTER"]


def test_lines_and_tabs_are_text() -> None:
    assert not list(text.clean(progress("một\n\thai")))


@pytest.mark.parametrize(
    "day", [Date(year=2024, month=2, day=30), Date(year=2024), Date(year=1700, month=1, day=1)]
)
def test_a_day_that_does_not_exist_is_refused_by_name(day: Date) -> None:
    with pytest.raises(DondocError) as refused:
        from_date(day, "done_date")
    assert refused.value.fields[0].field == "done_date"
