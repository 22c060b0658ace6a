"""The one mapping of tasks to messages, and of what arrives to tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from dondoc.directives.v1 import directive_pb2
from dondoc.directives.v1.directive_pb2 import Directive
from dondoc.directives.v1.events_pb2 import ClassifiedDirective
from dondoc.tasks.v1 import task_pb2 as pb
from dondoc.tasks.v1.events_pb2 import ClassifiedTask
from dondoc.type.v1 import document_pb2, limit_pb2, withdrawal_pb2

from services.kernel.directory.copy import resource, slug
from services.kernel.runtime import classified
from services.kernel.runtime.protos import (
    from_date,
    from_timestamp,
    optional_date,
    optional_instant,
    to_date,
    to_timestamp,
    without_content,
)
from services.tasks.domain import values
from services.tasks.domain.task import Task


def code(enum: Any, value: int, prefix: str) -> str:
    """`TASK_STATE_FORWARDED` → `FORWARDED`."""
    return str(enum.Name(value)).removeprefix(prefix)


def to_message(task: Task, due_at: datetime | None, now: datetime) -> pb.Task:
    """The task as it is read at `now`, with what time alone changes."""
    message = event_message(task)
    timeliness = task.timeliness(due_at, now)
    if timeliness:
        message.timeliness = pb.Timeliness.Value(f"TIMELINESS_{timeliness}")
    if due_at:
        message.due_time.FromDatetime(due_at)
    return message


def event_data(task: Task) -> pb.Task | ClassifiedTask:
    """For the log: without what time changes, of a classified task without content."""
    message = event_message(task)
    return without_content(message, ClassifiedTask()) if task.classified else message


def event_message(task: Task) -> pb.Task:
    limit, evaluation = task.limit, task.evaluation
    return pb.Task(
        name=task.name,
        directive=_header(task.header),
        ordinal=task.ordinal,
        content=task.content,
        lead_agency=resource(task.lead),
        coordinating_agencies=[resource(agency) for agency in task.coordinating],
        monitoring_agency=resource(task.monitoring),
        submitting_agency=resource(task.submitting),
        concerned_agencies=[resource(agency) for agency in task.concerned],
        limit=limit_pb2.TaskLimit(
            limit_class=limit_pb2.LimitClass.Value(f"LIMIT_CLASS_{limit.limit_class}"),
            due_date=to_date(limit.due_date),
            purpose=limit_pb2.LimitPurpose.Value(f"LIMIT_PURPOSE_{limit.purpose}"),
            cadence=limit_pb2.Cadence.Value(f"CADENCE_{limit.cadence}"),
            origin=document_pb2.Origin.Value(f"ORIGIN_{limit.origin}"),
        ),
        limit_in_words=task.limit_in_words,
        state=pb.TaskState.Value(f"TASK_STATE_{task.state}"),
        progress=pb.TaskProgress.Value(f"TASK_PROGRESS_{task.progress}"),
        rounds=[_round(found) for found in task.rounds],
        progress_entries=[_entry(found) for found in task.entries],
        results=[_result(found) for found in task.results],
        extensions=[_extension(task, found) for found in task.extensions],
        forward_time=to_timestamp(task.round.forwarded_at),
        accept_time=to_timestamp(task.accepted_at),
        start_time=to_timestamp(task.started_at),
        done_date=to_date(task.done_date),
        confirm_time=to_timestamp(task.confirmed_at),
        evaluation=pb.Evaluation(
            progress=_grade(evaluation.progress),
            quality=_grade(evaluation.quality),
            effectiveness=_grade(evaluation.effectiveness),
            words=evaluation.words,
        )
        if evaluation
        else None,
        close_time=to_timestamp(task.closed_at),
        etag=str(task.version),
        profile=task.profile,
        profile_version=str(task.profile_version) if task.profile else "",
        cut_over_time=to_timestamp(task.cut_over),
        withdrawal=_withdrawal(task.withdrawal),
        amendments=[_amendment(found) for found in task.amendments],
    )


def _header(header: values.Header) -> pb.DirectiveHeader:
    authority = f"ISSUING_AUTHORITY_{header.issuing_authority}"
    return pb.DirectiveHeader(
        name=header.directive,
        kind=document_pb2.DocumentKind.Value(f"DOCUMENT_KIND_{header.kind}"),
        document_code=header.document_code,
        issue_date=to_date(header.issue_date),
        issuing_authority=directive_pb2.IssuingAuthority.Value(authority),
        secrecy=document_pb2.Secrecy.Value(f"SECRECY_{header.secrecy}"),
        abstract=header.abstract,
        origin=document_pb2.Origin.Value(f"ORIGIN_{header.origin}"),
        urgency=directive_pb2.Urgency.Value(f"URGENCY_{header.urgency}"),
        generated=header.generated,
    )


def _round(found: values.Round) -> pb.Round:
    return pb.Round(
        number=found.number,
        lead_agency=resource(found.lead),
        forward_time=to_timestamp(found.forwarded_at),
        return_time=to_timestamp(found.returned_at),
        return_reason=pb.ReturnReason.Value(f"RETURN_REASON_{found.return_reason}"),
        return_words=found.return_words,
        content=found.content,
        due_date=to_date(found.due_date),
    )


def _entry(found: values.ProgressEntry) -> pb.ProgressEntry:
    return pb.ProgressEntry(
        number=found.number,
        date=to_date(found.date),
        situation=found.situation,
        enter_time=to_timestamp(found.entered_at),
        agency=resource(found.agency),
        on_behalf=found.on_behalf,
    )


def _result(found: values.Result) -> pb.Result:
    reason = f"SEND_BACK_REASON_{found.send_back_reason}"
    return pb.Result(
        number=found.number,
        done_date=to_date(found.done_date),
        summary=found.summary,
        quality=_grade(found.quality),
        effectiveness=_grade(found.effectiveness),
        document=_document(found.document),
        enter_time=to_timestamp(found.entered_at),
        on_behalf=found.on_behalf,
        receipt_date=to_date(found.receipt_date),
        send_back_time=to_timestamp(found.sent_back_at),
        send_back_reason=pb.SendBackReason.Value(reason),
        send_back_words=found.send_back_words,
    )


def _extension(task: Task, found: values.Extension) -> pb.Extension:
    return pb.Extension(
        name=f"{task.name}/extensions/{found.number}",
        number=found.number,
        state=pb.ExtensionState.Value(f"EXTENSION_STATE_{found.state}"),
        requested_due_date=to_date(found.requested_due_date),
        ask_date=to_date(found.ask_date),
        reason=pb.ExtensionReason.Value(f"EXTENSION_REASON_{found.reason}"),
        reason_words=found.reason_words,
        request_document=_document(found.request_document),
        admitted_late=found.admitted_late,
        admission_words=found.admission_words,
        answer_document=_document(found.answer_document),
        granted_due_date=to_date(found.granted_due_date),
        ask_time=to_timestamp(found.asked_at),
        answer_time=to_timestamp(found.answered_at),
        previous_due_date=to_date(found.previous_due_date),
        submit_date=to_date(found.submit_date),
        submit_document=_document(found.submit_document),
        submit_time=to_timestamp(found.submitted_at),
        withdraw_time=to_timestamp(found.withdrawn_at),
        withdraw_document=_document(found.withdraw_document),
    )


def _amendment(found: values.Amendment) -> pb.Amendment:
    return pb.Amendment(
        number=found.number,
        document=_document(found.document),
        previous_due_date=to_date(found.previous_due_date),
        due_date=to_date(found.due_date),
        origin=document_pb2.Origin.Value(f"ORIGIN_{found.origin}"),
        enter_time=to_timestamp(found.amended_at),
        recorded_by=found.by,
    )


def _withdrawal(found: values.Withdrawal | None) -> withdrawal_pb2.Withdrawal | None:
    if found is None:
        return None
    return withdrawal_pb2.Withdrawal(
        document=_document(found.document),
        reason=found.reason,
        withdraw_time=to_timestamp(found.at),
        recorded_by=found.by,
        superseded_by=found.superseded_by,
    )


def _grade(found: str) -> pb.Grade.ValueType:
    return pb.Grade.Value(f"GRADE_{found}")


def _document(found: values.DocumentRef | None) -> document_pb2.DocumentRef | None:
    if found is None:
        return None
    return document_pb2.DocumentRef(
        number=found.number,
        symbol=found.symbol,
        date=to_date(found.date),
        uri=found.uri,
        sha256=found.sha256,
        media_type=found.media_type,
        title=found.title,
    )


def document_of(request: Any, field: str) -> values.DocumentRef | None:
    """The document in `field` of a request, None when it is not set."""
    if not request.HasField(field):
        return None
    found: document_pb2.DocumentRef = getattr(request, field)
    return values.DocumentRef(
        number=found.number,
        symbol=found.symbol,
        date=optional_date(found, "date", f"{field}.date"),
        uri=found.uri,
        sha256=found.sha256,
        media_type=found.media_type,
        title=found.title,
    )


def document_of_directive(directive: Directive | ClassifiedDirective) -> values.DocumentRef:
    """The directive itself, where it is the document of an act on its tasks."""
    return values.DocumentRef(
        number=directive.number,
        symbol=directive.symbol,
        date=optional_date(directive, "issue_date"),
    )


def withdrawal_of(directive: Directive | ClassifiedDirective) -> values.Withdrawal | None:
    """How the directive was withdrawn or superseded, None while it stands."""
    if not directive.HasField("withdrawal"):
        return None
    hidden = classified.is_classified(directive.secrecy)
    found, document = directive.withdrawal, directive.withdrawal.document
    return values.Withdrawal(
        document=values.DocumentRef(
            number=document.number,
            symbol=document.symbol,
            date=optional_date(document, "date"),
            uri=_words(hidden, document, "uri"),
            sha256=document.sha256,
            media_type=document.media_type,
            title=_words(hidden, document, "title"),
        ),
        reason=_words(hidden, found, "reason"),
        at=from_timestamp(found.withdraw_time),
        by=found.recorded_by,
        superseded_by=found.superseded_by,
    )


def grade_of(value: int) -> str:
    return code(pb.Grade, value, "GRADE_")


def evaluation_of(found: pb.Evaluation) -> values.Evaluation:
    return values.Evaluation(
        grade_of(found.progress),
        grade_of(found.quality),
        grade_of(found.effectiveness),
        found.words,
    )


def tasks_of(directive: Directive | ClassifiedDirective, forwarded_at: datetime) -> Iterator[Task]:
    """The tasks of a forwarded directive under the names that it minted, in their first round."""
    header = _header_of(directive)
    cut_over = optional_instant(directive, "cut_over_time")
    for item in directive.items:
        limit = _limit_of(item.limit)
        content = _words(header.classified, item, "content")
        for lead, name in zip(item.lead_agencies, item.tasks, strict=True):
            yield Task(
                id=UUID(name.removeprefix("tasks/")),
                version=1,
                header=header,
                ordinal=item.ordinal,
                content=content,
                lead=slug(lead),
                coordinating=_slugs(item.coordinating_agencies, lead),
                monitoring=slug(directive.monitoring_agency),
                submitting=slug(directive.submitting_agency),
                concerned=_slugs(item.concerned_agencies, lead),
                limit=limit,
                limit_in_words=_words(header.classified, item, "limit_in_words"),
                state=values.TaskState.FORWARDED,
                rounds=(values.Round(1, slug(lead), forwarded_at, content, limit.due_date),),
                cut_over=cut_over,
            )


def _words(hidden: bool, message: Any, field: str) -> str:
    """Nothing of a classified directive, even if somebody sent it."""
    return "" if hidden else str(getattr(message, field, ""))


def forwarded_at(directive: Directive | ClassifiedDirective, occurred: datetime) -> datetime:
    """When it was forwarded, by its own word; `occurred` where it does not say."""
    if directive.HasField("forward_time"):
        return from_timestamp(directive.forward_time)
    return occurred


def _slugs(names: Any, lead: str) -> tuple[str, ...]:
    """One text may name its lead among the coordinators too; one part is enough."""
    return tuple(slug(name) for name in names if name != lead)


def _header_of(directive: Directive | ClassifiedDirective) -> values.Header:
    secret = classified.is_classified(directive.secrecy)
    secrecy = code(document_pb2.Secrecy, directive.secrecy, "SECRECY_") if secret else "NONE"
    return values.Header(
        directive=directive.name,
        kind=code(document_pb2.DocumentKind, directive.kind, "DOCUMENT_KIND_"),
        document_code=directive.document_code,
        issue_date=from_date(directive.issue_date, "issue_date"),
        issuing_authority=code(
            directive_pb2.IssuingAuthority, directive.issuing_authority, "ISSUING_AUTHORITY_"
        ),
        secrecy=secrecy,
        abstract="" if secret or isinstance(directive, ClassifiedDirective) else directive.abstract,
        origin=code(document_pb2.Origin, directive.origin, "ORIGIN_"),
        urgency=code(directive_pb2.Urgency, directive.urgency, "URGENCY_"),
        generated=directive.generated,
    )


def _limit_of(found: limit_pb2.TaskLimit) -> values.Limit:
    return values.Limit(
        limit_class=values.LimitClass(
            code(limit_pb2.LimitClass, found.limit_class, "LIMIT_CLASS_")
        ),
        due_date=optional_date(found, "due_date", "limit.due_date"),
        purpose=code(limit_pb2.LimitPurpose, found.purpose, "LIMIT_PURPOSE_"),
        cadence=code(limit_pb2.Cadence, found.cadence, "CADENCE_"),
        origin=code(document_pb2.Origin, found.origin, "ORIGIN_"),
    )
