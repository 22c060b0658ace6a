"""How limits were kept: counts by rule and agency, and the share of those that were met.

Counted is what has fallen due or was done: met, met late, and late. A clock that still runs before
its end has not failed, one that was voided (a returned task, a withdrawn directive) was owed no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from services.kernel.limits.domain.profile import Profiles, Text


@dataclass(frozen=True, slots=True)
class Tally:
    """Clocks by their state at one moment; `due_soon` are some of the running ones."""

    met: int = 0
    met_late: int = 0
    late: int = 0
    running: int = 0
    due_soon: int = 0
    void: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Tally)))

    @property
    def counted(self) -> int:
        """The denominator of compliance."""
        return self.met + self.met_late + self.late


@dataclass(frozen=True, slots=True)
class Counted:
    """The clocks of one rule of one profile that one agency owes."""

    rule: str
    profile: str
    profile_version: int
    agency: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class ComplianceRow:
    rule: str
    article: str
    title: Text
    agency: str
    tally: Tally


def rows_of(counted: Iterable[Counted], profiles: Profiles) -> list[ComplianceRow]:
    """By rule, then by agency; versions of a profile that cite the same article are one row."""
    found: dict[tuple[str, str, str], ComplianceRow] = {}
    for one in counted:
        rule = profiles.pinned(one.profile, one.profile_version).rule(one.rule)
        key = (rule.id, rule.article, one.agency)
        before = found[key].tally if key in found else Tally()
        found[key] = ComplianceRow(rule.id, rule.article, rule.name, one.agency, before + one.tally)
    return [found[key] for key in sorted(found)]


def by_rule_and_agency(counted: Iterable[Counted]) -> dict[tuple[str, str], Tally]:
    """Whatever the profile."""
    found: dict[tuple[str, str], Tally] = {}
    for one in counted:
        key = (one.rule, one.agency)
        found[key] = found.get(key, Tally()) + one.tally
    return found


def total(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, Tally())
