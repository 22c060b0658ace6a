"""Figures over gRPC: what counts as done, late, and whose it is."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import grpc
import pytest
from dondoc.reporting.v1 import reporting_service_pb2 as pb
from dondoc.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub
from dondoc.type.v1 import document_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from services.kernel.limits.domain.calendar import end_of, start_of
from services.kernel.runtime.protos import to_date, to_timestamp
from tests.builders import ClockPlay, TaskPlay
from tests.fixtures.house import Room, token
from tests.integration.reporting.reporting_room import (
    NOW,
    apply,
    at,
    figures,
    numbers,
)

MAY_20 = date(2024, 5, 20)


async def take(room: Room, *tasks: TaskPlay) -> None:
    await apply(room, "tasks", [event for task in tasks for event in task.events])


async def refused(room: Room, request: pb.GetFiguresRequest) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await room.call(ReportingServiceStub, "GetFigures", request)
    return error.value


@pytest.mark.rule("R5.1g")
async def test_lateness_goes_by_the_day_of_the_act_not_by_that_of_its_entry(room: Room) -> None:
    in_time, late = TaskPlay("so-y-te", at(5, 1), MAY_20), TaskPlay("so-y-te", at(5, 1), MAY_20)
    in_time.report(at(6, 15), MAY_20)
    late.report(at(6, 15), MAY_20 + timedelta(days=1))
    await take(room, in_time, late)
    total = (await figures(room)).total
    assert (total.done_within_limit, total.done_overdue) == (1, 1)
    assert (total.on_time.numerator, total.on_time.denominator) == (1, 2)
    # Before the entry both were known to be open and late.
    assert (await figures(room, at(6, 1))).total.open_overdue == 2


@pytest.mark.rule("R5.1g")
async def test_an_open_task_is_overdue_from_midnight_after_its_due_date(room: Room) -> None:
    await take(room, TaskPlay("so-y-te", at(5, 1), MAY_20))
    midnight = end_of(MAY_20)
    last_moment = (await figures(room, midnight - timedelta(microseconds=1))).total
    assert (last_moment.open_within_limit, last_moment.open_overdue) == (1, 0)
    assert (await figures(room, midnight)).total.open_overdue == 1


async def test_an_extension_granted_on_10_may_does_not_change_the_figure_of_1_may(
    room: Room,
) -> None:
    task = TaskPlay("so-y-te", at(4, 1), date(2024, 4, 30))
    await take(room, task)
    before = await figures(room, at(5, 1))
    assert before.total.open_overdue == 1
    task.extend(at(5, 10), date(2024, 5, 31))
    await take(room, task)
    assert await figures(room, at(5, 1)) == before
    assert (await figures(room, at(5, 10))).total.open_within_limit == 1
    assert (await figures(room, at(6, 1))).total.open_overdue == 1


@pytest.mark.rule("R23.1", "R5.1e")
async def test_figures_of_before_an_amendment_keep_the_date_of_before(room: Room) -> None:
    shortened = TaskPlay("so-y-te", at(4, 1), date(2024, 5, 31))
    removed = TaskPlay("so-y-te", at(4, 1), date(2024, 4, 30))
    given = TaskPlay("so-y-te", at(4, 1))
    await take(room, shortened, removed, given)
    before = await figures(room, at(5, 1))
    total = before.total
    assert (total.open_within_limit, total.open_overdue, total.open_no_limit) == (1, 1, 1)
    shortened.amend(at(5, 10), date(2024, 5, 5))
    removed.amend(at(5, 10), None)
    given.amend(at(5, 10), date(2024, 6, 14))
    await take(room, shortened, removed, given)
    assert await figures(room, at(5, 1)) == before
    total = (await figures(room, at(5, 10))).total
    # Shortened to a day that has passed, it is overdue from its entry on.
    assert (total.open_within_limit, total.open_overdue, total.open_no_limit) == (1, 1, 1)
    later = (await figures(room, at(6, 15))).total
    assert (later.open_within_limit, later.open_overdue, later.open_no_limit) == (0, 2, 1)
    # And set again after it was taken away.
    removed.amend(at(6, 16), date(2024, 6, 1))
    await take(room, removed)
    assert (await figures(room, at(6, 15))).total == later
    assert (await figures(room, at(6, 16))).total.open_overdue == 3


@pytest.mark.rule("R5.1g")
async def test_an_end_that_moved_off_a_day_off_is_the_end(room: Room) -> None:
    saturday = date(2024, 5, 18)
    await take(room, TaskPlay("so-y-te", at(5, 1), saturday, rolled=2))
    assert (await figures(room, at(5, 20, 23))).total.open_within_limit == 1
    assert (await figures(room, at(5, 21, 0))).total.open_overdue == 1


async def test_a_task_without_a_clock_is_measured_by_its_stated_date(room: Room) -> None:
    older_than_every_profile = TaskPlay("so-y-te", at(5, 1), MAY_20)
    await apply(room, "tasks", older_than_every_profile.task_events)
    assert (await figures(room, at(5, 20))).total.open_within_limit == 1
    assert (await figures(room, at(5, 21))).total.open_overdue == 1


@pytest.mark.rule("R4")
async def test_tasks_without_a_limit_or_with_one_in_words_are_neither_late_nor_in_time(
    room: Room,
) -> None:
    done = TaskPlay("so-y-te", at(5, 1))
    done.report(at(5, 3), date(2024, 5, 2))
    words = TaskPlay("so-y-te", at(5, 1), limit_in_words="sau khi có hướng dẫn")
    await take(room, done, words)
    total = (await figures(room)).total
    assert numbers(total) == {
        "total": 2, "done": 1, "done_no_limit": 1, "open": 1, "open_no_limit": 1,
        "not_started": 1, "awaiting_confirmation": 1,
    }  # fmt: skip
    assert (total.on_time.denominator, total.overdue.denominator) == (0, 0)


@pytest.mark.rule("R6.2a")
async def test_a_returned_task_is_told_apart_and_then_counts_for_its_new_lead(room: Room) -> None:
    task = TaskPlay("so-y-te", at(5, 1), MAY_20)
    task.give_back(at(5, 3))
    task.forward_again(at(5, 6), "so-noi-vu")
    await take(room, task)
    (returned,) = (await figures(room, at(5, 4))).rows
    assert returned.agency == "agencies/so-y-te"
    # It is with the Office: for its lead it is neither done nor incomplete.
    assert numbers(returned) == {"total": 1, "returned": 1, "returned_apart": 1}
    assert returned.overdue.denominator == 0
    (again,) = (await figures(room, at(5, 6))).rows
    assert (again.agency, again.open, again.returned) == ("agencies/so-noi-vu", 1, 0)


@pytest.mark.rule("R5.2g")
async def test_of_classified_tasks_done_open_and_overdue_are_counted(room: Room) -> None:
    plays = [
        TaskPlay("so-y-te", at(5, 1), MAY_20, secrecy=document_pb2.SECRECY_TOP_SECRET)
        for _ in range(2)
    ]
    plays[0].report(at(5, 10), date(2024, 5, 10))
    await take(room, *plays)
    assert numbers((await figures(room, at(5, 15))).total) == {
        "total": 2, "done": 1, "done_within_limit": 1, "awaiting_confirmation": 1,
        "open": 1, "open_within_limit": 1, "not_started": 1,
    }  # fmt: skip
    assert (await figures(room, at(5, 21))).total.open_overdue == 1


async def test_a_withdrawn_task_leaves_the_figures_on_that_day(room: Room) -> None:
    task = TaskPlay("so-y-te", at(5, 1), MAY_20)
    task.withdraw(at(5, 8))
    await take(room, task)
    assert (await figures(room, at(5, 7))).total.total == 1
    assert (await figures(room, at(5, 8))).total.total == 0


async def test_a_period_takes_both_its_days_and_generated_data_can_be_left_out(
    room: Room,
) -> None:
    await take(
        room,
        TaskPlay("so-y-te", start_of(date(2024, 4, 1))),
        TaskPlay("so-y-te", at(6, 30, 23), generated=True),
        TaskPlay("so-y-te", at(7, 1, 0)),
    )
    second_quarter = {"from_date": date(2024, 4, 1), "to_date_": date(2024, 6, 30)}
    assert (await figures(room, **second_quarter)).total.total == 2
    assert (await figures(room, **second_quarter, real_only=True)).total.total == 1
    assert (await figures(room)).total.total == 3
    told = await figures(room, at(8, 1), **second_quarter)
    assert (told.from_date, told.to_date) == (
        to_date(date(2024, 4, 1)), to_date(date(2024, 6, 30)),
    )  # fmt: skip
    assert told.as_of_time == to_timestamp(at(8, 1))


async def test_without_a_moment_figures_are_those_of_now_and_say_so(room: Room) -> None:
    assert (await figures(room)).as_of_time == to_timestamp(NOW)


async def test_an_agency_sees_itself_and_what_is_below_it(room: Room) -> None:
    await take(
        room, *(TaskPlay(slug, at(5, 1)) for slug in ("so-y-te", "so-noi-vu", "ban-thi-dua"))
    )

    async def seen_by(who: str, agency: str = "") -> list[str]:
        return [row.display_name for row in (await figures(room, who=who, agency=agency)).rows]

    everybody = ["Ban Thi đua", "Sở Nội vụ", "Sở Y tế"]
    assert await seen_by(token("", "auditor")) == everybody
    assert await seen_by(token("ubnd-tinh", "leadership")) == everybody
    superior = token("so-noi-vu", "department", "officer")
    assert await seen_by(superior) == ["Ban Thi đua", "Sở Nội vụ"]
    assert await seen_by(superior, "agencies/ban-thi-dua") == ["Ban Thi đua"]
    assert await seen_by(superior, "agencies/so-y-te") == []
    assert await seen_by(token("ban-thi-dua", "other-agency", "officer")) == ["Ban Thi đua"]
    assert (await figures(room, who=superior)).total.total == 2


async def test_what_is_to_come_and_what_cannot_be_is_refused_by_name(room: Room) -> None:
    wrong = {
        "as_of_time": pb.GetFiguresRequest(as_of_time=to_timestamp(NOW + timedelta(seconds=1))),
        "to_date": pb.GetFiguresRequest(
            from_date=to_date(MAY_20), to_date=to_date(MAY_20 - timedelta(days=1))
        ),
    }
    for field, request in wrong.items():
        error = await refused(room, request)
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert field in (error.details() or "")
    impossible = await refused(room, pb.GetFiguresRequest(as_of_time=Timestamp(seconds=10**15)))
    assert impossible.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.rule("R5.1g")
async def test_the_export_holds_what_the_call_tells(room: Room) -> None:
    task = TaskPlay("so-y-te", at(5, 1), MAY_20)
    task.report(at(5, 10), date(2024, 5, 10))
    await take(room, task, TaskPlay("ban-thi-dua", at(5, 1), MAY_20))
    request = pb.ExportFiguresRequest(as_of_time=to_timestamp(at(6, 1)))
    exported = await room.call(ReportingServiceStub, "ExportFigures", request)
    assert exported.media_type == "text/csv; charset=utf-8"
    assert exported.as_of_time == to_timestamp(at(6, 1))
    rows = list(csv.DictReader(io.StringIO(exported.data.decode())))
    assert [(row["STT"], row["Đơn vị"]) for row in rows] == [
        ("1", "Ban Thi đua"), ("2", "Sở Y tế"), ("", "Tổng cộng"),
    ]  # fmt: skip
    total = (await figures(room, at(6, 1))).total
    assert rows[-1]["Tổng số nhiệm vụ"] == str(total.total) == "2"
    assert rows[-1]["Chưa hoàn thành: Quá hạn"] == str(total.open_overdue) == "1"
    assert rows[-1]["Mẫu số: tất cả, có hạn"] == str(total.overdue.denominator) == "2"


@pytest.mark.rule("R7.1")
async def test_clocks_are_told_by_rule_and_agency_as_of_any_moment(room: Room) -> None:
    def intake(number: int) -> ClockPlay:
        return ClockPlay(
            f"directives/{number}", "R7.1", "khoản 1 Điều 7", "so-y-te", at(5, 1), at(5, 4, 0)
        )

    met, met_late, void, running = intake(1), intake(2), intake(3), intake(4)
    met.stop(at(5, 3), at(5, 3))
    met_late.stop(at(5, 6), at(5, 6))
    void.void(at(5, 7), "DIRECTIVE_WITHDRAWN")
    played = (met, met_late, void, running)
    await apply(room, "directives", [event for clock in played for event in clock.events])

    async def row(moment: int) -> pb.ClockFiguresRow:
        request = pb.GetClockFiguresRequest(as_of_time=to_timestamp(at(5, moment)))
        found = await room.call(ReportingServiceStub, "GetClockFigures", request)
        (only,) = found.rows
        return only

    assert await row(2) == pb.ClockFiguresRow(
        rule="R7.1", article="khoản 1 Điều 7", agency="agencies/so-y-te", running=4
    )
    fifth, eighth = await row(5), await row(8)
    assert (fifth.met, fifth.late) == (1, 3)
    assert (eighth.met, eighth.met_late, eighth.voided, eighth.late) == (1, 1, 1, 1)
    stranger = token("so-noi-vu", "department", "officer")
    unseen = await room.call(
        ReportingServiceStub, "GetClockFigures", pb.GetClockFiguresRequest(), stranger
    )
    assert not unseen.rows
