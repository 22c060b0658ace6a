"""From events to notices in the inbox, and to e-mails that are queued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from dondoc.type.v1.event_pb2 import Event

from services.kernel.limits.domain.profile import Profiles
from services.kernel.runtime.events import traceparent
from services.kernel.runtime.ids import derived
from services.kernel.runtime.protos import from_timestamp
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.notify.adapters import notice_store as store
from services.notify.adapters.event_reading import Happening, happening_of, matter_of
from services.notify.adapters.templates import body_of, title_of
from services.notify.domain.delivery import NO_ADDRESS, DeliveryState
from services.notify.domain.notice import Channel, Matter
from services.notify.domain.routing import asks_for_office, recipients


@dataclass(frozen=True, slots=True)
class Teller:
    """`mail_domain` ends the Message-IDs, which are made once, with the delivery."""

    profiles: Profiles
    mail_domain: str

    async def tell(self, work: UnitOfWork, event: Event) -> None:
        """Tells what the event asks to be told, once, whenever what it needs is known.

        Directory, directives and tasks are read side by side, so that an event may come before the
        agency or the task that it names; then it waits for them.
        """
        value = matter_of(event)
        if value is not None and await store.remember(work, value):
            await self.tell_waiting(work, [value.name])
        happening = happening_of(event, self.profiles)
        if happening is not None:
            await self._tell_or_wait(work, event, happening, value, traceparent())

    async def tell_waiting(self, work: UnitOfWork, arrived: list[str]) -> None:
        """What waited for these: "tasks/…", "directives/…", "agencies/…" or OFFICE."""
        await store.lock_waiting(work, arrived)
        for event in await store.release(work, arrived):
            happening = happening_of(event, self.profiles)
            if happening is not None:
                value = matter_of(event)
                await self._tell_or_wait(work, event, happening, value, event.traceparent)

    async def _tell_or_wait(
        self,
        work: UnitOfWork,
        event: Event,
        happening: Happening,
        value: Matter | None,
        trace: str,
    ) -> None:
        missing = await self._tell(work, event, happening, value, trace)
        if missing:
            # Another transaction may be bringing it just now: wait for that one, then look again.
            await store.lock_waiting(work, missing)
            missing = await self._tell(work, event, happening, value, trace)
        if missing:
            await store.park(work, event, missing)

    async def _tell(
        self,
        work: UnitOfWork,
        event: Event,
        happening: Happening,
        value: Matter | None,
        trace: str,
    ) -> set[str]:
        """Queues for the recipients that are known; returns what is missing for the others."""
        value = value or await store.get_matter(work, happening.matter)
        if value is None:
            return {happening.matter}
        value = replace(value, classified=value.classified or happening.classified)
        parts = replace(
            happening.parts,
            lead=happening.parts.lead or value.lead,
            monitoring=happening.parts.monitoring or value.monitoring,
        )
        needs_office = asks_for_office(happening.telling, parts)
        asked = {*recipients(happening.telling, parts, ()), parts.lead} - {""}
        known = await store.agencies(work, asked, offices=needs_office)
        offices = [slug for slug, row in known.items() if row.kind == "OFFICE"]
        told = recipients(happening.telling, parts, offices)
        notices, deliveries = [], []
        for slug in told:
            if slug in known:
                names = {"lead": known[parts.lead].display_name} if parts.lead in known else {}
                values = {**happening.values, **names}
                notice = _notice(event, happening, value, slug, values)
                notices.append(notice)
                deliveries += self._deliveries(event, notice, known[slug].officer_email, trace)
        await store.queue(work, notices, deliveries)
        missing = {f"agencies/{slug}" for slug in told if slug not in known}
        return missing | ({store.OFFICE} if needs_office and not offices else set())

    def _deliveries(
        self, event: Event, notice: Mapping[str, Any], address: str, trace: str
    ) -> list[dict[str, Any]]:
        """The inbox has it with this transaction; the e-mail is sent afterwards, if there is an address
        (điểm d khoản 2 Điều 9: an officer in charge is named)."""
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
            "event_recorded_at": from_timestamp(event.record_time),
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
            "message_id": f"<{delivery_id}@{self.mail_domain}>",
            "failure": "" if address else NO_ADDRESS,
        }
        return [inbox, email]


def _notice(
    event: Event, happening: Happening, value: Matter, slug: str, values: Mapping[str, str]
) -> dict[str, Any]:
    kind = happening.telling.kind
    title, body = None, None
    if not value.classified:
        words = {**values, "abstract": value.abstract, "content": value.content}
        title = title_of(kind, value.document_code, value.issue_date)
        body = body_of(kind, value.document_code, value.issue_date, words)
    return {
        "id": derived("notice", event.id, slug),
        "event": UUID(event.id),
        "kind": kind,
        "agency": slug,
        "subject": value.name,
        "classified": value.classified,
        "document_code": value.document_code,
        "issue_date": value.issue_date,
        "title": title,
        "body": body,
        "occurred_at": from_timestamp(event.occur_time),
        "read_at": None,
        "version": 1,
    }
