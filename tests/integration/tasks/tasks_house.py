"""The service `tasks`, fed with events as `directives` sends them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import grpc
from dondoc.directives.v1 import directive_pb2 as directive_pb
from dondoc.directives.v1.events_pb2 import ClassifiedDirective
from dondoc.directory.v1 import agency_pb2
from dondoc.limits.v1 import clock_pb2, deadline_service_pb2
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub
from dondoc.type.v1 import document_pb2, limit_pb2
from dondoc.type.v1.event_pb2 import Event
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from sqlalchemy import text

from services.kernel.limits.adapters.calendar_store import to_message
from services.kernel.limits.adapters.holiday_seed import seeded_days
from services.kernel.limits.domain.calendar import LOCAL, Calendar
from services.kernel.runtime.ids import derived, event_id
from services.kernel.runtime.protos import to_date, to_timestamp, without_content
from tests.fixtures.house import OFFICE_SLUG, Room, token

LEAD, UNCONNECTED = "so-noi-vu", "hoi-cuu-chien-binh"


def lead(slug: str = LEAD) -> str:
    return token(slug, "department", "officer")


def at(day: date, hour: int = 9) -> datetime:
    """In the time of the law."""
    return datetime.combine(day, time(hour), LOCAL)


def document(number: str, symbol: str, day: date) -> document_pb2.DocumentRef:
    return document_pb2.DocumentRef(number=number, symbol=symbol, date=to_date(day))


@dataclass(frozen=True)
class Refusal:
    """What a caller learns of an error."""

    code: grpc.StatusCode
    reason: str
    metadata: dict[str, str]
    fields: list[str]
    vi: str


def refusal(error: grpc.aio.AioRpcError) -> Refusal:
    status = rpc_status.from_call(error)
    info, words, bad = (
        error_details_pb2.ErrorInfo(),
        error_details_pb2.LocalizedMessage(),
        error_details_pb2.BadRequest(),
    )
    for detail in status.details:
        for message in (info, words, bad):
            detail.Unpack(message)
    fields = [violation.field for violation in bad.field_violations]
    return Refusal(error.code(), info.reason, dict(info.metadata), fields, words.message)


class TasksHouse:
    """Agencies: the Office, three departments of which one is below another, one without connection."""

    def __init__(self, room: Room) -> None:
        self.room = room

    async def furnish(self) -> None:
        kinds = agency_pb2.AgencyKind
        for slug, kind, parent, connected in (
            (OFFICE_SLUG, kinds.AGENCY_KIND_OFFICE, "", True),
            ("phong-tong-hop", kinds.AGENCY_KIND_OFFICE, OFFICE_SLUG, True),
            (LEAD, kinds.AGENCY_KIND_DEPARTMENT, "cap-tren", True),
            ("cap-tren", kinds.AGENCY_KIND_DEPARTMENT, "", True),
            ("so-tu-phap", kinds.AGENCY_KIND_DEPARTMENT, "", True),
            ("so-tai-chinh", kinds.AGENCY_KIND_DEPARTMENT, "", True),
            (UNCONNECTED, kinds.AGENCY_KIND_OTHER, "", False),
        ):
            agency = agency_pb2.Agency(
                name=f"agencies/{slug}", display_name=slug, kind=kind, assignable=True,
                connected=connected, parent=f"agencies/{parent}" if parent else "",
            )  # fmt: skip
            await self.feed("AgencyChanged", agency.name, 1, agency)
        await self.set_calendar(Calendar.of(seeded_days(2019, 2027), 1))

    async def set_calendar(self, calendar: Calendar) -> None:
        message = to_message(calendar)
        await self.feed("CalendarChanged", "calendar", calendar.version, message)

    async def feed(self, type: str, aggregate: str, version: int, data: Message) -> bool:
        """Applies an event as if the stream had brought it; False when it is known already."""
        packed = AnyMessage()
        packed.Pack(data)
        async with self.room.engine.connect() as connection:
            now = await self.room.running.kernel.clock.now(connection)
        event = Event(
            id=str(event_id(aggregate, version)), type=type, aggregate=aggregate, version=version,
            occur_time=to_timestamp(now), data=packed,
        )  # fmt: skip
        (consumer,) = self.room.running.consumers
        return await consumer.apply(event)

    async def forward(
        self, made: directive_pb.Directive, *, version: int = 3, on: datetime | None = None
    ) -> list[str]:
        """A forwarded directive arrives; returns the names of its tasks. `on` sets the clock too."""
        if on:
            await self.room.set_clock(on)
            made.forward_time.CopyFrom(to_timestamp(on))
        classified = made.secrecy != document_pb2.SECRECY_NONE
        data = without_content(made, ClassifiedDirective()) if classified else made
        await self.feed("DirectiveForwarded", made.name, version, data)
        return [name for item in made.items for name in item.tasks]

    async def call(self, method: str, request: Any, who: str | None = None) -> Any:
        """With a request id of its own unless it has one."""
        if "request_id" in request.DESCRIPTOR.fields_by_name and not request.request_id:
            request.request_id = str(uuid.uuid4())
        return await self.room.call(TaskServiceStub, method, request, who)

    async def refused(self, method: str, request: Any, who: str | None = None) -> Refusal:
        try:
            await self.call(method, request, who)
        except grpc.aio.AioRpcError as error:
            return refusal(error)
        raise AssertionError(f"{method} was not refused")

    async def task(self, name: str, who: str | None = None) -> task_pb2.Task:
        found: task_pb2.Task = await self.call("GetTask", pb.GetTaskRequest(name=name), who)
        return found

    async def accepted(self, name: str, slug: str = LEAD) -> task_pb2.Task:
        found: task_pb2.Task = await self.call(
            "AcceptTask", pb.AcceptTaskRequest(name=name), lead(slug)
        )
        return found

    async def progress(self, name: str, day: date | None = None) -> task_pb2.Task:
        request = pb.RecordProgressRequest(name=name, date=to_date(day), situation="Đang làm")
        found: task_pb2.Task = await self.call("RecordProgress", request, lead())
        return found

    async def reported(self, name: str, done: date) -> task_pb2.Task:
        request = pb.ReportResultRequest(
            name=name, done_date=to_date(done), summary="Đã xong",
            quality=task_pb2.GRADE_GOOD, effectiveness=task_pb2.GRADE_GOOD,
        )  # fmt: skip
        found: task_pb2.Task = await self.call("ReportResult", request, lead())
        return found

    async def clocks(self, name: str) -> dict[tuple[str, str], clock_pb2.Clock]:
        """(rule, stated date) → clock, with ledger and rungs; a void one only if it is the last."""
        listed = await self.room.call(
            DeadlineServiceStub, "ListClocks", deadline_service_pb2.ListClocksRequest(parent=name)
        )
        found = {}
        for short in listed.clocks:
            clock = await self.room.call(
                DeadlineServiceStub,
                "GetClock",
                deadline_service_pb2.GetClockRequest(name=short.name),
            )
            day = clock.stated_due_date
            stated = date(day.year, day.month, day.day).isoformat() if day.year else ""
            known = found.get((clock.rule, stated))
            if known is None or known.void_reason:
                found[clock.rule, stated] = clock
        return found

    async def events(self, aggregate: str) -> list[Event]:
        """In the order of the log."""
        query = text("SELECT event FROM event_log WHERE aggregate = :a ORDER BY position")
        async with self.room.engine.connect() as connection:
            rows = await connection.execute(query, {"a": aggregate})
            return [Event.FromString(row.event) for row in rows]


def item(
    due: date | None = None,
    *leads: str,
    cadence: int = limit_pb2.CADENCE_UNSPECIFIED,
    words: str = "",
    origin: int = document_pb2.ORIGIN_UNSPECIFIED,
) -> directive_pb.DirectiveItem:
    """With a due date it has a limit; with `words` alone, one in words; else none."""
    with_limit = due or words
    return directive_pb.DirectiveItem(
        content="Xây dựng kế hoạch",
        limit=limit_pb2.TaskLimit(
            limit_class=limit_pb2.LIMIT_CLASS_WITH_LIMIT
            if with_limit
            else limit_pb2.LIMIT_CLASS_WITHOUT_LIMIT,
            due_date=to_date(due),
            cadence=cadence,  # type: ignore[arg-type]
            origin=origin,  # type: ignore[arg-type]
        ),
        limit_in_words=words,
        lead_agencies=[f"agencies/{slug}" for slug in leads or (LEAD,)],
        coordinating_agencies=["agencies/so-tai-chinh"],
        concerned_agencies=["agencies/ubnd-huyen-a"],
    )


def directive(
    issued: date,
    *items: directive_pb.DirectiveItem,
    secrecy: int = document_pb2.SECRECY_NONE,
    number: str = "374",
) -> directive_pb.Directive:
    """Forwarded, its tasks minted."""
    made = directive_pb.Directive(
        name=f"directives/{derived('directive', number, issued)}",
        kind=document_pb2.DOCUMENT_KIND_LETTER,
        number=number,
        symbol="UBND-VXNV",
        document_code=f"{number}/UBND-VXNV",
        issue_date=to_date(issued),
        issuing_authority=directive_pb.ISSUING_AUTHORITY_CHAIRMAN,
        abstract="V/v xây dựng kế hoạch",
        monitoring_agency="agencies/phong-tong-hop",
        submitting_agency="agencies/so-gd",
        secrecy=secrecy,  # type: ignore[arg-type]
        urgency=directive_pb.URGENCY_NONE,
        origin=document_pb2.ORIGIN_PROVINCE,
        items=items,
        state=directive_pb.DIRECTIVE_STATE_FORWARDED,
    )
    for index, one in enumerate(made.items):
        one.ordinal = index + 1
        one.tasks.extend(
            f"tasks/{derived('task', made.name, one.ordinal, agency)}"
            for agency in one.lead_agencies
        )
    return made
