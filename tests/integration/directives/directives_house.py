"""What the tests of intake share: a room with agencies, requests as the Office makes them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import grpc
import pytest
from dondoc.directives.v1 import directive_pb2
from dondoc.directives.v1 import directive_service_pb2 as pb
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.directory.v1 import agency_pb2
from dondoc.directory.v1 import directory_service_pb2 as directory_pb
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from dondoc.limits.v1 import clock_pb2
from dondoc.limits.v1 import deadline_service_pb2 as deadline_pb
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.type.v1 import document_pb2, limit_pb2
from dondoc.type.v1.event_pb2 import Event
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from sqlalchemy import select, text

from services.kernel.limits.domain.calendar import LOCAL
from services.kernel.runtime.protos import to_date
from services.kernel.runtime.tables import event_log
from tests.fixtures.house import Room

# A Friday: 2 working days end on Tuesday the 7th, 7 on Tuesday the 14th.
ISSUED = date(2020, 7, 3)
OFFICE, HEALTH, HOME, FINANCE = (
    "agencies/van-phong-ubnd-tinh",
    "agencies/so-y-te",
    "agencies/so-noi-vu",
    "agencies/so-tai-chinh",
)
COMMITTEE, GONE = "agencies/ubnd-tinh", "agencies/so-cu"


def request_id() -> str:
    return str(uuid.uuid4())


def item(*leads: str, **fields: Any) -> directive_pb2.DirectiveItem:
    """Without a limit, so that it is classified; `limit=None` leaves it unclassified."""
    without = limit_pb2.TaskLimit(limit_class=limit_pb2.LIMIT_CLASS_WITHOUT_LIMIT)
    given = {"content": "Báo cáo tình hình", "limit": without, **fields}
    return directive_pb2.DirectiveItem(lead_agencies=leads or (HEALTH,), **given)


def classified_item(*leads: str, due: date | None = date(2020, 8, 3)) -> Any:
    limit = limit_pb2.TaskLimit(limit_class=limit_pb2.LIMIT_CLASS_WITH_LIMIT, due_date=to_date(due))
    return directive_pb2.DirectiveItem(lead_agencies=leads or (HEALTH,), limit=limit)


def directive(**fields: Any) -> directive_pb2.Directive:
    """The least that must be known, with one item."""
    given: dict[str, Any] = {
        "kind": document_pb2.DOCUMENT_KIND_LETTER,
        "number": "374",
        "symbol": "UBND-VXNV",
        "issue_date": to_date(ISSUED),
        "issuing_authority": directive_pb2.ISSUING_AUTHORITY_PEOPLES_COMMITTEE,
        "items": [item()],
        **fields,
    }
    return directive_pb2.Directive(**given)


def secret(**fields: Any) -> directive_pb2.Directive:
    return directive(
        **{"secrecy": document_pb2.SECRECY_SECRET, "items": [classified_item()], **fields}
    )


@dataclass
class Refusal:
    """An error as a caller sees it."""

    code: grpc.StatusCode
    reason: str
    metadata: dict[str, str]
    fields: dict[str, str]  # path → reason
    english: str
    vietnamese: str


@dataclass
class Intake:
    """A room of `directives` with agencies in it."""

    room: Room

    async def call(self, method: str, request: Any, who: str | None = None) -> Any:
        return await self.room.call(DirectiveServiceStub, method, request, who)

    async def refused(self, method: str, request: Any, who: str | None = None) -> Refusal:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await self.call(method, request, who)
        status = rpc_status.from_call(_AsCall(caught.value))
        info, message, fields = (
            error_details_pb2.ErrorInfo(),
            error_details_pb2.LocalizedMessage(),
            error_details_pb2.BadRequest(),
        )
        for detail in status.details:
            for kind in (info, message, fields):
                detail.Unpack(kind)
        return Refusal(
            caught.value.code(),
            info.reason,
            dict(info.metadata),
            {violation.field: violation.reason for violation in fields.field_violations},
            status.message,
            message.message,
        )

    async def enter(self, given: Any = None, who: str | None = None) -> Any:
        return await self.call("EnterDirective", entering(given or directive()), who)

    async def change(self, method: str, entered: Any, **fields: Any) -> Any:
        return await self.call(method, changing(method, entered, **fields))

    async def get(self, name: str, who: str | None = None) -> Any:
        return await self.call("GetDirective", pb.GetDirectiveRequest(name=name), who)

    async def clocks(self, name: str) -> list[clock_pb2.Clock]:
        listed = await self.room.call(
            DeadlineServiceStub, "ListClocks", deadline_pb.ListClocksRequest(parent=name)
        )
        return [
            await self.room.call(
                DeadlineServiceStub, "GetClock", deadline_pb.GetClockRequest(name=clock.name)
            )
            for clock in listed.clocks
        ]

    async def events(self, name: str) -> list[tuple[str, Message]]:
        """Type and data of all events of the directive, in their order."""
        query = (
            select(event_log.c.event)
            .where(event_log.c.aggregate == name)
            .order_by(event_log.c.position)
        )
        async with self.room.engine.connect() as connection:
            events = [Event.FromString(row.event) for row in await connection.execute(query)]
        return [(event.type, event.data) for event in events]

    async def rows(self, sql: str) -> list[Any]:
        async with self.room.engine.connect() as connection:
            return list(await connection.execute(text(sql)))


class _AsCall:
    """What rpc_status reads of an error."""

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        self._error = error

    def trailing_metadata(self) -> Any:
        return self._error.trailing_metadata()

    def code(self) -> Any:
        return self._error.code()

    def details(self) -> Any:
        return self._error.details()


def entering(given: directive_pb2.Directive) -> pb.EnterDirectiveRequest:
    return pb.EnterDirectiveRequest(request_id=request_id(), directive=given)


def changing(method: str, entered: Any, **fields: Any) -> Any:
    given = {"request_id": request_id(), "name": entered.name, "etag": entered.etag, **fields}
    return getattr(pb, f"{method}Request")(**given)


async def furnish(room: Room) -> Intake:
    """Enters the agencies that the tests name, on the day of issue."""
    await room.set_clock(datetime(2020, 7, 3, 9, tzinfo=LOCAL))
    kinds = {
        "Văn phòng UBND tỉnh": agency_pb2.AGENCY_KIND_OFFICE,
        "UBND tỉnh": agency_pb2.AGENCY_KIND_AUTHORITY,
    }
    for name in (
        "Văn phòng UBND tỉnh",
        "UBND tỉnh",
        "Sở Y tế",
        "Sở Nội vụ",
        "Sở Tài chính",
        "Sở cũ",
    ):
        agency = agency_pb2.Agency(
            display_name=name,
            kind=kinds.get(name, agency_pb2.AGENCY_KIND_DEPARTMENT),
            assignable=name != "UBND tỉnh",
            valid_to=to_date(date(2019, 12, 31)) if name == "Sở cũ" else None,
        )
        await room.call(
            DirectoryServiceStub,
            "EnterAgency",
            directory_pb.EnterAgencyRequest(request_id=request_id(), agency=agency),
        )
    return Intake(room)
