"""Which clocks an edit would move: each service asked by itself, one that did not answer named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from dondoc.calendar.v1 import calendar_pb2
from dondoc.limits.v1 import deadline_service_pb2 as pb
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub

from cli.client import House
from cli.errors import refusal
from cli.language import Words
from cli.render import as_dict

PAGE = 5000
PATIENCE_SECONDS = 10.0
# What a service says of itself: it is there, and cannot. Anything else is a wrong request, said as such.
_SILENT = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
)
OnPage = Callable[[], None]


@dataclass
class Answer:
    """What one service said. `silence`: why it said nothing, or what it said cannot be relied on."""

    service: str
    calendar_version: int = 0
    running_clocks: int = 0
    estimated_clocks: int = 0
    estimated_days: list[pb.EstimatedDay] = field(default_factory=list)
    moves: list[pb.ClockMove] = field(default_factory=list)
    silence: Words | None = None


@dataclass(frozen=True)
class Preview:
    answers: Sequence[Answer]

    @property
    def complete(self) -> bool:
        return not self.silent

    @property
    def silent(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.silence]

    @property
    def moves(self) -> int:
        return sum(len(answer.moves) for answer in self.answers)

    def as_json(self) -> dict[str, Any]:
        return {
            "complete": self.complete,
            "moves": self.moves,
            "services": [
                {
                    "service": answer.service,
                    "answered": answer.silence is None,
                    "why_not": answer.silence
                    and {"vi": answer.silence.vi, "en": answer.silence.en},
                    "calendar_version": answer.calendar_version,
                    "running_clocks": answer.running_clocks,
                    "estimated_clocks": answer.estimated_clocks,
                    "estimated_days": [as_dict(day) for day in answer.estimated_days],
                    "moves": [as_dict(move) for move in answer.moves],
                }
                for answer in self.answers
            ],
        }


async def preview(
    house: House,
    days: Sequence[calendar_pb2.CalendarDay],
    *,
    version: int,
    user: str,
    stopped_too: bool = False,
    on_answer: OnPage = lambda: None,
) -> Preview:
    """`version`: of the calendar that the edit is for; a service that counts with another is named.

    Nothing in the house asks all five: facts flow down, and the network between services is
    closed. So the client does, with its own token. Raises AioRpcError for a wrong request.
    """

    async def ask(service: str) -> Answer:
        answer = Answer(service)
        try:
            await _read(house, answer, days, user, stopped_too)
        except grpc.aio.AioRpcError as error:
            if error.code() not in _SILENT:
                raise
            answer.silence = refusal(error)[0]
        if not answer.silence and answer.calendar_version != version:
            answer.silence = Words(
                f"còn tính theo lịch phiên bản {answer.calendar_version}, chưa phải {version}",
                f"still counts with version {answer.calendar_version} of the calendar, not {version}",
            )
        on_answer()
        return answer

    return Preview(await asyncio.gather(*map(ask, house.services)))


async def _read(
    house: House,
    answer: Answer,
    days: Sequence[calendar_pb2.CalendarDay],
    user: str,
    stopped_too: bool,
) -> None:
    """All pages; from the beginning again where the calendar became another one in between."""
    request = pb.PreviewCalendarEditRequest(days=days, stopped_too=stopped_too, page_size=PAGE)
    while True:
        page = await house.call(
            DeadlineServiceStub,
            "PreviewCalendarEdit",
            request,
            user=user,
            service=answer.service,
            # What was known of the calendar when its version was read, this service knows too.
            after=house.positions.get("directives", ""),
            patience=PATIENCE_SECONDS,
        )
        if request.page_token and page.calendar_version != answer.calendar_version:
            request.page_token = ""
            answer.moves.clear()
            continue
        if not request.page_token:
            answer.calendar_version = page.calendar_version
            answer.running_clocks = page.running_clocks
            answer.estimated_clocks = page.estimated_clocks
            answer.estimated_days = list(page.estimated_days)
        answer.moves += page.moves
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token
