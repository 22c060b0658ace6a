"""The life of a directive as its trace tells it: from its issue to its forwarding (khoản 1 Điều 7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dondoc.directives.v1.directive_pb2 import Directive as DirectiveMessage
from dondoc.directives.v1.directive_pb2 import DirectiveState as StateInApi
from dondoc.directives.v1.events_pb2 import ClassifiedDirective
from dondoc.type.v1.event_pb2 import Event

from services.directives.adapters import directive_store
from services.directives.domain.directive import State
from services.kernel.limits.domain.calendar import start_of
from services.kernel.limits.domain.trace import Life, Moment, stays
from services.kernel.runtime.access import Access
from services.kernel.runtime.history import history
from services.kernel.runtime.protos import from_timestamp
from services.kernel.runtime.unit_of_work import UnitOfWork


async def life_of(work: UnitOfWork, access: Access, name: str) -> Life | None:
    """None for what is no directive, absent, or not for the caller to see."""
    collection, _, written = name.partition("/")
    if collection != "directives":
        return None
    try:
        directive = await directive_store.get(work, access, UUID(written))
    except ValueError:
        return None
    if directive is None:
        return None
    events = await history(work, directive.name)
    changes = [(event.version, _at(event), _state(event)) for event in events]
    # The Office's part ends when the directive leaves ENTERED; the tasks have traces of their own.
    left = [at for _, at, state in changes if state != State.ENTERED]
    end = left[0] if left else None
    return Life(
        name=directive.name,
        start=start_of(directive.issue_date),
        end=end,
        attributes={
            "document": directive.document_code,
            "issued": directive.issue_date.isoformat(),
            "state": directive.state.value,
        },
        moments=[Moment(_at(event), event.type) for event in events],
        stages=stays(changes, end),
        linked=[f"tasks/{task}" for item in directive.items for task in item.tasks],
        classified=directive.classified,
    )


def _at(event: Event) -> datetime:
    return from_timestamp(event.occur_time)


def _state(event: Event) -> str:
    for message in (DirectiveMessage(), ClassifiedDirective()):
        if event.data.Unpack(message):
            return StateInApi.Name(message.state).removeprefix("DIRECTIVE_STATE_")
    raise ValueError(f"{event.type} carries no directive")
