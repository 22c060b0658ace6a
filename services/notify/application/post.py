"""A notice on its way: its deliveries, as they are queued with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from services.kernel.runtime.ids import derived
from services.notify.domain.delivery import NO_ADDRESS, DeliveryState
from services.notify.domain.notice import Channel


def deliveries_of(
    notice: Mapping[str, Any],
    address: str,
    *,
    channels: Collection[str],
    mail_domain: str,
    trace: str,
    event_recorded_at: datetime,
) -> list[dict[str, Any]]:
    """Through these channels: the inbox has it with this transaction; the e-mail is sent afterwards, if
    there is an address (điểm d khoản 2 Điều 9: an officer in charge is named). `mail_domain` ends the
    Message-ID."""
    real_now = datetime.now(UTC)
    delivery_id = derived("delivery", notice["id"], Channel.EMAIL)
    common = {
        "notice_id": notice["id"],
        "kind": notice["kind"],
        "agency": notice["agency"],
        "attempts_before": 0,
        "address": "",
        "traceparent": trace,
        "queued_at": real_now,
        "event_recorded_at": event_recorded_at,
        "withdrawn": notice["withdrawn_at"] is not None,
    }
    inbox = {
        **common,
        "channel": Channel.INBOX,
        "state": DeliveryState.DELIVERED,
        "attempts": 1,
        "last_attempt_at": real_now,
        "next_attempt_at": None,
        "delivered_at": real_now,
        "message_id": "",
        "failure": "",
    }
    email = {
        **common,
        "channel": Channel.EMAIL,
        "state": DeliveryState.QUEUED if address else DeliveryState.UNDELIVERABLE,
        "attempts": 0,
        "last_attempt_at": None,
        "next_attempt_at": real_now if address else None,
        "delivered_at": None,
        "message_id": f"<{delivery_id}@{mail_domain}>",
        "failure": "" if address else NO_ADDRESS,
    }
    return [one for one in (inbox, email) if one["channel"] in channels]
