"""What tasks are made of.

Codes are those of dondoc.tasks.v1, dondoc.directives.v1 and dondoc.type.v1 without their prefix.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class TaskState(StrEnum):
    FORWARDED = "FORWARDED"
    ACCEPTED = "ACCEPTED"
    RETURNED = "RETURNED"
    IN_PROGRESS = "IN_PROGRESS"
    REPORTED = "REPORTED"
    CONFIRMED = "CONFIRMED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


class Progress(StrEnum):
    """Điểm g khoản 1 Điều 5."""

    NOT_STARTED = "NOT_STARTED"  # chưa thực hiện
    IN_PROGRESS = "IN_PROGRESS"  # đang thực hiện
    DONE = "DONE"  # đã thực hiện


class Timeliness(StrEnum):
    WITHIN_LIMIT = "WITHIN_LIMIT"  # trong hạn
    OVERDUE = "OVERDUE"  # quá hạn
    NO_LIMIT = "NO_LIMIT"  # no limit, or one that is known only in words


class LimitClass(StrEnum):
    """Điều 4."""

    UNSPECIFIED = "UNSPECIFIED"
    WITH_LIMIT = "WITH_LIMIT"
    WITHOUT_LIMIT = "WITHOUT_LIMIT"


class ExtensionState(StrEnum):
    ASKED = "ASKED"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


UNSPECIFIED = "UNSPECIFIED"
OTHER = "OTHER"  # ExtensionReason: a code that says nothing without words


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document by reference; `uri` and `title` are content."""

    number: str = ""
    symbol: str = ""
    date: date | None = None
    uri: str = ""
    sha256: str = ""
    media_type: str = ""
    title: str = ""

    @property
    def code(self) -> str:
        """`12/UBND-TH`."""
        return "/".join(part for part in (self.number, self.symbol) if part)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """By which document, why, when and by whom it was recorded.

    `superseded_by`: resource name of the directive that replaces its own, empty where none does.
    """

    document: DocumentRef
    reason: str
    at: datetime
    by: str
    superseded_by: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """What every task carries of its directive. `directive` is its resource name."""

    directive: str
    kind: str
    document_code: str
    issue_date: date
    issuing_authority: str
    secrecy: str
    abstract: str
    origin: str
    urgency: str
    generated: bool

    @property
    def classified(self) -> bool:
        """mật, tối mật, tuyệt mật (khoản 2 Điều 5)."""
        return self.secrecy != "NONE"


@dataclass(frozen=True, slots=True)
class Limit:
    """`due_date` as its document states it: the last good day before any roll."""

    limit_class: LimitClass = LimitClass.UNSPECIFIED
    due_date: date | None = None
    purpose: str = UNSPECIFIED
    cadence: str = UNSPECIFIED
    origin: str = UNSPECIFIED


@dataclass(frozen=True, slots=True)
class Round:
    """One forwarding to one lead; `content` and `due_date` are what was asked then."""

    number: int
    lead: str
    forwarded_at: datetime
    content: str = ""
    due_date: date | None = None
    returned_at: datetime | None = None
    return_reason: str = UNSPECIFIED
    return_words: str = ""


@dataclass(frozen=True, slots=True)
class ProgressEntry:
    """`date` is the day of which it tells, `entered_at` when it was entered."""

    number: int
    date: date
    situation: str
    entered_at: datetime
    agency: str
    on_behalf: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """`done_date` is the date of the act: of the result document."""

    number: int
    done_date: date
    summary: str
    quality: str
    effectiveness: str
    document: DocumentRef | None
    entered_at: datetime
    on_behalf: bool = False
    receipt_date: date | None = None
    sent_back_at: datetime | None = None
    send_back_reason: str = UNSPECIFIED
    send_back_words: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Stated by the Office (điểm c khoản 1 Điều 6)."""

    progress: str
    quality: str
    effectiveness: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Amendment:
    """A document that set, changed or took away the due date of a round; None where there is none."""

    number: int
    round: int
    document: DocumentRef
    previous_due_date: date | None
    due_date: date | None
    origin: str
    amended_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Extension:
    """A request for more time, and its answer (điểm c khoản 2, điểm d khoản 1 Điều 6).

    `submit_date` is the day on which it was put to the leadership; it stays ASKED until its answer.
    """

    number: int
    round: int
    state: ExtensionState
    requested_due_date: date
    previous_due_date: date
    ask_date: date
    reason: str
    reason_words: str
    request_document: DocumentRef
    asked_at: datetime
    admitted_late: bool = False
    admission_words: str = ""
    answer_document: DocumentRef | None = None
    granted_due_date: date | None = None
    answered_at: datetime | None = None
    submit_date: date | None = None
    submit_document: DocumentRef | None = None
    submitted_at: datetime | None = None
    withdraw_document: DocumentRef | None = None
    withdrawn_at: datetime | None = None
