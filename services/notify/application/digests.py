"""Collects what is told together, and tells it when its time has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.kernel.runtime.ids import derived
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.notify.adapters import digest_store, notice_store
from services.notify.adapters.templates import digest_body, digest_title
from services.notify.application.post import deliveries_of
from services.notify.domain.digest import NOTICE_OF, Batch, DigestKind, Entry, latest


@dataclass(frozen=True, slots=True)
class Digests:
    """`after`: how long a batch collects from its first entry on, in legal time."""

    after: timedelta
    mail_domain: str

    async def collect(
        self, work: UnitOfWork, batch: Batch, entries: Sequence[Entry], trace: str
    ) -> None:
        """Puts each entry, all of one event, into the digest of its agency, unless it was told it."""
        if not entries:
            return
        told = await digest_store.told_already(work, entries[0].event)
        for entry in entries:
            if entry.agency in told:
                continue
            new_id = derived("digest", entry.event, entry.agency)
            send_at = work.now + self.after
            digest_id = await digest_store.waiting_for(
                work, entry.agency, batch, new_id, send_at, trace
            )
            await digest_store.add(work, digest_id, entry)

    async def tell_due(self, work: UnitOfWork, limit: int) -> int:
        """Makes one notice of each digest that is due; returns how many were. One of which everything
        was withdrawn tells nothing."""
        due = await digest_store.claim(work, limit)
        entries = await digest_store.entries_of(work, [row.id for row in due])
        known = await notice_store.agencies(work, {row.agency for row in due}, offices=False)
        notices, deliveries = [], []
        for row in due:
            found = latest(entries.get(row.id, ()))
            if not found:
                continue
            notice = _notice(work, row, found)
            notices.append(notice)
            deliveries += deliveries_of(
                notice,
                known[row.agency].officer_email,
                channels=row.channels,
                mail_domain=self.mail_domain,
                trace=row.traceparent,
                event_recorded_at=max(entry.event_recorded_at for entry in found),
            )
        await notice_store.queue(work, notices, deliveries)
        return len(due)


def _notice(work: UnitOfWork, row: Any, shown: Sequence[Entry]) -> dict[str, Any]:
    """Of no single event or directive; of classified ones it tells number and date like any notice."""
    kind = DigestKind(row.kind)
    return {
        "id": derived("notice", row.id, row.agency),
        "event": None,
        "kind": NOTICE_OF[kind],
        "agency": row.agency,
        "subject": "",
        "classified": False,
        "document_code": "",
        "issue_date": None,
        "title": digest_title(kind, len(shown)),
        "body": digest_body(kind, shown),
        "occurred_at": work.now,
        "read_at": None,
        "withdrawn_at": None,
        "version": 1,
    }
