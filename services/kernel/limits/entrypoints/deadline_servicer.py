"""DeadlineService: the clocks of this service, and how their ends were counted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from dondoc.limits.v1 import (
    clock_pb2,
    compliance_pb2,
    deadline_service_pb2,
    deadline_service_pb2_grpc,
    trace_pb2,
)

from services.kernel.directory.copy import slug
from services.kernel.limits.adapters import calendar_preview, clock_store, trace_messages
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.adapters.clock_messages import to_message
from services.kernel.limits.adapters.clock_store import Kept
from services.kernel.limits.adapters.explanation_messages import to_message as to_explanation
from services.kernel.limits.domain.asking import Asking, asking_as_text, asking_for_time
from services.kernel.limits.domain.calendar import Calendar, local_date
from services.kernel.limits.domain.clock import Clock, recompute
from services.kernel.limits.domain.explain import as_text, explain
from services.kernel.limits.domain.moves import moves_as_text
from services.kernel.limits.domain.profile import Duty, Profile
from services.kernel.limits.entrypoints import compliance
from services.kernel.runtime.access import Access
from services.kernel.runtime.errors import not_found, precondition
from services.kernel.runtime.service import Kernel, Mounted
from services.kernel.runtime.unit_of_work import UnitOfWork

PREVIEW_SIZE = 1000  # clocks examined for a page

Response = deadline_service_pb2.ExplainDeadlineResponse
# Who set the time of a clock's subject, as in the profile's `Origin`; "" for the province.
OriginOf = Callable[[UnitOfWork, Clock], Awaitable[str]]


class DeadlineServicer(deadline_service_pb2_grpc.DeadlineServiceServicer):
    def __init__(self, kernel: Kernel, book: ClockBook, origin_of: OriginOf) -> None:
        self._runner, self._pages, self._book = kernel.runner, kernel.pages, book
        self._origin_of = origin_of
        self._soon = kernel.settings.due_soon_days

    async def GetClock(self, request: Any, context: Any) -> clock_pb2.Clock:
        async def handler(work: UnitOfWork, access: Access) -> clock_pb2.Clock:
            return await self._full(work, await _find(work, access, request.name))

        return await self._runner.query(handler)

    async def ListClocks(
        self, request: Any, context: Any
    ) -> deadline_service_pb2.ListClocksResponse:
        page = self._pages.open(request)

        async def handler(
            work: UnitOfWork, access: Access
        ) -> deadline_service_pb2.ListClocksResponse:
            after = page.after and (datetime.fromisoformat(page.after[0]), UUID(page.after[1]))
            state = clock_pb2.ClockState.Name(request.state).removeprefix("CLOCK_STATE_")
            found = await clock_store.list_seen(
                work,
                access,
                subject=request.parent,
                rule=request.rule,
                owed_by=slug(request.owed_by),
                state="" if state == "UNSPECIFIED" else state,
                after=after or None,
                limit=page.size + 1,
            )
            response = deadline_service_pb2.ListClocksResponse()
            calendar = await self._book.calendars.read(work)
            for kept in found[: page.size]:
                estimated = calendar_preview.estimated_days_of(self._book, kept.clock, calendar)
                response.clocks.append(
                    to_message(
                        kept.clock,
                        self._book.profiles,
                        now=work.now,
                        estimated_days=len(estimated),
                    )
                )
            if len(found) > page.size:
                last = found[page.size - 1].clock
                response.next_page_token = self._pages.token(
                    request, [last.due_at.isoformat(), str(last.id)]
                )
            return response

        return await self._runner.query(handler)

    async def ExplainDeadline(self, request: Any, context: Any) -> Response:
        async def handler(work: UnitOfWork, access: Access) -> Response:
            kept = await _find(work, access, request.name)
            clock, profiles = kept.clock, self._book.profiles
            calendar = await self._book.calendars.read(work)
            profile = profiles.pinned(clock.profile, clock.profile_version)
            language = request.language or "vi"
            told = explain(recompute(clock, profile, calendar), calendar, language)
            asking = await self._asking(work, clock, profile, calendar)
            response = to_explanation(told, clock, calendar, asking, language)
            response.clock.CopyFrom(await self._full(work, kept))
            response.time.FromDatetime(work.now.astimezone(UTC).replace(tzinfo=None))
            ledger = (await clock_store.ledger(work, [clock.id])).get(clock.id, [])
            lines = [as_text(told, language), *moves_as_text(ledger, language)]
            response.text = "\n".join(
                [*lines, asking_as_text(asking, language)] if asking else lines
            )
            return response

        return await self._runner.query(handler)

    async def GetCompliance(self, request: Any, context: Any) -> compliance_pb2.Compliance:
        async def handler(work: UnitOfWork, access: Access) -> compliance_pb2.Compliance:
            return await compliance.answer(work, access, request, self._book, self._soon)

        return await self._runner.query(handler)

    async def GetTrace(self, request: Any, context: Any) -> trace_pb2.Trace:
        async def handler(work: UnitOfWork, access: Access) -> trace_pb2.Trace:
            trace = await self._book.traces.of(work, access, request.name)
            if trace is None:
                raise not_found(request.name)
            return trace_messages.to_message(trace, work.now)

        return await self._runner.query(handler)

    async def SendTrace(self, request: Any, context: Any) -> deadline_service_pb2.SendTraceResponse:
        async def handler(
            work: UnitOfWork, access: Access
        ) -> deadline_service_pb2.SendTraceResponse:
            traces = self._book.traces
            trace = await traces.of(work, access, request.name)
            if trace is None:
                raise not_found(request.name)
            if not traces.receiver:
                raise precondition(
                    "NO_OTLP_RECEIVER",
                    "Chưa đặt nơi nhận vết (DONDOC_OTLP_ENDPOINT).",
                    "no receiver of traces is set (DONDOC_OTLP_ENDPOINT)",
                )
            traces.queue(work, trace.name)
            work.audit("SendTrace", trace.name)
            return deadline_service_pb2.SendTraceResponse(
                trace_id=f"{trace.id:032x}",
                sent_spans=len(trace.ended),
                running_spans=len(trace.spans) - len(trace.ended),
            )

        return await self._runner.command(request, handler)

    async def _asking(
        self, work: UnitOfWork, clock: Clock, profile: Profile, calendar: Calendar
    ) -> Asking | None:
        """Only the clock of a task's own due date can be extended; it starts with the forwarding. Of one
        that counts no more (a returned or withdrawn task) nothing is said."""
        if profile.rule(clock.rule).duty is not Duty.TASK or clock.stated_due is None:
            return None
        if clock.void_reason:
            return None
        return asking_for_time(
            profile,
            calendar,
            clock.stated_due,
            forwarded_on=local_date(clock.started_at),
            today=local_date(work.now),
            origin=await self._origin_of(work, clock),
        )

    async def PreviewCalendarEdit(
        self, request: Any, context: Any
    ) -> deadline_service_pb2.PreviewCalendarEditResponse:
        page = self._pages.open(request)
        size = request.page_size or PREVIEW_SIZE

        async def handler(
            work: UnitOfWork, access: Access
        ) -> deadline_service_pb2.PreviewCalendarEditResponse:
            found = await calendar_preview.moves(
                work,
                access,
                self._book,
                request.days,
                stopped_too=request.stopped_too,
                after=UUID(page.after[0]) if page.after else None,
                limit=size,
            )
            response = deadline_service_pb2.PreviewCalendarEditResponse(
                moves=found.moves, calendar_version=await self._book.calendars.version(work)
            )
            if found.last:
                response.next_page_token = self._pages.token(request, [str(found.last)])
            if page.after is None:
                clocks, days = await calendar_preview.estimates(work, access, self._book)
                response.running_clocks = await clock_store.count_running(work, access)
                response.estimated_clocks = clocks
                response.estimated_days.extend(days)
            return response

        return await self._runner.query(handler)

    async def _full(self, work: UnitOfWork, kept: Kept) -> clock_pb2.Clock:
        ids = [kept.clock.id]
        calendar = await self._book.calendars.read(work)
        estimated = calendar_preview.estimated_days_of(self._book, kept.clock, calendar)
        return to_message(
            kept.clock,
            self._book.profiles,
            ledger=(await clock_store.ledger(work, ids)).get(kept.clock.id, ()),
            rungs=(await clock_store.rungs(work, ids)).get(kept.clock.id, ()),
            now=work.now,
            estimated_days=len(estimated),
        )


async def _find(work: UnitOfWork, access: Access, name: str) -> Kept:
    subject, _, clock_id = name.rpartition("/clocks/")
    try:
        kept = await clock_store.get_seen(work, access, subject, UUID(clock_id))
    except ValueError:
        kept = None
    if kept is None:
        raise not_found(name)
    return kept


async def _province(work: UnitOfWork, clock: Clock) -> str:
    return ""


def mounted(kernel: Kernel, book: ClockBook, origin_of: OriginOf = _province) -> Mounted:
    """`origin_of`: where a service knows who above the province may have set a time."""
    return Mounted(
        deadline_service_pb2.DESCRIPTOR.services_by_name["DeadlineService"],
        DeadlineServicer(kernel, book, origin_of),
        deadline_service_pb2_grpc.add_DeadlineServiceServicer_to_server,
    )
