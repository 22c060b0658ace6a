"""A task: one assignment of a directive, for one lead agency."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.kernel.limits.domain.calendar import end_of, start_of
from services.tasks.domain.values import (
    UNSPECIFIED,
    Amendment,
    Evaluation,
    Extension,
    ExtensionState,
    Header,
    Limit,
    Progress,
    ProgressEntry,
    Result,
    Round,
    TaskState,
    Timeliness,
    Withdrawal,
)


@dataclass(frozen=True, slots=True)
class Task:
    """Agencies are slugs; instants know their zone.

    `profile` and `profile_version` are pinned when the task arrives, empty and 0 for a directive
    that is older than every profile: such a task has no clocks. `due_clock` is the clock of the
    current round's due date.
    """

    id: UUID
    version: int
    header: Header
    ordinal: int
    content: str
    lead: str
    coordinating: tuple[str, ...]
    monitoring: str
    submitting: str
    concerned: tuple[str, ...]
    limit: Limit
    limit_in_words: str
    state: TaskState
    rounds: tuple[Round, ...]
    profile: str = ""
    profile_version: int = 0
    due_clock: UUID | None = None
    entries: tuple[ProgressEntry, ...] = ()
    results: tuple[Result, ...] = ()
    extensions: tuple[Extension, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    accepted_at: datetime | None = None
    started_at: datetime | None = None
    confirmed_at: datetime | None = None
    evaluation: Evaluation | None = None
    closed_at: datetime | None = None
    withdrawal: Withdrawal | None = None
    # Loaded at go-live: nothing is said of what was due before `cut_over`. `history` is the digest of
    # its acts so far, empty until they are loaded.
    cut_over: datetime | None = None
    history: str = ""

    @property
    def name(self) -> str:
        return f"tasks/{self.id}"

    @property
    def classified(self) -> bool:
        return self.header.classified

    @property
    def origin(self) -> str:
        """Who fixed the time: said of the task, else that of its directive."""
        own = self.limit.origin
        return own if own != UNSPECIFIED else self.header.origin

    @property
    def round(self) -> Round:
        return self.rounds[-1]

    @property
    def limit_key(self) -> str:
        """Tells the clocks of its limits apart: by the round, and by the amendment in it that gave a first
        date or took the last one away. Clocks of before keep their ids."""
        last = self._limited_anew
        return f"{self.round.number}.{last.number}" if last else str(self.round.number)

    @property
    def limited_since(self) -> datetime:
        """From when the present round has a due date, or is without one."""
        last = self._limited_anew
        return last.amended_at if last else self.round.forwarded_at

    @property
    def _limited_anew(self) -> Amendment | None:
        anew = (
            found
            for found in reversed(self.amendments)
            if found.round == self.round.number
            and (found.due_date is None or found.previous_due_date is None)
        )
        return next(anew, None)

    @property
    def result(self) -> Result | None:
        """The one that stands: reported last and not sent back."""
        last = self.results[-1] if self.results else None
        return last if last and last.sent_back_at is None else None

    @property
    def done_date(self) -> date | None:
        return self.result.done_date if self.result else None

    @property
    def open_extension(self) -> Extension | None:
        """The request that waits for its answer. A return lets it lapse: its round is over, and so
        does a withdrawal."""
        last = self.extensions[-1] if self.extensions else None
        if last is None or last.state is not ExtensionState.ASKED or self.withdrawal:
            return None
        return last if last.round == self.round.number and not self.round.returned_at else None

    @property
    def progress(self) -> Progress:
        """Điểm g khoản 1 Điều 5: from acts alone; confirming and closing change nothing."""
        if self.result:
            return Progress.DONE
        return Progress.IN_PROGRESS if self.started_at else Progress.NOT_STARTED

    def timeliness(self, due_at: datetime | None, now: datetime) -> Timeliness | None:
        """By the date of the act while there is a result, else by `now`; None once it is withdrawn.

        `due_at` is the first late instant by the clock; without one the stated date stands.
        """
        if self.withdrawal:
            return None
        due_date = self.limit.due_date
        if due_date is None:
            return Timeliness.NO_LIMIT
        act = start_of(self.done_date) if self.done_date else now
        late = act >= (due_at or end_of(due_date))
        return Timeliness.OVERDUE if late else Timeliness.WITHIN_LIMIT

    @property
    def awaits_history(self) -> bool:
        """Its clocks and its acts so far come with its history; until then nobody acts on it."""
        return self.cut_over is not None and not self.history

    def next(self, **changes: Any) -> Task:
        """The next version with these fields changed."""
        return replace(self, version=self.version + 1, **changes)

    def with_round(self, **changes: Any) -> tuple[Round, ...]:
        return (*self.rounds[:-1], replace(self.round, **changes))

    def with_extension(self, number: int, **changes: Any) -> tuple[Extension, ...]:
        return tuple(
            replace(found, **changes) if found.number == number else found
            for found in self.extensions
        )
