"""The one mapping of rows to messages of dondoc.notify.v1."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from dondoc.notify.v1 import notice_pb2 as pb

from services.kernel.directory.copy import resource
from services.kernel.runtime.errors import not_found
from services.kernel.runtime.protos import to_timestamp
from services.notify.adapters.templates import classified_body, title_of
from services.notify.domain.delivery import shown_as
from services.notify.domain.notice import Channel, NoticeKind

NO_LONGER_TRUE = "Không còn hiệu lực: "


def words_of(row: Any) -> tuple[str, str]:
    """Title and body; of a classified directive made now, from its number and date."""
    if not row.classified:
        return row.title, row.body
    title = title_of(NoticeKind(row.kind), row.document_code, row.issue_date)
    return title, classified_body(row.document_code, row.issue_date)


def notice_name(notice_id: UUID) -> str:
    return f"notices/{notice_id}"


def notice_id_of(name: str) -> UUID:
    """NOT_FOUND where the name holds no id."""
    try:
        return UUID(name.removeprefix("notices/"))
    except ValueError:
        raise not_found(name) from None


def delivery_key_of(name: str) -> tuple[UUID, Channel]:
    """From "notices/…/deliveries/email"."""
    parent, _, channel = name.partition("/deliveries/")
    return notice_id_of(parent), Channel(channel.upper())


def notice_message(row: Any) -> pb.Notice:
    title, body = words_of(row)
    return pb.Notice(
        name=notice_name(row.id),
        kind=pb.NoticeKind.Value(f"NOTICE_KIND_{row.kind}"),
        agency=resource(row.agency),
        subject=row.subject,
        title=f"{NO_LONGER_TRUE}{title}" if row.withdrawn_at else title,
        body=body,
        occur_time=to_timestamp(row.occurred_at),
        read_time=to_timestamp(row.read_at),
        event=str(row.event or ""),
        classified=row.classified,
        etag=str(row.version),
        withdraw_time=to_timestamp(row.withdrawn_at),
    )


def delivery_message(row: Any) -> pb.Delivery:
    return pb.Delivery(
        name=f"{notice_name(row.notice_id)}/deliveries/{row.channel.lower()}",
        channel=pb.Channel.Value(f"CHANNEL_{row.channel}"),
        state=pb.DeliveryState.Value(f"DELIVERY_STATE_{shown_as(row.state, row.withdrawn)}"),
        attempts=row.attempts,
        last_attempt_time=to_timestamp(row.last_attempt_at),
        deliver_time=to_timestamp(row.delivered_at),
        message_id=row.message_id,
        failure=row.failure,
        kind=pb.NoticeKind.Value(f"NOTICE_KIND_{row.kind}"),
        agency=resource(row.agency),
    )
