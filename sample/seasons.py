"""The stretches of the demonstration: in which days directives are generated, and how far a run plays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sample.acts import ZONE

EVENING = time(17)


@dataclass(frozen=True, slots=True)
class Season:
    """Directives issued from `first` to `last`, and how many.

    `settled_by`: a required outcome is dealt to tasks that are due by then, so that it shows.
    `inspection`: the day of a decision on an inspection.
    """

    key: str
    first: date
    last: date
    directives: int
    settled_by: date
    inspection: date


def year(number: int, directives: int = 120) -> Season:
    """A whole year, as dense as is wanted; the last days of December issue nothing."""
    return Season(
        str(number),
        date(number, 1, 2),
        date(number, 12, 20),
        directives,
        date(number, 11, 15),
        date(number, 10, 15),
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """What one run plays: up to the evening of `last`. Figures are told of its days."""

    key: str
    first: date
    last: date

    @property
    def end(self) -> datetime:
        return datetime.combine(self.last, EVENING, ZONE)


# The first run ends with 2024, the second and the third with a quarter of 2025. The province and
# its districts end with 30 June 2025, and the play with them.
STAGES = (
    Stage("2024", date(2024, 1, 1), date(2024, 12, 31)),
    Stage("2025-Q1", date(2025, 1, 1), date(2025, 3, 31)),
    Stage("2025-Q2", date(2025, 4, 1), date(2025, 6, 30)),
)
END = STAGES[-1].end
# The half year goes on through both quarters: what is issued in March is forwarded in April.
DEMONSTRATION = (
    year(2024),
    Season("2025", date(2025, 1, 2), date(2025, 6, 16), 56, date(2025, 5, 30), date(2025, 5, 15)),
)


def stage_of(moment: datetime, stages: Sequence[Stage] = STAGES) -> Stage:
    """The stage in which a moment lies; the last one for all that is later."""
    return next((stage for stage in stages if moment <= stage.end), stages[-1])


def next_stage(moment: datetime) -> Stage | None:
    """What a run that begins at `moment` plays; None at the end of the play."""
    return next((stage for stage in STAGES if moment < stage.end), None)
