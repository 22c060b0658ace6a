"""The script of the demonstration: who does what on which day of 2024, from a seed.

Each required outcome is dealt out first, to tasks that have room for it; the rest follows by weight, so
that about a fifth of what has a due date comes late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from sample import agencies, lives
from sample.acts import Act, Intake, Life, Outcome, Script, TaskKey, What, at
from sample.documents import GeneratedDirective
from sample.generator import DEFAULT_SEED, directives
from sample.lives import Given
from sample.workdays import after, between, working_on_or_after

# Each of these is dealt to that many tasks at least, whatever the seed.
REQUIRED = {
    Outcome.LOCKED_ORIGIN: 2,
    Outcome.ADMITTED_LATE: 2,
    Outcome.ASKED_TOO_LATE: 3,
    Outcome.EXTENSION_REFUSED: 4,
    Outcome.EXTENDED: 8,
    Outcome.REFORWARDED: 5,
    Outcome.SENT_BACK: 5,
    Outcome.UPDATE_MISSING: 5,
    Outcome.LATE_OPEN: 4,
    Outcome.LATE: 10,
    Outcome.ENTERED_AFTER_DUE: 4,
    Outcome.ON_TIME: 20,
}
# Of the others, where they are possible.
WEIGHTS = {
    Outcome.ON_TIME: 70,
    Outcome.ENTERED_AFTER_DUE: 4,
    Outcome.LATE: 12,
    Outcome.LATE_OPEN: 4,
    Outcome.UPDATE_MISSING: 3,
    Outcome.EXTENDED: 4,
    Outcome.LOCKED_ORIGIN: 4,
    Outcome.REFORWARDED: 1,
    Outcome.SENT_BACK: 2,
    Outcome.ON_BEHALF: 1,
    Outcome.IN_WORDS: 1,
    Outcome.WITHOUT_LIMIT_DONE: 4,
    Outcome.WITHOUT_LIMIT_UPDATED: 4,
    Outcome.WITHOUT_LIMIT_SILENT: 2,
}
# A required outcome shows before the play ends.
SETTLED_BY = date(2024, 11, 15)
BREACHED, CONSULTED = 4, 3
INSPECTION = date(2024, 10, 15)


def script(seed: int = DEFAULT_SEED) -> Script:
    """The whole script of a seed: the same seed gives the same script."""
    year = directives(seed)
    random = Random(f"script {seed}")  # noqa: S311 (a play, not a secret)
    intakes = _intakes(year, random)
    found = _lives(intakes, random)
    return Script(seed, intakes, found, _inspection(found))


def _intakes(year: Sequence[GeneratedDirective], random: Random) -> tuple[Intake, ...]:
    """Most are forwarded in time; a few, whose tasks have room for it, are not (khoản 1 Điều 7)."""
    roomy = [
        directive.key
        for directive in year
        if all(
            item.due is None or item.due > directive.issued + timedelta(days=24)
            for item in directive.items
        )
        and directive.issued < SETTLED_BY
    ]
    breached = set(random.sample(roomy, BREACHED))
    consulted = set(random.sample([key for key in roomy if key not in breached], CONSULTED))
    return tuple(
        _intake(directive, random, directive.key in breached, directive.key in consulted)
        for directive in year
    )


def _intake(
    directive: GeneratedDirective, random: Random, breached: bool, consulted: bool
) -> Intake:
    entered = working_on_or_after(directive.issued)
    days = 7 if consulted else directive.intake_days
    last_day = after(directive.issued, days)
    soonest = min((item.due for item in directive.items if item.due), default=last_day)
    if breached:
        forwarded = after(last_day, random.randint(1, 4))
    elif consulted:
        forwarded = after(entered, 4)
    else:
        # What is due soon is forwarded at once.
        latest = min(last_day, max(entered, soonest - timedelta(days=6)))
        forwarded = random.choice(between(entered, latest)[:4])
    key, office = directive.key, agencies.OFFICE
    acts = [Act(at(entered), office, What.ENTER, key)]
    if consulted:
        asked = tuple(random.sample(agencies.of_kind("department"), 2))
        acts.append(Act(at(entered), office, What.CONSULT, key, others=asked))
    acts.append(Act(at(forwarded), office, What.FORWARD, key))
    return Intake(directive, tuple(acts), last_day)


def _lives(intakes: Sequence[Intake], random: Random) -> tuple[Life, ...]:
    tasks = [
        Given(TaskKey(intake.directive.key, item.ordinal, lead), item, intake.forwarded)
        for intake in intakes
        for item in intake.directive.items
        for lead in item.leads
    ]
    rooms = {given.task: lives.possible(given) for given in tasks}
    dealt = _deal(tasks, rooms, random)
    return tuple(
        lives.life(given, dealt.get(given.task) or _weighed(rooms[given.task], random), random)
        for given in tasks
    )


def _deal(
    tasks: Sequence[Given], rooms: dict[TaskKey, frozenset[Outcome]], random: Random
) -> dict[TaskKey, Outcome]:
    dealt: dict[TaskKey, Outcome] = {}
    for outcome, count in REQUIRED.items():
        fit = [
            given.task
            for given in tasks
            if outcome in rooms[given.task]
            and given.task not in dealt
            and given.last
            and given.last <= SETTLED_BY
        ]
        dealt |= dict.fromkeys(random.sample(fit, count), outcome)
    return dealt


def _weighed(room: frozenset[Outcome], random: Random) -> Outcome:
    # In the order of the table: the order of a set is not the same in every process.
    outcomes = [outcome for outcome in WEIGHTS if outcome in room]
    return random.choices(outcomes, [WEIGHTS[outcome] for outcome in outcomes])[0]


def _inspection(found: Sequence[Life]) -> Act:
    """On signs that tasks are not done (khoản 2 Điều 14): the agency with the most such tasks."""
    signs = [
        life
        for life in found
        if life.outcome in (Outcome.LATE, Outcome.LATE_OPEN, Outcome.UPDATE_MISSING)
        and life.item.last_day
        and life.item.last_day < INSPECTION
        and life.item.content
    ]
    late = Counter(life.task.lead for life in signs)
    subject = min(late, key=lambda name: (-late[name], name))
    tasks = tuple(life.task for life in signs if life.task.lead == subject)
    return Act(
        at(INSPECTION), agencies.OFFICE, What.INSPECT, "inspection", other=subject, tasks=tasks[:5]
    )
