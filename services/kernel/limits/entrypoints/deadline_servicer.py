"""DeadlineService: the clocks of this service, and how their ends were counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from dondoc.limits.v1 import clock_pb2, deadline_service_pb2, deadline_service_pb2_grpc

from services.kernel.directory.copy import slug
from services.kernel.limits.adapters import clock_store
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.adapters.clock_messages import to_message
from services.kernel.limits.adapters.clock_store import Kept
from services.kernel.limits.domain.clock import recompute
from services.kernel.limits.domain.duedate import last_day_to_ask_extension
from services.kernel.limits.domain.explain import CountedDay, as_text, explain
from services.kernel.limits.domain.profile import Duty
from services.kernel.runtime.access import Access
from services.kernel.runtime.commands import Runner
from services.kernel.runtime.errors import not_found
from services.kernel.runtime.pages import Pages
from services.kernel.runtime.protos import to_date
from services.kernel.runtime.service import Mounted
from services.kernel.runtime.unit_of_work import UnitOfWork

Response = deadline_service_pb2.ExplainDeadlineResponse


class DeadlineServicer(deadline_service_pb2_grpc.DeadlineServiceServicer):
    def __init__(self, runner: Runner, book: ClockBook, pages: Pages) -> None:
        self._runner, self._book, self._pages = runner, book, pages

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
            for kept in found[: page.size]:
                response.clocks.append(to_message(kept.clock, self._book.profiles, now=work.now))
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
            explanation = explain(recompute(clock, profile, calendar), calendar, language)
            last = None
            if profile.rule(clock.rule).duty is Duty.TASK and clock.stated_due:
                last = last_day_to_ask_extension(profile, clock.stated_due, calendar)
            return Response(
                clock=await self._full(work, kept),
                days=[_day(day) for day in explanation.days],
                last_day_to_ask_extension=to_date(last),
                text=as_text(explanation, language),
            )

        return await self._runner.query(handler)

    async def _full(self, work: UnitOfWork, kept: Kept) -> clock_pb2.Clock:
        ids = [kept.clock.id]
        return to_message(
            kept.clock,
            self._book.profiles,
            ledger=(await clock_store.ledger(work, ids)).get(kept.clock.id, ()),
            rungs=(await clock_store.rungs(work, ids)).get(kept.clock.id, ()),
            now=work.now,
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


def _day(day: CountedDay) -> deadline_service_pb2.CountedDay:
    return deadline_service_pb2.CountedDay(
        day=to_date(day.day), number=day.number or 0, working=day.working, ground=day.ground
    )


def mounted(runner: Runner, book: ClockBook, pages: Pages) -> Mounted:
    return Mounted(
        deadline_service_pb2.DESCRIPTOR.services_by_name["DeadlineService"],
        DeadlineServicer(runner, book, pages),
        deadline_service_pb2_grpc.add_DeadlineServiceServicer_to_server,
    )
