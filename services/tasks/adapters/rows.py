"""The mapping of a task to its rows and back. Empty words are NULL, so that the CHECKs see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Table

from services.tasks.adapters import tables
from services.tasks.domain.task import Task
from services.tasks.domain.values import (
    Amendment,
    DocumentRef,
    Evaluation,
    Extension,
    ExtensionState,
    Header,
    Limit,
    LimitClass,
    ProgressEntry,
    Result,
    Round,
    TaskState,
    Withdrawal,
)

Row = dict[str, Any]

_SAME = (
    "id", "version", "ordinal", "lead", "monitoring", "submitting", "state", "profile",
    "profile_version", "due_clock", "accepted_at", "started_at", "done_date", "confirmed_at",
    "closed_at", "cut_over", "history",
)  # fmt: skip
_HEADER = (
    "directive", "kind", "document_code", "issue_date", "issuing_authority", "secrecy", "origin",
    "urgency", "generated",
)  # fmt: skip
_DOCUMENT = ("number", "symbol", "date", "uri", "sha256", "media_type", "title")
_ENTRY = ("number", "date", "entered_at", "agency", "on_behalf")
_ROUND = ("number", "lead", "forwarded_at", "due_date", "returned_at", "return_reason")
_RESULT = (
    "number", "done_date", "quality", "effectiveness", "entered_at", "on_behalf", "receipt_date",
    "sent_back_at", "send_back_reason",
)  # fmt: skip
_AMENDMENT = (
    "number", "round", "previous_due_date", "due_date", "origin", "amended_at", "by",
)  # fmt: skip
_EXTENSION = (
    "number", "round", "state", "requested_due_date", "previous_due_date", "ask_date", "reason",
    "asked_at", "admitted_late", "granted_due_date", "answered_at",
    "submit_date", "submitted_at", "withdrawn_at",
)  # fmt: skip


def task_row(task: Task) -> Row:
    limit, evaluation = task.limit, task.evaluation
    return {
        **{name: getattr(task, name) for name in _SAME},
        **{name: getattr(task.header, name) for name in _HEADER},
        "abstract": task.header.abstract or None,
        "content": task.content or None,
        "coordinating": list(task.coordinating),
        "concerned": list(task.concerned),
        "limit_class": limit.limit_class,
        "due_date": limit.due_date,
        "purpose": limit.purpose,
        "cadence": limit.cadence,
        "limit_origin": limit.origin,
        "limit_in_words": task.limit_in_words or None,
        "evaluated_progress": evaluation.progress if evaluation else None,
        "evaluated_quality": evaluation.quality if evaluation else None,
        "evaluated_effectiveness": evaluation.effectiveness if evaluation else None,
        "evaluation_words": (evaluation.words or None) if evaluation else None,
        **_withdrawal_row(task.withdrawal),
    }


def _withdrawal_row(found: Withdrawal | None) -> Row:
    return {
        "withdrawn_at": found.at if found else None,
        "withdrawn_by": found.by if found else None,
        "withdrawal_reason": (found.reason or None) if found else None,
        **_document_row("withdrawal", found.document if found else None),
        "superseded_by": (found.superseded_by or None) if found else None,
    }


def child_rows(task: Task) -> dict[Table, list[Row]]:
    """All rows of the child tables, in the order of their numbers."""
    key = {"task_id": task.id, "secrecy": task.header.secrecy}
    return {
        tables.round: [
            {**key, **_taken(found, _ROUND), **_words(found, "content", "return_words")}
            for found in task.rounds
        ],
        tables.progress_entry: [
            {**key, **_taken(found, _ENTRY), **_words(found, "situation")} for found in task.entries
        ],
        tables.result: [
            {
                **key,
                **_taken(found, _RESULT),
                **_words(found, "summary", "send_back_words"),
                **_document_row("document", found.document),
            }
            for found in task.results
        ],
        tables.amendment: [
            {**key, **_taken(found, _AMENDMENT), **_document_row("document", found.document)}
            for found in task.amendments
        ],
        tables.extension: [
            {
                **key,
                **_taken(found, _EXTENSION),
                **_words(found, "reason_words", "admission_words"),
                **_document_row("request_document", found.request_document),
                **_document_row("answer_document", found.answer_document),
                **_document_row("submit_document", found.submit_document),
                **_document_row("withdraw_document", found.withdraw_document),
            }
            for found in task.extensions
        ],
    }


def task_of(row: Any, children: Mapping[Table, Iterable[Any]]) -> Task:
    """`children`: the rows of this task by child table, in the order of their numbers."""
    evaluation = None
    if row.evaluated_progress is not None:
        evaluation = Evaluation(
            row.evaluated_progress,
            row.evaluated_quality,
            row.evaluated_effectiveness,
            row.evaluation_words or "",
        )
    same = {name: getattr(row, name) for name in _SAME if name != "done_date"}
    return Task(
        **{**same, "state": TaskState(row.state)},
        header=Header(
            **{name: getattr(row, name) for name in _HEADER}, abstract=row.abstract or ""
        ),
        content=row.content or "",
        coordinating=tuple(row.coordinating),
        concerned=tuple(row.concerned),
        limit=Limit(
            LimitClass(row.limit_class), row.due_date, row.purpose, row.cadence, row.limit_origin
        ),
        limit_in_words=row.limit_in_words or "",
        rounds=tuple(_round(found) for found in children.get(tables.round, ())),
        entries=tuple(_entry(found) for found in children.get(tables.progress_entry, ())),
        results=tuple(_result(found) for found in children.get(tables.result, ())),
        amendments=tuple(_amendment(found) for found in children.get(tables.amendment, ())),
        extensions=tuple(_extension(found) for found in children.get(tables.extension, ())),
        evaluation=evaluation,
        withdrawal=_withdrawal(row),
    )


def _withdrawal(row: Any) -> Withdrawal | None:
    if row.withdrawn_at is None:
        return None
    return Withdrawal(
        document=_document_of(row, "withdrawal") or DocumentRef(),
        reason=row.withdrawal_reason or "",
        at=row.withdrawn_at,
        by=row.withdrawn_by,
        superseded_by=row.superseded_by or "",
    )


def _round(row: Any) -> Round:
    return Round(
        **_taken(row, _ROUND), content=row.content or "", return_words=row.return_words or ""
    )


def _entry(row: Any) -> ProgressEntry:
    return ProgressEntry(**_taken(row, _ENTRY), situation=row.situation or "")


def _result(row: Any) -> Result:
    return Result(
        **_taken(row, _RESULT),
        summary=row.summary or "",
        send_back_words=row.send_back_words or "",
        document=_document_of(row, "document"),
    )


def _amendment(row: Any) -> Amendment:
    return Amendment(
        **_taken(row, _AMENDMENT), document=_document_of(row, "document") or DocumentRef()
    )


def _extension(row: Any) -> Extension:
    return Extension(
        **{**_taken(row, _EXTENSION), "state": ExtensionState(row.state)},
        reason_words=row.reason_words or "",
        admission_words=row.admission_words or "",
        request_document=_document_of(row, "request_document") or DocumentRef(),
        answer_document=_document_of(row, "answer_document"),
        submit_document=_document_of(row, "submit_document"),
        withdraw_document=_document_of(row, "withdraw_document"),
    )


def _taken(source: Any, names: Iterable[str]) -> Row:
    return {name: getattr(source, name) for name in names}


def _words(source: Any, *names: str) -> Row:
    return {name: getattr(source, name) or None for name in names}


def _document_row(prefix: str, document: DocumentRef | None) -> Row:
    if document is None:
        return {f"{prefix}_{name}": None for name in _DOCUMENT}
    # The number tells that there is a document, so it is never NULL then.
    return {
        f"{prefix}_{name}": getattr(document, name) or ("" if name == "number" else None)
        for name in _DOCUMENT
    }


def _document_of(row: Any, prefix: str) -> DocumentRef | None:
    if getattr(row, f"{prefix}_number") is None:
        return None
    values = {name: getattr(row, f"{prefix}_{name}") for name in _DOCUMENT}
    return DocumentRef(**{name: value for name, value in values.items() if value is not None})
