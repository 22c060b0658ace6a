"""Inspections over gRPC, on real servers."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import grpc
import pytest
import pytest_asyncio
from dondoc.inspections.v1 import inspection_pb2
from dondoc.inspections.v1 import inspection_service_pb2 as pb
from dondoc.inspections.v1.inspection_service_pb2_grpc import InspectionServiceStub
from dondoc.type.v1 import document_pb2
from dondoc.type.v1.event_pb2 import Event
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from services.inspections.adapters.tables import inspection, subject, task_header
from services.kernel.limits.domain.calendar import LOCAL
from services.kernel.runtime.protos import to_date
from services.kernel.runtime.tables import audit, event_log
from tests.builders import TaskPlay, agency_changed
from tests.fixtures.house import OFFICE_SLUG, Room, StartService, token

NOW = datetime(2024, 5, 20, 9, tzinfo=LOCAL)
PLANTED = "Nội dung chỉ người có trách nhiệm được biết"
OPEN = TaskPlay("so-y-te", NOW)
SECRET = TaskPlay("so-y-te", NOW, secrecy=document_pb2.SECRECY_SECRET)
CONFIDENTIAL = TaskPlay("so-y-te", NOW, secrecy=document_pb2.SECRECY_CONFIDENTIAL)


@pytest_asyncio.fixture
async def room(start_service: StartService) -> Room:
    """With four agencies and three tasks: an open, a secret and a confidential one."""
    room = await start_service("inspections")
    await room.set_clock(NOW)
    names = {
        OFFICE_SLUG: "Văn phòng UBND tỉnh", "so-y-te": "Sở Y tế", "so-noi-vu": "Sở Nội vụ",
        "ubnd-huyen-a": "UBND huyện A",
    }  # fmt: skip
    await apply(room, "directives", *(agency_changed(*pair) for pair in names.items()))
    await apply(room, "tasks", *OPEN.events, *SECRET.events, *CONFIDENTIAL.events)
    return room


async def apply(room: Room, stream: str, *events: Event) -> None:
    consumer = next(c for c in room.running.consumers if c.stream == stream)
    for event in events:
        await consumer.apply(event)


def decision(**changes: object) -> inspection_pb2.Inspection:
    """A whole decision of the Chairman on one open task of Sở Y tế."""
    parts = {
        "kind": inspection_pb2.INSPECTION_KIND_AD_HOC,
        "decided_by": inspection_pb2.DECIDED_BY_CHAIRMAN,
        "decision": document_pb2.DocumentRef(
            number="45", symbol="QĐ-UBND", date=to_date(date(2024, 5, 17)),
            title="Quyết định kiểm tra", uri="https://vanban.example/45",
        ),
        "legal_basis": "Quy chế 69/2019/QĐ-UBND", "scope": "Nhiệm vụ quý I năm 2024",
        "subject_agencies": ["agencies/so-y-te"], "tasks": [OPEN.name],
        "content": "Việc cập nhật tình hình, kết quả",
        "start_date": to_date(date(2024, 6, 3)), "end_date": to_date(date(2024, 6, 7)),
        "team": [
            inspection_pb2.TeamMember(
                person="Nguyễn Văn A", agency=f"agencies/{OFFICE_SLUG}", leader=True
            ),
            inspection_pb2.TeamMember(person="Trần Thị B", agency="agencies/so-noi-vu"),
        ],
    }  # fmt: skip
    return inspection_pb2.Inspection(**{**parts, **changes})


def classified_decision(**changes: object) -> inspection_pb2.Inspection:
    """The same without a word, on an open, a secret and a confidential task."""
    without = {
        "legal_basis": "", "scope": "", "content": "",
        "tasks": [OPEN.name, SECRET.name, CONFIDENTIAL.name],
        "decision": document_pb2.DocumentRef(
            number="46", symbol="QĐ-UBND", date=to_date(date(2024, 5, 17))
        ),
    }  # fmt: skip
    return decision(**{**without, **changes})


async def decide(
    room: Room, message: inspection_pb2.Inspection, who: str | None = None
) -> inspection_pb2.Inspection:
    request = pb.DecideInspectionRequest(request_id=str(uuid.uuid4()), inspection=message)
    return await room.call(InspectionServiceStub, "DecideInspection", request, who)


async def refused(
    room: Room, message: inspection_pb2.Inspection, who: str | None = None
) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await decide(room, message, who)
    return error.value


def wrong_fields(error: grpc.aio.AioRpcError) -> list[str]:
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    found = error_details_pb2.BadRequest()
    for detail in rpc_status.from_call(error).details:
        detail.Unpack(found)
    return [violation.field for violation in found.field_violations]


async def get(room: Room, name: str, who: str | None = None) -> inspection_pb2.Inspection:
    request = pb.GetInspectionRequest(name=name)
    return await room.call(InspectionServiceStub, "GetInspection", request, who)


async def listed(room: Room, who: str | None = None, **filters: str) -> list[str]:
    request = pb.ListInspectionsRequest(**filters)
    found = await room.call(InspectionServiceStub, "ListInspections", request, who)
    return [each.name for each in found.inspections]


async def last_event(room: Room) -> Event:
    query = select(event_log.c.event).order_by(event_log.c.position.desc()).limit(1)
    async with room.engine.connect() as connection:
        return Event.FromString(await connection.scalar(query))


async def written(room: Room) -> int:
    """Inspections, events and audit rows in the database."""
    async with room.engine.connect() as connection:
        counts = [
            await connection.scalar(select(func.count()).select_from(table))
            for table in (inspection, event_log, audit)
        ]
    return sum(counts)


@pytest.mark.rule("R15.3", "R16.1")
async def test_a_decision_is_recorded_with_all_its_contents(room: Room) -> None:
    asked = decision()
    made = await decide(room, asked)
    assert made.state == inspection_pb2.INSPECTION_STATE_DECIDED
    assert (made.secrecy, made.etag) == (document_pb2.SECRECY_NONE, "1")
    asked.name, asked.state, asked.etag = made.name, made.state, made.etag
    asked.secrecy = made.secrecy
    asked.decide_time.CopyFrom(made.decide_time)
    assert made == asked
    assert await get(room, made.name) == made
    told, event = inspection_pb2.Inspection(), await last_event(room)
    assert (event.type, event.aggregate, event.version) == ("InspectionDecided", made.name, 1)
    assert event.data.Unpack(told)
    assert told == made


@pytest.mark.rule("R15.1", "R15.2")
async def test_chairman_and_heads_of_office_department_and_district_may_have_decided(
    room: Room,
) -> None:
    deciders = [number for number in inspection_pb2.DecidedBy.values() if number]
    for decider in deciders:
        assert (await decide(room, decision(decided_by=decider))).decided_by == decider
    assert len(deciders) == 4
    unknown = await refused(room, decision(decided_by=99))
    assert wrong_fields(unknown) == ["inspection.decided_by"]


@pytest.mark.rule("R15.3")
async def test_all_that_is_missing_is_named_and_nothing_is_written(room: Room) -> None:
    lacking = decision(
        legal_basis="", scope="", content="", tasks=[],
        end_date=to_date(date(2024, 6, 1)), decision=document_pb2.DocumentRef(number="45"),
        subject_agencies=["agencies/khong-co"],
        team=[inspection_pb2.TeamMember(person="A", agency="agencies/cung-khong-co")],
    )  # fmt: skip
    before = await written(room)
    assert wrong_fields(await refused(room, lacking)) == [
        "inspection.decision.symbol", "inspection.decision.date", "inspection.legal_basis",
        "inspection.scope", "inspection.content", "inspection.tasks", "inspection.end_date",
        "inspection.team", "inspection.subject_agencies[0]", "inspection.team[0].agency",
    ]  # fmt: skip
    assert await written(room) == before


async def test_a_task_that_is_not_known_is_named(room: Room) -> None:
    stranger = f"tasks/{uuid.uuid4()}"
    error = await refused(room, decision(tasks=[OPEN.name, stranger]))
    assert wrong_fields(error) == ["inspection.tasks[1]"]


async def test_a_day_that_does_not_exist_is_named(room: Room) -> None:
    day = to_date(date(2024, 2, 28))
    assert day is not None
    day.day = 31
    assert wrong_fields(await refused(room, decision(end_date=day))) == ["inspection.end_date"]


@pytest.mark.rule("R5.2dd")
async def test_one_classified_task_makes_the_inspection_classified(room: Room) -> None:
    made = await decide(room, classified_decision())
    assert made.secrecy == document_pb2.SECRECY_SECRET
    assert await get(room, made.name) == made
    told, event = inspection_pb2.ClassifiedInspection(), await last_event(room)
    assert event.data.Unpack(told)
    assert (told.name, told.secrecy, list(told.tasks)) == (
        made.name, document_pb2.SECRECY_SECRET, list(made.tasks),
    )  # fmt: skip


@pytest.mark.rule("R5.2g")
@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("legal_basis", {"legal_basis": PLANTED}),
        ("scope", {"scope": PLANTED}),
        ("content", {"content": PLANTED}),
        ("decision.title", {"decision": document_pb2.DocumentRef(number="46", title=PLANTED)}),
        ("decision.uri", {"decision": document_pb2.DocumentRef(number="46", uri=PLANTED)}),
    ],
)
async def test_content_on_a_classified_task_is_refused_by_name_and_never_repeated(
    room: Room, field: str, change: dict[str, object]
) -> None:
    before = await written(room)
    error = await refused(room, classified_decision(**change))
    assert wrong_fields(error) == [f"inspection.{field}"]
    assert PLANTED not in str(rpc_status.from_call(error))
    assert PLANTED not in (error.details() or "")
    assert await written(room) == before


@pytest.mark.parametrize(
    "column", ["legal_basis", "scope", "content", "decision_uri", "decision_title"]
)
async def test_the_database_itself_cannot_hold_content_of_a_classified_inspection(
    room: Room, column: str
) -> None:
    await decide(room, classified_decision())
    with pytest.raises(IntegrityError, match="no_content_of_classified"):
        async with room.engine.begin() as connection:
            await connection.execute(update(inspection).values({column: PLANTED}))


async def test_a_newer_event_of_a_task_counts_whatever_the_order(room: Room) -> None:
    task = TaskPlay("so-y-te", NOW)
    task.accept(NOW)
    for first, then in ((0, 1), (1, 0)):
        await apply(room, "tasks", task.task_events[first], task.task_events[then])
    query = select(task_header.c.version).where(task_header.c.name == task.name)
    async with room.engine.connect() as connection:
        assert await connection.scalar(query) == 2


@pytest.mark.rule("R16.3")
async def test_the_inspected_see_their_inspection_and_nobody_else_does(room: Room) -> None:
    made = await decide(room, decision())
    inspected = token("so-y-te", "department", "officer")
    stranger = token("ubnd-huyen-a", "district", "officer")
    assert await get(room, made.name, inspected) == made
    assert await listed(room, inspected) == [made.name]
    assert await listed(room, token("", "auditor")) == [made.name]
    assert await listed(room, stranger) == []
    with pytest.raises(grpc.aio.AioRpcError) as hidden:
        await get(room, made.name, stranger)
    with pytest.raises(grpc.aio.AioRpcError) as absent:
        await get(room, f"inspections/{uuid.uuid4()}", stranger)
    assert hidden.value.code() is absent.value.code() is grpc.StatusCode.NOT_FOUND


async def test_only_the_office_records_decisions(room: Room) -> None:
    error = await refused(room, decision(), token("so-y-te", "department", "head"))
    assert error.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_repeated_request_gets_the_first_answer(room: Room) -> None:
    request = pb.DecideInspectionRequest(request_id=str(uuid.uuid4()), inspection=decision())
    answers: list[Message] = [
        await room.call(InspectionServiceStub, "DecideInspection", request) for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert len(await listed(room)) == 1


async def test_inspections_are_listed_newest_first_page_by_page(room: Room) -> None:
    made = []
    for number in range(5):
        # Two at one instant: the id then decides.
        await room.set_clock(NOW.replace(hour=10 + number // 2))
        made.append(await decide(room, decision()))
    made.sort(key=lambda m: (m.decide_time.seconds, uuid.UUID(m.name.split("/")[1])), reverse=True)
    found, page_token = [], ""
    while True:
        request = pb.ListInspectionsRequest(page_size=2, page_token=page_token)
        page = await room.call(InspectionServiceStub, "ListInspections", request)
        found += page.inspections
        page_token = page.next_page_token
        if not page_token:
            break
    assert found == made


async def test_inspections_of_one_agency_can_be_asked_for(room: Room) -> None:
    both = ["agencies/so-y-te", "agencies/so-noi-vu"]
    one = await decide(room, decision())
    two = await decide(room, decision(subject_agencies=both))
    assert await listed(room, subject_agency="agencies/so-noi-vu") == [two.name]
    assert set(await listed(room, subject_agency="agencies/so-y-te")) == {one.name, two.name}
    async with room.engine.connect() as connection:
        query = select(subject.c.agency).where(
            subject.c.inspection_id == uuid.UUID(two.name.split("/")[1])
        )
        kept = list(await connection.scalars(query.order_by(subject.c.position)))
    assert kept == ["so-y-te", "so-noi-vu"]
