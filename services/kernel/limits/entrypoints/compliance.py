"""GetCompliance: the question of a caller, and its answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dondoc.limits.v1 import compliance_pb2

from services.kernel.directory.copy import slug
from services.kernel.limits.adapters import compliance_store
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.adapters.compliance_messages import to_message
from services.kernel.limits.adapters.compliance_store import Question
from services.kernel.limits.domain.calendar import Calendar, end_of, local_date
from services.kernel.limits.domain.compliance import rows_of
from services.kernel.runtime.access import Access
from services.kernel.runtime.errors import FieldViolation, invalid
from services.kernel.runtime.protos import as_of, optional_date
from services.kernel.runtime.unit_of_work import UnitOfWork


async def answer(
    work: UnitOfWork, access: Access, request: Any, book: ClockBook, due_soon_days: int
) -> compliance_pb2.Compliance:
    moment = as_of(request, work.now)
    question = Question(
        as_of=moment,
        soon=soon_until(moment, await book.calendars.read(work), due_soon_days),
        from_date=optional_date(request, "from_date"),
        to_date=optional_date(request, "to_date"),
        agency=slug(request.agency),
        rule=request.rule,
    )
    if question.from_date and question.to_date and question.to_date < question.from_date:
        raise invalid(
            FieldViolation(
                "to_date",
                "phải từ ngày from_date trở đi",
                "must not be before from_date",
                "PERIOD_REVERSED",
            )
        )
    counted = await compliance_store.counted(work, access, question)
    return to_message(question, due_soon_days, rows_of(counted, book.profiles))


def soon_until(moment: datetime, calendar: Calendar, days: int) -> datetime:
    """The first instant after the working days that count as soon; today is not one of them."""
    return end_of(calendar.add_working_days(local_date(moment), days))
