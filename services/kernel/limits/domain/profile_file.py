"""From the text of a profile file to a Profile, or to all the reasons why it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import date
from itertools import pairwise

from services.kernel.limits.domain import profile_agreement, profile_effects
from services.kernel.limits.domain.profile import (
    OURS,
    Act,
    Alternative,
    Authority,
    Cadence,
    Cap,
    Channel,
    ClassifiedMode,
    Colour,
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

_THE_PROFILE = Text("quy chế", "the profile")
_BASIS = Text(f"điều, khoản làm căn cứ, hoặc: {OURS}", f"an article, or: {OURS}")
_FIRST_DAY = Text(
    "ngày đầu tiên áp dụng, dạng 2019-12-21", "the first day of validity, like 2019-12-21"
)
_DAY_OF_ISSUE = Text(
    "ngày ban hành quy chế, dạng 2019-12-11",
    "the day on which the regulation was issued, like 2019-12-11",
)
_ANCHOR = Text(
    "ngày làm mốc để đếm tuần, dạng 2020-01-10", "the date from which weeks count, like 2020-01-10"
)


class ProfileError(ValueError):
    """Profiles that are refused, with everything that is wrong in them."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n".join(map(str, self.complaints)))

    def of(self, lang: str) -> str:
        return "\n".join(complaint.of(lang) for complaint in self.complaints)


def parse_profile(text: str, file: str) -> Profile:
    """The profile that this YAML text describes; ProfileError names `file` and the lines."""
    return parse_profiles({file: text}).installed[0]


def parse_profiles(texts: Mapping[str, str]) -> Profiles:
    """The profiles of several files (file name → text), oldest first; ProfileError if any is bad.

    One day has at most one valid profile, so validities that overlap are refused.
    """
    documents = [Document(file) for file in texts]
    read = [
        _profile(document.root(text, _THE_PROFILE))
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
                Text(
                    f"thời gian áp dụng chồng lên thời gian của {one.id} phiên bản {one.version}; mỗi "
                    "ngày chỉ áp dụng một quy chế, cần bắt đầu sau ngày cuối của bản kia",
                    f"the validity overlaps that of {one.id} version {one.version}; one day has one "
                    "regulation, needed is a beginning after the last day of the other",
                ),
                "valid_from",
            )
    seen: set[tuple[str, int]] = set()
    for profile, fields in read:
        if (profile.id, profile.version) in seen:
            fields.complain(
                Text(
                    f"{profile.id} phiên bản {profile.version} có hai lần; nội dung khác thì cần phiên "
                    "bản khác",
                    f"{profile.id} version {profile.version} is there twice; another text needs another "
                    "version",
                ),
                "version",
            )
        seen.add((profile.id, profile.version))


def _profile(fields: Fields) -> tuple[Profile, Fields]:
    valid_from = fields.day("valid_from", _FIRST_DAY)
    valid_to = fields.day("valid_to")
    issued_on = fields.day("issued_on", _DAY_OF_ISSUE)
    if valid_from and valid_to and valid_to < valid_from:
        fields.complain(
            Text(
                "thời gian áp dụng kết thúc trước khi bắt đầu; cần một ngày từ valid_from trở đi, hoặc "
                "null",
                "the validity ends before it begins; needed is a day from valid_from on, or null",
            ),
            "valid_to",
        )
    reminders = fields.child("reminders")
    steps = reminders.children("ladders")
    ladders = tuple(_ladder(child) for child in steps)
    names = [ladder.name for ladder in ladders]
    if len(set(names)) < len(names):
        reminders.complain(
            Text(
                "hai thang nhắc việc trùng tên; mỗi thang cần một tên riêng",
                "two ladders have the same name; each needs its own",
            ),
            "ladders",
        )
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
        ladders_basis=reminders.text("legal_basis", needed=_BASIS),
        channels=reminders.some_of("channels", Channel, required=True),
    )
    if not fields.document.complaints:
        _check_effects(profile, practices, steps)
    return replace(profile, digest=digest_of(profile)), fields


def _check_effects(profile: Profile, practices: Fields, ladders: list[Fields]) -> None:
    for ladder, child in zip(profile.ladders, ladders, strict=True):
        for key, told in profile_effects.of_ladder(ladder, profile.limits):
            child.complain(told, key)
    for key, told in profile_effects.of_practice(profile.practice, profile.limits):
        practices.complain(told, key)


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
        articles={name: bases.text(name, needed=_BASIS) for name in _PRACTICES},
    )


def _levels(fields: Fields) -> tuple[Level, ...]:
    levels: list[Level] = []
    for child in fields.children("assignee_levels", required=True):
        code = child.text("level")
        if code and not re.fullmatch(r"[A-Z][A-Z0-9_]{0,39}", code):
            child.complain(
                Text(
                    f"{code} không phải là mã cấp; chỉ dùng chữ in hoa, chữ số và _, ví dụ DEPARTMENT",
                    f"{code} is no code of a level; capitals, digits and _ only, like DEPARTMENT",
                ),
                "level",
            )
        if any(code == other.code for other in levels):
            child.complain(_twice(code), "level")
        levels.append(Level(code, _text(child)))
    return tuple(levels)


def _limits(fields: Fields, ladders: list[str], levels: list[str]) -> tuple[LimitRule, ...]:
    rules: list[LimitRule] = []
    for child in fields.children("limits", required=True):
        before = len(child.document.complaints)
        rule = _limit(child)
        # Placeholders for what could not be read would only give false complaints.
        if len(child.document.complaints) == before:
            for key, told in profile_agreement.of_limit(rule):
                child.complain(told, key)
            _check_beside(rule, rules, ladders, child)
            for key, told in profile_effects.of_limit(rule):
                child.complain(told, key)
            for level in rule.levels:
                if level not in levels:
                    child.complain(_not_there(level, levels), "levels")
        rules.append(rule)
    return tuple(rules)


def _check_beside(
    rule: LimitRule, others: list[LimitRule], ladders: list[str], fields: Fields
) -> None:
    if any(rule.id == other.id for other in others):
        fields.complain(_twice(rule.id), "id")
    if any(rule.duty is other.duty for other in others):
        fields.complain(
            Text(
                f"đã có một thời hạn khác cho {rule.duty}; mỗi việc chỉ có một thời hạn",
                f"another limit is already set on {rule.duty}; each duty has one",
            ),
            "duty",
        )
    if rule.ladder and rule.ladder not in ladders:
        fields.complain(_not_there(rule.ladder, ladders), "ladder")


def _twice(name: str) -> Text:
    return Text(f"{name} có hai lần; chỉ ghi một lần", f"{name} is there twice; once is right")


def _not_there(name: str, known: list[str]) -> Text:
    listed = ", ".join(known)
    return Text(
        f"không có {name}; cần một trong các mục đã khai: {listed}",
        f"there is no {name}; needed is one that is declared: {listed}",
    )


def _limit(fields: Fields) -> LimitRule:
    rule_id = fields.text("id")
    fields.what = Text(f"thời hạn {rule_id}", f"limit {rule_id}")
    unit = fields.one_of("unit", Unit)
    return LimitRule(
        id=rule_id,
        duty=fields.one_of("duty", Duty),
        name=_text(fields),
        article=fields.text("legal_basis", needed=profile_agreement.NO_LIMIT_WITHOUT_AN_ARTICLE),
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
        anchor = fields.day("anchor", _ANCHOR)
        return Period(cadence, weeks=fields.integer("weeks", minimum=1), anchor=anchor)
    if cadence is Cadence.DATES:
        dates = [_yearly_date(child) for child in fields.children("dates", required=True)]
        labels = {entry.label for entry in dates}
        if len(labels) < len(dates):
            fields.complain(
                Text(
                    "hai ngày của kỳ có cùng nhãn (label); mỗi ngày cần một nhãn riêng",
                    "two dates of a period have the same label; each needs its own",
                ),
                "dates",
            )
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
            fields.complain(
                Text(
                    f"{text} không phải là ngày (tháng-ngày) của mọi năm; cần dạng 06-20",
                    f"{text} is not a date (month-day) of every year; right would be like 06-20",
                ),
                "before",
            )
        month, day = 1, 1
    return YearlyDate(fields.text("label"), month, day)


def _ladder(fields: Fields) -> Ladder:
    steps = tuple(_step(child) for child in fields.children("steps", required=True))
    if len({step.name for step in steps}) < len(steps):
        fields.complain(
            Text(
                "hai bước của thang nhắc việc trùng tên; mỗi bước cần một tên riêng",
                "two steps of a ladder have the same name; each needs its own",
            ),
            "steps",
        )
    return Ladder(fields.text("name"), steps)


def _step(fields: Fields) -> Step:
    if fields.has("before") == fields.has("after") and fields.readable:
        fields.complain(
            Text(
                "một bước hoặc trước (before) hoặc sau (after) khi hết thời hạn; cần đúng một trong hai",
                "a step is either before or after the end of the limit; needed is one of the two",
            )
        )
    direction = Direction.BEFORE if fields.has("before") else Direction.AFTER
    unit = fields.one_of("unit", Unit, default=Unit.WORKING_DAYS)
    if unit is Unit.CALENDAR_DAYS:
        fields.complain(
            Text(
                "một bước được đếm bằng WORKING_DAYS hoặc HOURS; cần một trong hai đơn vị đó",
                "a step is in WORKING_DAYS or HOURS; needed is one of these units",
            ),
            "unit",
        )
    return Step(
        name=fields.text("name"),
        direction=direction,
        length=fields.integer(direction.lower(), minimum=0, default=0),
        unit=unit,
        colour=fields.one_of("colour", Colour) if fields.has("colour") else None,
    )
