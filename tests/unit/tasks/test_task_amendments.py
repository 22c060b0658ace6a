"""A document that gives a task another due date, a first one, or none any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.kernel.limits.domain.clock import clock_id
from services.tasks.domain import acts, amendments, extensions
from services.tasks.domain.amendments import Amended
from services.tasks.domain.refusals import BadField, Refused
from services.tasks.domain.values import ExtensionState, LimitClass, TaskState
from tests.unit.tasks.task_builders import (
    AMENDING,
    ANSWER,
    DUE,
    ISSUED,
    amended,
    asked,
    facts,
    in_state,
    task,
)

EARLIER, LATER = date(2026, 1, 12), date(2026, 1, 20)


@pytest.mark.rule("R23.1", "R5.1e")
@pytest.mark.parametrize("due", [EARLIER, LATER])
def test_an_amendment_gives_less_time_or_more_and_keeps_the_date_of_before(due: date) -> None:
    made = amendments.amend(task(), facts(), amended(due, "CENTRAL_MINISTRY"), "chi-do")
    assert made.limit.due_date == due
    # Who set the date decides about extensions (điểm d khoản 1 Điều 6).
    assert made.origin == "CENTRAL_MINISTRY"
    (kept,) = made.amendments
    assert (kept.previous_due_date, kept.due_date, kept.document) == (DUE, due, AMENDING)
    assert (kept.by, kept.amended_at, kept.number) == ("chi-do", facts().now, 1)
    # The round keeps what was asked then, and its clock moves.
    assert (made.round.due_date, made.due_clock) == (DUE, task().due_clock)


@pytest.mark.rule("R4", "R5.1e")
def test_a_first_date_gives_the_task_a_limit_and_its_words_stay_as_written() -> None:
    for before in (
        task(due=None),
        replace(task(due=None), limit_in_words="trước mùa mưa"),
    ):
        made = amendments.amend(before, facts(), replace(amended(), purpose="REPORT"), "chi-do")
        assert (made.limit.limit_class, made.limit.due_date) == (LimitClass.WITH_LIMIT, LATER)
        assert made.limit.purpose == "REPORT"
        assert made.limit_in_words == before.limit_in_words
        assert made.due_clock == clock_id(made.name, "R5.1e", "1.1")


@pytest.mark.rule("R4", "R5.1e")
def test_a_date_that_is_taken_away_leaves_a_task_without_limit() -> None:
    before = replace(task(), limit_in_words="trong quý I")
    made = amendments.amend(before, facts(), amended(None), "chi-do")
    assert (made.limit.limit_class, made.limit.due_date) == (LimitClass.WITHOUT_LIMIT, None)
    assert (made.limit_in_words, made.due_clock) == ("", None)
    # A later date has a clock of its own: that of before is void.
    again = amendments.amend(made, facts(), amended(DUE), "chi-do")
    assert again.due_clock == clock_id(made.name, "R5.1e", "1.2")
    moved = amendments.amend(again, facts(), amended(LATER), "chi-do")
    assert moved.due_clock == again.due_clock
    assert [found.due_date for found in moved.amendments] == [None, DUE, LATER]


@pytest.mark.rule("R23.1", "R6.2a")
def test_a_later_round_begins_with_the_amended_date_and_counts_its_own_amendments() -> None:
    made = amendments.amend(task(due=None), facts(), amended(LATER), "chi-do")
    back = acts.return_to_office(made, facts(), "TASK_MISSING", "Thiếu")
    second = acts.reforward(back, facts(), "so-tu-phap", "", None)
    assert (second.round.due_date, second.limit_key) == (LATER, "2")
    assert second.due_clock == clock_id(made.name, "R5.1e", "2")


@pytest.mark.rule("R23.1", "R5.1e")
@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("document.number", replace(amended(), document=replace(AMENDING, number=""))),
        ("document.symbol", replace(amended(), document=replace(AMENDING, symbol=""))),
        ("document.date", replace(amended(), document=replace(AMENDING, date=None))),
        ("document.date", replace(amended(), document=replace(AMENDING, date=date(2026, 1, 4)))),
        ("document.date", replace(amended(), document=replace(AMENDING, date=date(2026, 1, 9)))),
        ("due_date", amended(date(2026, 1, 4))),
        ("due_date", amended(DUE)),
        ("origin", Amended(AMENDING, LATER)),
        ("origin", amended(None, "PROVINCE")),
        ("purpose", replace(amended(None), purpose="REPORT")),
    ],
)
def test_an_amendment_names_its_document_a_date_that_changes_and_who_set_it(
    field: str, said: Amended
) -> None:
    with pytest.raises(BadField) as bad:
        amendments.amend(task(), facts(), said, "chi-do")
    assert bad.value.field == field
    # The day of the directive's issue is the first good one.
    assert amendments.amend(task(), facts(), amended(ISSUED), "chi-do").limit.due_date == ISSUED


@pytest.mark.rule("R5.1e")
def test_without_a_date_there_is_none_to_take_away() -> None:
    with pytest.raises(Refused) as refused:
        amendments.amend(task(due=None), facts(), amended(None), "chi-do")
    assert refused.value.reason == "NO_DUE_DATE"


@pytest.mark.rule("R6.2c")
def test_the_last_day_to_ask_follows_the_date_and_a_short_one_is_told_by_when_it_came() -> None:
    later = amendments.amend(task(), facts(), amended(LATER), "chi-do")
    # Tuesday 20 January: Thursday the 15th.
    assert extensions.request(later, facts(date(2026, 1, 15)), asked()).extensions
    with pytest.raises(Refused) as late:
        extensions.request(later, facts(date(2026, 1, 16)), asked())
    assert (late.value.reason, late.value.metadata["last_day"]) == (
        "EXTENSION_TOO_LATE", "2026-01-15",
    )  # fmt: skip
    # A first date that is known on the 8th and is the 9th could never be extended.
    near = date(2026, 1, 9)
    short = amendments.amend(task(due=None), facts(), amended(near), "chi-do")
    with pytest.raises(Refused) as never:
        extensions.request(short, facts(), asked())
    assert never.value.reason == "EXTENSION_IMPOSSIBLE_FROM_START"
    assert "before it had a due date" in str(never.value)
    # The task of which the date was shortened was there on its last day, Tuesday the 6th.
    shortened = amendments.amend(task(), facts(), amended(near), "chi-do")
    with pytest.raises(Refused) as over:
        extensions.request(shortened, facts(), asked())
    assert over.value.reason == "EXTENSION_TOO_LATE"


@pytest.mark.rule("R6.1d")
def test_an_open_request_is_answered_by_the_date_that_stands_then() -> None:
    waiting = extensions.request(task(), facts(), asked())
    shortened = amendments.amend(waiting, facts(), amended(EARLIER), "chi-do")
    assert shortened.open_extension is not None
    granted = extensions.answer(shortened, facts(), 1, True, date(2026, 1, 13), ANSWER)
    assert granted.limit.due_date == date(2026, 1, 13)
    longer = amendments.amend(waiting, facts(), amended(LATER), "chi-do")
    with pytest.raises(BadField, match="granted_due_date"):
        extensions.answer(longer, facts(), 1, True, date(2026, 1, 19), ANSWER)
    removed = amendments.amend(waiting, facts(), amended(None), "chi-do")
    with pytest.raises(Refused) as refused:
        extensions.answer(removed, facts(), 1, True, date(2026, 1, 30), ANSWER)
    assert refused.value.reason == "NO_DUE_DATE"
    # Refused or taken back it can still be.
    answered = extensions.answer(removed, facts(), 1, False, None, ANSWER)
    assert answered.extensions[-1].state is ExtensionState.REFUSED
    assert extensions.withdraw(removed, facts(), 1, None).open_extension is None


@pytest.mark.rule("R23.1")
def test_an_amendment_is_no_act_of_the_agency() -> None:
    for state in (TaskState.FORWARDED, TaskState.REPORTED):
        before = in_state(state)
        after = amendments.amend(before, facts(), amended(), "chi-do")
        assert (after.state, after.progress) == (before.state, before.progress)
