"""What this service reads: the directory and directives, tasks, reports, and the rungs of all."""

from __future__ import annotations

from datetime import UTC, datetime

from dondoc.directory.v1.agency_pb2 import AGENCY_KIND_OFFICE, Agency
from dondoc.type.v1.event_pb2 import Event

from services.kernel.directory import copy
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.entrypoints import calendar_consumer
from services.kernel.runtime.protos import from_timestamp
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.notify.adapters import notice_store as store
from services.notify.application.tell import Teller


async def on_directives(work: UnitOfWork, event: Event, teller: Teller, book: ClockBook) -> None:
    await calendar_consumer.keep(work, event, book)
    agency = Agency()
    if not event.data.Unpack(agency):
        await teller.tell(work, event)
        return
    arrived = [agency.name]
    if agency.kind == AGENCY_KIND_OFFICE:
        arrived.append(store.OFFICE)
    await store.lock_waiting(work, arrived)  # before the agency's row, as those that wait do
    await copy.keep(work, event)
    if agency.officer.email:
        named_at = from_timestamp(event.record_time)
        await store.address_found(work, copy.slug(agency.name), named_at, datetime.now(UTC))
    await teller.tell_waiting(work, arrived)


async def on_facts(work: UnitOfWork, event: Event, teller: Teller) -> None:
    await teller.tell(work, event)
