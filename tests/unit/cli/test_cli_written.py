"""What the words of a file of directives mean, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from dondoc.directives.v1 import directive_pb2
from dondoc.type.v1 import document_pb2, limit_pb2

from cli.importing.document import Refused, document_of, is_the_regulation
from cli.importing.written import DocumentNumber, document_number, limit_of
from services.kernel.runtime.protos import to_date

WITH, WITHOUT = limit_pb2.LIMIT_CLASS_WITH_LIMIT, limit_pb2.LIMIT_CLASS_WITHOUT_LIMIT


def letter(**changes: Any) -> dict[str, Any]:
    """A row that can be entered, with `changes`."""
    return {
        "province": "Ninh Thuận",
        "number": "374/UBND-VXNV",
        "doc_type": "Công văn",
        "issued_on": "2020-02-15",
        "issuing_authority": "UBND tỉnh",
        "confidentiality": "none",
        **changes,
    }


def reasons(row: dict[str, Any], province: str = "Ninh Thuận") -> list[str]:
    with pytest.raises(Refused) as refused:
        document_of(row, province)
    assert all(reason.vi and reason.en for reason in refused.value.reasons)
    return [reason.en for reason in refused.value.reasons]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("374/UBND-VXNV", DocumentNumber("374", "UBND-VXNV", None)),
        ("16/CT-UBND", DocumentNumber("16", "CT-UBND", None)),
        ("69/2019/QĐ-UBND", DocumentNumber("69", "QĐ-UBND", 2019)),
        ("2020/QĐ-UBND", DocumentNumber("2020", "QĐ-UBND", None)),
        ("12a / KH-UBND", DocumentNumber("12a", "KH-UBND", None)),
        ("UBND-VXNV", None),
        ("374", None),
        ("374/", None),
        ("", None),
    ],
)
def test_a_number_is_read_as_it_is_printed(written: str, read: DocumentNumber | None) -> None:
    assert document_number(written) == read


@pytest.mark.rule("R4", "R5.1e")
@pytest.mark.parametrize(
    ("kind", "deadline", "limit_class", "due", "words"),
    [
        ("date", "2021-07-31", WITH, date(2021, 7, 31), ""),
        ("date", "1970-01-01", WITHOUT, None, ""),
        ("date", "cuối tháng 7", WITH, None, "cuối tháng 7"),
        ("none", None, WITHOUT, None, ""),
        ("period", "hàng quý", WITHOUT, None, "hàng quý"),
        ("relative", "15 ngày kể từ khi có thay đổi", WITH, None, "15 ngày kể từ khi có thay đổi"),
        ("immediate", None, WITH, None, ""),
        ("not_visible", None, WITH, None, ""),
        (None, "sớm", limit_pb2.LIMIT_CLASS_UNSPECIFIED, None, "sớm"),
    ],
)
def test_a_limit_is_read_and_never_guessed(
    kind: str | None, deadline: str | None, limit_class: int, due: date | None, words: str
) -> None:
    read = limit_of({"deadline_kind": kind, "deadline": deadline, "period": ["quý"]})
    assert read.limit.limit_class == limit_class
    assert read.words == words
    assert read.limit.HasField("due_date") is (due is not None)
    if due:
        assert read.limit.due_date == to_date(due)


@pytest.mark.rule("R7.2b")
@pytest.mark.parametrize(
    ("period", "cadence", "strange"),
    [
        (["quý"], limit_pb2.CADENCE_QUARTERLY, 0),
        (["6 tháng"], limit_pb2.CADENCE_HALF_YEARLY, 0),
        (["10-10"], limit_pb2.CADENCE_YEARLY, 0),
        (["tháng"], limit_pb2.CADENCE_MONTHLY, 0),
        (["năm", "6 tháng", "quý"], limit_pb2.CADENCE_QUARTERLY, 0),
        (["quý", "khi có kết quả"], limit_pb2.CADENCE_QUARTERLY, 1),
        (["thường xuyên"], limit_pb2.CADENCE_UNSPECIFIED, 1),
        (["14 ngày"], limit_pb2.CADENCE_UNSPECIFIED, 1),
        (None, limit_pb2.CADENCE_UNSPECIFIED, 0),
    ],
)
def test_the_most_frequent_period_sets_the_cadence_and_strange_ones_are_told(
    period: list[str] | None, cadence: int, strange: int
) -> None:
    read = limit_of({"deadline_kind": "period", "deadline": None, "period": period})
    assert (read.limit.cadence, len(read.notes)) == (cadence, strange)


@pytest.mark.rule("R5.1a", "R1.1")
def test_what_is_null_stays_empty() -> None:
    read = document_of(letter(abstract=None, signer=None, urgency=None), "Ninh Thuận")
    assert (read.number, read.symbol, read.normative) == ("374", "UBND-VXNV", False)
    assert read.kind == document_pb2.DOCUMENT_KIND_LETTER
    assert read.intake == directive_pb2.INTAKE_OFFICE
    assert (read.abstract, read.signer) == ("", "")
    assert read.urgency == directive_pb2.URGENCY_UNSPECIFIED


def test_both_spellings_of_an_urgency_are_one() -> None:
    urgencies = [
        document_of(letter(urgency=u), "Ninh Thuận").urgency for u in ("Hỏa tốc", "hoả tốc")
    ]
    assert urgencies == [directive_pb2.URGENCY_EXPRESS] * 2


def test_the_time_of_issue_and_an_oral_source_are_read() -> None:
    row = letter(issued_time="16:30", issued_on="2020-02-15", source="Kết luận bằng lời")
    read = document_of(row, "Ninh Thuận")
    assert read.issue_time.ToJsonString() == "2020-02-15T09:30:00Z"
    assert read.source == directive_pb2.SOURCE_ORAL_CONCLUSION
    assert not document_of(letter(), "Ninh Thuận").HasField("issue_time")


def test_the_authority_may_be_written_in_full() -> None:
    row = letter(issuing_authority="Chủ tịch Ủy ban nhân dân tỉnh Ninh Thuận")
    read = document_of(row, "Ninh Thuận").issuing_authority
    assert read == directive_pb2.ISSUING_AUTHORITY_CHAIRMAN


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"number": None}, "missing: number and symbol"),
        ({"number": "374"}, "not understood: number and symbol: “374”"),
        ({"doc_type": None}, "missing: kind of document"),
        ({"doc_type": "Thư mời"}, "not understood: kind of document: “Thư mời”"),
        ({"issued_on": None}, "missing: date of issue"),
        ({"issued_on": "1970-01-01"}, "not understood: date of issue: “1970-01-01”"),
        ({"issued_on": 20200215}, "missing: date of issue"),
        ({"confidentiality": "bí mật lắm"}, "not understood: degree of secrecy: “bí mật lắm”"),
        (
            {"issuing_authority": "Ban Chỉ huy PCTT&TKCN tỉnh"},
            "not understood: issued by the People's Committee or its Chairman: "
            "“Ban Chỉ huy PCTT&TKCN tỉnh”",
        ),
        (
            {"province": "Quảng Nam"},
            "it is no document of the province Ninh Thuận (its province: Quảng Nam)",
        ),
        (
            {"province": None},
            "it is no document of the province Ninh Thuận (its province: not said)",
        ),
        (
            {"number": "69/2018/QĐ-UBND"},
            "the year 2018 in its number is not that of its issue, 2020",
        ),
    ],
)
def test_a_row_without_what_is_needed_is_refused_with_the_reason(
    changes: dict[str, Any], reason: str
) -> None:
    assert reasons(letter(**changes)) == [reason]


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert len(reasons(letter(number=None, doc_type=None, issued_on=None))) == 3


def test_another_province_is_a_setting() -> None:
    assert document_of(letter(province="Quảng Nam"), "Quảng Nam").number == "374"


def test_the_regulation_is_known_by_number_and_day_of_the_installed_profiles() -> None:
    assert is_the_regulation(letter(number="69/2019/QĐ-UBND", issued_on="2019-12-11"))
    assert not is_the_regulation(letter(number="69/2019/QĐ-UBND", issued_on="2019-12-12"))
