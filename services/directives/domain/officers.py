"""Who is officer in charge of which agency, as users and their positions say (điểm d khoản 2 Điều 9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

POSITION: Final = "officer"

FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=5)


class Gap(StrEnum):
    """Why nobody is in charge; OFFICER_GAP_REASON_* of dondoc.directory.v1."""

    NOBODY = "NOBODY"
    DISABLED = "DISABLED"
    NO_EMAIL = "NO_EMAIL"
    SEVERAL_AGENCIES = "SEVERAL_AGENCIES"
    NO_GROUP = "NO_GROUP"


@dataclass(frozen=True, slots=True)
class User:
    """A user as Keycloak has him. `roles`: those that count, given directly or by a group."""

    subject: str
    username: str
    email: str
    enabled: bool
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Person:
    subject: str
    email: str


@dataclass(frozen=True, slots=True)
class InCharge:
    """Of one agency: a person, or why there is none. `several`: others could be in charge as well."""

    person: Person | None
    gap: Gap | None
    several: bool = False


def in_charge(
    members: Mapping[str, Iterable[User]], now_in_charge: Mapping[str, str]
) -> dict[str, InCharge]:
    """By slug, for each agency that has a group.

    `now_in_charge`: agency → subject of the person in charge until now, who stays so if he still may
    be: a second user with the position does not take the notices away from the first.
    """
    agencies: defaultdict[str, set[str]] = defaultdict(set)
    for agency, users in members.items():
        for user in users:
            agencies[user.subject].add(agency)
    torn = {subject for subject, found in agencies.items() if len(found) > 1}
    return {
        agency: _of_agency(users, now_in_charge.get(agency, ""), torn)
        for agency, users in members.items()
    }


def _of_agency(users: Iterable[User], before: str, torn: set[str]) -> InCharge:
    holders = {user.subject: user for user in users if POSITION in user.roles}
    found = list(holders.values())
    # The reason told is that of whoever came nearest to being in charge.
    for gap, fits in (
        (Gap.NOBODY, lambda user: True),
        (Gap.SEVERAL_AGENCIES, lambda user: user.subject not in torn),
        (Gap.DISABLED, lambda user: user.enabled),
        (Gap.NO_EMAIL, lambda user: "@" in user.email),
    ):
        found = [user for user in found if fits(user)]
        if not found:
            return InCharge(None, gap)
    chosen = min(found, key=lambda user: (user.subject != before, user.username))
    return InCharge(Person(chosen.subject, chosen.email), None, several=len(found) > 1)


def pause_after(failures: int, dice: float) -> timedelta:
    """Before the next attempt, after so many failures in a row: doubled each time up to a bound.

    `dice`, from 0 to 1, takes up to half of it off, so that many who failed together come back apart.
    """
    doublings = min(failures - 1, 20)
    longest = min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
    return longest * (1 - dice / 2)
