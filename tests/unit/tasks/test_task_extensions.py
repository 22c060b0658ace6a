"""Asking for more time, and the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.kernel.limits.domain.calendar import start_of
from services.tasks.domain import acts, extensions
from services.tasks.domain.refusals import BadField, Refused
from services.tasks.domain.values import DocumentRef, ExtensionState, Limit, LimitClass, TaskState
from tests.unit.tasks.task_builders import ANSWER, DUE, PROFILE, asked, facts, in_state, task


def refusal(day: date, made: object = None, **changes: object) -> Refused:
    with pytest.raises(Refused) as refused:
        extensions.request(made or task(), facts(day, **changes), asked())  # type: ignore[arg-type]
    return refused.value


@pytest.mark.rule("R6.2c")
def test_due_on_wednesday_14_january_2026_the_last_day_to_ask_is_saturday_the_10th() -> None:
    """That Saturday was worked for Friday 2 January."""
    made = extensions.request(task(), facts(date(2026, 1, 10)), asked())
    assert made.extensions[-1].ask_date == date(2026, 1, 10)
    assert not made.extensions[-1].admitted_late
    late = refusal(date(2026, 1, 11))
    assert (late.reason, late.metadata) == ("EXTENSION_TOO_LATE", {"last_day": "2026-01-10"})
    assert "10/01/2026" in late.vi


@pytest.mark.rule("R6.2c")
def test_a_due_date_on_a_day_off_is_counted_back_from_the_day_it_moves_to() -> None:
    # Saturday 24 January moves to Monday 26 January: 3 working days before it is Wednesday.
    made = task(due=date(2026, 1, 24))
    assert extensions.request(made, facts(date(2026, 1, 21)), asked()).extensions
    assert refusal(date(2026, 1, 22), made).metadata == {"last_day": "2026-01-21"}


@pytest.mark.rule("R6.2c")
def test_a_limit_that_could_be_asked_about_on_the_day_of_forwarding_was_not_too_short() -> None:
    """Forwarded on Monday 5 January, due on Thursday: Monday itself was the last day to ask."""
    made = task(due=date(2026, 1, 8))
    assert made.round.forwarded_at.date() == date(2026, 1, 5)
    assert extensions.request(made, facts(date(2026, 1, 5)), asked()).extensions
    assert refusal(date(2026, 1, 6), made).reason == "EXTENSION_TOO_LATE"


@pytest.mark.rule("R6.2c")
def test_a_limit_too_short_from_the_start_says_so() -> None:
    made = task(due=date(2026, 1, 7))
    found = refusal(date(2026, 1, 5), made)
    assert found.reason == "EXTENSION_IMPOSSIBLE_FROM_START"
    assert found.metadata == {"last_day": "2025-12-31"}


@pytest.mark.rule("R6.1d")
@pytest.mark.parametrize(
    "origin",
    ["GOVERNMENT", "GOVERNMENT_OFFICE", "CENTRAL_MINISTRY", "PROVINCIAL_PARTY_STANDING_BOARD"],
)
def test_a_limit_set_above_the_province_is_not_extended(origin: str) -> None:
    own = task(limit=Limit(LimitClass.WITH_LIMIT, DUE, origin=origin))
    of_header = task()
    of_header = replace(of_header, header=replace(of_header.header, origin=origin))
    for made in (own, of_header):
        assert refusal(date(2026, 1, 8), made).reason == "ORIGIN_LOCKED"
    stated_by_province = replace(
        of_header, limit=Limit(LimitClass.WITH_LIMIT, DUE, origin="PROVINCE")
    )
    assert extensions.request(stated_by_province, facts(), asked()).extensions


@pytest.mark.rule("R6.2c")
def test_without_a_due_date_there_is_nothing_to_extend() -> None:
    assert refusal(date(2026, 1, 8), task(due=None)).reason == "NO_DUE_DATE"


@pytest.mark.rule("R6.2c")
def test_one_request_at_a_time() -> None:
    waiting = extensions.request(task(), facts(), asked())
    assert refusal(date(2026, 1, 8), waiting).reason == "EXTENSION_OPEN"


@pytest.mark.rule("R6.2c")
def test_the_new_date_must_be_later() -> None:
    for wrong in (DUE, date(2026, 1, 13)):
        with pytest.raises(BadField) as bad:
            extensions.request(task(), facts(), asked(wrong))
        assert (bad.value.field, bad.value.reason) == ("requested_due_date", "NOT_LATER")


@pytest.mark.rule("R6.2c")
def test_the_office_admits_a_late_request_with_its_reason() -> None:
    made = extensions.admit(
        task(), facts(date(2026, 1, 13)), asked(), date(2026, 1, 12), "Do bão lũ"
    )
    (found,) = made.extensions
    assert found.admitted_late
    assert (found.ask_date, found.admission_words) == (date(2026, 1, 12), "Do bão lũ")
    in_time = extensions.admit(
        task(), facts(date(2026, 1, 13)), asked(), date(2026, 1, 9), "Gửi bằng văn bản giấy"
    )
    assert not in_time.extensions[-1].admitted_late


@pytest.mark.rule("R6.1d")
def test_a_granted_extension_gives_the_new_date_a_refused_one_none() -> None:
    waiting = extensions.request(task(), facts(), asked())
    granted = extensions.answer(waiting, facts(), 1, True, date(2026, 1, 20), ANSWER)
    assert granted.limit.due_date == date(2026, 1, 20)
    assert granted.extensions[-1].state is ExtensionState.GRANTED
    assert granted.extensions[-1].previous_due_date == DUE
    refused = extensions.answer(waiting, facts(), 1, False, None, ANSWER)
    assert refused.limit.due_date == DUE
    assert refused.extensions[-1].state is ExtensionState.REFUSED


@pytest.mark.rule("R6.1d")
def test_an_answer_names_its_document_and_its_date() -> None:
    waiting = extensions.request(task(), facts(), asked())
    later = date(2026, 1, 20)
    for field, document in (
        ("number", replace(ANSWER, number="")),
        ("symbol", replace(ANSWER, symbol="")),
        ("date", replace(ANSWER, date=None)),
        ("date", replace(ANSWER, date=date(2026, 1, 7))),
        ("date", replace(ANSWER, date=date(2026, 1, 9))),
    ):
        with pytest.raises(BadField, match=f"answer_document.{field}"):
            extensions.answer(waiting, facts(), 1, True, later, document)
    with pytest.raises(BadField, match="granted_due_date"):
        extensions.answer(waiting, facts(), 1, True, None, ANSWER)
    with pytest.raises(BadField, match="granted_due_date"):
        extensions.answer(waiting, facts(), 1, True, DUE, ANSWER)
    with pytest.raises(BadField, match="granted_due_date"):
        extensions.answer(waiting, facts(), 1, False, later, ANSWER)


@pytest.mark.rule("R6.1d")
def test_no_answer_is_no_extension_and_an_answered_request_is_not_answered_again() -> None:
    waiting = extensions.request(task(), facts(), asked())
    assert waiting.limit.due_date == DUE
    answered = extensions.answer(waiting, facts(), 1, False, None, ANSWER)
    with pytest.raises(Refused) as refused:
        extensions.answer(answered, facts(), 1, True, date(2026, 1, 20), ANSWER)
    assert refused.value.reason == "EXTENSION_NOT_OPEN"


@pytest.mark.rule("R6.2a")
def test_a_return_lets_an_open_request_lapse() -> None:
    waiting = extensions.request(task(), facts(), asked())
    returned = acts.return_to_office(waiting, facts(), "TASK_MISSING", "Thiếu")
    again = acts.reforward(returned, facts(), "", "", None)
    with pytest.raises(Refused) as refused:
        extensions.answer(again, facts(), 1, True, date(2026, 1, 20), ANSWER)
    assert refused.value.reason == "EXTENSION_NOT_OPEN"
    assert len(extensions.request(again, facts(), asked()).extensions) == 2


def test_a_profile_may_cap_the_number_of_extensions() -> None:
    capped = replace(PROFILE, extensions=replace(PROFILE.extensions, maximum=1))
    waiting = extensions.request(task(), facts(profile=capped), asked())
    granted = extensions.answer(waiting, facts(), 1, True, date(2026, 1, 20), ANSWER)
    found = refusal(date(2026, 1, 8), granted, profile=capped)
    assert found.reason == "EXTENSION_MAXIMUM"
    assert found.metadata == {"maximum": "1", "article": "điểm d khoản 1 Điều 6"}
    for told in (found.vi, found.en):
        assert told.rstrip(".").endswith("(điểm d khoản 1 Điều 6)")


def test_a_task_older_than_every_profile_knows_no_last_day() -> None:
    made = extensions.request(task(), facts(date(2026, 1, 14), profile=None), asked())
    assert made.extensions[-1].request_document == DocumentRef("12", "SNV-VP", date(2026, 1, 7))


def test_an_extension_may_be_granted_after_the_result_was_reported() -> None:
    waiting = extensions.request(in_state(TaskState.ACCEPTED), facts(), asked())
    at = facts(date(2026, 1, 15))
    late = acts.report_result(waiting, at, date(2026, 1, 15), "Xong", "GOOD", "GOOD", None)
    granted = extensions.answer(late, at, 1, True, date(2026, 1, 20), ANSWER)
    assert granted.state is TaskState.REPORTED
    assert granted.timeliness(start_of(date(2026, 1, 21)), at.now) == "WITHIN_LIMIT"


@pytest.mark.rule("R6.1d")
def test_a_submission_is_known_by_its_day_or_by_its_document() -> None:
    waiting = extensions.request(task(), facts(date(2026, 1, 7)), asked())
    by_day = extensions.submit(waiting, facts(), 1, date(2026, 1, 7), None).extensions[-1]
    assert (by_day.submit_date, by_day.submit_document) == (date(2026, 1, 7), None)
    by_document = extensions.submit(waiting, facts(), 1, None, ANSWER).extensions[-1]
    assert (by_document.submit_date, by_document.submit_document) == (ANSWER.date, ANSWER)
    # Handed over on the day after the date of its document.
    both = extensions.submit(
        waiting, facts(), 1, date(2026, 1, 8), replace(ANSWER, date=date(2026, 1, 7))
    )
    assert both.extensions[-1].submit_date == date(2026, 1, 8)
    for found in (by_day, by_document):
        assert (found.state, found.submitted_at) == (ExtensionState.ASKED, facts().now)


@pytest.mark.rule("R6.1d")
@pytest.mark.parametrize(
    ("field", "day", "document"),
    [
        ("submit_date", None, None),
        ("submit_date", date(2026, 1, 6), None),  # before the receipt
        ("submit_date", date(2026, 1, 9), None),  # after the entry
        ("submit_date", date(2026, 1, 9), ANSWER),
        ("document.date", None, replace(ANSWER, date=date(2026, 1, 6))),
        ("document.date", date(2026, 1, 8), replace(ANSWER, date=None)),
        ("document.number", None, replace(ANSWER, number="")),
        ("document.symbol", None, replace(ANSWER, symbol="")),
    ],
)
def test_a_submission_lies_between_the_receipt_of_the_request_and_its_entry(
    field: str, day: date | None, document: DocumentRef | None
) -> None:
    waiting = extensions.request(task(), facts(date(2026, 1, 7)), asked())
    with pytest.raises(BadField) as bad:
        extensions.submit(waiting, facts(), 1, day, document)
    assert bad.value.field == field


@pytest.mark.rule("R6.1d")
def test_a_request_is_submitted_once_and_only_while_it_waits() -> None:
    waiting = extensions.request(task(), facts(), asked())
    submitted = extensions.submit(waiting, facts(), 1, date(2026, 1, 8), None)
    with pytest.raises(Refused) as twice:
        extensions.submit(submitted, facts(), 1, date(2026, 1, 8), None)
    assert twice.value.reason == "EXTENSION_ALREADY_SUBMITTED"
    assert "08/01/2026" in twice.value.vi
    # The answer to what was submitted is an answer like any other.
    answered = extensions.answer(submitted, facts(), 1, True, date(2026, 1, 20), ANSWER)
    assert answered.limit.due_date == date(2026, 1, 20)
    withdrawn = extensions.withdraw(waiting, facts(), 1, None)
    for over in (answered, withdrawn):
        with pytest.raises(Refused) as late:
            extensions.submit(over, facts(), 1, date(2026, 1, 8), None)
        assert late.value.reason == "EXTENSION_NOT_OPEN"


@pytest.mark.rule("R6.2c")
def test_a_request_that_was_taken_back_frees_the_way_for_another_and_brings_no_day_back() -> None:
    waiting = extensions.request(task(), facts(), asked())
    withdrawn = extensions.withdraw(waiting, facts(), 1, None)
    assert withdrawn.extensions[-1].state is ExtensionState.WITHDRAWN
    assert withdrawn.limit.due_date == DUE
    again = extensions.request(withdrawn, facts(date(2026, 1, 10)), asked())
    assert [found.state for found in again.extensions] == [
        ExtensionState.WITHDRAWN, ExtensionState.ASKED,
    ]  # fmt: skip
    late = refusal(date(2026, 1, 11), withdrawn)
    assert (late.reason, late.metadata) == ("EXTENSION_TOO_LATE", {"last_day": "2026-01-10"})
    for act in (
        lambda: extensions.withdraw(withdrawn, facts(), 1, None),
        lambda: extensions.answer(withdrawn, facts(), 1, False, None, ANSWER),
        lambda: extensions.withdraw(again, facts(), 1, None),
    ):
        with pytest.raises(Refused) as over:
            act()
        assert over.value.reason == "EXTENSION_NOT_OPEN"


@pytest.mark.rule("R6.1d")
def test_what_was_taken_back_is_not_among_the_extensions_that_were_granted() -> None:
    once = replace(PROFILE, extensions=replace(PROFILE.extensions, maximum=1))
    waiting = extensions.request(task(), facts(profile=once), asked())
    withdrawn = extensions.withdraw(waiting, facts(profile=once), 1, None)
    again = extensions.request(withdrawn, facts(profile=once), asked())
    granted = extensions.answer(again, facts(profile=once), 2, True, date(2026, 1, 20), ANSWER)
    assert refusal(date(2026, 1, 8), granted, profile=once).reason == "EXTENSION_MAXIMUM"


@pytest.mark.rule("R6.1b", "R6.2c")
def test_the_office_takes_back_only_for_an_agency_without_connection_and_by_its_letter() -> None:
    waiting = extensions.request(task(), facts(), asked())
    for_it = facts(by_lead=False)
    with pytest.raises(Refused) as refused:
        extensions.withdraw(waiting, facts(by_lead=False, connected=True), 1, ANSWER)
    assert refused.value.reason == "AGENCY_CONNECTED"
    with pytest.raises(BadField, match=r"document\.number"):
        extensions.withdraw(waiting, for_it, 1, None)
    with pytest.raises(BadField, match=r"document\.date"):
        extensions.withdraw(waiting, for_it, 1, replace(ANSWER, date=date(2026, 1, 7)))
    made = extensions.withdraw(waiting, for_it, 1, ANSWER)
    assert made.extensions[-1].withdraw_document == ANSWER
    # A connected agency does it itself.
    assert extensions.withdraw(waiting, facts(connected=True), 1, None).extensions
