"""The script of the demonstration: who does what on which day, from a seed.

Each required outcome is dealt out first, to tasks that have room for it; the rest follows by weight, so
that about a fifth of what has a due date comes late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random

from sample import agencies, lives
from sample.acts import ZONE, Act, Intake, Life, Outcome, Script, TaskKey, What, at
from sample.documents import GeneratedDirective
from sample.generator import DEFAULT_SEED, directives, share
from sample.lives import Given
from sample.seasons import DEMONSTRATION, EVENING, STAGES, Season
from sample.workdays import after, between, working_on_or_after

# Each of these is dealt to that many tasks of a usual year at least, whatever the seed.
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
BREACHED, CONSULTED = 4, 3  # of a usual year


def script(
    seed: int = DEFAULT_SEED,
    seasons: Sequence[Season] = DEMONSTRATION,
    last: date = STAGES[-1].last,
) -> Script:
    """The whole script of a seed up to the last day: the same seed gives the same script.

    Seasons and lives have dice of their own, so that what is added later changes nothing before.
    """
    played = [_season(seed, season, last) for season in seasons]
    return Script(
        seed,
        tuple(intake for intakes, _, _ in played for intake in intakes),
        tuple(life for _, found, _ in played for life in found),
        tuple(act for _, _, decided in played for act in decided),
        datetime.combine(last, EVENING, ZONE),
    )


def _season(
    seed: int, season: Season, last: date
) -> tuple[tuple[Intake, ...], tuple[Life, ...], tuple[Act, ...]]:
    random = Random(f"script {season.key} {seed}")  # noqa: S311 (a play, not a secret)
    intakes = _intakes(directives(seed, season), season, random)
    found = _lives(seed, intakes, season, last, random)
    return intakes, found, tuple(_inspection(season, found))


def _intakes(
    generated: Sequence[GeneratedDirective], season: Season, random: Random
) -> tuple[Intake, ...]:
    """Most are forwarded in time; a few, whose tasks have room for it, are not (khoản 1 Điều 7)."""
    roomy = [
        directive.key
        for directive in generated
        if all(
            item.due is None or item.due > directive.issued + timedelta(days=24)
            for item in directive.items
        )
        and directive.issued < season.settled_by
    ]
    count = len(generated)
    breached = set(random.sample(roomy, share(BREACHED, count)))
    others = [key for key in roomy if key not in breached]
    consulted = set(random.sample(others, share(CONSULTED, count)))
    return tuple(
        _intake(directive, random, directive.key in breached, directive.key in consulted)
        for directive in generated
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


def _lives(
    seed: int, intakes: Sequence[Intake], season: Season, last: date, random: Random
) -> tuple[Life, ...]:
    tasks = [
        Given(TaskKey(intake.directive.key, item.ordinal, lead), item, intake.forwarded, last)
        for intake in intakes
        for item in intake.directive.items
        for lead in item.leads
    ]
    rooms = {given.task: lives.possible(given) for given in tasks}
    dealt = _deal(tasks, rooms, season, random)
    return tuple(
        lives.life(
            given,
            dealt.get(given.task) or _weighed(rooms[given.task], random),
            Random(f"life {given.task} {seed}"),  # noqa: S311 (a play, not a secret)
        )
        for given in tasks
    )


def _deal(
    tasks: Sequence[Given],
    rooms: dict[TaskKey, frozenset[Outcome]],
    season: Season,
    random: Random,
) -> dict[TaskKey, Outcome]:
    dealt: dict[TaskKey, Outcome] = {}
    for outcome, count in REQUIRED.items():
        fit = [
            given.task
            for given in tasks
            if outcome in rooms[given.task]
            and given.task not in dealt
            and given.last
            and given.last <= season.settled_by
        ]
        wanted = min(share(count, season.directives), len(fit))
        dealt |= dict.fromkeys(random.sample(fit, wanted), outcome)
    return dealt


def _weighed(room: frozenset[Outcome], random: Random) -> Outcome:
    # In the order of the table: the order of a set is not the same in every process.
    outcomes = [outcome for outcome in WEIGHTS if outcome in room]
    return random.choices(outcomes, [WEIGHTS[outcome] for outcome in outcomes])[0]


def _inspection(season: Season, found: Sequence[Life]) -> Iterator[Act]:
    """On signs that tasks are not done (khoản 2 Điều 14): the agency with the most such tasks."""
    signs = [
        life
        for life in found
        if life.outcome in (Outcome.LATE, Outcome.LATE_OPEN, Outcome.UPDATE_MISSING)
        and life.item.last_day
        and life.item.last_day < season.inspection
        and life.item.content
    ]
    late = Counter(life.task.lead for life in signs)
    if not late:
        return
    subject = min(late, key=lambda name: (-late[name], name))
    tasks = tuple(life.task for life in signs if life.task.lead == subject)
    yield Act(
        at(working_on_or_after(season.inspection)),
        agencies.OFFICE,
        What.INSPECT,
        f"inspection {season.key}",
        other=subject,
        tasks=tasks[:5],
    )
