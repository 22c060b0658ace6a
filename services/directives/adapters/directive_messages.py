"""The one mapping of directives to messages."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from uuid import UUID

from dondoc.directives.v1 import directive_pb2 as pb
from dondoc.directives.v1.directive_service_pb2 import SupplementDirectiveRequest
from dondoc.directives.v1.events_pb2 import ClassifiedDirective
from dondoc.type.v1 import document_pb2, limit_pb2, withdrawal_pb2
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from services.directives.domain import entry_rules, intake
from services.directives.domain.directive import (
    NOT_SAID,
    Attachment,
    Directive,
    Item,
    Limit,
    LimitClass,
    Withdrawal,
    numbered,
)
from services.directives.domain.gaps import gaps_of
from services.directives.domain.supplement import (
    ItemSupplement,
    ResolvedCoordinator,
    Supplement,
)
from services.kernel.directory.copy import resource, slug
from services.kernel.limits.adapters.clock_messages import name_of
from services.kernel.limits.domain.calendar import local_date
from services.kernel.limits.domain.clock import Clock
from services.kernel.limits.domain.profile import Profiles, Unit
from services.kernel.runtime.protos import (
    from_date,
    optional_date,
    optional_instant,
    to_date,
    to_timestamp,
    without_content,
)

# What tells whether two entries are of one document: not how it came in, nor what makes its key.
_NOT_COMPARED = frozenset({"name", "number", "symbol", "intake", "generated"})
_FIRST_OUTPUT = pb.Directive.STATE_FIELD_NUMBER
_ENTERED_LATER = frozenset({"issue_time", "source"})
# Said or not, it is the same; and what was entered before there was a choice did not say it.
_UNSAID = {"source": "SOURCE_DOCUMENT"}


def directive_from(
    message: pb.Directive, *, id: UUID, intake: str, entered_at: datetime, path: str
) -> Directive:
    """A new directive as a caller gives it; output-only fields are not read.

    INVALID_ARGUMENT for days that do not exist, named from `path` ("directive.") on.
    """
    return Directive(
        id=id,
        kind=document_pb2.DocumentKind.Name(message.kind).removeprefix("DOCUMENT_KIND_"),
        number=message.number,
        symbol=message.symbol,
        normative=message.normative,
        issue_date=from_date(message.issue_date, f"{path}issue_date"),
        issuing_authority=pb.IssuingAuthority.Name(message.issuing_authority).removeprefix(
            "ISSUING_AUTHORITY_"
        ),
        abstract=message.abstract,
        signer=message.signer,
        signer_title=message.signer_title,
        submitting_agency=slug(message.submitting_agency),
        submission_reference=message.submission_reference,
        monitoring_agency=slug(message.monitoring_agency),
        secrecy=secrecy_of(message),
        urgency=_said(pb.Urgency.Name(message.urgency), "URGENCY_", "NONE"),
        issued_at=optional_instant(message, "issue_time", f"{path}issue_time"),
        source=_said(pb.Source.Name(message.source), "SOURCE_", "DOCUMENT"),
        origin=_said(document_pb2.Origin.Name(message.origin), "ORIGIN_", "PROVINCE"),
        legal_bases=tuple(message.legal_bases),
        other_information=message.other_information,
        attachments=tuple(
            document_from(attachment, f"{path}attachments[{index}].")
            for index, attachment in enumerate(message.attachments)
        ),
        intake=intake,
        items=items_from(message, path),
        generated=message.generated,
        entered_at=entered_at,
    )


def secrecy_of(message: pb.Directive) -> str:
    """Not said means not classified."""
    return _said(document_pb2.Secrecy.Name(message.secrecy), "SECRECY_", "NONE")


def intake_said(message: pb.Directive) -> str:
    return pb.Intake.Name(message.intake).removeprefix("INTAKE_")


def items_from(message: pb.Directive | SupplementDirectiveRequest, path: str) -> tuple[Item, ...]:
    """The items of a request, numbered from 1."""
    return numbered(
        Item(
            ordinal=0,
            leads=tuple(map(slug, item.lead_agencies)),
            limit=limit_from(item.limit, f"{path}items[{index}].limit."),
            content=item.content,
            limit_in_words=item.limit_in_words,
            coordinating=tuple(map(slug, item.coordinating_agencies)),
            concerned=tuple(map(slug, item.concerned_agencies)),
            addressed_groups=tuple(item.addressed_groups),
            unresolved_coordinators=tuple(item.unresolved_coordinators),
            source_place=item.source_place,
            written_report=item.written_report,
        )
        for index, item in enumerate(message.items)
    )


def limit_from(message: limit_pb2.TaskLimit, path: str) -> Limit:
    return entry_rules.derived(
        Limit(
            LimitClass(limit_pb2.LimitClass.Name(message.limit_class).removeprefix("LIMIT_CLASS_")),
            optional_date(message, "due_date", f"{path}due_date"),
            limit_pb2.LimitPurpose.Name(message.purpose).removeprefix("LIMIT_PURPOSE_"),
            limit_pb2.Cadence.Name(message.cadence).removeprefix("CADENCE_"),
            document_pb2.Origin.Name(message.origin).removeprefix("ORIGIN_"),
        )
    )


def supplement_from(request: SupplementDirectiveRequest) -> Supplement:
    return Supplement(
        abstract=request.abstract,
        signer=request.signer,
        signer_title=request.signer_title,
        submitting_agency=slug(request.submitting_agency),
        monitoring_agency=slug(request.monitoring_agency),
        other_information=request.other_information,
        urgency=_said(pb.Urgency.Name(request.urgency), "URGENCY_", ""),
        issued_at=optional_instant(request, "issue_time"),
        items=items_from(request, ""),
        of_items=tuple(
            ItemSupplement(
                ordinal=item.ordinal,
                content=item.content,
                coordinators=tuple(
                    ResolvedCoordinator(found.as_written, tuple(map(slug, found.agencies)))
                    for found in item.coordinators
                ),
                due_date=optional_date(item, "due_date", f"item_supplements[{index}].due_date"),
                purpose=limit_pb2.LimitPurpose.Name(item.purpose).removeprefix("LIMIT_PURPOSE_"),
            )
            for index, item in enumerate(request.item_supplements)
        ),
    )


def document_from(message: document_pb2.DocumentRef, path: str) -> Attachment:
    return Attachment(
        number=message.number,
        symbol=message.symbol,
        date=optional_date(message, "date", f"{path}date"),
        uri=message.uri,
        sha256=message.sha256,
        media_type=message.media_type,
        title=message.title,
    )


def _said(name: str, prefix: str, otherwise: str) -> str:
    name = name.removeprefix(prefix)
    return otherwise if name == NOT_SAID else name


def to_message(value: Directive, clock: Clock | None, profiles: Profiles) -> pb.Directive:
    """`clock`: the one of khoản 1 Điều 7, if the directive has one."""
    profile = profiles.for_day(value.issue_date)
    return pb.Directive(
        name=value.name,
        kind=document_pb2.DocumentKind.Value(f"DOCUMENT_KIND_{value.kind}"),
        number=value.number,
        symbol=value.symbol,
        normative=value.normative,
        issue_date=to_date(value.issue_date),
        issuing_authority=pb.IssuingAuthority.Value(f"ISSUING_AUTHORITY_{value.issuing_authority}"),
        abstract=value.abstract,
        signer=value.signer,
        signer_title=value.signer_title,
        submitting_agency=resource(value.submitting_agency),
        submission_reference=value.submission_reference,
        monitoring_agency=resource(value.monitoring_agency),
        secrecy=document_pb2.Secrecy.Value(f"SECRECY_{value.secrecy}"),
        urgency=pb.Urgency.Value(f"URGENCY_{value.urgency}"),
        origin=document_pb2.Origin.Value(f"ORIGIN_{value.origin}"),
        legal_bases=value.legal_bases,
        other_information=value.other_information,
        attachments=map(_document_message, value.attachments),
        intake=pb.Intake.Value(f"INTAKE_{value.intake}"),
        items=map(_item_message, value.items),
        state=pb.DirectiveState.Value(f"DIRECTIVE_STATE_{value.state}"),
        gaps=[pb.Gap(field=gap.field, article=gap.article) for gap in gaps_of(value)],
        consulted_agencies=map(resource, value.consulted),
        enter_time=to_timestamp(value.entered_at),
        forward_time=to_timestamp(value.forwarded_at),
        intake_limit=_intake_limit(value, clock, profiles),
        etag=str(value.version),
        document_code=value.document_code,
        generated=value.generated,
        issue_time=to_timestamp(value.issued_at),
        source=pb.Source.Value(f"SOURCE_{value.source}"),
        profile=profile.id if profile else "",
        profile_version=str(profile.version) if profile else "",
        cut_over_time=to_timestamp(value.cut_over_at),
        withdrawal=_withdrawal_message(value.withdrawal),
    )


def _document_message(document: Attachment) -> document_pb2.DocumentRef:
    return document_pb2.DocumentRef(
        number=document.number,
        symbol=document.symbol,
        date=to_date(document.date),
        uri=document.uri,
        sha256=document.sha256,
        media_type=document.media_type,
        title=document.title,
    )


def _withdrawal_message(value: Withdrawal | None) -> withdrawal_pb2.Withdrawal | None:
    if value is None:
        return None
    return withdrawal_pb2.Withdrawal(
        document=_document_message(value.document),
        reason=value.reason,
        withdraw_time=to_timestamp(value.at),
        recorded_by=value.by,
        superseded_by=f"directives/{value.superseded_by}" if value.superseded_by else "",
    )


def _item_message(item: Item) -> pb.DirectiveItem:
    limit = item.limit
    return pb.DirectiveItem(
        ordinal=item.ordinal,
        content=item.content,
        limit=limit_pb2.TaskLimit(
            limit_class=limit_pb2.LimitClass.Value(f"LIMIT_CLASS_{limit.limit_class}"),
            due_date=to_date(limit.due_date),
            purpose=limit_pb2.LimitPurpose.Value(f"LIMIT_PURPOSE_{limit.purpose}"),
            cadence=limit_pb2.Cadence.Value(f"CADENCE_{limit.cadence}"),
            origin=document_pb2.Origin.Value(f"ORIGIN_{limit.origin}"),
        ),
        limit_in_words=item.limit_in_words,
        lead_agencies=map(resource, item.leads),
        coordinating_agencies=map(resource, item.coordinating),
        concerned_agencies=map(resource, item.concerned),
        addressed_groups=item.addressed_groups,
        unresolved_coordinators=item.unresolved_coordinators,
        source_place=item.source_place,
        written_report=item.written_report,
        tasks=[f"tasks/{task}" for task in item.tasks],
    )


def _intake_limit(
    value: Directive, clock: Clock | None, profiles: Profiles
) -> pb.IntakeLimit | None:
    if clock is None or clock.void_reason:
        return None
    rule = profiles.pinned(clock.profile, clock.profile_version).rule(clock.rule)
    length = rule.alternative(clock.length_ground) or rule
    return pb.IntakeLimit(
        working_days=length.length if length.unit is Unit.WORKING_DAYS else 0,
        grounds=intake.grounds_of(rule, intake.facts_of(value)),
        last_day=to_date(local_date(clock.due_at - datetime.resolution)),
        clock=name_of(clock),
        length=length.length,
        unit=limit_pb2.LimitUnit.Value(f"LIMIT_UNIT_{length.unit}"),
        start_time=to_timestamp(clock.started_at),
        due_time=to_timestamp(clock.due_at),
        article=rule.article,
    )


def event_data(message: pb.Directive, *, classified: bool) -> Message:
    """What an event carries: the directive, or of a classified one its twin without content."""
    return without_content(message, ClassifiedDirective()) if classified else message


def fingerprint(message: pb.Directive) -> dict[str, str]:
    """Field → digest of what was entered, to be compared with a later entry under the same key."""
    fields = MessageToDict(message, preserving_proto_field_name=True)
    compared = {
        field.name
        for field in pb.Directive.DESCRIPTOR.fields
        if (field.number < _FIRST_OUTPUT and field.name not in _NOT_COMPARED)
        or field.name in _ENTERED_LATER
    }
    return {
        name: hashlib.sha256(
            json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
        ).hexdigest()
        for name, value in fields.items()
        if name in compared and value != _UNSAID.get(name)
    }
