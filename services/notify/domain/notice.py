"""What a notice tells, and of which directive or task."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class NoticeKind(StrEnum):
    """NOTICE_KIND_* of dondoc.notify.v1."""

    FORWARDED = "FORWARDED"
    DUE_SOON = "DUE_SOON"
    OVERDUE = "OVERDUE"
    UPDATE_MISSING = "UPDATE_MISSING"
    RETURNED = "RETURNED"
    EXTENSION_ASKED = "EXTENSION_ASKED"
    EXTENSION_ANSWERED = "EXTENSION_ANSWERED"
    EXTENSION_WITHDRAWN = "EXTENSION_WITHDRAWN"
    DUE_DATE_AMENDED = "DUE_DATE_AMENDED"
    SUPPLEMENTED = "SUPPLEMENTED"
    CONFIRMED = "CONFIRMED"
    SENT_BACK = "SENT_BACK"
    OFFICE_LIMIT = "OFFICE_LIMIT"
    DUE_MOVED = "DUE_MOVED"  # only as an entry of a digest
    MISSED_DIGEST = "MISSED_DIGEST"
    CALENDAR_DIGEST = "CALENDAR_DIGEST"
    CALENDAR_MISSING = "CALENDAR_MISSING"  # of no directive or task
    REPORT_DUE = "REPORT_DUE"  # near its last day, or past it; of no directive or task
    WITHDRAWN = "WITHDRAWN"  # the task, alone or with its directive


class Channel(StrEnum):
    """CHANNEL_* of dondoc.notify.v1."""

    INBOX = "INBOX"
    EMAIL = "EMAIL"


# How acts are told; of reminders the profile says where.
EVERYWHERE = tuple(Channel)


@dataclass(frozen=True, slots=True)
class Matter:
    """A directive or a task as notices need it, at one version of its events.

    Of a classified one `abstract` and `content` are empty (khoản 2 Điều 5). Agencies are slugs.
    """

    name: str  # "tasks/…" or "directives/…"
    version: int
    classified: bool
    document_code: str  # "374/UBND-VXNV"
    issue_date: date | None
    lead: str = ""
    monitoring: str = ""
    abstract: str = ""
    content: str = ""


# What a notice is told of that concerns no directive or task.
NO_MATTER = Matter("", 0, False, "", None)
