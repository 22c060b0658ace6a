"""What the permanent log tells of one aggregate."""

from __future__ import annotations

from dondoc.type.v1.event_pb2 import Event
from sqlalchemy import select

from services.kernel.runtime.tables import event_log
from services.kernel.runtime.unit_of_work import UnitOfWork


async def history(work: UnitOfWork, aggregate: str) -> list[Event]:
    """Its events in the order of its versions. Whoever asks has made sure that the caller may see it."""
    rows = await work.execute(
        select(event_log.c.event)
        .where(event_log.c.aggregate == aggregate)
        .order_by(event_log.c.version)
    )
    return [Event.FromString(row.event) for row in rows]
