"""What a directive must be to be loaded at go-live. A violation names its field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from services.directives.domain.directive import Directive
from services.directives.domain.entry_rules import Wrong


def wrong_in(
    directive: Directive, forward_date: date, cut_over_date: date, today: date, *, by_office: bool
) -> Iterator[Wrong]:
    """`today`: the legal day; `by_office`: the caller has the role of the Office."""
    if directive.classified and not by_office:
        yield Wrong(
            "directive.secrecy",
            "văn bản mật do Văn phòng UBND tỉnh nhập trực tiếp (khoản 4 Điều 3)",
            "a classified directive is entered by the Office itself (khoản 4 Điều 3)",
            "CLASSIFIED_NOT_CARRIED",
        )
    issued = directive.issue_date
    if not issued <= forward_date <= today or forward_date >= cut_over_date:
        yield Wrong(
            "forward_date",
            f"phải từ ngày ban hành ({issued:%d/%m/%Y}) đến trước ngày bắt đầu sử dụng "
            f"({cut_over_date:%d/%m/%Y}) và không sau hôm nay ({today:%d/%m/%Y}); văn bản chuyển từ ngày "
            "đó thì nhập như thường lệ",
            f"must lie between the issue ({issued}) and the day before the cut-over ({cut_over_date}), not "
            f"after today ({today}); what is forwarded from then on is entered as usual",
            "DATE_OUT_OF_RANGE",
        )
