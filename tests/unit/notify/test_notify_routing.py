from __future__ import annotations

import pytest

from services.notify.domain.digest import NOTICE_OF
from services.notify.domain.notice import NoticeKind
from services.notify.domain.routing import (
    CALENDAR_MISSING,
    DUE_MOVED,
    TASK_EVENTS,
    Addressee,
    Parts,
    Telling,
    asks_for_office,
    of_report_rung,
    of_rung,
    recipients,
)

PARTS = Parts(lead="a", coordinating=("b", "c"), owing="a", monitoring="m")


@pytest.mark.rule("R2.4", "R9.2d")
def test_a_forwarded_task_is_told_to_the_lead_and_to_those_who_coordinate() -> None:
    assert recipients(TASK_EVENTS["TaskForwarded"], PARTS, ["office"]) == ["a", "b", "c"]


def test_who_is_told_in_two_parts_is_told_once() -> None:
    overdue = of_rung("overdue", owed_by_office=False)
    assert overdue is not None
    assert recipients(overdue, Parts(owing="a", monitoring="a"), []) == ["a"]


def test_the_office_watches_where_nobody_else_is_named() -> None:
    overdue = of_rung("overdue_5", owed_by_office=False)
    assert overdue is not None
    unwatched = Parts(owing="a")
    assert not asks_for_office(overdue, PARTS)
    assert asks_for_office(overdue, unwatched)
    assert recipients(overdue, unwatched, ["office"]) == ["a", "office"]


@pytest.mark.rule("R7.1", "R6.1d", "R7.3")
@pytest.mark.parametrize("rung", ["due_soon", "due_today", "overdue", "update_missing"])
def test_a_limit_of_the_office_is_told_to_the_office_alone(rung: str) -> None:
    telling = of_rung(rung, owed_by_office=True)
    assert telling is not None
    assert telling.kind is NoticeKind.OFFICE_LIMIT
    assert recipients(telling, Parts(lead="a", owing="office", monitoring="m"), ["office"]) == [
        "office"
    ]


def test_only_whole_words_of_a_rungs_name_count() -> None:
    assert of_rung("overdue_10", owed_by_office=False) is not None
    assert of_rung("overdues", owed_by_office=False) is None
    assert of_rung("escalated", owed_by_office=True) is None


def test_every_kind_of_notice_can_be_reached() -> None:
    rungs = (
        of_rung(rung, owed_by_office=office)
        for rung in ("due_soon", "overdue", "update_missing")
        for office in (True, False)
    )
    kinds = {telling.kind for telling in (*TASK_EVENTS.values(), *rungs) if telling}
    by_date = {DUE_MOVED.kind, CALENDAR_MISSING.kind, of_report_rung("overdue").kind}
    assert kinds | by_date | {*NOTICE_OF.values()} == set(NoticeKind)


def test_nobody_is_addressed_by_an_empty_name() -> None:
    everybody = Telling(NoticeKind.FORWARDED, tuple(Addressee))
    assert recipients(everybody, Parts(), []) == []


@pytest.mark.rule("R23.1")
def test_a_withdrawal_is_told_to_those_who_would_have_worked_on_and_not_to_the_office() -> None:
    telling = TASK_EVENTS["TaskWithdrawn"]
    assert recipients(telling, PARTS, ["office"]) == ["a", "b", "c", "m"]
    unwatched = Parts(lead="a", coordinating=("b",))
    assert not asks_for_office(telling, unwatched)
    assert recipients(telling, unwatched, ["office"]) == ["a", "b"]
