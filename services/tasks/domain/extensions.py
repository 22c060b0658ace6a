"""Asking for more time and the answer (điểm c khoản 2, điểm d khoản 1 Điều 6).

No act of these changes the state of the task.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from services.tasks.domain import checks
from services.tasks.domain.guards import Facts, last_day_to_ask
from services.tasks.domain.refusals import BadField, Refused
from services.tasks.domain.task import Task
from services.tasks.domain.transitions import Action, target
from services.tasks.domain.values import OTHER, DocumentRef, Extension, ExtensionState


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request for an extension says."""

    due_date: date
    reason: str
    words: str
    document: DocumentRef


def request(task: Task, facts: Facts, asked: Asked) -> Task:
    """By the lead agency, at least 3 working days before the limit ends."""
    target(task, Action.REQUEST_EXTENSION, facts)
    return _asked(task, facts, asked, facts.today, "")


def admit(task: Task, facts: Facts, asked: Asked, ask_date: date, admission_words: str) -> Task:
    """By the Office, for a request that came too late or on paper; the leadership decides."""
    target(task, Action.ADMIT_EXTENSION, facts)
    checks.act_day(task, facts, "ask_date", ask_date)
    checks.words(task, "admission_words", admission_words)
    return _asked(task, facts, asked, ask_date, admission_words)


def _asked(task: Task, facts: Facts, asked: Asked, ask_date: date, admission_words: str) -> Task:
    current = task.limit.due_date
    assert current is not None  # held by guards.due_date_known
    checks.later("requested_due_date", asked.due_date, current)
    if asked.reason == OTHER:
        checks.words(task, "reason_words", asked.words)
    last = last_day_to_ask(task, facts)
    extension = Extension(
        number=len(task.extensions) + 1,
        round=task.round.number,
        state=ExtensionState.ASKED,
        requested_due_date=asked.due_date,
        previous_due_date=current,
        ask_date=ask_date,
        reason=asked.reason,
        reason_words=asked.words,
        request_document=asked.document,
        asked_at=facts.now,
        admitted_late=last is not None and ask_date > last,
        admission_words=admission_words,
    )
    return task.next(extensions=(*task.extensions, extension))


def submit(
    task: Task, facts: Facts, number: int, day: date | None, document: DocumentRef | None
) -> Task:
    """Put to the PPC or the Chairman (điểm d khoản 1 Điều 6); `day` or else its document says when."""
    target(task, Action.SUBMIT_EXTENSION, facts)
    asked = _open(task, number)
    if asked.submit_date:
        raise Refused(
            "EXTENSION_ALREADY_SUBMITTED",
            f"Văn bản xin gia hạn lần {number} đã được trình ngày {asked.submit_date:%d/%m/%Y}.",
            f"{task.name}/extensions/{number} was submitted on {asked.submit_date}",
            {"submit_date": asked.submit_date.isoformat()},
        )
    if document:
        checks.numbered("document", document)
        _since_asked("document.date", asked, facts, document.date)
    elif day is None:
        raise BadField(
            "submit_date",
            "DATE_NEEDED",
            "phải có ngày trình hoặc văn bản trình",
            "is needed, or the document by which it was submitted",
        )
    if day:
        _since_asked("submit_date", asked, facts, day)
    extensions = task.with_extension(
        number,
        submit_date=day or (document.date if document else None),
        submit_document=document,
        submitted_at=facts.now,
    )
    return task.next(extensions=extensions)


def withdraw(task: Task, facts: Facts, number: int, document: DocumentRef | None) -> Task:
    """The agency takes back what is not answered; the Office for it only by its letter."""
    target(task, Action.WITHDRAW_EXTENSION, facts)
    asked = _open(task, number)
    if document or not facts.by_lead:
        letter = document or DocumentRef()
        checks.numbered("document", letter)
        _since_asked("document.date", asked, facts, letter.date)
    extensions = task.with_extension(
        number,
        state=ExtensionState.WITHDRAWN,
        withdraw_document=document,
        withdrawn_at=facts.now,
    )
    return task.next(extensions=extensions)


def answer(
    task: Task,
    facts: Facts,
    number: int,
    granted: bool,
    granted_due_date: date | None,
    document: DocumentRef,
) -> Task:
    """The leadership's written answer, recorded by the Office. No answer is no extension."""
    target(task, Action.ANSWER_EXTENSION, facts)
    asked = _open(task, number)
    checks.numbered("answer_document", document)
    _since_asked("answer_document.date", asked, facts, document.date)
    limit = task.limit
    if granted:
        if granted_due_date is None:
            raise BadField(
                "granted_due_date",
                "DATE_NEEDED",
                "phải có ngày hết hạn mới khi đồng ý gia hạn",
                "is needed: a granted extension names the new due date",
            )
        current = task.limit.due_date  # an amendment may have changed it since the request
        if current is None:
            raise Refused(
                "NO_DUE_DATE",
                "Nhiệm vụ không còn ngày hết hạn nên không có gì để gia hạn; hãy ghi nhận không gia hạn "
                "hoặc để cơ quan rút văn bản.",
                "the task has no due date any more that could be extended: record the request as refused, or "
                "let it be withdrawn",
            )
        checks.later("granted_due_date", granted_due_date, current)
        limit = replace(limit, due_date=granted_due_date)
    elif granted_due_date is not None:
        raise BadField(
            "granted_due_date",
            "DATE_NOT_EXPECTED",
            "để trống khi không đồng ý gia hạn",
            "is left empty when the extension is refused",
        )
    extensions = task.with_extension(
        number,
        state=ExtensionState.GRANTED if granted else ExtensionState.REFUSED,
        answer_document=document,
        granted_due_date=granted_due_date,
        answered_at=facts.now,
    )
    return task.next(extensions=extensions, limit=limit)


def _open(task: Task, number: int) -> Extension:
    asked = task.open_extension
    if asked is None or asked.number != number:
        raise Refused(
            "EXTENSION_NOT_OPEN",
            f"Văn bản xin gia hạn lần {number} đã được trả lời, đã rút hoặc không còn hiệu lực.",
            f"{task.name}/extensions/{number} was answered or withdrawn, or lapsed with its round",
        )
    return asked


def _since_asked(field: str, asked: Extension, facts: Facts, value: date | None) -> None:
    """What follows a request lies between its receipt and the entry."""
    ask_date, today = asked.ask_date, facts.today
    if value is None or not ask_date <= value <= today:
        raise BadField(
            field,
            "DATE_OUT_OF_RANGE",
            f"phải từ ngày nhận văn bản xin gia hạn ({ask_date:%d/%m/%Y}) đến hôm nay "
            f"({today:%d/%m/%Y})",
            f"must lie between the receipt of the request ({ask_date}) and today ({today})",
        )
