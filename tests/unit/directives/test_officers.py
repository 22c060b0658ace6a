"""Who is officer in charge, as users and positions say (điểm d khoản 2 Điều 9)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directives.domain.officers import (
    LONGEST_PAUSE,
    Gap,
    InCharge,
    Person,
    User,
    in_charge,
    pause_after,
)

FINANCE = "so-tai-chinh"
INTERIOR = "so-noi-vu"


def user(name: str, *roles: str, email: str = "@dondoc.example", enabled: bool = True) -> User:
    address = f"{name}{email}" if email else ""
    return User(f"id-{name}", name, address, enabled, frozenset(roles))


def person(name: str) -> Person:
    return Person(f"id-{name}", f"{name}@dondoc.example")


def of(agency: str, *users: User, before: str = "") -> InCharge:
    return in_charge({agency: users}, {agency: before})[agency]


@pytest.mark.rule("R9.2d")
def test_the_member_who_holds_the_position_is_in_charge() -> None:
    found = of(INTERIOR, user("an"), user("binh", "officer"), user("chi", "head"))
    assert found == InCharge(person("binh"), None)


@pytest.mark.parametrize(
    ("users", "gap"),
    [
        ([], Gap.NOBODY),
        ([user("an"), user("chi", "head")], Gap.NOBODY),
        ([user("an", "officer", enabled=False)], Gap.DISABLED),
        ([user("an", "officer", email="")], Gap.NO_EMAIL),
        ([user("an", "officer", email="", enabled=False)], Gap.DISABLED),
        ([user("an", "officer", enabled=False), user("binh")], Gap.DISABLED),
        ([user("an", "officer", enabled=False), user("b", "officer", email="")], Gap.NO_EMAIL),
    ],
)
@pytest.mark.rule("R9.2d")
def test_where_nobody_is_in_charge_the_reason_is_that_of_who_came_nearest(
    users: list[User], gap: Gap
) -> None:
    assert of(INTERIOR, *users) == InCharge(None, gap)


def test_a_second_user_with_the_position_does_not_take_the_first_ones_place() -> None:
    two = user("an", "officer"), user("binh", "officer")
    assert of(INTERIOR, *two, before="id-binh") == InCharge(person("binh"), None, several=True)
    assert of(INTERIOR, *two) == InCharge(person("an"), None, several=True)
    assert of(INTERIOR, *reversed(two)) == InCharge(person("an"), None, several=True)


def test_one_of_two_is_in_charge_alone_when_the_other_is_disabled() -> None:
    two = user("an", "officer", enabled=False), user("binh", "officer")
    assert of(INTERIOR, *two, before="id-an") == InCharge(person("binh"), None)


def test_a_user_in_the_groups_of_two_agencies_is_in_charge_of_neither() -> None:
    torn = user("an", "officer")
    found = in_charge({INTERIOR: [torn], FINANCE: [torn, user("binh", "officer")]}, {})
    assert found == {
        INTERIOR: InCharge(None, Gap.SEVERAL_AGENCIES),
        FINANCE: InCharge(person("binh"), None),
    }


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pauses_grow_up_to_a_bound_and_lie_apart(failures: int, dice: float) -> None:
    pause, whole = pause_after(failures, dice), pause_after(failures, 0)
    assert whole / 2 <= pause <= whole <= LONGEST_PAUSE
    assert pause_after(failures + 1, dice) >= pause


def test_the_first_pauses_double() -> None:
    assert [pause_after(n, 0) for n in (1, 2, 3)] == [timedelta(seconds=s) for s in (1, 2, 4)]
    assert pause_after(1, 1) == timedelta(seconds=0.5)
