"""From events to what is told: the one mapping of other services' messages to Matter and Happening."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dondoc.calendar.v1.calendar_pb2 import MissingYear
from dondoc.directives.v1.directive_pb2 import Directive
from dondoc.directives.v1.events_pb2 import ClassifiedDirective
from dondoc.limits.v1.clock_pb2 import Clock, Rung, RungFired, RungRevoked
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1.events_pb2 import ClassifiedTask
from dondoc.type.v1.document_pb2 import DocumentRef
from dondoc.type.v1.event_pb2 import Event
from google.protobuf.message import Message

from services.kernel.directory.copy import slug
from services.kernel.limits.domain import profile as regulation
from services.kernel.limits.domain.calendar import local_date
from services.kernel.limits.domain.profile import LimitRule, Owner, Profile, Profiles
from services.kernel.runtime.classified import is_classified
from services.kernel.runtime.ids import event_id
from services.kernel.runtime.protos import document_code, from_timestamp, optional_date
from services.notify.adapters.templates import printed
from services.notify.domain.digest import Batch, DigestKind
from services.notify.domain.notice import EVERYWHERE, Channel, Matter
from services.notify.domain.routing import (
    CALENDAR_MISSING,
    DUE_MOVED,
    TASK_EVENTS,
    Parts,
    Telling,
    of_report_rung,
    of_rung,
)

_DIRECTIVES: tuple[type[Message], ...] = (Directive, ClassifiedDirective)
_TASKS: tuple[type[Message], ...] = (task_pb2.Task, ClassifiedTask)

_REPORTS = "reports/"

_CHANNELS: Mapping[regulation.Channel, Channel] = {
    regulation.Channel.IN_APP: Channel.INBOX,
    regulation.Channel.EMAIL: Channel.EMAIL,
}

_RETURN_REASONS: Mapping[Any, str] = {
    task_pb2.RETURN_REASON_TASK_MISSING: "thiếu nhiệm vụ",
    task_pb2.RETURN_REASON_CONTENT_INACCURATE: "nội dung chưa chính xác",
    task_pb2.RETURN_REASON_OUTSIDE_COMPETENCE: "không thuộc chức năng, nhiệm vụ, quyền hạn",
}
_EXTENSION_REASONS: Mapping[Any, str] = {
    task_pb2.EXTENSION_REASON_WAITING_FOR_OTHERS: "chờ cơ quan khác",
    task_pb2.EXTENSION_REASON_SCOPE_GREW: "khối lượng công việc tăng",
    task_pb2.EXTENSION_REASON_RESOURCES: "thiếu nguồn lực",
    task_pb2.EXTENSION_REASON_FORCE_MAJEURE: "bất khả kháng",
    task_pb2.EXTENSION_REASON_OTHER: "lý do khác",
}
_SEND_BACK_REASONS: Mapping[Any, str] = {
    task_pb2.SEND_BACK_REASON_INCOMPLETE: "chưa đầy đủ",
    task_pb2.SEND_BACK_REASON_WRONG: "chưa đúng",
    task_pb2.SEND_BACK_REASON_QUALITY: "chất lượng chưa đạt",
    task_pb2.SEND_BACK_REASON_DOCUMENT_MISSING: "thiếu văn bản kết quả",
}
_ANSWERS: Mapping[Any, str] = {
    task_pb2.EXTENSION_STATE_GRANTED: "được gia hạn",
    task_pb2.EXTENSION_STATE_REFUSED: "không được gia hạn",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """What an event asks to be told. `matter` names the read copy that the words come from; "" for
    what concerns no directive or task."""

    matter: str
    telling: Telling
    parts: Parts
    classified: bool
    values: Mapping[str, str] = field(default_factory=dict)  # for the template; none of classified
    # Told as an entry of this batch instead of by a notice of its own; of several entries on one
    # `topic` of the matter only the latest is shown.
    digest: Batch | None = None
    topic: str = ""
    channels: tuple[Channel, ...] = EVERYWHERE


def matter_of(event: Event) -> Matter | None:
    """The directive or task whose state the event carries; None for other events."""
    for kind in _DIRECTIVES:
        message: Any = kind()
        if event.data.Unpack(message):
            hidden = kind is ClassifiedDirective or is_classified(message.secrecy)
            return Matter(
                name=message.name,
                version=event.version,
                classified=hidden,
                document_code=message.document_code,
                issue_date=optional_date(message, "issue_date"),
                monitoring=slug(message.monitoring_agency),
                abstract="" if hidden else message.abstract,
            )
    task = _task_of(event)
    if task is None:
        return None
    hidden = _hides(task)
    header = task.directive
    return Matter(
        name=task.name,
        version=event.version,
        classified=hidden,
        document_code=header.document_code,
        issue_date=optional_date(header, "issue_date"),
        lead=slug(task.lead_agency),
        monitoring=slug(task.monitoring_agency),
        abstract="" if hidden else header.abstract,
        content="" if hidden else task.content,
    )


def happening_of(event: Event, profiles: Profiles) -> Happening | None:
    """What the event tells, None when it tells nothing to anybody."""
    fired = RungFired()
    if event.data.Unpack(fired):
        return _of_rung(fired, profiles)
    if event.type == "ClockMoved":
        return _of_move(event, profiles)
    missing = MissingYear()
    if event.data.Unpack(missing):
        year = {"year": str(missing.year)}
        return Happening("", CALENDAR_MISSING, Parts(), classified=False, values=year)
    telling = TASK_EVENTS.get(event.type)
    task = _task_of(event) if telling else None
    if telling is None or task is None:
        return None
    hidden = _hides(task)
    return Happening(
        matter=task.name,
        telling=telling,
        parts=Parts(
            lead=slug(task.lead_agency),
            coordinating=tuple(slug(name) for name in task.coordinating_agencies),
            monitoring=slug(task.monitoring_agency),
        ),
        classified=hidden,
        values={} if hidden else _values(event.type, task),
    )


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What `event` said is untrue since `at`; None: it is true again."""

    event: UUID
    at: datetime | None


def taken_back_of(event: Event) -> TakenBack | None:
    """The rung of which the event says that it stands no more, or again; None for other events."""
    message = RungRevoked()
    if not event.data.Unpack(message):
        return None
    revoked = message.rung.HasField("revoke_time")
    at = from_timestamp(message.rung.revoke_time) if revoked else None
    return TakenBack(event_id(event.aggregate, 1), at)


def _of_rung(fired: RungFired, profiles: Profiles) -> Happening | None:
    clock, rung = fired.clock, fired.rung.rung
    profile, rule = _pinned(clock, profiles)
    by_office = rule is not None and rule.owed_by is Owner.OFFICE
    channels = _channels_of(profile)
    report = clock.subject.startswith(_REPORTS)
    telling = of_report_rung(rung) if report else of_rung(rung, owed_by_office=by_office)
    if telling is None:
        return None
    values = {
        "last_day": printed(_day(clock, "last_day")),
        "article": clock.article,
        "standing": "quá hạn" if rung.startswith("overdue") else "đến hạn",
        "report": rule.name.vi if rule and report else "",
    }
    return Happening(
        matter=_matter_name(clock),
        telling=telling,
        parts=Parts(owing=slug(clock.owed_by)),
        classified=fired.classified,
        values={} if fired.classified else values,
        digest=_missed(fired.rung, channels),
        topic=clock.name,
        channels=channels,
    )


def _matter_name(clock: Clock) -> str:
    """The clock of an extension is told of its task; that of a report of no directive or task."""
    if clock.subject.startswith(_REPORTS):
        return ""
    return "/".join(clock.subject.split("/")[:2])


def _of_move(event: Event, profiles: Profiles) -> Happening | None:
    """A limit that an edit of the calendar moved: told with all others of that edit. Other moves are
    told by the act that made them."""
    clock = Clock()
    if not event.data.Unpack(clock) or not clock.ledger or clock.ledger[-1].ground != "CALENDAR":
        return None
    before = from_timestamp(clock.ledger[-1].from_due_time) - datetime.resolution
    report = clock.subject.startswith(_REPORTS)
    _, rule = _pinned(clock, profiles) if report else (None, None)
    return Happening(
        matter=_matter_name(clock),
        telling=DUE_MOVED,
        parts=Parts(owing=slug(clock.owed_by)),
        classified=False,  # the read copy of its matter knows
        values={
            "from_day": printed(local_date(before)),
            "last_day": printed(_day(clock, "last_day")),
            "article": clock.article,
            "report": rule.name.vi if rule else "",
        },
        digest=Batch(DigestKind.CALENDAR, str(clock.calendar_version)),
        topic=clock.name,
    )


def _missed(rung: Rung, channels: tuple[Channel, ...]) -> Batch | None:
    """The digest of what came due while the house stood still, if the rung fired on a later day."""
    if not (rung.HasField("fire_time") and rung.HasField("fired_time")):
        return None
    fired_on = local_date(from_timestamp(rung.fired_time))
    if local_date(from_timestamp(rung.fire_time)) >= fired_on:
        return None
    day = fired_on.isoformat()
    key = day if channels == EVERYWHERE else f"{day} {'+'.join(channels)}"
    return Batch(DigestKind.MISSED, key, channels)


def _pinned(clock: Clock, profiles: Profiles) -> tuple[Profile | None, LimitRule | None]:
    """What the clock pins; of a profile that is not installed here nothing is assumed."""
    try:
        profile = profiles.pinned(clock.profile, int(clock.profile_version))
        return profile, profile.rule(clock.rule)
    except (KeyError, ValueError):
        return None, None


def _channels_of(profile: Profile | None) -> tuple[Channel, ...]:
    """Where the profile lets reminders be told."""
    if profile is None:
        return EVERYWHERE
    asked = {_CHANNELS[channel] for channel in profile.channels}
    return tuple(channel for channel in Channel if channel in asked)


def _task_of(event: Event) -> Any | None:
    for kind in _TASKS:
        message = kind()
        if event.data.Unpack(message):
            return message
    return None


def _hides(task: Any) -> bool:
    return isinstance(task, ClassifiedTask) or is_classified(task.directive.secrecy)


def _values(type: str, task: task_pb2.Task) -> dict[str, str]:
    values = {"due": printed(_day(task.limit, "due_date")) or task.limit_in_words}
    if type == "TaskReturned" and task.rounds:
        last = task.rounds[-1]
        values |= {
            "reason": _RETURN_REASONS.get(last.return_reason, ""),
            "words": last.return_words,
        }
    elif type == "TaskSentBack" and task.results:
        result = max(task.results, key=lambda r: (r.send_back_time.ToNanoseconds(), r.number))
        values |= {
            "reason": _SEND_BACK_REASONS.get(result.send_back_reason, ""),
            "words": result.send_back_words,
        }
    elif type in ("ExtensionRequested", "ExtensionAdmitted") and task.extensions:
        asked = max(task.extensions, key=lambda e: e.number)
        values |= {
            "requested": printed(_day(asked, "requested_due_date")),
            "reason": _EXTENSION_REASONS.get(asked.reason, ""),
            "words": asked.reason_words,
        }
    elif type == "ExtensionAnswered" and task.extensions:
        answered = max(task.extensions, key=lambda e: (e.answer_time.ToNanoseconds(), e.number))
        values |= {
            "answer": _ANSWERS.get(answered.state, ""),
            "granted": printed(_day(answered, "granted_due_date")),
            "answer_document": _cited(answered.answer_document),
        }
    elif type == "TaskWithdrawn":
        values |= {
            "withdrawing_document": _cited(task.withdrawal.document),
            "reason": task.withdrawal.reason,
        }
    elif type == "DueDateAmended" and task.amendments:
        amended = max(task.amendments, key=lambda a: a.number)
        values |= {
            "before": printed(_day(amended, "previous_due_date")) or "không có",
            "now": printed(_day(amended, "due_date")) or "không có, nhiệm vụ không còn thời hạn",
            "amending_document": _cited(amended.document),
        }
    elif type == "ExtensionWithdrawn" and task.extensions:
        withdrawn = max(task.extensions, key=lambda e: (e.withdraw_time.ToNanoseconds(), e.number))
        values |= {
            "requested": printed(_day(withdrawn, "requested_due_date")),
            "letter": _cited(withdrawn.withdraw_document),
        }
    return values


def _cited(document: DocumentRef) -> str:
    """số 12/UBND-TH ngày 05/03/2024; empty for no document."""
    code = document_code(document)
    day = printed(_day(document, "date"))
    return f"số {code} ngày {day}" if code and day else code


def _day(message: Any, name: str) -> date | None:
    return optional_date(message, name)
