"""What agency and Office do, and what they have to say with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.tasks.domain import acts, extensions
from services.tasks.domain.refusals import BadField, Refused
from services.tasks.domain.values import LimitClass, TaskState, Withdrawal
from tests.unit.tasks.task_builders import (
    DUE,
    GOOD,
    ISSUED,
    LETTER,
    WITHDRAWING,
    asked,
    facts,
    in_state,
    task,
    with_open_extension,
)


@pytest.mark.rule("R6.2a")
def test_a_return_keeps_its_reason_and_a_new_round_keeps_the_old_one() -> None:
    returned = acts.return_to_office(task(), facts(), "OUTSIDE_COMPETENCE", "Ngoài thẩm quyền")
    again = acts.reforward(
        returned, facts(date(2026, 1, 9)), "so-tu-phap", "Nội dung khác", date(2026, 1, 23)
    )
    first, second = again.rounds
    assert (first.lead, first.return_reason) == ("so-noi-vu", "OUTSIDE_COMPETENCE")
    assert (first.return_words, first.content) == ("Ngoài thẩm quyền", "Tổng kết năm học")
    assert (first.due_date, second.due_date) == (DUE, date(2026, 1, 23))
    assert (second.number, second.lead, second.content) == (2, "so-tu-phap", "Nội dung khác")
    assert (again.lead, again.limit.due_date) == ("so-tu-phap", date(2026, 1, 23))
    assert again.due_clock not in (None, returned.due_clock)


@pytest.mark.rule("R6.2a")
def test_forwarding_again_without_changes_keeps_lead_content_and_due_date() -> None:
    again = acts.reforward(in_state(TaskState.RETURNED), facts(), "", "", None)
    before = task()
    assert (again.lead, again.content, again.limit) == (before.lead, before.content, before.limit)
    assert again.concerned == before.concerned
    assert again.accepted_at is None


@pytest.mark.rule("R6.2a")
def test_the_former_lead_stays_concerned_and_the_new_one_is_no_coordinator() -> None:
    again = acts.reforward(in_state(TaskState.RETURNED), facts(), "so-tai-chinh", "", None)
    assert again.concerned == ("so-noi-vu", "ubnd-huyen-a")
    assert again.coordinating == ()


def test_a_due_date_set_anew_gives_a_task_without_limit_one() -> None:
    returned = acts.return_to_office(task(due=None), facts(), "CONTENT_INACCURATE", "Chưa rõ hạn")
    again = acts.reforward(returned, facts(), "", "", date(2026, 2, 2))
    assert (again.limit.limit_class, again.limit.due_date) == (
        LimitClass.WITH_LIMIT, date(2026, 2, 2),
    )  # fmt: skip
    assert again.due_clock is not None
    with pytest.raises(BadField, match="due_date"):
        acts.reforward(returned, facts(), "", "", date(2026, 1, 4))


@pytest.mark.rule("R5.1g")
@pytest.mark.parametrize("day", [date(2026, 1, 4), date(2026, 1, 9)])
def test_the_act_lies_between_the_issue_of_the_directive_and_today(day: date) -> None:
    with pytest.raises(BadField) as bad:
        acts.report_result(in_state(TaskState.ACCEPTED), facts(), day, "x", "GOOD", "GOOD", None)
    assert (bad.value.field, bad.value.reason) == ("done_date", "DATE_OUT_OF_RANGE")


@pytest.mark.rule("R5.1g")
@pytest.mark.parametrize("day", [ISSUED, date(2026, 1, 8)])
def test_the_day_of_issue_and_today_are_good_days_for_the_act(day: date) -> None:
    made = acts.report_result(in_state(TaskState.ACCEPTED), facts(), day, "x", "", "", None)
    assert made.done_date == day


def test_words_are_needed_where_they_may_be_said() -> None:
    for field, act in (
        ("words", lambda: acts.return_to_office(task(), facts(), "TASK_MISSING", " ")),
        (
            "situation",
            lambda: acts.record_progress(in_state(TaskState.ACCEPTED), facts(), None, ""),
        ),
        (
            "summary",
            lambda: acts.report_result(
                in_state(TaskState.ACCEPTED), facts(), ISSUED, "", "", "", None
            ),
        ),
        (
            "words",
            lambda: acts.send_back(in_state(TaskState.REPORTED), facts(), "WRONG", ""),
        ),
        (
            "admission_words",
            lambda: extensions.admit(task(), facts(), asked(), date(2026, 1, 8), ""),
        ),
        (
            "reason_words",
            lambda: extensions.request(task(), facts(), asked(reason="OTHER")),
        ),
    ):
        with pytest.raises(BadField) as bad:
            act()
        assert (bad.value.field, bad.value.reason) == (field, "WORDS_NEEDED")


@pytest.mark.rule("R5.2g", "R5.2dd")
def test_a_classified_task_goes_all_the_way_on_codes_and_dates() -> None:
    closed = in_state(TaskState.CLOSED, "SECRET")
    assert closed.state is TaskState.CLOSED
    assert not closed.content
    assert in_state(TaskState.RETURNED, "SECRET").round.return_reason == "OUTSIDE_COMPETENCE"
    sent = acts.send_back(in_state(TaskState.REPORTED, "SECRET"), facts(), "INCOMPLETE", "")
    assert sent.results[-1].send_back_reason == "INCOMPLETE"


@pytest.mark.rule("R6.1b", "R7.3")
def test_only_for_an_agency_without_connection_the_office_enters_the_result() -> None:
    def enter(connected: bool, receipt: date) -> object:
        return acts.enter_on_behalf(
            task(), facts(connected=connected), date(2026, 1, 7), "Báo cáo", "GOOD", "GOOD",
            LETTER, receipt,
        )  # fmt: skip

    with pytest.raises(Refused) as refused:
        enter(True, date(2026, 1, 8))
    assert refused.value.reason == "AGENCY_CONNECTED"
    assert refused.value.metadata == {"agency": "agencies/so-noi-vu"}
    for wrong in (date(2026, 1, 6), date(2026, 1, 9)):
        with pytest.raises(BadField, match="receipt_date"):
            enter(False, wrong)
    made = enter(False, date(2026, 1, 8))
    assert made.results[-1].on_behalf  # type: ignore[attr-defined]


@pytest.mark.rule("R6.1c")
@pytest.mark.parametrize("missing", ["progress", "quality", "effectiveness"])
def test_a_confirmation_evaluates_progress_quality_and_effectiveness(missing: str) -> None:
    with pytest.raises(BadField, match=f"evaluation.{missing}"):
        acts.confirm(
            in_state(TaskState.REPORTED), facts(), replace(GOOD, **{missing: "UNSPECIFIED"})
        )


@pytest.mark.rule("R8.2")
def test_nothing_is_closed_while_a_request_for_extension_waits() -> None:
    waiting = with_open_extension(in_state(TaskState.CONFIRMED))
    with pytest.raises(Refused) as refused:
        acts.close(waiting, facts())
    assert refused.value.reason == "EXTENSION_OPEN"


@pytest.mark.rule("R23.1")
@pytest.mark.parametrize(
    ("fields", "reason", "wrong"),
    [
        ({"date": date(2026, 1, 4)}, "Không còn cần", "document.date"),
        ({"date": date(2026, 1, 9)}, "Không còn cần", "document.date"),
        ({"date": None}, "Không còn cần", "document.date"),
        ({"symbol": ""}, "Không còn cần", "document.symbol"),
        ({}, " ", "reason"),
    ],
)
def test_a_task_is_withdrawn_by_a_document_of_its_time_and_for_a_reason(
    fields: dict[str, Any], reason: str, wrong: str
) -> None:
    made = in_state(TaskState.IN_PROGRESS)
    with pytest.raises(BadField) as refused:
        acts.withdraw(made, facts(), replace(WITHDRAWING, **fields), reason, "chi-do")
    assert refused.value.field == wrong
    withdrawn = acts.withdraw(made, facts(), WITHDRAWING, "Không còn cần", "chi-do")
    assert withdrawn.withdrawal == Withdrawal(WITHDRAWING, "Không còn cần", facts().now, "chi-do")
    # Nothing of what was done is lost.
    assert (withdrawn.rounds, withdrawn.entries) == (made.rounds, made.entries)


@pytest.mark.rule("R23.1")
@pytest.mark.parametrize("state", list(TaskState))
def test_a_task_follows_its_directive_unless_it_is_confirmed_or_was_withdrawn_before(
    state: TaskState,
) -> None:
    made = in_state(state)
    by_directive = Withdrawal(
        WITHDRAWING, "Văn bản bị thay thế", facts().now, "chi-do", "directives/x"
    )
    after = acts.withdrawn_with_directive(made, by_directive)
    if state in (TaskState.CONFIRMED, TaskState.CLOSED, TaskState.WITHDRAWN):
        assert after is made
    else:
        assert after == replace(
            made, state=TaskState.WITHDRAWN, version=made.version + 1, withdrawal=by_directive
        )


@pytest.mark.rule("R23.1", "R6.1d")
def test_a_request_for_more_time_ends_with_its_task() -> None:
    waiting = with_open_extension(in_state(TaskState.ACCEPTED))
    withdrawn = acts.withdraw(waiting, facts(), WITHDRAWING, "Không còn cần", "chi-do")
    assert waiting.open_extension
    assert withdrawn.open_extension is None
    assert withdrawn.extensions == waiting.extensions
