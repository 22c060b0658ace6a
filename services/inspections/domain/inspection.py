"""An inspection from its decision on, and what its decision must contain (khoản 3 Điều 15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class Secrecy(StrEnum):
    """In rising order."""

    NONE = "NONE"
    CONFIDENTIAL = "CONFIDENTIAL"  # mật
    SECRET = "SECRET"  # noqa: S105  # tối mật
    TOP_SECRET = "TOP_SECRET"  # noqa: S105  # tuyệt mật


class Kind(StrEnum):
    REGULAR = "REGULAR"  # from a plan (khoản 1 Điều 14)
    AD_HOC = "AD_HOC"  # on demand or on signs (khoản 2 Điều 14)


class DecidedBy(StrEnum):
    """Khoản 1, 2 Điều 15."""

    CHAIRMAN = "CHAIRMAN"
    HEAD_OF_OFFICE = "HEAD_OF_OFFICE"
    HEAD_OF_DEPARTMENT = "HEAD_OF_DEPARTMENT"
    DISTRICT_CHAIRMAN = "DISTRICT_CHAIRMAN"


class State(StrEnum):
    DECIDED = "DECIDED"


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """The decision as a document; `uri` and `title` are content."""

    number: str
    symbol: str
    date: date | None
    uri: str = ""
    sha256: str = ""
    media_type: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """`agency` is a slug."""

    person: str
    agency: str
    leader: bool


@dataclass(frozen=True, slots=True)
class Inspection:
    """`subjects` are slugs of agencies, `tasks` resource names; the three texts are content."""

    id: UUID
    version: int
    state: State
    secrecy: Secrecy
    kind: Kind
    decided_by: DecidedBy
    decision: DocumentRef
    legal_basis: str
    scope: str
    subjects: tuple[str, ...]
    tasks: tuple[str, ...]
    content: str
    start: date
    end: date
    team: tuple[Member, ...]
    decided_at: datetime

    @property
    def name(self) -> str:
        return f"inspections/{self.id}"

    @property
    def classified(self) -> bool:
        """One classified task makes the whole inspection so (khoản 2 Điều 5)."""
        return self.secrecy is not Secrecy.NONE


@dataclass(frozen=True, slots=True)
class Flaw:
    """What a decision lacks; `field` is its path in the inspection."""

    field: str
    reason: str
    vi: str
    en: str


def highest(levels: Iterable[Secrecy]) -> Secrecy:
    order = list(Secrecy)
    return max(levels, key=order.index, default=Secrecy.NONE)


def flaws(inspection: Inspection, today: date) -> Iterator[Flaw]:
    """All at once, in the order of khoản 3 Điều 15. Words are asked of open decisions alone."""
    yield from _document_flaws(inspection.decision, today)
    if not inspection.classified:
        for field, text, point in (
            ("legal_basis", inspection.legal_basis, "a"),
            ("scope", inspection.scope, "b"),
            ("content", inspection.content, "c"),
        ):
            if not text.strip():
                yield _missing(field, point)
    if not inspection.subjects:
        yield _missing("subject_agencies", "b")
    if not inspection.tasks:
        yield _missing("tasks", "b")
    if inspection.end < inspection.start:
        yield Flaw(
            "end_date", "PERIOD_REVERSED",
            "phải từ ngày start_date trở đi", "must not be before start_date",
        )  # fmt: skip
    yield from _team_flaws(inspection.team)


def _document_flaws(decision: DocumentRef, today: date) -> Iterator[Flaw]:
    for field, value, vi in (
        ("number", decision.number, "số"),
        ("symbol", decision.symbol, "ký hiệu"),
        ("date", decision.date, "ngày"),
    ):
        if not value:
            yield Flaw(
                f"decision.{field}", "REQUIRED",
                f"phải có {vi} của quyết định", f"the {field} of the decision is required",
            )  # fmt: skip
    if decision.date and decision.date > today:
        yield Flaw(
            "decision.date", "DATE_IN_FUTURE", "không được sau hôm nay", "must not be after today"
        )


def _team_flaws(team: tuple[Member, ...]) -> Iterator[Flaw]:
    if sum(member.leader for member in team) != 1:
        yield Flaw(
            "team", "ONE_LEADER",
            "Đoàn phải có đúng một Trưởng đoàn (khoản 1 Điều 16)",
            "exactly one member leads the team (khoản 1 Điều 16)",
        )  # fmt: skip
    known: set[tuple[str, str]] = set()
    for index, member in enumerate(team):
        if not member.person.strip():
            yield _missing(f"team[{index}].person", "đ")
        if (member.person, member.agency) in known:
            yield Flaw(
                f"team[{index}].person", "DUPLICATE_MEMBER",
                "đã có trong Đoàn", "is in the team already",
            )  # fmt: skip
        known.add((member.person, member.agency))


def _missing(field: str, point: str) -> Flaw:
    return Flaw(
        field, "REQUIRED",
        f"quyết định phải có nội dung này (điểm {point} khoản 3 Điều 15)",
        f"a decision must contain it (điểm {point} khoản 3 Điều 15)",
    )  # fmt: skip
