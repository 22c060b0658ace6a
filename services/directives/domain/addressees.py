"""Whom a phrase of a document means: "UBND các huyện A, B", "các sở, ban, ngành".

Nothing is guessed. A phrase names agencies one by one, or groups of them; what names nobody in the
directory comes back as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from services.directives.domain.folding import fold

# What stands before the name of a district (khoản 2 Điều 1), or of a commune, folded.
LEVELS = ("huyện", "thị xã", "thành phố", "xã", "phường", "thị trấn")
_AND = re.compile(r"\s*,\s*|\s+và\s+", re.IGNORECASE)


class Reason(StrEnum):
    """Why an agency was left out."""

    BEGINNING_UNKNOWN_SUCCESSOR = "BEGINNING_UNKNOWN_SUCCESSOR"
    NOT_YET_VALID = "NOT_YET_VALID"
    NO_LONGER_VALID = "NO_LONGER_VALID"
    NOT_ASSIGNABLE = "NOT_ASSIGNABLE"


@dataclass(frozen=True, slots=True)
class Agency:
    """What phrases need to know of an agency. `kind`: "DEPARTMENT", "DISTRICT" …

    `successor` is a slug, None where the successor is not in the directory;
    `successor_display_name` is as the source names it. `valid_to` is the last day.
    """

    slug: str
    display_name: str
    kind: str
    level: str = ""
    aliases: tuple[str, ...] = ()
    abbreviation: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None
    successor_display_name: str = ""
    assignable: bool = True

    def out_of_time(self, on: date | None) -> Reason | None:
        """Why it does not exist on that day; None when it does, or when no day is asked for."""
        if on and self.valid_from and on < self.valid_from:
            return Reason.NOT_YET_VALID
        if on and self.valid_to and on > self.valid_to:
            return Reason.NO_LONGER_VALID
        return None


@dataclass(frozen=True, slots=True)
class Group:
    """Agencies addressed by one phrase: all of `kinds`, all of `levels`, and `members` (slugs)."""

    display_name: str
    kinds: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    open: bool = False  # nobody knows its members


@dataclass(frozen=True, slots=True)
class LeftOut:
    slug: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Resolution:
    """`agencies`: slugs without doubles, in the order of their naming."""

    agencies: tuple[str, ...]
    groups: tuple[str, ...]
    unresolved: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


@dataclass
class Directory:
    """All agencies and groups, indexed once for any number of phrases."""

    agencies: tuple[Agency, ...]
    groups: tuple[Group, ...]
    _names: dict[str, list[Agency]] = field(init=False, repr=False)
    _abbreviations: dict[str, list[Agency]] = field(init=False, repr=False)
    _groups: dict[str, Group] = field(init=False, repr=False)
    _successors: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._names, self._abbreviations = {}, {}
        for agency in self.agencies:
            for name in dict.fromkeys(map(fold, (agency.display_name, *agency.aliases))):
                self._names.setdefault(name, []).append(agency)
            if agency.abbreviation:
                self._abbreviations.setdefault(fold(agency.abbreviation), []).append(agency)
        self._groups = {fold(group.display_name): group for group in self.groups}
        self._successors = frozenset(self._named_as_successors())

    def _named_as_successors(self) -> Iterable[str]:
        for agency in self.agencies:
            named = self._names.get(fold(agency.successor_display_name), [])
            yield from (other.slug for other in named if other is not agency)
            if agency.successor and agency.successor != agency.slug:
                yield agency.successor

    def called(self, name: str) -> list[Agency]:
        """Agencies of this folded name; by abbreviation only if one alone has it."""
        found = self._names.get(name)
        if found is None:
            found = self._abbreviations.get(name, [])
            if len(found) != 1:
                return []
        return found

    def group_called(self, name: str) -> Group | None:
        return self._groups.get(name)

    def members_of(self, group: Group) -> list[Agency]:
        return [
            a
            for a in self.agencies
            if a.kind in group.kinds or a.level in group.levels or a.slug in group.members
        ]

    def committees(self, levels: Iterable[str]) -> list[Agency]:
        """The People's Committees of these levels, "huyện", "xã" …"""
        starts = tuple(f"ubnd {level} " for level in levels)
        return [a for a in self.agencies if fold(a.display_name).startswith(starts)]

    def why_not_in_a_group(self, agency: Agency, on: date | None) -> Reason | None:
        """Why a group leaves `agency` out on that day; None if it holds it.

        One that another names as its successor may not have existed yet: as long as its own
        beginning is unknown, a group does not hold it. Named directly it is still meant.
        """
        if not agency.assignable:
            return Reason.NOT_ASSIGNABLE
        if reason := agency.out_of_time(on):
            return reason
        if agency.valid_from is None and agency.slug in self._successors:
            return Reason.BEGINNING_UNKNOWN_SUCCESSOR
        return None


def resolve(phrase: str, directory: Directory, on: date | None) -> Resolution:
    """Turns a phrase, whose parts are separated by ";", into agencies that exist on the day `on`.

    An agency that is named but does not exist on that day is unresolved as well as left out.
    """
    finding = _Finding(directory, on)
    for part in phrase.split(";"):
        if part := part.strip():
            finding.take(part)
    return finding.resolution()


class _Finding:
    def __init__(self, directory: Directory, on: date | None) -> None:
        self._directory, self._on = directory, on
        self._agencies: dict[str, None] = {}
        self._groups: dict[str, None] = {}
        self._unresolved: dict[str, None] = {}
        self._left_out: dict[str, Reason] = {}

    def take(self, part: str) -> None:
        folded = fold(part)
        group = self._directory.group_called(folded)
        if self._name(folded):
            return
        if group and not group.open:
            self._expand(group.display_name, self._directory.members_of(group), part)
        elif group or not self._committees(part, folded):
            self._unresolved[part] = None

    def resolution(self) -> Resolution:
        left_out = (
            LeftOut(slug, reason)
            for slug, reason in self._left_out.items()
            if slug not in self._agencies
        )
        return Resolution(
            tuple(self._agencies), tuple(self._groups), tuple(self._unresolved), tuple(left_out)
        )

    def _name(self, *names: str) -> bool:
        """Takes the one agency that has one of these folded names on the day."""
        called = {a.slug: a for name in names for a in self._directory.called(name)}
        reasons = {slug: a.out_of_time(self._on) for slug, a in called.items()}
        existing = [slug for slug, reason in reasons.items() if reason is None]
        if len(existing) == 1:
            self._agencies[existing[0]] = None
            return True
        if not existing:
            self._left_out |= {slug: reason for slug, reason in reasons.items() if reason}
        return False

    def _expand(self, name: str, members: Iterable[Agency], part: str) -> None:
        held = False
        for agency in members:
            reason = self._directory.why_not_in_a_group(agency, self._on)
            if reason:
                self._left_out[agency.slug] = reason
            else:
                self._agencies[agency.slug] = None
                held = True
        self._groups[name] = None
        if not held:
            self._unresolved[part] = None

    def _committees(self, part: str, folded: str) -> bool:
        """ "UBND các huyện A, B và thành phố C", "UBND các huyện": False if it is none of these."""
        if not folded.startswith("ubnd "):
            return False
        written = _AND.split(unicodedata.normalize("NFC", part))
        elements = [_element(element) for element in _AND.split(folded)]
        if not elements[0].level:
            return False
        if all(element.level and not element.name for element in elements):
            # "UBND huyện" alone may be one of them: only "các", or several levels, mean all.
            if len(elements) == 1 and not elements[0].every:
                return False
            levels = [element.level for element in elements]
            self._expand(part, self._directory.committees(levels), part)
            return True
        levels = []
        named_before = True
        failed = []
        for element, as_written in zip(elements, written, strict=True):
            if element.level:
                # "huyện, thành phố A, B": both levels go for the names that follow.
                levels = [element.level] if named_before else [*levels, element.level]
            named_before = bool(element.name)
            names = [f"ubnd {level} {element.name}" for level in levels]
            if element.name and not self._name(*names):
                failed.append(as_written)
        named = sum(1 for element in elements if element.name)
        if not named_before or len(failed) == named:
            return False
        self._unresolved |= dict.fromkeys(failed)
        return True


@dataclass(frozen=True, slots=True)
class _Element:
    """One element of a list of committees: "các huyện ninh hải" → every, "huyện", "ninh hải"."""

    every: bool
    level: str
    name: str


def _element(text: str) -> _Element:
    text = text.removeprefix("ubnd ")
    every = text.startswith("các ")
    text = text.removeprefix("các ")
    for level in LEVELS:
        if text == level or text.startswith(f"{level} "):
            return _Element(every, level, text.removeprefix(level).strip())
    return _Element(every, "", text)
