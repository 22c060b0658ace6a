"""The one mapping of explanations to messages."""

from __future__ import annotations

from datetime import date

from dondoc.limits.v1 import deadline_service_pb2 as pb
from dondoc.type.v1.document_pb2 import Origin
from dondoc.type.v1.limit_pb2 import LimitUnit

from services.kernel.limits.adapters import calendar_store
from services.kernel.limits.domain.asking import Asking
from services.kernel.limits.domain.calendar import Calendar, DayStatus, local_date
from services.kernel.limits.domain.clock import Clock
from services.kernel.limits.domain.explain import CountedDay, Explanation, explain
from services.kernel.runtime.protos import to_date

_DECEMBER = 12


def to_message(
    told: Explanation, clock: Clock, calendar: Calendar, asking: Asking | None, language: str
) -> pb.ExplainDeadlineResponse:
    """All but the clock itself, the text and the moment of answering."""
    moved = told.due_at != clock.due_at
    return pb.ExplainDeadlineResponse(
        days=[_day(day) for day in told.days],
        last_day_to_ask_extension=to_date(asking.last_day if asking else None),
        title=told.name,
        length=told.length,
        unit=LimitUnit.Value(f"LIMIT_UNIT_{told.unit}"),
        length_ground=told.length_ground,
        estimated_days=filter(None, map(to_date, told.estimated)),
        asking=_asking(asking, calendar, language) if asking else None,
        calendar_days=[
            calendar_store.day_message(entry)
            for day, entry in calendar.days.items()
            if _around(clock, told, day)
        ],
        last_day_by_calendar=to_date(told.last_day) if moved else None,
    )


def _around(clock: Clock, told: Explanation, day: date) -> bool:
    """Whether a day lies in the months from the start to the end, as a picture shows them."""
    shown = [local_date(clock.started_at), told.last_day, *(entry.day for entry in told.days)]
    first, last = min(shown), max(shown)
    after = (last.year + last.month // _DECEMBER, last.month % _DECEMBER + 1)
    return first.replace(day=1) <= day and (day.year, day.month) < after


def _asking(asking: Asking, calendar: Calendar, language: str) -> pb.AskingForTime:
    message = pb.AskingForTime(
        state=pb.AskingState.Value(f"ASKING_STATE_{asking.state}"),
        last_day=to_date(asking.last_day),
        article=asking.article,
    )
    if asking.back:
        message.days.extend(map(_day, explain(asking.back, calendar, language).days))
    if asking.locked_by:
        message.locked_by = Origin.Value(f"ORIGIN_{asking.locked_by}")
    return message


def _day(day: CountedDay) -> pb.CountedDay:
    return pb.CountedDay(
        day=to_date(day.day),
        number=day.number or 0,
        working=day.working,
        ground=day.ground,
        document=day.document,
        estimated=day.status is DayStatus.ESTIMATED,
        leg=pb.Leg.Value(f"LEG_{day.leg}"),
    )
