"""A directive from its entry until its tasks are with the agencies (điểm a khoản 1 Điều 6).

Values are the names of the .proto's enumerations without their prefix ("WITH_LIMIT"), agencies are
slugs. Content fields of a classified directive are empty (khoản 2 Điều 5): what would fill them is
refused before it comes here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.directives.domain.document_key import key_of, printed

MOST_ITEMS: Final = 200
NOT_SAID: Final = "UNSPECIFIED"


class State(StrEnum):
    ENTERED = "ENTERED"
    FORWARDED = "FORWARDED"
    NO_TASK = "NO_TASK"
    WITHDRAWN = "WITHDRAWN"
    SUPERSEDED = "SUPERSEDED"


# What was not withdrawn.
STANDING: Final = (State.ENTERED, State.FORWARDED, State.NO_TASK)


class Action(StrEnum):
    SUPPLEMENT = "SUPPLEMENT"
    CLASSIFY_ITEM = "CLASSIFY_ITEM"
    RECORD_CONSULTATION = "RECORD_CONSULTATION"
    FORWARD = "FORWARD"
    RECORD_NO_TASK = "RECORD_NO_TASK"
    WITHDRAW = "WITHDRAW"
    SUPERSEDE = "SUPERSEDE"


class LimitClass(StrEnum):
    """Điều 4."""

    UNSPECIFIED = NOT_SAID
    WITH_LIMIT = "WITH_LIMIT"
    WITHOUT_LIMIT = "WITHOUT_LIMIT"


# A document is withdrawn or replaced whatever it has led to; once and for good.
_UNDONE: Final = {Action.WITHDRAW: State.WITHDRAWN, Action.SUPERSEDE: State.SUPERSEDED}
# Transitions as data: what may be done in a state, and the state it leads to.
TRANSITIONS: Final[Mapping[State, Mapping[Action, State]]] = {
    State.ENTERED: {
        Action.SUPPLEMENT: State.ENTERED,
        Action.CLASSIFY_ITEM: State.ENTERED,
        Action.RECORD_CONSULTATION: State.ENTERED,
        Action.FORWARD: State.FORWARDED,
        Action.RECORD_NO_TASK: State.NO_TASK,
        **_UNDONE,
    },
    # What a document lacked when it was entered may become known at any time.
    State.FORWARDED: {Action.SUPPLEMENT: State.FORWARDED, **_UNDONE},
    State.NO_TASK: {Action.SUPPLEMENT: State.NO_TASK, **_UNDONE},
    State.WITHDRAWN: {},
    State.SUPERSEDED: {},
}


class Refused(Exception):
    """Not possible with this directive as it is now. `metadata` tells no content."""

    def __init__(self, reason: str, vi: str, en: str, **metadata: str) -> None:
        super().__init__(en)
        self.reason, self.vi, self.en, self.metadata = reason, vi, en, metadata


class WrongState(Refused):
    def __init__(self, state: State, action: Action) -> None:
        allowed = ", ".join(TRANSITIONS[state])
        super().__init__(
            "WRONG_STATE",
            f"Văn bản đang ở trạng thái {state}, không thực hiện được {action}; "
            f"được phép: {allowed or 'không có'}.",
            f"the directive is {state}: {action} is not possible; allowed: {allowed or 'nothing'}",
            state=state,
            allowed=allowed,
        )


@dataclass(frozen=True, slots=True)
class Limit:
    """Time limit of an item as the document states it; `due_date` is the last good day."""

    limit_class: LimitClass = LimitClass.UNSPECIFIED
    due_date: date | None = None
    purpose: str = NOT_SAID
    cadence: str = NOT_SAID
    origin: str = NOT_SAID


@dataclass(frozen=True, slots=True)
class Item:
    """One assignment; becomes one task for each of `leads`.

    `tasks`: their ids in the order of `leads`, empty before forwarding.
    """

    ordinal: int
    leads: tuple[str, ...]
    limit: Limit = Limit()
    content: str = ""
    limit_in_words: str = ""
    coordinating: tuple[str, ...] = ()
    concerned: tuple[str, ...] = ()
    addressed_groups: tuple[str, ...] = ()
    unresolved_coordinators: tuple[str, ...] = ()
    source_place: str = ""
    written_report: bool = False
    tasks: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document by reference."""

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
    """By which document, why, when and by whom it was recorded; `superseded_by`: what replaces it."""

    document: Attachment
    reason: str
    at: datetime
    by: str
    superseded_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Directive:
    """Instants know their zone; `version` counts the commands on it, from 1.

    `issued_at`: the instant of issue, None where only the day is known.
    """

    id: UUID
    kind: str
    number: str
    symbol: str
    issue_date: date
    issuing_authority: str
    entered_at: datetime
    normative: bool = False
    abstract: str = ""
    signer: str = ""
    signer_title: str = ""
    submitting_agency: str = ""
    submission_reference: str = ""
    monitoring_agency: str = ""
    secrecy: str = "NONE"
    urgency: str = "NONE"
    issued_at: datetime | None = None
    source: str = "DOCUMENT"
    origin: str = "PROVINCE"
    legal_bases: tuple[str, ...] = ()
    other_information: str = ""
    attachments: tuple[Attachment, ...] = ()
    intake: str = "OFFICE"
    items: tuple[Item, ...] = ()
    generated: bool = False
    state: State = State.ENTERED
    consulted: tuple[str, ...] = ()
    forwarded_at: datetime | None = None
    intake_clock: UUID | None = None
    cut_over_at: datetime | None = None  # loaded at go-live: before it nothing is said
    withdrawal: Withdrawal | None = None
    version: int = 1

    @property
    def name(self) -> str:
        return f"directives/{self.id}"

    @property
    def key(self) -> str:
        return key_of(self.number, self.symbol, self.issue_date.year, self.normative)

    @property
    def document_code(self) -> str:
        """As the document prints it: "374/UBND-VXNV", "69/2019/QĐ-UBND"."""
        return printed(self.number, self.symbol, self.normative, self.issue_date.year)

    @property
    def classified(self) -> bool:
        return self.secrecy != "NONE"

    def classify(self, ordinal: int, limit: Limit, limit_in_words: str = "") -> Directive:
        """With or without a time limit (Điều 4). Words that stand stay unless new ones come."""
        state = self.after(Action.CLASSIFY_ITEM)
        before = self.item(ordinal)
        words = limit_in_words or before.limit_in_words
        items = self.with_item(replace(before, limit=limit, limit_in_words=words))
        return replace(self, items=items).next(state)

    def consult(self, agencies: Iterable[str]) -> Directive:
        """Records whose opinion is asked (khoản 1 Điều 7), besides those asked before."""
        state = self.after(Action.RECORD_CONSULTATION)
        asked = tuple(dict.fromkeys((*self.consulted, *agencies)))
        if asked == self.consulted:
            raise Refused(
                "NOTHING_NEW",
                "Các cơ quan này đã được ghi nhận lấy ý kiến.",
                "these agencies are recorded as consulted already",
            )
        return replace(self, consulted=asked).next(state)

    def forward(self, at: datetime, tasks: Mapping[tuple[int, str], UUID]) -> Directive:
        """Gives the tasks to the agencies. `tasks`: the id for each of `assignments`."""
        state = self.after(Action.FORWARD)
        if not self.items:
            raise Refused(
                "NO_ITEMS",
                "Văn bản chưa có nhiệm vụ nào; hãy bổ sung, hoặc ghi nhận không giao nhiệm vụ.",
                "the directive has no items yet; supplement them, or record that it gives no task",
            )
        for item in self.items:
            if item.limit.limit_class is LimitClass.UNSPECIFIED:
                raise Refused(
                    "UNCLASSIFIED_ITEM",
                    f"Nhiệm vụ thứ {item.ordinal} chưa được phân loại có hay không có thời hạn "
                    "(Điều 4).",
                    f"item {item.ordinal} is not classified yet, with or without a limit (Điều 4)",
                    ordinal=str(item.ordinal),
                )
        items = tuple(
            replace(item, tasks=tuple(tasks[item.ordinal, lead] for lead in item.leads))
            for item in self.items
        )
        return replace(self, items=items, forwarded_at=at).next(state)

    def record_no_task(self) -> Directive:
        """It gives no task, or routine duties only (khoản 1 Điều 3)."""
        return self.next(self.after(Action.RECORD_NO_TASK))

    def withdraw(self, withdrawal: Withdrawal) -> Directive:
        """It counts no more; what was recorded of it before stays."""
        action = Action.SUPERSEDE if withdrawal.superseded_by else Action.WITHDRAW
        return replace(self, withdrawal=withdrawal).next(self.after(action))

    def item(self, ordinal: int) -> Item:
        """Counted from 1; NO_SUCH_ITEM."""
        if not 1 <= ordinal <= len(self.items):
            raise Refused(
                "NO_SUCH_ITEM",
                f"Văn bản có {len(self.items)} nhiệm vụ, không có nhiệm vụ thứ {ordinal}.",
                f"the directive has {len(self.items)} items, none with the ordinal {ordinal}",
                ordinal=str(ordinal),
            )
        return self.items[ordinal - 1]

    def with_item(self, changed: Item) -> tuple[Item, ...]:
        """The items with this one in the place of its ordinal."""
        before, after = self.items[: changed.ordinal - 1], self.items[changed.ordinal :]
        return (*before, changed, *after)

    def assignments(self) -> tuple[tuple[int, str], ...]:
        """Ordinal and lead of each task that forwarding gives."""
        return tuple((item.ordinal, lead) for item in self.items for lead in item.leads)

    def after(self, action: Action) -> State:
        """The state that `action` leads to; WrongState where it may not be done."""
        after = TRANSITIONS[self.state].get(action)
        if after is None:
            raise WrongState(self.state, action)
        return after

    def next(self, state: State) -> Directive:
        return replace(self, state=state, version=self.version + 1)


def numbered(items: Iterable[Item], *, after: int = 0) -> tuple[Item, ...]:
    """Items with the ordinals that follow `after`."""
    return tuple(replace(item, ordinal=n) for n, item in enumerate(items, after + 1))
