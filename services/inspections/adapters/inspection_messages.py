"""The one mapping of inspections to messages."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dondoc.inspections.v1 import inspection_pb2 as pb
from dondoc.type.v1 import document_pb2

from services.inspections.domain.inspection import (
    DecidedBy,
    DocumentRef,
    Inspection,
    Kind,
    Member,
    Secrecy,
    State,
)
from services.kernel.directory.copy import resource, slug
from services.kernel.runtime.protos import (
    from_date,
    optional_date,
    to_date,
    to_timestamp,
    without_content,
)


def to_message(found: Inspection) -> pb.Inspection:
    decision = found.decision
    return pb.Inspection(
        name=found.name,
        kind=pb.InspectionKind.Value(f"INSPECTION_KIND_{found.kind}"),
        decided_by=pb.DecidedBy.Value(f"DECIDED_BY_{found.decided_by}"),
        decision=document_pb2.DocumentRef(
            number=decision.number,
            symbol=decision.symbol,
            date=to_date(decision.date),
            uri=decision.uri,
            sha256=decision.sha256,
            media_type=decision.media_type,
            title=decision.title,
        ),
        legal_basis=found.legal_basis,
        scope=found.scope,
        subject_agencies=[resource(agency) for agency in found.subjects],
        tasks=found.tasks,
        content=found.content,
        start_date=to_date(found.start),
        end_date=to_date(found.end),
        team=[
            pb.TeamMember(
                person=member.person, agency=resource(member.agency), leader=member.leader
            )
            for member in found.team
        ],
        state=pb.InspectionState.Value(f"INSPECTION_STATE_{found.state}"),
        secrecy=document_pb2.Secrecy.Value(f"SECRECY_{found.secrecy}"),
        decide_time=to_timestamp(found.decided_at),
        etag=str(found.version),
    )


def event_data(found: Inspection) -> pb.Inspection | pb.ClassifiedInspection:
    """What InspectionDecided carries: of a classified one nothing but khoản 2 Điều 5 allows."""
    message = to_message(found)
    return without_content(message, pb.ClassifiedInspection()) if found.classified else message


def from_message(
    message: pb.Inspection, id: UUID, secrecy: Secrecy, decided_at: datetime
) -> Inspection:
    """A new one. INVALID_ARGUMENT for a day that does not exist; output-only fields are ignored."""
    decision = message.decision
    return Inspection(
        id=id,
        version=1,
        state=State.DECIDED,
        secrecy=secrecy,
        kind=Kind(pb.InspectionKind.Name(message.kind).removeprefix("INSPECTION_KIND_")),
        decided_by=DecidedBy(pb.DecidedBy.Name(message.decided_by).removeprefix("DECIDED_BY_")),
        decision=DocumentRef(
            number=decision.number,
            symbol=decision.symbol,
            date=optional_date(decision, "date", "inspection.decision.date"),
            uri=decision.uri,
            sha256=decision.sha256,
            media_type=decision.media_type,
            title=decision.title,
        ),
        legal_basis=message.legal_basis,
        scope=message.scope,
        subjects=tuple(slug(agency) for agency in message.subject_agencies),
        tasks=tuple(message.tasks),
        content=message.content,
        start=from_date(message.start_date, "inspection.start_date"),
        end=from_date(message.end_date, "inspection.end_date"),
        team=tuple(
            Member(member.person, slug(member.agency), member.leader) for member in message.team
        ),
        decided_at=decided_at,
    )
