"""One task, or a page of them, as the caller may see them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb

from services.kernel.directory.copy import slug
from services.kernel.runtime.access import Access
from services.kernel.runtime.pages import Page
from services.kernel.runtime.protos import optional_date
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters import task_store
from services.tasks.adapters.messages import code
from services.tasks.adapters.task_store import Filters, View
from services.tasks.application.desk import load


async def one(work: UnitOfWork, access: Access, name: str) -> View:
    task = await load(work, access, name)
    return View(task, await task_store.due_at(work, task))


async def page(
    work: UnitOfWork, access: Access, request: pb.ListTasksRequest, asked: Page
) -> tuple[list[View], list[str | None] | None]:
    """The views of one page, and the key of its last one if there are more."""
    after = None
    if asked.after:
        due, task_id = asked.after
        after = (date.fromisoformat(due) if due else None, UUID(task_id))
    filters = Filters(
        lead=slug(request.lead_agency),
        state=_named(code(task_pb2.TaskState, request.state, "TASK_STATE_")),
        due_from=optional_date(request, "due_from"),
        due_to=optional_date(request, "due_to"),
        directive=request.directive,
        progress=_named(code(task_pb2.TaskProgress, request.progress, "TASK_PROGRESS_")),
        timeliness=_named(code(task_pb2.Timeliness, request.timeliness, "TIMELINESS_")),
    )
    found = await task_store.list_seen(work, access, filters, after=after, limit=asked.size + 1)
    views = found[: asked.size]
    if len(found) <= asked.size:
        return views, None
    last = views[-1].task
    due_date = last.limit.due_date
    return views, [due_date.isoformat() if due_date else None, str(last.id)]


def _named(value: str) -> str:
    return "" if value == "UNSPECIFIED" else value
