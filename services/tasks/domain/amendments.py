"""A document that amends the due date (điểm e khoản 1 Điều 5). It changes no state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from services.tasks.domain import checks
from services.tasks.domain.acts import with_due_clock
from services.tasks.domain.guards import Facts
from services.tasks.domain.refusals import BadField, Refused
from services.tasks.domain.task import Task
from services.tasks.domain.transitions import Action, target
from services.tasks.domain.values import UNSPECIFIED, Amendment, DocumentRef, Limit, LimitClass


@dataclass(frozen=True, slots=True)
class Amended:
    """What an amending document says; no date takes the one that stands away."""

    document: DocumentRef
    due_date: date | None
    origin: str = UNSPECIFIED
    purpose: str = UNSPECIFIED


def amend(task: Task, facts: Facts, said: Amended, by: str) -> Task:
    """Earlier or later, a first date or none any more; the dates of before stay on record."""
    state = target(task, Action.AMEND_DUE_DATE, facts)
    checks.numbered("document", said.document)
    assert said.document.date is not None  # held by checks.numbered
    checks.act_day(task, facts, "document.date", said.document.date)
    limit = _removed(task, said) if said.due_date is None else _dated(task, said, said.due_date)
    made = Amendment(
        number=len(task.amendments) + 1,
        round=task.round.number,
        document=said.document,
        previous_due_date=task.limit.due_date,
        due_date=said.due_date,
        origin=limit.origin,
        amended_at=facts.now,
        by=by,
    )
    after = task.next(state=state, limit=limit, amendments=(*task.amendments, made))
    if said.due_date is None:
        # The words of a limit that there is no more are those of its directive.
        after = replace(after, limit_in_words="")
    return with_due_clock(after, facts.profile)


def _dated(task: Task, said: Amended, due_date: date) -> Limit:
    checks.after_issue(task, "due_date", due_date)
    if said.origin == UNSPECIFIED:
        raise BadField(
            "origin",
            "SOURCE_NEEDED",
            "phải nêu cấp ấn định ngày hết hạn",
            "is needed: who set the date",
        )
    if due_date == task.limit.due_date:
        raise BadField(
            "due_date",
            "NOT_CHANGED",
            f"đã là ngày hết hạn hiện tại ({due_date:%d/%m/%Y})",
            f"is the current due date already ({due_date})",
        )
    purpose = task.limit.purpose if said.purpose == UNSPECIFIED else said.purpose
    return replace(
        task.limit,
        limit_class=LimitClass.WITH_LIMIT,
        due_date=due_date,
        origin=said.origin,
        purpose=purpose,
    )


def _removed(task: Task, said: Amended) -> Limit:
    if task.limit.due_date is None:
        raise Refused(
            "NO_DUE_DATE",
            "Nhiệm vụ chưa có ngày hết hạn nên không có gì để bỏ.",
            "the task has no due date that could be taken away",
        )
    for field in ("origin", "purpose"):
        if getattr(said, field) != UNSPECIFIED:
            raise BadField(
                field,
                "DATE_NOT_SET",
                "để trống khi bỏ ngày hết hạn",
                "is left empty when the due date is taken away",
            )
    return replace(
        task.limit, limit_class=LimitClass.WITHOUT_LIMIT, due_date=None, origin=UNSPECIFIED,
        purpose=UNSPECIFIED,
    )  # fmt: skip
