"""What is done in the demonstration: one act, one life of a task, the whole script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from sample.documents import GeneratedDirective, Item

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HOUR = time(9)  # everything happens at nine in the morning, in the order of the script


class What(StrEnum):
    """The acts, named like the methods that carry them out."""

    ENTER = "EnterDirective"
    CONSULT = "RecordConsultation"
    FORWARD = "ForwardDirective"
    ACCEPT = "AcceptTask"
    RETURN = "ReturnTask"
    REFORWARD = "ReforwardTask"
    PROGRESS = "RecordProgress"
    REPORT = "ReportResult"
    ON_BEHALF = "EnterOnBehalf"
    CONFIRM = "ConfirmTask"
    SEND_BACK = "SendBackTask"
    CLOSE = "CloseTask"
    ASK = "RequestExtension"
    ADMIT = "AdmitExtension"
    ANSWER = "AnswerExtension"
    INSPECT = "DecideInspection"


class Refusal(StrEnum):
    """Refusals that belong to the script, by the reason that the house gives."""

    ASKED_TOO_LATE = "EXTENSION_TOO_LATE"
    LOCKED_ORIGIN = "ORIGIN_LOCKED"


class Outcome(StrEnum):
    """What the life of a task is about."""

    ON_TIME = "on time"
    ENTERED_AFTER_DUE = "done on time, entered after the due date"
    LATE = "late"
    LATE_OPEN = "overdue, with its situation entered"
    UPDATE_MISSING = "update missing"
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension refused"
    ASKED_TOO_LATE = "asked too late"
    ADMITTED_LATE = "asked too late, admitted by the Office"
    LOCKED_ORIGIN = "locked origin"
    REFORWARDED = "returned and re-forwarded"
    SENT_BACK = "sent back"
    ON_BEHALF = "entered on behalf"
    WITHOUT_LIMIT_DONE = "without limit, done"
    WITHOUT_LIMIT_UPDATED = "without limit, updated by quarter"
    WITHOUT_LIMIT_SILENT = "without limit, never updated"
    IN_WORDS = "limit in words"


@dataclass(frozen=True, slots=True)
class TaskKey:
    """A task inside the script: directive, item, and the lead that it was first forwarded to."""

    directive: str
    ordinal: int
    lead: str


@dataclass(frozen=True, slots=True)
class Act:
    """One call.

    at      when it is done
    who     the agency whose officer does it
    n       which time this is done to this task, from 1
    day     the day that it names: of the result, or the due date that is asked for or granted
    other   the agency that it names: the next lead
    reason  the code that it names
    refusal why the house must refuse it, if it must
    """

    at: datetime
    who: str
    what: What
    directive: str
    task: TaskKey | None = None
    n: int = 1
    day: date | None = None
    received: date | None = None
    other: str = ""
    others: tuple[str, ...] = ()
    tasks: tuple[TaskKey, ...] = ()
    granted: bool = False
    reason: str = ""
    refusal: Refusal | None = None

    @property
    def key(self) -> str:
        """Names it for good: the same act has the same request id in every run."""
        task = f"/{self.task.ordinal}/{self.task.lead}" if self.task else ""
        return f"{self.directive}{task}/{self.what}/{self.n}"


@dataclass(frozen=True, slots=True)
class Life:
    """One task from forwarded on, in the order of its acts."""

    task: TaskKey
    item: Item
    forwarded: date
    outcome: Outcome
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Intake:
    """What the Office does with one directive: enter, perhaps ask opinions, forward."""

    directive: GeneratedDirective
    acts: tuple[Act, ...]
    last_day: date  # of khoản 1 Điều 7

    @property
    def forwarded(self) -> date:
        return self.acts[-1].at.date()

    @property
    def breached(self) -> bool:
        return self.forwarded > self.last_day


@dataclass(frozen=True, slots=True)
class Script:
    """What is done up to `end`: the lives of tasks that are open then stop there."""

    seed: int
    intakes: tuple[Intake, ...]
    lives: tuple[Life, ...]
    inspections: tuple[Act, ...]
    end: datetime

    @property
    def acts(self) -> tuple[Act, ...]:
        """All acts in the order of their times; at one time, those of one subject in their order."""
        found = [act for intake in self.intakes for act in intake.acts]
        found += [act for life in self.lives for act in life.acts]
        return tuple(sorted([*found, *self.inspections], key=lambda act: act.at))


def at(day: date) -> datetime:
    return datetime.combine(day, HOUR, ZONE)
