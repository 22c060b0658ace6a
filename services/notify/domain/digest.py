"""Digests: where one cause would send a storm of notices, an agency is told all of it in one.

Entries of a batch are collected for a while, then told together. Whoever comes after the telling
begins a further digest of the same batch, so that nothing is lost and nothing told twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.notify.domain.notice import EVERYWHERE, Channel, NoticeKind


class DigestKind(StrEnum):
    MISSED = "MISSED"  # came due while the house stood still
    CALENDAR = "CALENDAR"  # moved by one edit of the calendar


NOTICE_OF: Mapping[DigestKind, NoticeKind] = {
    DigestKind.MISSED: NoticeKind.MISSED_DIGEST,
    DigestKind.CALENDAR: NoticeKind.CALENDAR_DIGEST,
}


@dataclass(frozen=True, slots=True)
class Batch:
    """What is told together: `key` sets apart batches of one kind, as the day or the edit."""

    kind: DigestKind
    key: str
    channels: tuple[Channel, ...] = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to one agency, as a part of a digest.

    `topic` is what the event is a state of, such as a clock: of several only the latest is shown. Of
    a classified directive `words` is empty, and number and date are all that is known.
    """

    event: UUID
    agency: str
    kind: NoticeKind
    subject: str
    topic: str
    classified: bool
    document_code: str
    issue_date: date | None
    words: str
    occurred_at: datetime
    event_recorded_at: datetime
    withdrawn_at: datetime | None = None


def latest(entries: Iterable[Entry]) -> list[Entry]:
    """The last entry of each topic of each subject, in the order in which they happened.

    One that was withdrawn before it was told is not told.
    """
    found: dict[tuple[str, str], Entry] = {}
    standing = (entry for entry in entries if entry.withdrawn_at is None)
    for entry in sorted(standing, key=_when):
        found[entry.subject, entry.topic] = entry
    return sorted(found.values(), key=_when)


def _when(entry: Entry) -> tuple[datetime, datetime, UUID]:
    return entry.occurred_at, entry.event_recorded_at, entry.event
