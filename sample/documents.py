"""What the generator makes: directives of 2024 with their items. Enum values are those of the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sample import workdays

# Every text that is generated begins with it.
MARK = "[Dữ liệu mẫu]"


class Kind(StrEnum):
    LETTER = "LETTER"
    PLAN = "PLAN"
    INSTRUCTION = "INSTRUCTION"
    DECISION = "DECISION"
    NOTICE = "NOTICE"


class Authority(StrEnum):
    PEOPLES_COMMITTEE = "PEOPLES_COMMITTEE"
    CHAIRMAN = "CHAIRMAN"


class Secrecy(StrEnum):
    NONE = "NONE"
    CONFIDENTIAL = "CONFIDENTIAL"
    SECRET = "SECRET"  # noqa: S105 (a degree of secrecy of a document, not a password)
    TOP_SECRET = "TOP_SECRET"  # noqa: S105


class Origin(StrEnum):
    """Who fixed the limit. Only the province's own can be extended (điểm d khoản 1 Điều 6)."""

    PROVINCE = "PROVINCE"
    GOVERNMENT = "GOVERNMENT"
    GOVERNMENT_OFFICE = "GOVERNMENT_OFFICE"
    CENTRAL_MINISTRY = "CENTRAL_MINISTRY"


class Purpose(StrEnum):
    REPORT = "REPORT"
    SUBMIT = "SUBMIT"
    COMPLETE = "COMPLETE"


@dataclass(frozen=True, slots=True)
class Item:
    """One assignment. Names are those of `organisations.json`.

    `with_limit` without `due`: the limit is known in words only. `group`: the phrase by which the document
    addresses the leads, "" when it names them.
    """

    ordinal: int
    content: str
    leads: tuple[str, ...]
    coordinating: tuple[str, ...] = ()
    group: str = ""
    with_limit: bool = True
    due: date | None = None
    limit_in_words: str = ""
    purpose: Purpose = Purpose.REPORT
    origin: Origin = Origin.PROVINCE

    @property
    def last_day(self) -> date | None:
        """The last good day: a due date on a day off moves (khoản 5 Điều 148 BLDS)."""
        return workdays.working_on_or_after(self.due) if self.due else None


@dataclass(frozen=True, slots=True)
class GeneratedDirective:
    """`key`: "2024-017", its name inside the script; the signer stays a gap: nobody is invented."""

    key: str
    kind: Kind
    number: str
    symbol: str
    issued: date
    authority: Authority
    abstract: str
    submitting: str
    monitoring: str
    secrecy: Secrecy
    urgency: str
    origin: Origin
    items: tuple[Item, ...]

    @property
    def classified(self) -> bool:
        return self.secrecy is not Secrecy.NONE

    @property
    def document_code(self) -> str:
        return f"{self.number}/{self.symbol}"

    @property
    def task_count(self) -> int:
        """One task for each item and lead agency."""
        return sum(len(item.leads) for item in self.items)

    @property
    def intake_days(self) -> int:
        """Working days from issue to forwarding (khoản 1 Điều 7), opinions apart."""
        agencies = {name for item in self.items for name in (*item.leads, *item.coordinating)}
        return 7 if self.task_count > 1 or len(agencies) > 1 else 2
