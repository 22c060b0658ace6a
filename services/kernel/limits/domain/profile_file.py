"""From the text of a profile file to a Profile, or to all the reasons why it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import date
from itertools import pairwise

from services.kernel.limits.domain import profile_effects
from services.kernel.limits.domain.profile import (
    OURS,
    Act,
    Alternative,
    Authority,
    Cadence,
    Cap,
    Channel,
    ClassifiedMode,
    CountsFrom,
    Direction,
    Duty,
    Extensions,
    Fact,
    Ladder,
    Level,
    LimitRule,
    Origin,
    Owner,
    Period,
    Practice,
    Profile,
    Profiles,
    Roll,
    Source,
    Step,
    Text,
    Unit,
    YearlyDate,
    digest_of,
)
from services.kernel.limits.domain.yaml_fields import Complaint, Document, Fields

# A leap year and a common one: a date of every year must exist in both.
_LEAP, _COMMON = 2024, 2023
# What a regulation settles besides limits, each with its legal basis.
_PRACTICES = tuple(field.name for field in fields_of(Practice) if field.name != "articles")


class ProfileError(ValueError):
    """Profiles that are refused, with everything that is wrong in them."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n".join(map(str, self.complaints)))


def parse_profile(text: str, file: str) -> Profile:
    """The profile that this YAML text describes; ProfileError names `file` and the lines."""
    return parse_profiles({file: text}).installed[0]


def parse_profiles(texts: Mapping[str, str]) -> Profiles:
    """The profiles of several files (file name → text), oldest first; ProfileError if any is bad.

    One day has at most one valid profile, so validities that overlap are refused.
    """
    documents = [Document(file) for file in texts]
    read = [
        _profile(document.root(text, "the profile"))
        for document, text in zip(documents, texts.values(), strict=True)
    ]
    for document in documents:
        document.refuse_unknown_keys()
    _refuse_if_any(documents)
    read.sort(key=lambda entry: entry[0].valid_from)
    _check_together(read)
    _refuse_if_any(documents)
    return Profiles(tuple(profile for profile, _ in read))


def _refuse_if_any(documents: Iterable[Document]) -> None:
    complaints = [complaint for document in documents for complaint in document.complaints]
    if complaints:
        raise ProfileError(sorted(complaints, key=lambda c: (c.file, c.line)))


def _check_together(read: list[tuple[Profile, Fields]]) -> None:
    for (one, _), (other, fields) in pairwise(read):
        if one.valid_to is None or other.valid_from <= one.valid_to:
            fields.complain(
                f"validity overlaps that of {one.id} version {one.version}", "valid_from"
            )
    seen: set[tuple[str, int]] = set()
    for profile, fields in read:
        if (profile.id, profile.version) in seen:
            fields.complain(f"{profile.id} version {profile.version} is there twice", "version")
        seen.add((profile.id, profile.version))


def _profile(fields: Fields) -> tuple[Profile, Fields]:
    valid_from = fields.day("valid_from")
    valid_to = fields.day("valid_to")
    if fields.has("valid_from") and valid_from is None:
        fields.complain("the profile needs a first day of validity", "valid_from")
    issued_on = fields.day("issued_on")
    if fields.has("issued_on") and issued_on is None:
        fields.complain("the day on which the regulation was issued is needed", "issued_on")
    if valid_from and valid_to and valid_to < valid_from:
        fields.complain("the validity ends before it begins", "valid_to")
    reminders = fields.child("reminders")
    steps = reminders.children("ladders")
    ladders = tuple(_ladder(child) for child in steps)
    names = [ladder.name for ladder in ladders]
    if len(set(names)) < len(names):
        reminders.complain("two ladders have the same name", "ladders")
    practices = fields.child("practice")
    practice = _practice(practices)
    codes = [level.code for level in practice.assignee_levels]
    profile = Profile(
        id=fields.text("id"),
        version=fields.integer("version", minimum=1),
        name=_text(fields),
        issued_on=issued_on or date.max,
        valid_from=valid_from or date.max,
        valid_to=valid_to,
        limits=_limits(fields, names, codes),
        extensions=_extensions(fields.child("extensions")),
        practice=practice,
        ladders=ladders,
        ladders_basis=reminders.text("legal_basis", why=f"an article, or: {OURS}"),
        channels=reminders.some_of("channels", Channel),
    )
    if not fields.document.complaints:
        _check_effects(profile, practices, steps)
    return replace(profile, digest=digest_of(profile)), fields


def _check_effects(profile: Profile, practices: Fields, ladders: list[Fields]) -> None:
    for ladder, child in zip(profile.ladders, ladders, strict=True):
        for key, message in profile_effects.of_ladder(ladder, profile.limits):
            child.complain(message, key)
    for key, message in profile_effects.of_practice(profile.practice, profile.limits):
        practices.complain(message, key)


def _text(fields: Fields) -> Text:
    names = fields.child("name")
    return Text(vi=names.text("vi"), en=names.text("en"))


def _extensions(fields: Fields) -> Extensions:
    maximum = fields.integer("maximum", minimum=0, default=-1)
    return Extensions(
        article=fields.text("legal_basis"),
        maximum=None if maximum < 0 else maximum,
        locked_origins=fields.some_of("locked_origins", Origin),
    )


def _practice(fields: Fields) -> Practice:
    bases = fields.child("legal_bases")
    return Practice(
        assigning_authorities=fields.some_of("assigning_authorities", Authority, required=True),
        sources=fields.some_of("sources", Source, required=True),
        assignee_levels=_levels(fields),
        classified=fields.one_of("classified", ClassifiedMode),
        tasks_without_limit_tracked=fields.flag("tasks_without_limit_tracked"),
        returned_counts_as_incomplete=fields.flag("returned_counts_as_incomplete"),
        results_published=fields.flag("results_published"),
        articles={name: bases.text(name, why=f"an article, or: {OURS}") for name in _PRACTICES},
    )


def _levels(fields: Fields) -> tuple[Level, ...]:
    levels: list[Level] = []
    for child in fields.children("assignee_levels", required=True):
        code = child.text("level")
        if code and not re.fullmatch(r"[A-Z][A-Z0-9_]{0,39}", code):
            child.complain(f"{code} is no code of a level: capitals, digits and _ only", "level")
        if any(code == other.code for other in levels):
            child.complain(f"the level {code} is there twice", "level")
        levels.append(Level(code, _text(child)))
    return tuple(levels)


def _limits(fields: Fields, ladders: list[str], levels: list[str]) -> tuple[LimitRule, ...]:
    rules: list[LimitRule] = []
    for child in fields.children("limits", required=True):
        before = len(child.document.complaints)
        rule = _limit(child)
        # Placeholders for what could not be read would only give false complaints.
        if len(child.document.complaints) == before:
            _check_limit(rule, child)
            _check_beside(rule, rules, ladders, child)
            for key, message in profile_effects.of_limit(rule):
                child.complain(f"{child.what}: {message}", key)
            for level in rule.levels:
                if level not in levels:
                    child.complain(f"{child.what}: there is no level {level}", "levels")
        rules.append(rule)
    return tuple(rules)


def _check_beside(
    rule: LimitRule, others: list[LimitRule], ladders: list[str], fields: Fields
) -> None:
    if any(rule.id == other.id for other in others):
        fields.complain(f"the limit {rule.id} is there twice", "id")
    if any(rule.duty is other.duty for other in others):
        fields.complain(f"another limit is already set on {rule.duty}", "duty")
    if rule.ladder and rule.ladder not in ladders:
        fields.complain(f"{fields.what}: there is no ladder {rule.ladder}", "ladder")


def _limit(fields: Fields) -> LimitRule:
    fields.what = f"limit {fields.text('id')}"
    unit = fields.one_of("unit", Unit)
    return LimitRule(
        id=fields.text("id", default="?"),
        duty=fields.one_of("duty", Duty),
        name=_text(fields),
        article=fields.text("legal_basis", why="no limit without an article"),
        owed_by=fields.one_of("owed_by", Owner),
        counts_from=fields.one_of("counts_from", CountsFrom),
        direction=fields.one_of("direction", Direction, default=Direction.AFTER),
        length=fields.integer("length", minimum=0),
        unit=unit,
        roll=fields.one_of("roll", Roll),
        start=fields.one_of("start", Act),
        stop=fields.some_of("stop", Act, required=True),
        stop_from_due=fields.some_of("stop_from_due", Act),
        void=fields.some_of("void", Act),
        alternatives=tuple(_alternative(c, unit) for c in fields.children("alternatives")),
        cap=fields.one_of("cap", Cap) if fields.has("cap") else None,
        period=_period(fields.child("period")) if fields.has("period") else None,
        ladder=fields.text("ladder", default=""),
        levels=fields.texts("levels"),
    )


def _check_limit(rule: LimitRule, fields: Fields) -> None:
    """What each value allows of the others."""
    units = {rule.unit, *(alternative.unit for alternative in rule.alternatives)}
    facts = [alternative.fact for alternative in rule.alternatives]
    checks = (
        (rule.article == OURS, "legal_basis", "no limit without an article"),
        (
            rule.length == 0 and rule.counts_from is not CountsFrom.STATED_DUE,
            "length",
            "a limit that counts must have a length",
        ),
        (
            rule.length > 0 and rule.counts_from is CountsFrom.STATED_DUE,
            "length",
            "a stated date is the end itself, the length must be 0",
        ),
        (
            Unit.HOURS in units and rule.counts_from is not CountsFrom.START,
            "unit",
            "hours count from the instant of a start, not from a date",
        ),
        (
            rule.direction is Direction.BEFORE and rule.counts_from is CountsFrom.START,
            "direction",
            "nothing can be counted back from a start",
        ),
        (
            rule.direction is Direction.BEFORE and rule.roll is not Roll.NONE,
            "roll",
            "a limit counted back does not roll, that would shorten the lead",
        ),
        (
            rule.direction is Direction.BEFORE and rule.ladder != "",
            "ladder",
            "no clock runs for a limit that is counted back, so it has no reminders",
        ),
        (
            rule.cap is not None and rule.counts_from is not CountsFrom.START,
            "cap",
            "only a limit that counts from a start has a cap",
        ),
        (
            rule.cap is not None and rule.roll is not Roll.NONE,
            "roll",
            "a limit with a cap does not roll, that would pass the cap",
        ),
        (
            rule.period is not None and rule.counts_from is not CountsFrom.STATED_DUE,
            "period",
            "the end of a period is a stated date: counts_from must be STATED_DUE",
        ),
        (
            (rule.owed_by is Owner.EACH_AGENCY) != bool(rule.levels),
            "levels" if rule.levels else "owed_by",
            "EACH_AGENCY, and nobody else, is said by levels",
        ),
        (len(set(facts)) < len(facts), "alternatives", "a fact has two alternatives"),
    )
    for wrong, key, message in checks:
        if wrong:
            fields.complain(f"{fields.what}: {message}", key)


def _alternative(fields: Fields, unit: Unit) -> Alternative:
    return Alternative(
        fact=fields.one_of("when", Fact),
        length=fields.integer("length", minimum=1),
        unit=fields.one_of("unit", Unit, default=unit),
        text=_text(fields),
    )


def _period(fields: Fields) -> Period:
    cadence = fields.one_of("cadence", Cadence)
    if cadence is Cadence.WEEKS:
        anchor = fields.day("anchor")
        if anchor is None and fields.has("anchor"):
            fields.complain("a period in weeks needs the date it counts from", "anchor")
        return Period(cadence, weeks=fields.integer("weeks", minimum=1), anchor=anchor)
    if cadence is Cadence.DATES:
        dates = [_yearly_date(child) for child in fields.children("dates", required=True)]
        labels = {entry.label for entry in dates}
        if len(labels) < len(dates):
            fields.complain("two dates of a period have the same label", "dates")
        return Period(cadence, dates=tuple(dates))
    return Period(cadence)


def _yearly_date(fields: Fields) -> YearlyDate:
    text = fields.text("before")
    match = re.fullmatch(r"(\d\d)-(\d\d)", text)
    try:
        if not match:
            raise ValueError(text)
        month, day = int(match[1]), int(match[2])
        date(_COMMON, month, day), date(_LEAP, month, day)
    except ValueError:
        if text:
            fields.complain(f"{text} is not a date (month-day) of every year", "before")
        month, day = 1, 1
    return YearlyDate(fields.text("label"), month, day)


def _ladder(fields: Fields) -> Ladder:
    steps = tuple(_step(child) for child in fields.children("steps", required=True))
    if len({step.name for step in steps}) < len(steps):
        fields.complain("two steps of a ladder have the same name", "steps")
    return Ladder(fields.text("name"), steps)


def _step(fields: Fields) -> Step:
    if fields.has("before") == fields.has("after") and fields.readable:
        fields.complain("a step is either before or after the end of the limit")
    direction = Direction.BEFORE if fields.has("before") else Direction.AFTER
    unit = fields.one_of("unit", Unit, default=Unit.WORKING_DAYS)
    if unit is Unit.CALENDAR_DAYS:
        fields.complain("a step is in WORKING_DAYS or HOURS", "unit")
    return Step(
        name=fields.text("name"),
        direction=direction,
        length=fields.integer(direction.lower(), minimum=0, default=0),
        unit=unit,
        colour=fields.text("colour", default=""),
    )
