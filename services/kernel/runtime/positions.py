"""Read your writes: `dondoc-position` tells what a call wrote or saw, `dondoc-after` waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.kernel.runtime import db
from services.kernel.runtime.errors import FieldViolation, invalid, unavailable
from services.kernel.runtime.tables import event_log, inbox

LONGEST_WAIT_SECONDS = 10.0
PART = 0.7  # of the caller's time: the rest is for the answer
POLL_SECONDS = 0.05  # another replica may be the one that records the event


class Positions:
    """Waits until this service has recorded an event of a stream that it reads (or its own)."""

    def __init__(self, service: str, streams: Collection[str], engine: AsyncEngine) -> None:
        self._service, self._streams, self._engine = service, frozenset(streams), engine
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """A consumer of this process recorded an event."""
        self._changed.set()

    async def wait_for(self, after: str, remaining: float | None) -> None:
        """`after`: comma-separated `<service>:<event id>`. UNAVAILABLE when it does not come in time."""
        wanted = [self._parse(part.strip()) for part in after.split(",") if part.strip()]
        end = time.monotonic() + min(remaining or LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS) * PART
        for service, event_id in wanted:
            while not await self._recorded(service, event_id):
                if time.monotonic() >= end:
                    raise unavailable(
                        "NOT_CAUGHT_UP",
                        "Dữ liệu chưa cập nhật đến thời điểm yêu cầu; hãy thử lại.",
                        "this service has not caught up with that position yet; retry",
                    )
                self._changed.clear()
                try:
                    await asyncio.wait_for(self._changed.wait(), POLL_SECONDS)
                except TimeoutError:
                    continue

    def _parse(self, text: str) -> tuple[str, UUID]:
        service, _, raw = text.partition(":")
        try:
            event_id = UUID(raw)
        except ValueError:
            service = ""
        if service != self._service and service not in self._streams:
            raise invalid(
                FieldViolation(
                    "dondoc-after",
                    "phải có dạng `<dịch vụ>:<mã sự kiện>` của một luồng mà dịch vụ này đọc",
                    f"must be `<service>:<event id>` of a stream that {self._service} reads: "
                    + ", ".join(sorted({self._service, *self._streams})),
                    "UNKNOWN_POSITION",
                )
            )
        return service, event_id

    async def _recorded(self, service: str, event_id: UUID) -> bool:
        # A service that reads its own stream too has seen an event when it has read it there.
        if service == self._service and service not in self._streams:
            query = select(1).where(event_log.c.id == event_id)
        else:
            query = select(1).where(inbox.c.stream == service, inbox.c.event_id == event_id)
        async with db.connection(self._engine) as connection:
            return (await connection.scalar(query)) is not None
