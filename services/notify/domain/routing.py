"""Who is told of which event. Notices follow the type of the event, not its version: each is a thing
that happened, also when a later one has overtaken it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.notify.domain.notice import NoticeKind


class Addressee(StrEnum):
    """Part of the one who is told."""

    LEAD = "LEAD"
    COORDINATING = "COORDINATING"
    OWING = "OWING"  # who has to act before the limit ends
    MONITORING = "MONITORING"  # điểm d khoản 1 Điều 5; the Office where a directive names none
    NAMED_MONITORING = "NAMED_MONITORING"  # nobody where a directive names none
    OFFICE = "OFFICE"


@dataclass(frozen=True, slots=True)
class Telling:
    kind: NoticeKind
    to: tuple[Addressee, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """Agencies of the matter by their parts, as slugs; empty where there is none."""

    lead: str = ""
    coordinating: tuple[str, ...] = ()
    owing: str = ""
    monitoring: str = ""


TASK_EVENTS: Mapping[str, Telling] = {
    "TaskForwarded": Telling(NoticeKind.FORWARDED, (Addressee.LEAD, Addressee.COORDINATING)),
    "TaskReforwarded": Telling(NoticeKind.FORWARDED, (Addressee.LEAD, Addressee.COORDINATING)),
    "TaskReturned": Telling(NoticeKind.RETURNED, (Addressee.OFFICE,)),
    "TaskConfirmed": Telling(NoticeKind.CONFIRMED, (Addressee.LEAD,)),
    "TaskSentBack": Telling(NoticeKind.SENT_BACK, (Addressee.LEAD,)),
    "ExtensionRequested": Telling(NoticeKind.EXTENSION_ASKED, (Addressee.OFFICE,)),
    "ExtensionAdmitted": Telling(NoticeKind.EXTENSION_ASKED, (Addressee.OFFICE,)),
    # ExtensionSubmitted asks nobody to act: the agency is told of the answer.
    "ExtensionAnswered": Telling(NoticeKind.EXTENSION_ANSWERED, (Addressee.LEAD,)),
    "ExtensionWithdrawn": Telling(NoticeKind.EXTENSION_WITHDRAWN, (Addressee.OFFICE,)),
    "DueDateAmended": Telling(
        NoticeKind.DUE_DATE_AMENDED,
        (Addressee.LEAD, Addressee.COORDINATING, Addressee.NAMED_MONITORING),
    ),
    # Who is named by it as coordinating is told of the task for the first time.
    "TaskSupplemented": Telling(
        NoticeKind.SUPPLEMENTED,
        (Addressee.LEAD, Addressee.COORDINATING, Addressee.NAMED_MONITORING),
    ),
    # The Office withdrew it itself: it need not be told.
    "TaskWithdrawn": Telling(
        NoticeKind.WITHDRAWN,
        (Addressee.LEAD, Addressee.COORDINATING, Addressee.NAMED_MONITORING),
    ),
}

# The calendar of working days: who owes a limit that an edit moved, and who has to enter the next year.
DUE_MOVED = Telling(NoticeKind.DUE_MOVED, (Addressee.OWING,))
CALENDAR_MISSING = Telling(NoticeKind.CALENDAR_MISSING, (Addressee.OFFICE,))

# A report that is owed by period: who owes it, and the Office, which receives it, once it is overdue.
_REPORT_DUE = Telling(NoticeKind.REPORT_DUE, (Addressee.OWING,))
_REPORT_OVERDUE = Telling(NoticeKind.REPORT_DUE, (Addressee.OWING, Addressee.OFFICE))

_OFFICE_LIMIT = Telling(NoticeKind.OFFICE_LIMIT, (Addressee.OWING, Addressee.OFFICE))
# By the beginning of the rung's name: a profile may have `overdue_5`, `overdue_10` …
_RUNGS: Mapping[str, Telling] = {
    "due_soon": Telling(NoticeKind.DUE_SOON, (Addressee.OWING,)),
    "due_today": Telling(NoticeKind.DUE_SOON, (Addressee.OWING,)),
    "overdue": Telling(NoticeKind.OVERDUE, (Addressee.OWING, Addressee.MONITORING)),
    # The entry is missing (điểm a khoản 2 Điều 7): the Office enters or urges.
    "update_missing": Telling(NoticeKind.UPDATE_MISSING, (Addressee.OWING, Addressee.OFFICE)),
}


def of_rung(rung: str, *, owed_by_office: bool) -> Telling | None:
    """What a fired rung tells; None for a step of a ladder that tells nothing here.

    `owed_by_office`: the limit binds the Office itself (khoản 1 Điều 7, điểm d khoản 1 Điều 6 …), also
    when the Office is the lead of the task it is only told once.
    """
    for beginning, telling in _RUNGS.items():
        if rung == beginning or rung.startswith(f"{beginning}_"):
            return _OFFICE_LIMIT if owed_by_office else telling
    return None


def of_report_rung(rung: str) -> Telling:
    """What a fired rung of a report that is owed by period tells (khoản 1, khoản 2 Điều 22 …)."""
    return _REPORT_OVERDUE if rung.startswith("overdue") else _REPORT_DUE


def asks_for_office(telling: Telling, parts: Parts) -> bool:
    """Whether the slug of the Office must be known to tell it."""
    return Addressee.OFFICE in telling.to or (
        Addressee.MONITORING in telling.to and not parts.monitoring
    )


def recipients(telling: Telling, parts: Parts, offices: Collection[str]) -> list[str]:
    """Slugs of the agencies that are told, each once, sorted."""
    found: set[str] = set()
    for addressee in telling.to:
        if addressee is Addressee.LEAD:
            found.add(parts.lead)
        elif addressee is Addressee.COORDINATING:
            found.update(parts.coordinating)
        elif addressee is Addressee.OWING:
            found.add(parts.owing)
        elif addressee is Addressee.NAMED_MONITORING or (
            addressee is Addressee.MONITORING and parts.monitoring
        ):
            found.add(parts.monitoring)
        else:
            found.update(offices)
    return sorted(found - {""})
