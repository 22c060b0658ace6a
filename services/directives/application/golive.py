"""Go-live: directives that were forwarded before the software was there, on their own days."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import grpc
from dondoc.directives.v1 import golive_service_pb2 as pb

from services.directives.adapters import directive_store as store
from services.directives.application import intake_clock
from services.directives.application.agency_checks import refuse
from services.directives.application.directives import (
    LOADED,
    Directives,
    Message,
    allowed,
    tasks_of,
)
from services.directives.domain import golive_rules
from services.directives.domain.directive import Directive
from services.kernel.limits.domain.calendar import local_date, start_of
from services.kernel.runtime.access import Access
from services.kernel.runtime.errors import DondocError
from services.kernel.runtime.protos import from_date
from services.kernel.runtime.unit_of_work import UnitOfWork


async def load(
    directives: Directives, work: UnitOfWork, access: Access, request: pb.LoadDirectiveRequest
) -> Message:
    """Entered and forwarded in one step, as of the day of forwarding."""
    forward_date = from_date(request.forward_date, "forward_date")
    cut_over_date = from_date(request.cut_over_date, "cut_over_date")
    new, as_entered = directives.prepared(work, access, request)
    by_office = "office" in access.principal.roles
    today = local_date(work.now)
    refuse(golive_rules.wrong_in(new, forward_date, cut_over_date, today, by_office=by_office))
    forwarded_at, cut_over_at = start_of(forward_date), start_of(cut_over_date)
    if there := await store.of_key(work, new.key):
        found = await directives.the_first(work, *there, as_entered)
        _refuse_another_load(there[0], forwarded_at, cut_over_at)
        return found
    await directives.refuse_agencies(work, new)
    new = replace(new, entered_at=forwarded_at, cut_over_at=cut_over_at)
    with work.at(forwarded_at):
        new, _ = await intake_clock.keep(work, directives.book, new)
        after = allowed(lambda: new.forward(forwarded_at, tasks_of(new)))
        after, clock = await intake_clock.keep(work, directives.book, after)
        store.insert(work, after, as_entered)
        return await directives.recorded(work, after, clock, LOADED, "LoadDirective", as_entered)


def _refuse_another_load(there: Directive, forwarded_at: datetime, cut_over_at: datetime) -> None:
    """The same document with other days, or one that was entered as usual, is not loaded over it."""
    differing = [
        field
        for field, same in (
            ("forward_date", there.forwarded_at == forwarded_at),
            ("cut_over_date", there.cut_over_at == cut_over_at),
        )
        if not same
    ]
    if differing:
        fields = ", ".join(differing)
        raise DondocError(
            grpc.StatusCode.ALREADY_EXISTS,
            "ALREADY_EXISTS",
            f"Văn bản {there.document_code} đã có, khác ở: {fields}.",
            f"{there.document_code} is there already and differs in: {fields}",
            metadata={"name": there.name, "fields": fields},
        )
