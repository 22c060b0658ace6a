"""Plays the script: moves the simulated clock from one scripted instant to the next and does what is due.

What one subject does keeps its order; different subjects act at the same time. A run that was broken off
goes on where it stopped: all before the clock's now was done, and the same act is the same request.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

import grpc
from dondoc.directives.v1 import directive_service_pb2 as directives
from dondoc.directives.v1.directive_pb2 import Directive
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub

from cli.client import House
from cli.errors import CliError, reason_of, refusal
from cli.language import Words
from cli.play.clock import PlayClock
from cli.play.requests import Requests
from embedded.users import OFFICE_USER
from sample import agencies
from sample.acts import Act, Script, What

AT_ONCE = 24  # calls under way at the same time

OnAct = Callable[[Act], None]
Meanwhile = Callable[[datetime], Awaitable[None]]


@dataclass
class Played:
    """What came of it. `unexpected` are sentences: anything in it makes the play fail."""

    entered: int = 0
    already_there: int = 0
    acts: Counter[What] = field(default_factory=Counter)
    refused_as_scripted: Counter[str] = field(default_factory=Counter)
    unexpected: list[Words] = field(default_factory=list)


class ScriptedDirectives:
    """The generated directives of a script, and what becomes of them, in one house."""

    def __init__(self, house: House, clock: PlayClock, script: Script) -> None:
        self._house, self._clock, self._script = house, clock, script
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._broken: set[Hashable] = set()
        self._there: dict[tuple[str, int], Directive] = {}
        self.played = Played()
        generated = {intake.directive.key: intake.directive for intake in script.intakes}
        self.requests = Requests(script.seed, {}, generated, {})

    async def begin(self) -> None:
        """Reads what is there. CliError when the house holds another play or was moved without one."""
        self.requests.agencies = {
            agency.display_name: agency.name for agency in await self._house.agencies()
        }
        listed = await self._house.pages(
            DirectiveServiceStub, "ListDirectives", directives.ListDirectivesRequest(), "directives"
        )
        generated = [found for found in listed if found.generated]
        self._there = {_key(found): found for found in generated}
        known = {
            (directive.document_code, directive.issued.year): key
            for key, directive in self.requests.directives.items()
        }
        if strangers := [found for found in generated if _key(found) not in known]:
            code = strangers[0].document_code
            raise CliError(
                Words(
                    f"Thư mục dữ liệu này đã chạy kịch bản với một --seed khác (có {code}); "
                    "hãy chọn thư mục --data mới.",
                    f"Another --seed was played in this data folder ({code} is there); choose a "
                    "new --data folder.",
                )
            )
        self.requests.entered.update({known[_key(found)]: found for found in generated})
        first = self._script.acts[0]
        if first.directive not in self.requests.entered and await self._clock.now() > first.at:
            raise CliError(
                Words(
                    f"Đồng hồ mô phỏng đã qua ngày đầu của kịch bản ({first.at:%d/%m/%Y}); "
                    "hãy chọn thư mục --data mới.",
                    f"The simulated clock is past the first day of the script ({first.at:%d/%m/%Y}); "
                    "choose a new --data folder.",
                )
            )

    async def play(self, until: datetime, meanwhile: Meanwhile, on_act: OnAct) -> Played:
        """Does everything that is scripted up to `until`, and moves the clock there.

        `meanwhile` does what comes from elsewhere up to a moment, before the script goes there.
        """
        began = await self._clock.now()
        acts = [act for act in self._script.acts if act.at <= until]
        done = [act for act in acts if act.at < began]
        await self._enter_again(done)
        for act in done:
            on_act(act)
        for moment, due in groupby(acts[len(done) :], lambda act: act.at):
            await meanwhile(moment)
            await self._clock.to(moment)
            # Of the instant at which a run was broken off, refusals are not tried again: what
            # followed them may have been done.
            again = moment == began
            await self._together([act for act in due if not (again and act.refusal)], on_act)
        await meanwhile(until)
        await self._clock.to(until)
        await self._clock.settle()
        return self.played

    async def _together(self, due: Iterable[Act], on_act: OnAct) -> None:
        """Each subject's acts in their order, subjects at the same time."""
        chains: dict[Hashable, list[Act]] = {}
        for act in due:
            chains.setdefault(act.task or act.directive, []).append(act)
        await asyncio.gather(
            *(self._chain(subject, acts, on_act) for subject, acts in chains.items())
        )

    async def _chain(self, subject: Hashable, acts: Sequence[Act], on_act: OnAct) -> None:
        for act in acts:
            async with self._slots:
                # After one that failed, the rest of that life makes no sense.
                if subject not in self._broken and act.directive not in self._broken:
                    await self._do(subject, act)
            on_act(act)

    async def _do(self, subject: Hashable, act: Act) -> None:
        if act.what is What.INSPECT:
            await self._clock.settle()  # inspections must know the tasks that it names
        prepared = self.requests.of(act)
        try:
            answer = await self._house.call(
                prepared.stub, prepared.method, prepared.request, user=self._user(act)
            )
        except grpc.aio.AioRpcError as error:
            if act.refusal and reason_of(error) == act.refusal:
                self.played.refused_as_scripted[act.refusal] += 1
                return
            self._broken.add(subject)
            said = refusal(error)[0]
            self.played.unexpected.append(
                Words(
                    f"{act.at:%d/%m/%Y} {act.key}: {said.vi} ({reason_of(error)})",
                    f"{act.at:%d/%m/%Y} {act.key}: {said.en} ({reason_of(error)})",
                )
            )
            return
        if act.refusal:
            self._broken.add(subject)
            self.played.unexpected.append(
                Words(
                    f"{act.at:%d/%m/%Y} {act.key}: lẽ ra phải bị từ chối ({act.refusal})",
                    f"{act.at:%d/%m/%Y} {act.key}: should have been refused ({act.refusal})",
                )
            )
            return
        if act.what is What.ENTER:
            self._count(answer)
        if act.task is None and act.what is not What.INSPECT:
            self.requests.entered[act.directive] = answer
        self.played.acts[act.what] += 1

    def _count(self, answer: Directive) -> None:
        if _key(answer) in self._there:
            self.played.already_there += 1
        else:
            self.played.entered += 1

    async def _enter_again(self, done: Sequence[Act]) -> None:
        """Sends what was entered before once more: the house answers with the first ones."""
        again = [act for act in done if act.what is What.ENTER]
        kept = dict(self.requests.entered)
        await self._together(again, lambda act: None)
        self.played.acts.clear()
        self.requests.entered.update(kept)  # the answer kept is that of the day of entry

    def _user(self, act: Act) -> str:
        if act.who == agencies.OFFICE:
            return OFFICE_USER
        return f"{self.requests.agencies[act.who].removeprefix('agencies/')}.officer"


def _key(directive: Directive) -> tuple[str, int]:
    """What tells one document from another: number and symbol are unique in a year."""
    return directive.document_code, directive.issue_date.year
