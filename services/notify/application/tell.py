"""From events to notices in the inbox and e-mails that are queued, or to the entries of digests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from dondoc.type.v1.event_pb2 import Event

from services.kernel.limits.domain.profile import Profiles
from services.kernel.runtime.events import traceparent
from services.kernel.runtime.ids import derived
from services.kernel.runtime.protos import from_timestamp
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.notify.adapters import notice_store as store
from services.notify.adapters import withdrawal_store
from services.notify.adapters.event_reading import (
    Happening,
    happening_of,
    matter_of,
    taken_back_of,
)
from services.notify.adapters.templates import body_of, entry_words, title_of
from services.notify.application.digests import Digests
from services.notify.application.post import deliveries_of
from services.notify.domain.digest import Entry
from services.notify.domain.notice import NO_MATTER, Matter
from services.notify.domain.routing import asks_for_office, recipients


@dataclass(frozen=True, slots=True)
class Teller:
    profiles: Profiles
    digests: Digests

    async def tell(self, work: UnitOfWork, event: Event) -> None:
        """Tells what the event asks to be told, once, whenever what it needs is known.

        Directory, directives and tasks are read side by side, so that an event may come before the
        agency or the task that it names; then it waits for them.
        """
        taken_back = taken_back_of(event)
        if taken_back is not None:
            await withdrawal_store.lock(work, taken_back.event)
            await withdrawal_store.keep(work, taken_back.event, event.version, taken_back.at)
            return
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
        if not happening.matter:
            value = NO_MATTER
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
        names = {"lead": known[parts.lead].display_name} if parts.lead in known else {}
        words = {**happening.values, **names, "abstract": value.abstract, "content": value.content}
        withdrawn_at = None
        if happening.topic:
            await withdrawal_store.lock(work, UUID(event.id))
            withdrawn_at = await withdrawal_store.withdrawn_at(work, UUID(event.id))
        if happening.digest:
            entries = [
                _entry(event, happening, value, slug, words, withdrawn_at)
                for slug in told
                if slug in known
            ]
            await self.digests.collect(work, happening.digest, entries, trace)
        else:
            notices, deliveries = [], []
            for slug in told:
                if slug in known:
                    notice = _notice(event, happening, value, slug, words, withdrawn_at)
                    notices.append(notice)
                    deliveries += deliveries_of(
                        notice,
                        known[slug].officer_email,
                        channels=happening.channels,
                        mail_domain=self.digests.mail_domain,
                        trace=trace,
                        event_recorded_at=from_timestamp(event.record_time),
                    )
            await store.queue(work, notices, deliveries)
        missing = {f"agencies/{slug}" for slug in told if slug not in known}
        return missing | ({store.OFFICE} if needs_office and not offices else set())


def _notice(
    event: Event,
    happening: Happening,
    value: Matter,
    slug: str,
    words: Mapping[str, str],
    withdrawn_at: datetime | None,
) -> dict[str, Any]:
    kind = happening.telling.kind
    title, body = None, None
    if not value.classified:
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
        "withdrawn_at": withdrawn_at,
        "version": 1,
    }


def _entry(
    event: Event,
    happening: Happening,
    value: Matter,
    slug: str,
    words: Mapping[str, str],
    withdrawn_at: datetime | None,
) -> Entry:
    kind = happening.telling.kind
    return Entry(
        event=UUID(event.id),
        agency=slug,
        kind=kind,
        subject=value.name,
        topic=happening.topic,
        classified=value.classified,
        document_code=value.document_code,
        issue_date=value.issue_date,
        words="" if value.classified else entry_words(kind, words),
        occurred_at=from_timestamp(event.occur_time),
        event_recorded_at=from_timestamp(event.record_time),
        withdrawn_at=withdrawn_at,
    )
