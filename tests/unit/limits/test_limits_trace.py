"""The trace of a life: what is below what, how runs of clocks follow from the ledger, and which ids."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import pytest

from services.kernel.limits.domain.calendar import LOCAL, start_of
from services.kernel.limits.domain.clock import Cause, ClockState, MoveGround, recompute, start
from services.kernel.limits.domain.duedate import compute
from services.kernel.limits.domain.rungs import Rung
from services.kernel.limits.domain.runs import runs_of
from services.kernel.limits.domain.trace import (
    ClockRecord,
    Life,
    Moment,
    SpanKind,
    Stage,
    root_of,
    stays,
    trace_of,
)

TASK = UUID("7d0c8b1e-9a43-4a52-8f6d-3f1a0c1d2e3f")
NAME, DIRECTIVE = f"tasks/{TASK}", "directives/5b1d8f10-0c55-5f6e-9d3a-8a6f0c1d2e3f"
FORWARDED = datetime(2024, 6, 3, 10, tzinfo=LOCAL)
DUE = date(2024, 6, 14)  # a Friday


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2024, 6, day, hour, tzinfo=LOCAL)


def because(when: datetime, ground: str = "", document: str = "") -> Cause:
    return Cause(when, ground, "van-phong-ubnd-tinh", document)


@pytest.fixture
def started(profile, calendar):
    computation = compute(
        profile.rule("R5.1e"), profile, calendar, started_at=FORWARDED, stated_due=DUE
    )
    return start(NAME, "so-noi-vu", computation, because(FORWARDED, "TASK_FORWARDED"))


@pytest.fixture
def reopened(started, profile, calendar):
    """Met, sent back, extended, then done after the new date: clock and ledger."""
    clock, first = started
    clock, stopped = clock.stop(start_of(date(2024, 6, 10)), because(at(11), "RESULT_REPORTED"))
    clock, again = clock.reopen(recompute(clock, profile, calendar), because(at(12), "SENT_BACK"))
    longer = compute(
        profile.rule("R5.1e"),
        profile,
        calendar,
        started_at=FORWARDED,
        stated_due=date(2024, 6, 18),
    )
    clock, moved = clock.move(longer, MoveGround.EXTENSION, because(at(13), "", "7/UBND-TH"))
    clock, late = clock.stop(start_of(date(2024, 6, 19)), because(at(20), "RESULT_REPORTED"))
    return clock, (first, stopped, again, moved, late)


def life(**changes: object) -> Life:
    made = Life(NAME, FORWARDED, None, {"document": "374/UBND-VXNV"}, linked=[DIRECTIVE])
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_run_ends_with_the_act_and_the_next_one_begins_when_it_is_reopened(reopened) -> None:
    first, second = runs_of(*reopened)
    assert (first.start, first.end) == (FORWARDED, start_of(date(2024, 6, 10)))
    assert first.state(at(30)) is ClockState.MET
    assert (second.start, second.end) == (at(12), start_of(date(2024, 6, 19)))
    assert second.state(at(30)) is ClockState.MET_LATE
    # As the clock itself says of its last run.
    assert second.state(at(30)) is reopened[0].state(at(30))
    assert second.due_at == reopened[0].due_at


def test_an_act_before_the_start_ends_the_run_where_it_started(started) -> None:
    clock, entry = started
    clock, stopped = clock.stop(start_of(FORWARDED.date()), because(at(4)))
    (run,) = runs_of(clock, [entry, stopped])
    assert run.start == run.end == FORWARDED


def test_a_stopped_clock_that_moves_can_turn_out_to_have_been_met(
    started, profile, calendar
) -> None:
    """A result after the due date, before the answer that grants more time."""
    clock, entry = started
    clock, stopped = clock.stop(start_of(date(2024, 6, 17)), because(at(17)))
    assert runs_of(clock, [entry, stopped])[0].state(at(18)) is ClockState.MET_LATE
    longer = replace(
        recompute(clock, profile, calendar),
        stated_due=date(2024, 6, 20),
        due_at=start_of(date(2024, 6, 21)),
    )
    clock, moved = clock.move(longer, MoveGround.EXTENSION, because(at(18)), stopped_too=True)
    (run,) = runs_of(clock, [entry, stopped, moved])
    assert run.state(at(18)) is ClockState.MET
    assert run.end == start_of(date(2024, 6, 17))


def test_ids_follow_from_the_names_alone(reopened, calendar) -> None:
    record = ClockRecord(reopened[0], "điểm e khoản 1 Điều 5", reopened[1])
    one = trace_of(life(), [record], calendar, at(21))
    other = trace_of(life(), [record], calendar, at(25))
    assert one == other
    assert one.id == TASK.int
    assert one.spans[0].id == root_of(NAME).span_id == int.from_bytes(TASK.bytes[8:])
    assert len({span.id for span in one.spans}) == len(one.spans) == 3
    assert [link.name for link in one.spans[0].links] == [DIRECTIVE]
    clock, *_ = one.spans[1:]
    assert clock.attributes["working_days"] == 5
    assert clock.attributes["outcome"] == "MET"


def test_clocks_lie_in_their_rounds_and_requests_for_time_below_the_clock_they_are_about(
    reopened, profile, calendar
) -> None:
    clock, ledger = reopened
    answer = compute(profile.rule("R6.1d"), profile, calendar, started_at=at(12), stated_due=DUE)
    asked, entry = start(f"{NAME}/extensions/1", "van-phong", answer, because(at(12, 15)))
    stages = [
        Stage(SpanKind.STATE, "state 1", "FORWARDED", FORWARDED, at(21)),
        Stage(SpanKind.STATE, "state 2", "RETURNED", at(21), at(22)),
        Stage(SpanKind.ROUND, "round 1", "round 1", FORWARDED, at(21)),
        Stage(SpanKind.ROUND, "round 2", "round 2", at(22), None),
        Stage(
            SpanKind.EXTENSION, "extension 1", "extension 1", at(12, 15), at(13),
            subject=f"{NAME}/extensions/1",
        ),
    ]  # fmt: skip
    found = trace_of(
        life(stages=stages),
        [ClockRecord(clock, "", ledger, extendable=True), ClockRecord(asked, "", [entry])],
        calendar,
        at(25),
    )
    names = {span.id: span.name for span in found.spans}
    placed = [(span.name, names.get(span.parent or 0, "")) for span in found.spans]
    assert placed == [
        ("task", ""),
        ("round 1", "task"),
        ("FORWARDED", "round 1"),
        ("R5.1e", "round 1"),
        ("R5.1e", "round 1"),
        ("extension 1", "R5.1e"),
        ("R6.1d", "extension 1"),
        ("RETURNED", "task"),
        ("round 2", "task"),
    ]
    # The request is about the second run; what runs is told, but not as ended.
    assert found.spans[5].parent == found.spans[4].id
    assert {span.name for span in found.ended} == {s.name for s in found.spans} - {
        "task", "round 2", "R6.1d",
    }  # fmt: skip


def test_a_clock_tells_its_moves_and_what_was_said_of_it(reopened, calendar) -> None:
    clock, ledger = reopened
    rungs = [
        Rung(clock.id, "overdue", 2, clock.due_at, fired_at=clock.due_at),
        Rung(clock.id, "due_today", 2, at(18, 0), fired_at=at(18, 0), revoked_at=at(19)),
        Rung(clock.id, "overdue_5", 2, at(26, 0)),
        Rung(clock.id, "due_soon", 1, at(7, 0), fired_at=at(7, 0)),
    ]
    *_, second = trace_of(life(), [ClockRecord(clock, "", ledger, rungs)], calendar, at(30)).spans
    assert [(m.at, m.name) for m in second.moments] == [
        (at(12), "reopened"), (at(13), "moved"), (at(18, 0), "rung due_today"),
        (clock.due_at, "rung overdue"), (at(20), "stopped"),
    ]  # fmt: skip
    moved = second.moments[1].attributes
    assert (moved["ground"], moved["document"]) == ("EXTENSION", "7/UBND-TH")
    assert moved["from_due"] == "2024-06-15T00:00:00+07:00"
    assert moved["due"] == "2024-06-19T00:00:00+07:00"
    assert second.moments[2].attributes == {"revoked": True}


@pytest.mark.rule("R5.2dd")
def test_of_a_classified_life_only_ids_numbers_codes_and_dates_are_told(reopened, calendar) -> None:
    secret = life(
        classified=True,
        attributes={"document": "5/UBND-M", "agency": "so-noi-vu", "abstract": "không được lộ"},
        moments=[Moment(at(4), "TaskAccepted", {"words": "không được lộ", "ground": "X"})],
        stages=[
            Stage(SpanKind.ROUND, "round 1", "round 1", FORWARDED, None, {"agency": "so-noi-vu"})
        ],
    )
    found = trace_of(secret, [ClockRecord(reopened[0], "Điều 5", reopened[1])], calendar, at(25))
    assert "so-noi-vu" not in repr(found)
    assert "không được lộ" not in repr(found)
    assert found.spans[0].attributes == {
        "name": NAME, "document": "5/UBND-M", "classified": True,
    }  # fmt: skip
    assert found.spans[0].moments[0].attributes == {"ground": "X"}
    assert found.spans[-1].attributes["outcome"] == "MET_LATE"


def test_stays_join_what_does_not_change_the_state_and_end_with_the_life() -> None:
    changes = [
        (1, at(3), "FORWARDED"), (2, at(4), "ACCEPTED"), (3, at(5), "IN_PROGRESS"),
        (4, at(6), "IN_PROGRESS"), (5, at(7), "CLOSED"),
    ]  # fmt: skip
    running = stays(changes, None)
    assert [(s.key, s.name, s.start, s.end) for s in running] == [
        ("state 1", "FORWARDED", at(3), at(4)),
        ("state 2", "ACCEPTED", at(4), at(5)),
        ("state 3", "IN_PROGRESS", at(5), at(7)),
        ("state 5", "CLOSED", at(7), None),
    ]
    # What closing begins is no part of the life that it ends.
    assert stays(changes, at(7)) == running[:-1]
