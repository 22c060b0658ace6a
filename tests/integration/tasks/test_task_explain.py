"""How the limits of a task are explained: what is told before an act is what the act meets."""

from __future__ import annotations

from datetime import date, timedelta

import grpc
import pytest
from dondoc.limits.v1 import clock_pb2
from dondoc.limits.v1 import deadline_service_pb2 as pb
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.tasks.v1 import task_service_pb2 as task_pb
from dondoc.type.v1 import document_pb2, limit_pb2

from services.kernel.limits.adapters.holiday_seed import seeded_calendar
from services.kernel.limits.domain.calendar import CalendarDay, CalendarEdit, DayKind
from services.kernel.runtime.protos import to_date
from tests.fixtures.house import OFFICE_SLUG, token
from tests.integration.tasks.tasks_house import TasksHouse, at, directive, document, item, lead
from tests.integration.tasks.test_task_extensions_flow import answer, ask

ISSUED, DUE, NEW = date(2026, 1, 5), date(2026, 1, 14), date(2026, 1, 30)
LAST = date(2026, 1, 10)  # the Saturday that is worked
OPEN, OVER = pb.ASKING_STATE_OPEN, pb.ASKING_STATE_OVER
SHORT, LOCKED = pb.ASKING_STATE_TOO_SHORT, pb.ASKING_STATE_LOCKED


async def explained(
    house: TasksHouse, name: str, rule: str = "R5.1e", who: str = "", language: str = ""
) -> pb.ExplainDeadlineResponse:
    clock = next(c for (r, _), c in (await house.clocks(name)).items() if r == rule)
    request = pb.ExplainDeadlineRequest(name=clock.name, language=language)
    told: pb.ExplainDeadlineResponse = await house.room.call(
        DeadlineServiceStub, "ExplainDeadline", request, who or None
    )
    return told


@pytest.mark.rule("R6.2c", "R6.1d")
@pytest.mark.parametrize(
    ("due", "origin", "today", "state", "reason"),
    [
        (DUE, document_pb2.ORIGIN_UNSPECIFIED, LAST, OPEN, ""),
        (DUE, document_pb2.ORIGIN_PROVINCE, LAST + timedelta(days=1), OVER, "EXTENSION_TOO_LATE"),
        (date(2026, 1, 7), document_pb2.ORIGIN_UNSPECIFIED, ISSUED, SHORT,
         "EXTENSION_IMPOSSIBLE_FROM_START"),
        (DUE, document_pb2.ORIGIN_CENTRAL_MINISTRY, ISSUED, LOCKED, "ORIGIN_LOCKED"),
        (DUE, document_pb2.ORIGIN_GOVERNMENT, ISSUED, LOCKED, "ORIGIN_LOCKED"),
    ],
)  # fmt: skip
async def test_what_is_told_about_asking_is_what_a_request_meets(
    house: TasksHouse, due: date, origin: int, today: date, state: int, reason: str
) -> None:
    (name,) = await house.forward(directive(ISSUED, item(due, origin=origin)), on=at(ISSUED))
    await house.room.set_clock(at(today))
    told = await explained(house, name, who=lead())
    assert told.asking.state == state
    assert told.asking.locked_by == (origin if state == LOCKED else 0)
    assert told.asking.last_day == told.last_day_to_ask_extension == told.asking.days[-1].day
    if reason:
        refused = await house.refused("RequestExtension", ask(name, today), lead())
        assert refused.reason == reason
    else:
        await house.call("RequestExtension", ask(name, today), lead())


@pytest.mark.rule("R23.1", "R6.2c")
async def test_of_a_withdrawn_task_nobody_is_told_to_ask_for_more_time(house: TasksHouse) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    await house.call("WithdrawTask", task_pb.WithdrawTaskRequest(
        name=name, document=document("81", "UBND-TH", ISSUED), reason="Không còn cần thực hiện"
    ))  # fmt: skip
    told = await explained(house, name)
    assert (told.clock.void_reason, told.HasField("asking")) == ("TASK_WITHDRAWN", False)
    assert "không còn tính: nhiệm vụ được rút [81/UBND-TH]" in told.text


@pytest.mark.rule("R6.1d")
async def test_the_origin_of_the_directive_locks_a_task_that_names_none(house: TasksHouse) -> None:
    made = directive(ISSUED, item(DUE))
    made.origin = document_pb2.ORIGIN_GOVERNMENT_OFFICE
    (name,) = await house.forward(made, on=at(ISSUED))
    told = await explained(house, name)
    assert (told.asking.state, told.asking.locked_by) == (
        LOCKED, document_pb2.ORIGIN_GOVERNMENT_OFFICE,
    )  # fmt: skip
    assert "Văn phòng Chính phủ" in told.text
    assert told.asking.article == "điểm d khoản 1 Điều 6"
    # The entry after the due date cannot be extended by itself, so nothing is said of it.
    assert not (await explained(house, name, "R7.2a")).HasField("asking")


@pytest.mark.rule("R6.1d", "R6.2c")
async def test_an_extension_is_told_with_its_document_and_who_recorded_it(
    house: TasksHouse,
) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    await house.room.set_clock(at(date(2026, 1, 8)))
    await house.call("RequestExtension", ask(name), lead())
    secretary = token(OFFICE_SLUG, "office", "officer", subject="thư-ký")
    await house.call("AnswerExtension", answer(name, date(2026, 1, 8)), secretary)
    told = await explained(house, name, language="en")
    moved = told.clock.ledger[-1]
    assert (moved.kind, moved.ground, moved.document, moved.actor) == (
        "MOVED", "EXTENSION", "80/UBND-TH", "thư-ký",
    )  # fmt: skip
    assert "extension: 14/01/2026 → 30/01/2026 [80/UBND-TH] (thư-ký)" in told.text
    # Counted back from the new date.
    assert told.asking.last_day == to_date(date(2026, 1, 27))


@pytest.mark.rule("R7.2a")
async def test_each_day_tells_its_number_its_leg_and_the_document_behind_it(
    house: TasksHouse,
) -> None:
    """Due on Friday 9 January: the worked Saturday, Monday, Tuesday."""
    (name,) = await house.forward(directive(ISSUED, item(date(2026, 1, 9))), on=at(ISSUED))
    told = await explained(house, name, "R7.2a", language="en")
    assert [(d.day.day, d.number, d.leg) for d in told.days] == [
        (9, 0, pb.LEG_FORWARD), (10, 1, pb.LEG_FORWARD), (11, 0, pb.LEG_FORWARD),
        (12, 2, pb.LEG_FORWARD), (13, 3, pb.LEG_FORWARD),
    ]  # fmt: skip
    assert told.days[1].document == "12729/VPCP-KGVX"
    assert (told.length, told.unit) == (3, limit_pb2.LIMIT_UNIT_WORKING_DAYS)
    assert told.title == "Enter situation and result of a task with a time limit"
    assert not told.estimated_days
    # What a picture of the months needs: the holidays of January and no others.
    assert {(d.day.month, d.day.day) for d in told.calendar_days} == {(1, 1), (1, 2), (1, 10)}


async def test_days_of_a_year_that_is_not_decided_are_told_as_estimated(house: TasksHouse) -> None:
    (name,) = await house.forward(directive(ISSUED, item(date(2027, 2, 6))), on=at(ISSUED))
    told = await explained(house, name)
    assert told.estimated_days[0] == to_date(date(2027, 2, 6))
    assert all(day.estimated == (day.day in told.estimated_days) for day in told.days)


async def test_a_stopped_clock_keeps_its_end_and_tells_what_the_new_calendar_would_make_of_it(
    house: TasksHouse,
) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    await house.accepted(name)
    await house.reported(name, ISSUED)
    off = CalendarDay(DUE, DayKind.SWAP_OFF, "Hoán đổi", "1/TB")
    edited = seeded_calendar(2019, 2027).edited(CalendarEdit(put=(off,)), version=2)
    await house.set_calendar(edited)
    told = await explained(house, name)
    assert told.clock.state == clock_pb2.CLOCK_STATE_MET
    assert told.clock.last_day == to_date(DUE)
    assert told.last_day_by_calendar == to_date(date(2026, 1, 15))
    assert told.days[0].document == "1/TB"


async def test_a_clock_of_another_agency_is_not_explained(house: TasksHouse) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await explained(house, name, who=token("so-xa-la", "department", "officer"))
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
