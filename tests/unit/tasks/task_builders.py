"""A task of directive 374/UBND-VXNV, issued on Monday 5 January 2026 and due on Wednesday 14 January."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from services.kernel.limits.adapters.holiday_seed import seeded_days
from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.calendar import Calendar, start_of
from services.tasks.domain import acts, extensions
from services.tasks.domain.amendments import Amended
from services.tasks.domain.extensions import Asked
from services.tasks.domain.guards import Facts
from services.tasks.domain.task import Task
from services.tasks.domain.values import (
    DocumentRef,
    Evaluation,
    Header,
    Limit,
    LimitClass,
    Round,
    TaskState,
)

ISSUED, DUE = date(2026, 1, 5), date(2026, 1, 14)
CALENDAR = Calendar.of(seeded_days(2025, 2026))
PROFILE = load_profiles().installed[0]
LETTER = DocumentRef(number="12", symbol="SNV-VP", date=date(2026, 1, 7))
ANSWER = DocumentRef(number="80", symbol="UBND-TH", date=date(2026, 1, 8))
WITHDRAWING = DocumentRef(number="81", symbol="UBND-TH", date=date(2026, 1, 8))
AMENDING = DocumentRef(number="82", symbol="UBND-TH", date=date(2026, 1, 8))
GOOD = Evaluation("GOOD", "GOOD", "SATISFACTORY", "Đạt yêu cầu")


def facts(day: date = date(2026, 1, 8), **changes: Any) -> Facts:
    """At nine in the morning of the day; the lead agency has no connection."""
    now = start_of(day).replace(hour=9)
    return replace(Facts(now, PROFILE, CALENDAR, connected=False), **changes)


def task(secrecy: str = "NONE", due: date | None = DUE, **changes: Any) -> Task:
    """Forwarded on the day of its issue."""
    classified = secrecy != "NONE"
    header = Header(
        directive="directives/0a3f0b6e-7d3c-5a39-9a0e-0d6d5a6b8c11", kind="LETTER",
        document_code="374/UBND-VXNV", issue_date=ISSUED, issuing_authority="CHAIRMAN",
        secrecy=secrecy, abstract="" if classified else "V/v tổng kết", origin="PROVINCE",
        urgency="NONE", generated=False,
    )  # fmt: skip
    content = "" if classified else "Tổng kết năm học"
    made = Task(
        id=UUID("4c1b8a52-98a1-5d9e-8a5a-f1f3f7e0b1d2"),
        version=1,
        header=header,
        ordinal=1,
        content=content,
        lead="so-noi-vu",
        coordinating=("so-tai-chinh",),
        monitoring="phong-vx",
        submitting="so-gd",
        concerned=("ubnd-huyen-a",),
        limit=Limit(LimitClass.WITH_LIMIT if due else LimitClass.WITHOUT_LIMIT, due),
        limit_in_words="",
        state=TaskState.FORWARDED,
        rounds=(Round(1, "so-noi-vu", start_of(ISSUED).replace(hour=10), content, due),),
    )
    return replace(acts.received(made, PROFILE), **changes)


def asked(due: date = date(2026, 1, 30), reason: str = "RESOURCES", words: str = "") -> Asked:
    return Asked(due, reason, words, LETTER)


def amended(due: date | None = date(2026, 1, 20), origin: str = "") -> Amended:
    """By a document of 8 January; without a date it takes the one that stands away."""
    return Amended(AMENDING, due, origin or ("PROVINCE" if due else "UNSPECIFIED"))


def in_state(state: TaskState, secrecy: str = "NONE") -> Task:
    """The shortest way there."""
    at, words = facts(), "" if secrecy != "NONE" else "Nội dung"
    made = task(secrecy)
    if state is TaskState.WITHDRAWN:
        return acts.withdraw(made, at, WITHDRAWING, words, "chi-do")
    if state is TaskState.FORWARDED:
        return made
    if state is TaskState.RETURNED:
        return acts.return_to_office(made, at, "OUTSIDE_COMPETENCE", words)
    made = acts.accept(made, at)
    if state is TaskState.ACCEPTED:
        return made
    made = acts.record_progress(made, at, None, words)
    if state is TaskState.IN_PROGRESS:
        return made
    made = acts.report_result(made, at, at.today, words, "GOOD", "GOOD", None)
    if state is TaskState.REPORTED:
        return made
    made = acts.confirm(made, at, replace(GOOD, words=words))
    return made if state is TaskState.CONFIRMED else acts.close(made, at)


def with_open_extension(made: Task) -> Task:
    """As `in_state` has it, but with a request that waits for its answer."""
    if made.state not in (TaskState.FORWARDED, TaskState.ACCEPTED, TaskState.IN_PROGRESS):
        waiting = extensions.request(task(), facts(), asked()).extensions
        return replace(made, extensions=waiting)
    return extensions.request(made, facts(), asked())
