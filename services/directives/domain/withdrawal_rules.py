"""What must hold for a directive to be withdrawn. A violation names its field and what would be right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from services.directives.domain.directive import STANDING, Directive, Withdrawal
from services.directives.domain.entry_rules import Wrong


def wrong_in(directive: Directive, withdrawal: Withdrawal, today: date) -> Iterator[Wrong]:
    """`today`: the legal day, on which the withdrawal is entered."""
    document, issued = withdrawal.document, directive.issue_date
    for name in ("number", "symbol", "date"):
        if not getattr(document, name):
            yield Wrong(
                f"document.{name}",
                "văn bản phải có số, ký hiệu và ngày",
                "a document needs its number, symbol and date",
                "DOCUMENT_INCOMPLETE",
            )
    if document.date and not issued <= document.date <= today:
        yield Wrong(
            "document.date",
            f"phải từ ngày ban hành văn bản bị thu hồi ({issued:%d/%m/%Y}) đến hôm nay ({today:%d/%m/%Y})",
            f"must lie between the issue of the directive ({issued}) and today ({today})",
            "DATE_OUT_OF_RANGE",
        )
    if not directive.classified and not withdrawal.reason.strip():
        yield Wrong("reason", "phải nêu rõ bằng lời", "is needed: say it in words", "WORDS_NEEDED")


def wrong_successor(directive: Directive, successor: Directive | None) -> Iterator[Wrong]:
    """`successor`: None for a name that stands for no directive.

    It must stand itself, so that no two directives replace each other.
    """
    if successor is None:
        yield Wrong(
            "superseded_by",
            "chưa có văn bản này; hãy nhập văn bản thay thế trước",
            "is no directive that is known; enter the replacing one first",
            "UNKNOWN_DIRECTIVE",
        )
    elif successor.id == directive.id:
        yield Wrong(
            "superseded_by", "không thể là chính nó", "cannot be the directive itself", "ITSELF"
        )
    elif successor.state not in STANDING:
        yield Wrong(
            "superseded_by",
            f"văn bản thay thế đã ở trạng thái {successor.state}",
            f"is {successor.state} itself",
            "SUCCESSOR_WITHDRAWN",
        )
    elif successor.issue_date < directive.issue_date:
        yield Wrong(
            "superseded_by",
            f"ban hành trước ({successor.issue_date:%d/%m/%Y}) văn bản bị thay thế "
            f"({directive.issue_date:%d/%m/%Y})",
            f"was issued ({successor.issue_date}) before the directive that it would replace "
            f"({directive.issue_date})",
            "ISSUED_BEFORE",
        )
