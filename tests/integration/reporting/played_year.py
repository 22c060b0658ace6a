"""A year of tasks at random, the same for the same seed; each act at an instant of its own."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from dondoc.type.v1 import document_pb2
from dondoc.type.v1.event_pb2 import Event

from services.kernel.limits.domain.calendar import LOCAL
from tests.builders import TaskPlay
from tests.integration.reporting.reporting_room import NAMES

YEAR_END = datetime(2024, 12, 31, tzinfo=LOCAL)


def played_year(seed: int, tasks: int) -> list[Event]:
    """In the order in which they occurred."""
    random = Random(seed)
    events = [event for _ in range(tasks) for event in _task(random).events]
    return sorted(events, key=lambda e: (e.occur_time.ToDatetime(), e.aggregate, e.version))


class _Pace:
    """Walks forward from a day of 2024; `next` is None past the year's end."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.now = datetime(2024, 1, 2, tzinfo=LOCAL) + timedelta(hours=random.randrange(7800))

    def next(self) -> datetime | None:
        self.now += timedelta(
            hours=self._random.randrange(1, 900), minutes=self._random.randrange(60)
        )
        return self.now if self.now < YEAR_END else None


def _task(random: Random) -> TaskPlay:
    pace = _Pace(random)
    due = (
        pace.now.date() + timedelta(days=random.randrange(1, 90)) if random.random() < 0.8 else None
    )
    task = TaskPlay(
        random.choice(list(NAMES)),
        pace.now,
        due,
        # Often far from the stated date: who counts by that, and not by the clock, is found out.
        rolled=random.choice([0, 1, 25, 40]),
        secrecy=random.choice([document_pb2.SECRECY_NONE] * 5 + [document_pb2.SECRECY_SECRET]),
        generated=random.random() < 0.3,
        limit_in_words="" if due or random.random() < 0.5 else "trong quý tới",
    )
    for chance, act in (
        (0.15, _return),
        (0.7, _accept),
        (0.6, _progress),
        (0.2, _extend),
        (0.15, _amend),
        (0.7, _report),
    ):
        if random.random() < chance and not act(task, pace, random):
            return task
    if not task.message.results and random.random() < 0.1:
        moment = pace.next()
        if moment:
            task.withdraw(moment)
    return task


def _return(task: TaskPlay, pace: _Pace, random: Random) -> bool:
    returned = pace.next()
    if returned:
        task.give_back(returned)
    again = pace.next()
    if again:
        task.forward_again(again, random.choice(list(NAMES)))
    return again is not None


def _amend(task: TaskPlay, pace: _Pace, random: Random) -> bool:
    amended = pace.next()
    if amended:
        removed = task.clock is not None and random.random() < 0.4
        days = random.randrange(-60, 90)
        task.amend(amended, None if removed else amended.date() + timedelta(days=days))
    return amended is not None


def _accept(task: TaskPlay, pace: _Pace, random: Random) -> bool:
    moment = pace.next()
    if moment:
        task.accept(moment)
    return moment is not None


def _progress(task: TaskPlay, pace: _Pace, random: Random) -> bool:
    moment = pace.next()
    if moment:
        task.progress(moment)
    return moment is not None


def _extend(task: TaskPlay, pace: _Pace, random: Random) -> bool:
    day = task.message.limit.due_date
    moment = pace.next() if task.clock else None
    if moment:
        task.extend(moment, date(day.year, day.month, day.day) + timedelta(days=30))
    return pace.now < YEAR_END


def _report(task: TaskPlay, pace: _Pace, random: Random) -> bool:
    for again in (True, False):
        moment = pace.next()
        if not moment:
            return False
        task.report(moment, moment.date() - timedelta(days=random.randrange(20)))
        moment = pace.next()
        if not moment:
            return False
        if again and random.random() < 0.3:
            task.send_back(moment)
            continue
        if random.random() < 0.6:
            task.confirm(moment)
            closed = pace.next()
            if closed and random.random() < 0.5:
                task.close(closed)
        return True
    return True
