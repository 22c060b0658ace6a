"""Events as other services would have published them, for services that only read."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

from dondoc.directives.v1 import directive_pb2
from dondoc.directory.v1.agency_pb2 import AGENCY_KIND_DEPARTMENT, Agency, AgencyKind
from dondoc.limits.v1.clock_pb2 import Clock, LedgerEntry
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1.events_pb2 import ClassifiedTask
from dondoc.type.v1 import document_pb2, limit_pb2
from dondoc.type.v1.event_pb2 import Actor, Event
from google.protobuf.message import Message

from services.kernel.limits.domain.calendar import end_of, start_of
from services.kernel.runtime.classified import is_classified
from services.kernel.runtime.events import Fact, to_row
from services.kernel.runtime.protos import to_date, to_timestamp, without_content


def event(type: str, aggregate: str, version: int, at: datetime, data: Message) -> Event:
    """In the envelope that the permanent log would have given it."""
    return Event.FromString(to_row(Fact(type, aggregate, version, at, data, Actor()))["event"])


def agency_changed(
    slug: str,
    display_name: str,
    *,
    parent: str = "",
    kind: AgencyKind = AGENCY_KIND_DEPARTMENT,
    valid_to: date | None = None,
    level: str = "",
    version: int = 1,
    at: datetime | None = None,
) -> Event:
    agency = Agency(
        name=f"agencies/{slug}", display_name=display_name, kind=kind, valid_to=to_date(valid_to),
        assignable=True, parent=f"agencies/{parent}" if parent else "", level=level,
    )  # fmt: skip
    return event("AgencyChanged", agency.name, version, at or start_of(date(2020, 2, 14)), agency)


class ClockPlay:
    """One clock, act by act; `events` is what its service would have published."""

    def __init__(
        self, subject: str, rule: str, article: str, owed_by: str, at: datetime, due_at: datetime
    ) -> None:
        self.message = Clock(
            name=f"{subject}/clocks/{uuid4()}", subject=subject, rule=rule, article=article,
            profile="69/2019/QĐ-UBND", profile_version="1", owed_by=f"agencies/{owed_by}",
            start_time=to_timestamp(at), due_time=to_timestamp(due_at), generation=1,
        )  # fmt: skip
        self.version = 0
        self.events: list[Event] = []
        self._record("STARTED", at)

    def move(self, at: datetime, due_at: datetime) -> None:
        self.message.due_time.CopyFrom(to_timestamp(due_at))
        self._record("MOVED", at)

    def stop(self, at: datetime, act_at: datetime) -> None:
        self.message.act_time.CopyFrom(to_timestamp(act_at))
        self.message.stop_time.CopyFrom(to_timestamp(at))
        self._record("STOPPED", at)

    def reopen(self, at: datetime) -> None:
        self.message.ClearField("act_time")
        self.message.ClearField("stop_time")
        self.message.generation += 1
        self._record("REOPENED", at)

    def void(self, at: datetime, reason: str) -> None:
        self.message.void_reason = reason
        self.message.stop_time.CopyFrom(to_timestamp(at))
        self._record("VOIDED", at)

    def _record(self, kind: str, at: datetime) -> None:
        self.version += 1
        self.message.etag = str(self.version)
        told = Clock()
        told.CopyFrom(self.message)
        told.ledger.append(LedgerEntry(kind=kind, time=to_timestamp(at)))
        self.events.append(event(f"Clock{kind.capitalize()}", told.name, self.version, at, told))


class TaskPlay:
    """One task with the clock of its due date, act by act.

    `due` is the stated day; the clock ends `rolled` days later, as after a day off.
    """

    def __init__(
        self,
        lead: str,
        at: datetime,
        due: date | None = None,
        *,
        rolled: int = 0,
        secrecy: int = document_pb2.SECRECY_NONE,
        generated: bool = False,
        limit_in_words: str = "",
    ) -> None:
        classified = is_classified(secrecy)
        limited = due is not None or bool(limit_in_words)
        self.message = task_pb2.Task(
            name=f"tasks/{uuid4()}",
            directive=task_pb2.DirectiveHeader(
                name=f"directives/{uuid4()}", document_code="374/UBND-VXNV", secrecy=secrecy,
                issue_date=to_date(at.date()), generated=generated,
                issuing_authority=directive_pb2.ISSUING_AUTHORITY_CHAIRMAN,
                abstract="" if classified else "V/v báo cáo tình hình",
            ),
            ordinal=1,
            content="" if classified else "Báo cáo tình hình",
            limit_in_words=limit_in_words,
            limit=limit_pb2.TaskLimit(
                limit_class=limit_pb2.LIMIT_CLASS_WITH_LIMIT
                if limited
                else limit_pb2.LIMIT_CLASS_WITHOUT_LIMIT,
                due_date=to_date(due),
            ),
        )  # fmt: skip
        self.version = 0
        self.rolled = rolled
        self.clock: ClockPlay | None = None
        self.task_events: list[Event] = []
        self._clocks: list[ClockPlay] = []
        self._forward("TaskForwarded", at, lead)

    @property
    def name(self) -> str:
        return self.message.name

    @property
    def events(self) -> list[Event]:
        """Those of the task, then those of its clocks."""
        return [*self.task_events, *(e for clock in self._clocks for e in clock.events)]

    def accept(self, at: datetime) -> None:
        self._record("TaskAccepted", at, task_pb2.TASK_STATE_ACCEPTED)

    def give_back(self, at: datetime) -> None:
        last = self.message.rounds[-1]
        last.return_time.CopyFrom(to_timestamp(at))
        last.return_reason = task_pb2.RETURN_REASON_OUTSIDE_COMPETENCE
        if self.clock:
            self.clock.void(at, "TASK_RETURNED")
        self._record("TaskReturned", at, task_pb2.TASK_STATE_RETURNED)

    def forward_again(self, at: datetime, lead: str) -> None:
        self._forward("TaskReforwarded", at, lead)

    def progress(self, at: datetime) -> None:
        self.message.progress_entries.append(
            task_pb2.ProgressEntry(
                number=len(self.message.progress_entries) + 1,
                date=to_date(at.date()),
                enter_time=to_timestamp(at),
                agency=self.message.lead_agency,
            )
        )
        self._record("TaskProgressRecorded", at, task_pb2.TASK_STATE_IN_PROGRESS)

    def report(self, at: datetime, done_on: date) -> None:
        self.message.results.append(
            task_pb2.Result(
                number=len(self.message.results) + 1,
                done_date=to_date(done_on),
                enter_time=to_timestamp(at),
            )
        )
        self.message.done_date.CopyFrom(to_date(done_on))
        if self.clock:
            self.clock.stop(at, start_of(done_on))
        self._record("TaskReported", at, task_pb2.TASK_STATE_REPORTED)

    def send_back(self, at: datetime) -> None:
        self.message.results[-1].send_back_time.CopyFrom(to_timestamp(at))
        self.message.ClearField("done_date")
        if self.clock:
            self.clock.reopen(at)
        self._record("TaskSentBack", at, task_pb2.TASK_STATE_IN_PROGRESS)

    def confirm(self, at: datetime) -> None:
        self.message.confirm_time.CopyFrom(to_timestamp(at))
        self._record("TaskConfirmed", at, task_pb2.TASK_STATE_CONFIRMED)

    def close(self, at: datetime) -> None:
        self.message.close_time.CopyFrom(to_timestamp(at))
        self._record("TaskClosed", at, task_pb2.TASK_STATE_CLOSED)

    def withdraw(self, at: datetime) -> None:
        if self.clock and not self.clock.message.void_reason:
            self.clock.void(at, "TASK_WITHDRAWN")
        self._record("TaskWithdrawn", at, task_pb2.TASK_STATE_WITHDRAWN)

    def extend(self, at: datetime, to: date) -> None:
        """Asked for and granted in one act."""
        number = len(self.message.extensions) + 1
        self.message.extensions.append(
            task_pb2.Extension(
                name=f"{self.name}/extensions/{number}",
                number=number,
                state=task_pb2.EXTENSION_STATE_GRANTED,
                granted_due_date=to_date(to),
                ask_time=to_timestamp(at),
                answer_time=to_timestamp(at),
            )
        )
        self.message.limit.due_date.CopyFrom(to_date(to))
        assert self.clock, "a task without a due date has nothing to extend"
        self.clock.move(at, self._late_from(to))
        self._record("ExtensionAnswered", at, self.message.state)

    def amend(self, at: datetime, to: date | None) -> None:
        """The due date, by a document: a first one, another one, or none any more."""
        before = self.message.limit.due_date if self.message.limit.HasField("due_date") else None
        self.message.amendments.append(
            task_pb2.Amendment(
                number=len(self.message.amendments) + 1,
                document=document_pb2.DocumentRef(number="82", symbol="UBND-TH"),
                previous_due_date=before,
                due_date=to_date(to),
                enter_time=to_timestamp(at),
            )
        )
        if to is None:
            assert self.clock, "a task without a due date has none to take away"
            self.message.limit.ClearField("due_date")
            self.clock.void(at, "DUE_DATE_REMOVED")
            self.clock = None
        else:
            self.message.limit.due_date.CopyFrom(to_date(to))
            if self.clock:
                self.clock.move(at, self._late_from(to))
            else:
                self._start(at, to)
        self._record("DueDateAmended", at, self.message.state)

    def _start(self, at: datetime, due: date) -> None:
        lead = self.message.lead_agency.removeprefix("agencies/")
        article, late = "điểm e khoản 1 Điều 5", self._late_from(due)
        self.clock = ClockPlay(self.name, "R5.1e", article, lead, at, late)
        self._clocks.append(self.clock)

    def _forward(self, type: str, at: datetime, lead: str) -> None:
        message = self.message
        message.lead_agency = f"agencies/{lead}"
        asked = task_pb2.Round(
            number=len(message.rounds) + 1,
            lead_agency=message.lead_agency,
            forward_time=to_timestamp(at),
        )
        if message.limit.HasField("due_date"):
            asked.due_date.CopyFrom(message.limit.due_date)
            day = message.limit.due_date
            self._start(at, date(day.year, day.month, day.day))
        message.rounds.append(asked)
        message.forward_time.CopyFrom(to_timestamp(at))
        self._record(type, at, task_pb2.TASK_STATE_FORWARDED)

    def _late_from(self, due: date) -> datetime:
        return end_of(due) + timedelta(days=self.rolled)

    def _record(self, type: str, at: datetime, state: int) -> None:
        self.version += 1
        self.message.state = state
        self.message.etag = str(self.version)
        told: Message = self.message
        if is_classified(self.message.directive.secrecy):
            told = without_content(self.message, ClassifiedTask())
        self.task_events.append(event(type, self.name, self.version, at, told))
