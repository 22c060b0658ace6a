"""The table that provinces publish, and what makes one fit to be printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from services.reporting.domain.vietnamese_order import vietnamese_order


@dataclass(frozen=True, slots=True)
class Question:
    """What a caller asks: how the tasks forwarded from one day to another stood at `as_of`."""

    as_of: datetime
    from_date: date | None = None
    to_date: date | None = None
    agency: str = ""  # slug; empty for all
    real_only: bool = False
    level: str = ""  # code of a level of assignees; empty for all
    published: bool = False  # nothing classified, nothing generated


@dataclass(frozen=True, slots=True)
class Share:
    """A share never goes without its denominator."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> str:
        """With one decimal, half rounded up; empty of nothing."""
        if not self.denominator:
            return ""
        tenths = (2000 * self.numerator + self.denominator) // (2 * self.denominator)
        return f"{tenths // 10}.{tenths % 10}"


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of tasks, each counted by itself, so that what does not sum is found out."""

    total: int = 0
    done: int = 0
    done_within_limit: int = 0
    done_overdue: int = 0
    done_no_limit: int = 0
    open: int = 0
    open_within_limit: int = 0
    open_overdue: int = 0
    open_no_limit: int = 0
    in_progress: int = 0
    not_started: int = 0
    awaiting_confirmation: int = 0  # of the done ones
    returned: int = 0  # of the open ones, less `returned_apart`
    returned_apart: int = 0  # their regulation does not count them as incomplete

    @property
    def on_time(self) -> Share:
        """Done on time, of all done that have a limit."""
        return Share(self.done_within_limit, self.done_within_limit + self.done_overdue)

    @property
    def overdue(self) -> Share:
        """Late, done or open, of all that have a limit."""
        late = self.done_overdue + self.open_overdue
        return Share(late, late + self.done_within_limit + self.open_within_limit)

    @property
    def sums(self) -> bool:
        return (
            self.total == self.done + self.open + self.returned_apart
            and self.done == self.done_within_limit + self.done_overdue + self.done_no_limit
            and self.open == self.open_within_limit + self.open_overdue + self.open_no_limit
            and self.open == self.in_progress + self.not_started
            and self.awaiting_confirmation <= self.done
            and 0 <= self.returned - self.returned_apart <= self.open
        )

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)))


@dataclass(frozen=True, slots=True)
class Row:
    """One agency as lead."""

    agency: str
    display_name: str
    counts: Counts
    level: str = ""


class DoesNotSum(ValueError):
    """A table that does not sum is never printed; `agency` names its row."""

    def __init__(self, agency: str) -> None:
        self.agency = agency
        super().__init__(f"the figures of {agency} do not sum")


@dataclass(frozen=True, slots=True)
class Table:
    question: Question
    rows: Sequence[Row]
    total: Counts

    @property
    def levels(self) -> dict[str, Counts]:
        """Sums of the rows of each level of assignees, by its code."""
        sums: dict[str, Counts] = {}
        for row in sorted(self.rows, key=lambda row: row.level):
            sums[row.level] = sums.get(row.level, Counts()) + row.counts
        return sums


def table_of(question: Question, rows: Iterable[Row]) -> Table:
    """In the order of the agencies' names, with the sum. DoesNotSum when a row does not."""
    ordered = sorted(rows, key=lambda row: (vietnamese_order(row.display_name), row.agency))
    for row in ordered:
        if not row.counts.sums:
            raise DoesNotSum(row.agency)
    return Table(question, ordered, sum((row.counts for row in ordered), Counts()))


@dataclass(frozen=True, slots=True)
class ClockCounts:
    """Clocks of one rule that one agency owes, by how they stood."""

    rule: str
    article: str
    agency: str
    running: int
    late: int
    met: int
    met_late: int
    voided: int
