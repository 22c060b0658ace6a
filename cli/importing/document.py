"""The document of a row: what Điều 5 needs to know one directive from another, and what is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from dondoc.directives.v1 import directive_pb2
from dondoc.directives.v1.directive_pb2 import Directive

from cli.importing.written import (
    AUTHORITIES,
    DOCUMENT_KINDS,
    SECRECIES,
    SOURCES,
    URGENCIES,
    day,
    document_number,
    fold,
    text,
    time_of_day,
)
from cli.language import Words
from cli.render import HO_CHI_MINH
from services.kernel.limits.adapters.profile_files import SHIPPED, load_profiles
from services.kernel.runtime.protos import to_date, to_timestamp

PROVINCE: Final = "Ninh Thuận"

# What a regulation tells agencies to do always is no task (khoản 1 Điều 3).
THE_REGULATION: Final = Words(
    "là chính Quy chế: các nhiệm vụ thường xuyên trong đó không phải nhiệm vụ được giao "
    "(khoản 1 Điều 3)",
    "it is the regulation itself: its standing duties are no tasks (khoản 1 Điều 3)",
)
STANDING_DUTY: Final = Words("nhiệm vụ thường xuyên của Quy chế", "a duty of the regulation")


class Refused(Exception):
    """A row that cannot be entered, with everything that is wrong with it."""

    def __init__(self, *reasons: Words) -> None:
        super().__init__(*(reason.en for reason in reasons))
        self.reasons = reasons


@cache
def _regulations() -> frozenset[tuple[str, str]]:
    """Number and day of issue of the regulations whose profiles this house is run with."""
    profiles = load_profiles(Path(os.environ.get("DONDOC_PROFILE_PATH") or SHIPPED))
    return frozenset((p.id.casefold(), p.issued_on.isoformat()) for p in profiles.installed)


def is_the_regulation(entry: Mapping[str, Any]) -> bool:
    """Whether the row is a regulation itself, and no directive under it."""
    written = text(entry, "number").casefold().replace(" ", "")
    return (written, text(entry, "issued_on")) in _regulations()


def document_of(entry: Mapping[str, Any], province: str) -> Directive:
    """The directive without its items and agencies. Raises Refused naming all that is missing.

    What else Điều 5 asks for may be missing: it stays empty, and the service lists it as a gap.
    """
    reasons: list[Words] = []
    authority = _authority(entry, province, reasons)
    kind = DOCUMENT_KINDS.get(fold(text(entry, "doc_type")))
    if kind is None:
        reasons.append(_needed(entry, "doc_type", "tên loại văn bản", "kind of document"))
    number = document_number(text(entry, "number"))
    if number is None:
        reasons.append(_needed(entry, "number", "số, ký hiệu", "number and symbol"))
    issued = day(text(entry, "issued_on"))
    if issued is None:
        reasons.append(_needed(entry, "issued_on", "ngày ban hành", "date of issue"))
    if number and issued and number.year not in (None, issued.year):
        reasons.append(
            Words(
                f"năm {number.year} trong số văn bản khác năm ban hành {issued.year}",
                f"the year {number.year} in its number is not that of its issue, {issued.year}",
            )
        )
    secrecy = SECRECIES.get(fold(text(entry, "confidentiality")))
    if secrecy is None:
        reasons.append(_needed(entry, "confidentiality", "độ mật", "degree of secrecy"))
    urgency = URGENCIES.get(fold(text(entry, "urgency")))
    if urgency is None:
        reasons.append(_needed(entry, "urgency", "độ khẩn", "degree of urgency"))
    source = SOURCES.get(fold(text(entry, "source")))
    if source is None:
        reasons.append(_needed(entry, "source", "hình thức giao", "form of the assignment"))
    at = time_of_day(text(entry, "issued_time"))
    if at is None and text(entry, "issued_time"):
        reasons.append(_needed(entry, "issued_time", "giờ ban hành", "time of issue"))
    if reasons:
        raise Refused(*reasons)
    assert number
    assert issued
    return Directive(
        kind=kind,  # type: ignore[arg-type]
        number=number.number,
        symbol=number.symbol,
        normative=number.year is not None,
        issue_date=to_date(issued),
        issuing_authority=authority,  # type: ignore[arg-type]
        abstract=text(entry, "abstract"),
        signer=text(entry, "signer"),
        signer_title=text(entry, "signer_title"),
        submission_reference=text(entry, "submission_ref"),
        secrecy=secrecy,  # type: ignore[arg-type]
        urgency=urgency,  # type: ignore[arg-type]
        legal_bases=[
            base for base in entry.get("legal_bases_visible") or () if isinstance(base, str)
        ],
        intake=directive_pb2.INTAKE_OFFICE,
        issue_time=to_timestamp(datetime.combine(issued, at, HO_CHI_MINH)) if at else None,
        source=source,  # type: ignore[arg-type]
    )


def _authority(entry: Mapping[str, Any], province: str, reasons: list[Words]) -> int:
    named = text(entry, "province")
    if fold(named) != fold(province):
        said = Words(named or "không nêu", named or "not said")
        reasons.append(
            Words(
                f"không phải văn bản của tỉnh {province} (tỉnh: {said.vi})",
                f"it is no document of the province {province} (its province: {said.en})",
            )
        )
    written = fold(text(entry, "issuing_authority"))
    authority = AUTHORITIES.get(written.removesuffix(f" {fold(province)}").strip())
    if authority is None:
        reasons.append(
            _needed(entry, "issuing_authority", "UBND tỉnh hay Chủ tịch UBND tỉnh ban hành",
                    "issued by the People's Committee or its Chairman")
        )  # fmt: skip
    return authority or 0


def _needed(entry: Mapping[str, Any], field: str, vi: str, en: str) -> Words:
    given = text(entry, field)
    if given:
        return Words(f"không hiểu {vi}: “{given}”", f"not understood: {en}: “{given}”")
    return Words(f"thiếu {vi}", f"missing: {en}")
