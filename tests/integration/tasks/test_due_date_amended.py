"""A document that amends the due date, over gRPC: which clocks start, move and are void."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import grpc
import pytest
from dondoc.limits.v1 import clock_pb2, deadline_service_pb2
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb
from dondoc.type.v1 import document_pb2, limit_pb2

from services.kernel.runtime.protos import to_date
from tests.fixtures.house import OFFICE_SLUG, StartService, token
from tests.integration.tasks.edited_profile import house_of
from tests.integration.tasks.every_state import END
from tests.integration.tasks.recount import counts, recount
from tests.integration.tasks.tasks_house import TasksHouse, at, directive, document, item, lead
from tests.integration.tasks.test_compliance import asked as compliance
from tests.integration.tasks.test_task_explain import explained
from tests.integration.tasks.test_task_extensions_flow import answer, ask

ISSUED, DUE, ENTERED = date(2026, 1, 5), date(2026, 1, 14), date(2026, 1, 8)
EARLIER, LATER = date(2026, 1, 12), date(2026, 1, 20)
RUNNING, LATE = clock_pb2.CLOCK_STATE_RUNNING, clock_pb2.CLOCK_STATE_LATE
MET, VOID = clock_pb2.CLOCK_STATE_MET, clock_pb2.CLOCK_STATE_VOID
MET_LATE = clock_pb2.CLOCK_STATE_MET_LATE
WITHIN, OVERDUE = task_pb2.TIMELINESS_WITHIN_LIMIT, task_pb2.TIMELINESS_OVERDUE
NO_LIMIT = task_pb2.TIMELINESS_NO_LIMIT


def amend(
    name: str, due: date | None, *, origin: int = document_pb2.ORIGIN_PROVINCE
) -> pb.AmendDueDateRequest:
    made = pb.AmendDueDateRequest(name=name, document=document("82", "UBND-TH", ENTERED))
    if due is None:
        made.remove_due_date = True
    else:
        made.due_date.CopyFrom(to_date(due))
        made.origin = origin  # type: ignore[assignment]
    return made


async def forwarded(
    house: TasksHouse, due: date | None = DUE, *, words: str = "", **changes: int
) -> str:
    """On Monday 5 January; it is Thursday the 8th."""
    made = directive(ISSUED, item(due, words=words), **changes)
    (name,) = await house.forward(made, on=at(ISSUED))
    await house.room.set_clock(at(ENTERED))
    return name


async def standing(
    house: TasksHouse, name: str, rules: Iterable[str] = ("R5.1e", "R7.2a", "R7.2b")
) -> dict[tuple[str, str], int]:
    """(rule, stated date) → state, of the rules of a task."""
    clocks = await house.clocks(name)
    return {key: clock.state for key, clock in clocks.items() if key[0] in rules}


@pytest.mark.rule("R5.1e", "R7.2a", "R23.1")
@pytest.mark.parametrize("due", [EARLIER, LATER])
async def test_another_date_moves_the_limits_of_the_date_earlier_or_later(
    house: TasksHouse, due: date
) -> None:
    name = await forwarded(house)
    told = await house.call("AmendDueDate", amend(name, due))
    assert (told.limit.due_date, told.state) == (to_date(due), task_pb2.TASK_STATE_FORWARDED)
    (kept,) = told.amendments
    assert (kept.previous_due_date, kept.due_date) == (to_date(DUE), to_date(due))
    assert (kept.document.number, kept.recorded_by) == ("82", f"{OFFICE_SLUG}:office+officer")
    # The round keeps what was asked then.
    assert told.rounds[0].due_date == to_date(DUE)
    assert await standing(house, name) == {
        ("R5.1e", due.isoformat()): RUNNING, ("R7.2a", due.isoformat()): RUNNING,
    }  # fmt: skip
    clocks = await house.clocks(name)
    for rule in ("R5.1e", "R7.2a"):
        moved = clocks[rule, due.isoformat()].ledger[-1]
        assert (moved.kind, moved.ground, moved.document, moved.actor) == (
            "MOVED", "AMENDMENT", "82/UBND-TH", f"{OFFICE_SLUG}:office+officer",
        )  # fmt: skip
    assert clocks["R5.1e", due.isoformat()].last_day == to_date(due)
    event = (await house.events(name))[-1]
    assert event.type == "DueDateAmended"


@pytest.mark.rule("R5.1e", "R6.2c")
async def test_the_move_and_the_last_day_to_ask_are_explained_in_both_languages(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    secretary = token(OFFICE_SLUG, "office", "officer", subject="thư-ký")
    await house.call("AmendDueDate", amend(name, LATER), secretary)
    english = await explained(house, name, language="en")
    assert "amendment: 14/01/2026 → 20/01/2026 [82/UBND-TH] (thư-ký)" in english.text
    vietnamese = await explained(house, name)
    assert "văn bản được điều chỉnh: 14/01/2026 → 20/01/2026 [82/UBND-TH]" in vietnamese.text
    await house.call("AmendDueDate", amend(name, None), secretary)
    ended = await explained(house, name, language="en")
    assert "void: due date removed [82/UBND-TH] (thư-ký)" in ended.text
    assert "không còn tính: bỏ ngày hết hạn [82/UBND-TH]" in (await explained(house, name)).text
    # Counted back from Tuesday the 20th.
    assert english.asking.last_day == to_date(date(2026, 1, 15))
    await house.call("AmendDueDate", amend(name, LATER), secretary)
    await house.room.set_clock(at(date(2026, 1, 15)))
    await house.call("RequestExtension", ask(name), lead())


@pytest.mark.rule("R6.2c")
async def test_a_first_date_too_near_to_be_extended_is_told_as_an_agency_would_meet_it(
    house: TasksHouse,
) -> None:
    name = await forwarded(house, None, words="trong thời gian tới")
    await house.call("AmendDueDate", amend(name, date(2026, 1, 9)))
    told = await explained(house, name)
    assert told.asking.state == deadline_service_pb2.ASKING_STATE_TOO_SHORT
    refused = await house.refused("RequestExtension", ask(name), lead())
    assert refused.reason == "EXTENSION_IMPOSSIBLE_FROM_START"


@pytest.mark.rule("R5.1e", "R7.2a", "R7.2b")
@pytest.mark.parametrize("words", ["", "trong thời gian tới"])
async def test_a_first_date_starts_the_limits_of_a_date_and_ends_those_of_periods(
    house: TasksHouse, words: str
) -> None:
    name = await forwarded(house, None, words=words)
    first_quarter_after = ("R7.2b", "2026-06-30")
    before = {} if words else {first_quarter_after: RUNNING}
    assert await standing(house, name) == before
    told = await house.call("AmendDueDate", amend(name, LATER))
    assert told.limit.limit_class == limit_pb2.LIMIT_CLASS_WITH_LIMIT
    assert (told.timeliness, told.limit_in_words) == (WITHIN, words)
    ended = {} if words else {first_quarter_after: VOID}
    assert await standing(house, name) == {
        **ended, ("R5.1e", "2026-01-20"): RUNNING, ("R7.2a", "2026-01-20"): RUNNING,
    }  # fmt: skip
    clocks = await house.clocks(name)
    begun = clocks["R5.1e", "2026-01-20"]
    assert (begun.ledger[0].ground, begun.ledger[0].document) == ("DUE_DATE_SET", "82/UBND-TH")
    assert told.due_time.seconds == begun.due_time.seconds
    if not words:
        assert clocks[first_quarter_after].void_reason == "DUE_DATE_SET"
    # No further period begins.
    await house.room.set_clock(at(date(2026, 7, 1)))
    assert set(await standing(house, name, ["R7.2b"])) == set(before)


@pytest.mark.rule("R5.1e", "R7.2a", "R7.2b")
async def test_a_date_that_is_taken_away_ends_its_limits_and_periods_begin_with_the_next_one(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    await house.room.set_clock(at(date(2026, 1, 15)))
    assert (await house.task(name)).timeliness == OVERDUE
    told = await house.call("AmendDueDate", amend(name, None))
    assert told.limit.limit_class == limit_pb2.LIMIT_CLASS_WITHOUT_LIMIT
    assert (told.timeliness, told.limit.HasField("due_date")) == (NO_LIMIT, False)
    assert not told.HasField("due_time")
    # From April to June: the first period is the one after that of the amendment.
    assert await standing(house, name) == {
        ("R5.1e", "2026-01-14"): VOID, ("R7.2a", "2026-01-14"): VOID, ("R7.2b", "2026-06-30"): RUNNING,
    }  # fmt: skip
    clocks = await house.clocks(name)
    assert clocks["R5.1e", "2026-01-14"].void_reason == "DUE_DATE_REMOVED"
    begun = clocks["R7.2b", "2026-06-30"].ledger[0]
    assert (begun.ground, begun.document) == ("DUE_DATE_REMOVED", "82/UBND-TH")
    await house.room.set_clock(at(date(2026, 7, 1)))
    assert set(await standing(house, name, ["R7.2b"])) == {
        ("R7.2b", "2026-06-30"), ("R7.2b", "2026-09-30"),
    }  # fmt: skip


@pytest.mark.rule("R5.1e", "R7.2a", "R7.2b")
async def test_a_date_can_come_and_go_and_each_time_its_limits_are_new_ones(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    for due in (None, LATER, None):
        await house.call("AmendDueDate", amend(name, due))
    assert await standing(house, name) == {
        ("R5.1e", "2026-01-14"): VOID, ("R7.2a", "2026-01-14"): VOID,
        ("R5.1e", "2026-01-20"): VOID, ("R7.2a", "2026-01-20"): VOID,
        ("R7.2b", "2026-06-30"): RUNNING,
    }  # fmt: skip
    told = await house.call("AmendDueDate", amend(name, DUE))
    assert (await standing(house, name))["R5.1e", "2026-01-14"] == RUNNING
    assert (await standing(house, name))["R7.2b", "2026-06-30"] == VOID
    assert [found.number for found in told.amendments] == [1, 2, 3, 4]


@pytest.mark.rule("R5.1e", "R7.2a")
async def test_what_a_result_has_met_stays_met_or_not_by_the_date_that_stands(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    await house.accepted(name)
    await house.room.set_clock(at(date(2026, 1, 16)))
    await house.reported(name, date(2026, 1, 15))
    assert (await house.task(name)).timeliness == OVERDUE
    told = await house.call("AmendDueDate", amend(name, LATER))
    assert told.timeliness == WITHIN
    assert await standing(house, name) == {
        ("R5.1e", "2026-01-20"): MET, ("R7.2a", "2026-01-20"): MET,
    }  # fmt: skip
    told = await house.call("AmendDueDate", amend(name, EARLIER))
    assert told.timeliness == OVERDUE
    assert (await standing(house, name))["R5.1e", "2026-01-12"] == MET_LATE
    # Sent back, the limits run again by the same date.
    await house.call("SendBackTask", pb.SendBackTaskRequest(
        name=name, reason=task_pb2.SEND_BACK_REASON_INCOMPLETE, words="Thiếu phụ lục"
    ))  # fmt: skip
    assert (await standing(house, name))["R5.1e", "2026-01-12"] == LATE


@pytest.mark.rule("R5.1e", "R7.2a", "R7.2b")
async def test_a_first_date_of_what_is_reported_is_met_by_the_result_until_it_is_sent_back(
    house: TasksHouse,
) -> None:
    name = await forwarded(house, None)
    await house.accepted(name)
    await house.reported(name, ENTERED)
    await house.room.set_clock(at(date(2026, 1, 9)))
    told = await house.call("AmendDueDate", amend(name, LATER))
    assert (told.state, told.timeliness) == (task_pb2.TASK_STATE_REPORTED, WITHIN)
    assert await standing(house, name) == {
        ("R5.1e", "2026-01-20"): MET, ("R7.2a", "2026-01-20"): MET, ("R7.2b", "2026-06-30"): MET,
    }  # fmt: skip
    await house.call("SendBackTask", pb.SendBackTaskRequest(
        name=name, reason=task_pb2.SEND_BACK_REASON_WRONG, words="Làm lại"
    ))  # fmt: skip
    assert (await standing(house, name, ["R5.1e", "R7.2a"])) == {
        ("R5.1e", "2026-01-20"): RUNNING, ("R7.2a", "2026-01-20"): RUNNING,
    }  # fmt: skip


@pytest.mark.rule("R5.1e", "R7.2a")
async def test_a_date_taken_away_after_the_result_does_not_come_back_when_that_is_sent_back(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    await house.accepted(name)
    await house.reported(name, ENTERED)
    told = await house.call("AmendDueDate", amend(name, None))
    assert told.timeliness == NO_LIMIT
    # What is reported owes no update by period.
    assert await standing(house, name) == {
        ("R5.1e", "2026-01-14"): VOID, ("R7.2a", "2026-01-14"): VOID,
    }  # fmt: skip
    await house.call("SendBackTask", pb.SendBackTaskRequest(
        name=name, reason=task_pb2.SEND_BACK_REASON_WRONG, words="Làm lại"
    ))  # fmt: skip
    assert (await standing(house, name))["R5.1e", "2026-01-14"] == VOID
    await house.room.set_clock(at(date(2026, 4, 1)))
    assert ("R7.2b", "2026-06-30") in await standing(house, name)


@pytest.mark.rule("R7.2a")
async def test_an_entry_is_the_update_after_the_date_that_stands(house: TasksHouse) -> None:
    name = await forwarded(house)
    await house.accepted(name)
    await house.room.set_clock(at(date(2026, 1, 13)))
    await house.progress(name, date(2026, 1, 13))
    assert (await standing(house, name, ["R7.2a"])) == {("R7.2a", "2026-01-14"): RUNNING}
    # The 12th stands now: the entry that tells of the 13th is an update after it.
    await house.call("AmendDueDate", amend(name, EARLIER))
    assert (await standing(house, name, ["R7.2a"])) == {("R7.2a", "2026-01-12"): MET}
    # And none after the 20th.
    await house.call("AmendDueDate", amend(name, LATER))
    assert (await standing(house, name, ["R7.2a"])) == {("R7.2a", "2026-01-20"): RUNNING}


@pytest.mark.rule("R6.1d")
async def test_an_open_request_keeps_its_clock_and_is_answered_by_the_date_that_stands(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    await house.call("RequestExtension", ask(name), lead())
    (own,) = (await house.clocks(f"{name}/extensions/1")).values()
    await house.call("AmendDueDate", amend(name, LATER))
    assert list((await house.clocks(f"{name}/extensions/1")).values()) == [own]
    shorter = await house.refused("AnswerExtension", answer(name, ENTERED, date(2026, 1, 19)))
    assert shorter.fields == ["granted_due_date"]
    await house.call("AmendDueDate", amend(name, None))
    nothing = await house.refused("AnswerExtension", answer(name, ENTERED))
    assert (nothing.code, nothing.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NO_DUE_DATE")
    await house.call("AmendDueDate", amend(name, EARLIER))
    granted = await house.call("AnswerExtension", answer(name, ENTERED, LATER))
    assert granted.limit.due_date == to_date(LATER)
    clocks = await house.clocks(name)
    assert clocks["R5.1e", "2026-01-20"].ledger[-1].ground == "EXTENSION"


@pytest.mark.rule("R6.1d")
async def test_a_date_set_above_the_province_cannot_be_extended(house: TasksHouse) -> None:
    name = await forwarded(house)
    ministry = document_pb2.ORIGIN_CENTRAL_MINISTRY
    await house.call("AmendDueDate", amend(name, LATER, origin=ministry))
    refused = await house.refused("RequestExtension", ask(name), lead())
    assert (refused.reason, refused.metadata["origin"]) == ("ORIGIN_LOCKED", "CENTRAL_MINISTRY")


@pytest.mark.rule("R23.1")
async def test_the_office_amends_by_a_document_and_says_what_it_changes(house: TasksHouse) -> None:
    name = await forwarded(house)
    by_lead = await house.refused("AmendDueDate", amend(name, LATER), lead())
    assert by_lead.code is grpc.StatusCode.PERMISSION_DENIED
    unsaid = amend(name, LATER)
    unsaid.ClearField("due_date")
    assert (await house.refused("AmendDueDate", unsaid)).code is grpc.StatusCode.INVALID_ARGUMENT
    same = await house.refused("AmendDueDate", amend(name, DUE))
    assert (same.fields, same.reason) == (["due_date"], "NOT_CHANGED")
    unsourced = amend(name, LATER, origin=document_pb2.ORIGIN_UNSPECIFIED)
    assert (await house.refused("AmendDueDate", unsourced)).fields == ["origin"]
    await house.accepted(name)
    await house.reported(name, ENTERED)
    good = task_pb2.GRADE_GOOD
    evaluation = task_pb2.Evaluation(progress=good, quality=good, effectiveness=good)
    await house.call("ConfirmTask", pb.ConfirmTaskRequest(name=name, evaluation=evaluation))
    over = await house.refused("AmendDueDate", amend(name, LATER))
    assert (over.reason, over.metadata["state"]) == ("WRONG_STATE", "CONFIRMED")


@pytest.mark.rule("R5.2e")
async def test_the_date_of_a_classified_task_is_amended_by_number_and_day(
    house: TasksHouse,
) -> None:
    name = await forwarded(house, secrecy=document_pb2.SECRECY_TOP_SECRET)
    told = amend(name, LATER)
    told.document.uri = "https://example.vn/mat.pdf"
    assert (await house.refused("AmendDueDate", told)).fields == ["document.uri"]
    made = await house.call("AmendDueDate", amend(name, LATER))
    assert made.amendments[0].document.number == "82"
    assert (await house.task(name)).amendments == made.amendments


@pytest.mark.rule("R5.1e", "R7.2b")
@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("DUE_DATE_REMOVED", DUE, None),
        ("DUE_DATE_SET", None, LATER),
    ],
)
async def test_under_a_regulation_that_does_not_name_the_act_the_limits_of_before_run_on(
    start_service: StartService, tmp_path: Path, act: str, before: date | None, after: date | None
) -> None:
    house = await house_of(start_service, tmp_path, f", {act}]", "]")
    name = await forwarded(house, before)
    old = set(await standing(house, name))
    assert old
    await house.call("AmendDueDate", amend(name, after))
    now = await standing(house, name)
    assert {key: now[key] for key in old} == dict.fromkeys(old, RUNNING)
    assert set(now) > old


@pytest.mark.rule("R23.1", "R25.2")
async def test_figures_of_the_limits_follow_an_amendment_and_keep_what_was_told_before(
    house: TasksHouse,
) -> None:
    names = []
    for number in (501, 502, 503):
        made = directive(ISSUED, item(DUE), number=str(number))
        names += await house.forward(made, on=at(ISSUED))
    await house.room.set_clock(at(date(2026, 1, 13)))
    met, taken_away, _ = names
    for name in (met, taken_away):
        await house.accepted(name)
        await house.reported(name, date(2026, 1, 13))
    await house.room.set_clock(at(date(2026, 1, 16)))
    before = await compliance(house)
    await house.room.set_clock(END)
    await house.call("AmendDueDate", amend(met, EARLIER))
    await house.call("AmendDueDate", amend(taken_away, None))
    now = await compliance(house)
    assert counts(now.rows) == await recount(house.room)
    (due,) = [row for row in now.rows if row.rule == "R5.1e"]
    # Reported a day after the date that stands, void, and overdue as before.
    assert (due.met, due.met_late, due.voided, due.late) == (0, 1, 1, 1)
    assert await compliance(house, as_of_time=before.as_of_time) == before
