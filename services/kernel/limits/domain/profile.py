"""The regulation as data: what a profile can say about limits.

A profile is one regulation in one version. Code asks it for the limit on a *duty*, never for an
article: another province's regulation has other articles, other lengths and units, or no limit
on that duty at all. The enumerations here are the whole vocabulary of a profile file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

# The legal basis of what the text does not know: ours, without legal force.
OURS = "none, ours"


class Duty(StrEnum):
    """What is to be done within a limit."""

    INTAKE = "INTAKE"  # classify, enter and forward the tasks of a directive
    TASK = "TASK"  # the task itself, within the due date that its document states
    UPDATE_AFTER_DUE = "UPDATE_AFTER_DUE"  # enter situation and result after the due date
    PERIODIC_UPDATE = "PERIODIC_UPDATE"  # enter the situation of a task without limit
    ASK_EXTENSION = "ASK_EXTENSION"
    ANSWER_EXTENSION = "ANSWER_EXTENSION"
    ENTER_ON_BEHALF = "ENTER_ON_BEHALF"  # the Office enters the result of an unconnected agency
    SUPPLY_SITUATION = "SUPPLY_SITUATION"  # the Office supplies each agency with its situation
    AGENCY_REPORT = "AGENCY_REPORT"
    CONSOLIDATED_REPORT = "CONSOLIDATED_REPORT"
    INSPECTION_REPORT = "INSPECTION_REPORT"


class Owner(StrEnum):
    """Who owes it."""

    OFFICE = "OFFICE"
    LEAD = "LEAD"  # the lead agency of the task
    EACH_AGENCY = "EACH_AGENCY"  # every agency of the levels that the limit names, each for itself


class Act(StrEnum):
    """What starts, stops or voids a limit."""

    DIRECTIVE_ISSUED = "DIRECTIVE_ISSUED"
    DIRECTIVE_FORWARDED = "DIRECTIVE_FORWARDED"
    DIRECTIVE_WITHDRAWN = "DIRECTIVE_WITHDRAWN"
    DIRECTIVE_SUPERSEDED = "DIRECTIVE_SUPERSEDED"
    NO_TASK_RECORDED = "NO_TASK_RECORDED"  # the directive turned out to assign nothing
    TASK_FORWARDED = "TASK_FORWARDED"
    TASK_RETURNED = "TASK_RETURNED"
    TASK_WITHDRAWN = "TASK_WITHDRAWN"
    DUE_DATE_REMOVED = "DUE_DATE_REMOVED"
    DUE_DATE_SET = "DUE_DATE_SET"
    PROGRESS_ENTERED = "PROGRESS_ENTERED"
    RESULT_REPORTED = "RESULT_REPORTED"
    EXTENSION_REQUEST_RECEIVED = "EXTENSION_REQUEST_RECEIVED"
    EXTENSION_SUBMITTED = "EXTENSION_SUBMITTED"  # put to the PPC or Chairman
    EXTENSION_ANSWERED = "EXTENSION_ANSWERED"
    EXTENSION_REQUEST_WITHDRAWN = "EXTENSION_REQUEST_WITHDRAWN"
    WRITTEN_REPORT_RECEIVED = "WRITTEN_REPORT_RECEIVED"
    RESULT_ENTERED = "RESULT_ENTERED"
    PERIOD_BEGINS = "PERIOD_BEGINS"
    SITUATION_SUPPLIED = "SITUATION_SUPPLIED"
    REPORT_SENT = "REPORT_SENT"


class Unit(StrEnum):
    WORKING_DAYS = "WORKING_DAYS"
    CALENDAR_DAYS = "CALENDAR_DAYS"
    HOURS = "HOURS"  # of the clock on the wall, days off included


class Roll(StrEnum):
    """What happens to a limit that ends on a day off (khoản 5 Điều 148 BLDS)."""

    NEXT_WORKING_DAY = "NEXT_WORKING_DAY"
    NONE = "NONE"


class CountsFrom(StrEnum):
    """The day from which a limit counts."""

    START = "START"  # the day, or for hours the instant, of the act that starts it
    STATED_DUE = "STATED_DUE"  # the date as its document, or its period, states it
    LEGAL_END = "LEGAL_END"  # the legal end of the task's own due date


class Direction(StrEnum):
    AFTER = "AFTER"
    BEFORE = "BEFORE"  # counted back: the last good day for an act; no clock runs for it


class Cap(StrEnum):
    """An upper bound on the end of a limit."""

    DAY_BEFORE_DUE = "DAY_BEFORE_DUE"  # the day before the task's legal end, never before the start


class Cadence(StrEnum):
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    HALF_YEAR = "HALF_YEAR"
    YEAR = "YEAR"
    WEEKS = "WEEKS"  # every n weeks from an anchor date
    DATES = "DATES"  # before fixed dates of each year


class Fact(StrEnum):
    """What can make another length apply; derived or recorded by the caller."""

    SEVERAL_TASKS = "SEVERAL_TASKS"
    SEVERAL_AGENCIES = "SEVERAL_AGENCIES"
    SEVERAL_OPINIONS = "SEVERAL_OPINIONS"
    URGENT = "URGENT"  # khẩn
    VERY_URGENT = "VERY_URGENT"  # thượng khẩn
    EXPRESS = "EXPRESS"  # hỏa tốc


class Origin(StrEnum):
    """Who above the province set a task's time."""

    GOVERNMENT = "GOVERNMENT"  # the Prime Minister counts as Government
    GOVERNMENT_OFFICE = "GOVERNMENT_OFFICE"
    CENTRAL_MINISTRY = "CENTRAL_MINISTRY"
    PROVINCIAL_PARTY_STANDING_BOARD = "PROVINCIAL_PARTY_STANDING_BOARD"


class Authority(StrEnum):
    """Who may assign tasks."""

    PROVINCIAL_PEOPLES_COMMITTEE = "PROVINCIAL_PEOPLES_COMMITTEE"
    CHAIRMAN = "CHAIRMAN"


class Source(StrEnum):
    DOCUMENT = "DOCUMENT"
    ORAL_CONCLUSION = "ORAL_CONCLUSION"


class ClassifiedMode(StrEnum):
    REDACT = "REDACT"  # kept without content
    EXCLUDE = "EXCLUDE"  # not kept at all


class Channel(StrEnum):
    """Where the steps of ladders are told; acts are told everywhere."""

    IN_APP = "IN_APP"
    EMAIL = "EMAIL"


class Colour(StrEnum):
    """In which a step of a ladder is shown; never the only sign of it."""

    GREEN = "green"
    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in Vietnamese and English."""

    vi: str
    en: str

    def of(self, lang: str) -> str:
        """The English text for "en", the Vietnamese one for everything else."""
        return self.en if lang == "en" else self.vi


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another length, where a fact holds. The first listed whose fact holds is the one."""

    fact: Fact
    length: int
    unit: Unit
    text: Text


@dataclass(frozen=True, slots=True)
class YearlyDate:
    """A date of every year before which something is due; the date itself is too late."""

    label: str
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Period:
    cadence: Cadence
    weeks: int = 0
    anchor: date | None = None
    dates: tuple[YearlyDate, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitRule:
    """One limit. `article` is its legal basis in the Vietnamese manner, or OURS."""

    id: str
    duty: Duty
    name: Text
    article: str
    owed_by: Owner
    counts_from: CountsFrom
    direction: Direction
    length: int
    unit: Unit
    roll: Roll
    start: Act
    stop: tuple[Act, ...]
    stop_from_due: tuple[Act, ...] = ()  # stops it only from the task's legal end on
    void: tuple[Act, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    cap: Cap | None = None
    period: Period | None = None
    ladder: str = ""  # name of its reminder ladder, "" for none
    levels: tuple[str, ...] = ()  # of EACH_AGENCY: codes of the levels that owe it

    @property
    def runs_as_clock(self) -> bool:
        return self.direction is Direction.AFTER

    def alternative(self, variant: str) -> Alternative | None:
        """The alternative that a clock has chosen; "" is the rule's own length (None)."""
        if not variant:
            return None
        return next(a for a in self.alternatives if a.fact == variant)

    def stopped_by(self, act: Act, on: date, legal_end: date | None = None) -> bool:
        """Whether an act of this day stops the limit; `legal_end` is the task's own, if any."""
        if act in self.stop:
            return True
        return act in self.stop_from_due and legal_end is not None and on >= legal_end


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of a ladder, before or after the end of the limit.

    In days: before n = 00:00 of the n-th working day before the last day (0: the last day
    itself); after 0 = the first late instant; after n = 00:00 of the n-th working day after the
    last day. In hours: that many hours before or after the first late instant.
    """

    name: str
    direction: Direction
    length: int
    unit: Unit
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Extensions:
    article: str
    maximum: int | None  # of granted extensions of one task; None = no cap
    locked_origins: tuple[Origin, ...]  # time set by one of these cannot be extended


@dataclass(frozen=True, slots=True)
class Level:
    """A level of agencies that may be given tasks; `code` is what an agency of the directory has."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Practice:
    """What regulations settle besides limits.

    `articles`: the legal basis of each, by the name of its field, or OURS.
    """

    assigning_authorities: tuple[Authority, ...]
    sources: tuple[Source, ...]
    assignee_levels: tuple[Level, ...]
    classified: ClassifiedMode
    tasks_without_limit_tracked: bool
    returned_counts_as_incomplete: bool
    results_published: bool
    articles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Profile:
    """A regulation in one version, valid for documents issued valid_from..valid_to inclusive.

    `id` is its number as it prints it, `issued_on` the day of its own issue.
    """

    id: str
    version: int
    name: Text
    issued_on: date
    valid_from: date
    valid_to: date | None
    limits: tuple[LimitRule, ...]
    extensions: Extensions
    practice: Practice
    ladders: tuple[Ladder, ...]
    ladders_basis: str
    channels: tuple[Channel, ...]
    digest: str = ""

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def rule(self, rule_id: str) -> LimitRule:
        """The limit with this id; KeyError if the profile has none."""
        for rule in self.limits:
            if rule.id == rule_id:
                return rule
        raise KeyError(f"{self.id} has no limit {rule_id}")

    def limit_on(self, duty: Duty) -> LimitRule | None:
        """The limit on this duty, None where the regulation sets none."""
        return next((rule for rule in self.limits if rule.duty is duty), None)

    def limit_begun_by(self, act: Act, duty: Duty) -> LimitRule | None:
        """The limit on this duty, None where it is not this act that starts it."""
        rule = self.limit_on(duty)
        return rule if rule and rule.start is act else None

    def ladder_of(self, rule: LimitRule) -> Ladder | None:
        return next((ladder for ladder in self.ladders if ladder.name == rule.ladder), None)

    def colour_of(self, rule: LimitRule, step: str) -> Colour | None:
        """Of a step of the rule's ladder; None where the profile names none."""
        ladder = self.ladder_of(rule)
        steps = ladder.steps if ladder else ()
        return next((one.colour for one in steps if one.name == step), None)

    def due_roll(self) -> Roll:
        """What a task's own due date does on a day off."""
        rule = self.limit_on(Duty.TASK)
        return rule.roll if rule else Roll.NONE


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles that are installed; validities do not overlap."""

    installed: tuple[Profile, ...]

    def for_day(self, day: date) -> Profile | None:
        """The profile valid for a document of that day, None if the day is before every one."""
        return profile_for(day, self.installed)

    def pinned(self, profile_id: str, version: int) -> Profile:
        """The profile a clock pins; KeyError if it is no longer installed."""
        for profile in self.installed:
            if (profile.id, profile.version) == (profile_id, version):
                return profile
        raise KeyError(f"profile {profile_id} version {version} is not installed")


def profile_for(day: date, profiles: Iterable[Profile]) -> Profile | None:
    return next((profile for profile in profiles if profile.valid_on(day)), None)


def is_locked(origins: Collection[Origin], extensions: Extensions) -> bool:
    """Whether one of the origins that set a task's time forbids its extension."""
    return any(origin in extensions.locked_origins for origin in origins)


def digest_of(profile: Profile) -> str:
    """sha256 (hex) of the canonical content: the layout and comments of the file do not count."""
    content = {key: value for key, value in asdict(profile).items() if key != "digest"}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
