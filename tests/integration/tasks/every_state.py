"""A house of `tasks` with clocks in every state, owed by several agencies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb

from services.kernel.runtime.protos import to_date
from tests.integration.tasks.tasks_house import (
    LEAD,
    TasksHouse,
    at,
    directive,
    document,
    item,
    lead,
)

ISSUED, DUE, SOON, FAR = date(2026, 1, 5), date(2026, 1, 14), date(2026, 1, 23), date(2026, 6, 30)
END = at(date(2026, 1, 20))
Look = Callable[[], Awaitable[None]]


async def nothing() -> None: ...


async def every_state(house: TasksHouse, look: Look = nothing) -> dict[str, str]:
    """Names of the tasks by what becomes of their due date; `look` is called after each step."""
    names: dict[str, str] = {}
    due = {"met": DUE, "met late": DUE, "late": DUE, "returned": DUE, "sent back": DUE,
           "extended": DUE, "due soon": SOON, "running": FAR}  # fmt: skip
    for number, (what, day) in enumerate(due.items(), 500):
        made = directive(ISSUED, item(day), number=str(number))
        (names[what],) = await house.forward(made, on=at(ISSUED))
    other = directive(ISSUED, item(DUE, "so-tu-phap"), number="600")
    (names["of another agency"],) = await house.forward(other, on=at(ISSUED))
    await look()
    await house.room.set_clock(at(date(2026, 1, 8)))
    for what in ("met", "met late", "sent back", "extended"):
        await house.accepted(names[what])
    await house.reported(names["met"], date(2026, 1, 8))
    await house.reported(names["sent back"], date(2026, 1, 7))
    await _return_and_forward_again(house, names["returned"])
    await look()
    await house.room.set_clock(at(date(2026, 1, 9)))
    await house.call("SendBackTask", pb.SendBackTaskRequest(
        name=names["sent back"], reason=task_pb2.SEND_BACK_REASON_INCOMPLETE, words="Thiếu phụ lục"
    ))  # fmt: skip
    await _ask(house, names["extended"])
    # The result comes before the answer: a stopped clock moves.
    await house.reported(names["extended"], date(2026, 1, 9))
    await look()
    await house.room.set_clock(at(date(2026, 1, 12)))
    await house.call("AnswerExtension", pb.AnswerExtensionRequest(
        name=f"{names['extended']}/extensions/1", granted=True, granted_due_date=to_date(SOON),
        answer_document=document("7", "UBND-TH", date(2026, 1, 12)),
    ))  # fmt: skip
    await look()
    await house.room.set_clock(at(date(2026, 1, 19)))
    # The day after the due date begins at the very instant that is too late.
    await house.reported(names["met late"], date(2026, 1, 15))
    await look()
    await house.room.set_clock(END)
    return names


async def _return_and_forward_again(house: TasksHouse, name: str) -> None:
    await house.call("ReturnTask", pb.ReturnTaskRequest(
        name=name, reason=task_pb2.RETURN_REASON_OUTSIDE_COMPETENCE, words="Ngoài thẩm quyền"
    ), lead(LEAD))  # fmt: skip
    await house.call(
        "ReforwardTask", pb.ReforwardTaskRequest(name=name, lead_agency="agencies/so-tu-phap")
    )


async def _ask(house: TasksHouse, name: str) -> None:
    await house.call("RequestExtension", pb.RequestExtensionRequest(
        name=name, requested_due_date=to_date(SOON), reason=task_pb2.EXTENSION_REASON_RESOURCES,
        request_document=document("12", "SNV-VP", date(2026, 1, 9)),
    ), lead(LEAD))  # fmt: skip
