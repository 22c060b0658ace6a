"""What every act on a task has in common: seen, allowed, no content if classified, not stale."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from dondoc.type.v1.document_pb2 import Secrecy
from google.protobuf.message import Message

from services.kernel.directory.copy import find
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.runtime import classified
from services.kernel.runtime.access import Access
from services.kernel.runtime.errors import FieldViolation, invalid, not_found, precondition, stale
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters import messages, task_store
from services.tasks.adapters.task_store import View
from services.tasks.application.limits import TaskClocks
from services.tasks.domain.guards import Facts
from services.tasks.domain.refusals import BadField, Refused
from services.tasks.domain.task import Task
from services.tasks.domain.values import TaskState

# States in which what the task owed has come to its end: its legal trace is told.
_TOLD = (TaskState.CONFIRMED, TaskState.CLOSED, TaskState.WITHDRAWN)
# A handler of one method of TaskService.
Act = Callable[["Desk", UnitOfWork, Access, Any], Awaitable[View]]
_NOT_AUDITED = ("request_id", "name", "etag")


class Desk:
    """Where handlers open a task, act on it, and put it back."""

    def __init__(self, book: ClockBook) -> None:
        self.clocks = TaskClocks(book)

    async def open(
        self, work: UnitOfWork, access: Access, request: Any, name: str = ""
    ) -> tuple[Task, Facts]:
        """The task of `name`, or of `request.name`, and the facts by which its rules decide.

        NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (content of a classified task), ABORTED.
        """
        name = name or request.name
        task = await load(work, access, name)
        access.require(await work.parties(task.name))
        self._refuse_unready(task)
        classified.refuse_content(request, Secrecy.Value(f"SECRECY_{task.header.secrecy}"))
        if request.etag and request.etag != str(task.version):
            raise stale(task.name)
        calendar = await self.clocks.book.calendars.read(work)
        lead = (await find(work, {task.lead})).get(task.lead)
        # An agency that the directory does not know (yet) is not known to be without connection.
        connected = lead.connected if lead else True
        by_lead = self._by_lead(access, task)
        return task, Facts(work.now, self.clocks.profile_of(task), calendar, connected, by_lead)

    def _by_lead(self, access: Access, task: Task) -> bool:
        return access.agency == task.lead

    def _refuse_unready(self, task: Task) -> None:
        if task.awaits_history:
            raise precondition(
                "HISTORY_NOT_LOADED",
                "Nhiệm vụ đang được chuyển từ hệ thống cũ, quá trình thực hiện chưa được nạp.",
                "the task is being brought in at go-live; its acts so far are not loaded yet",
            )

    async def keep(
        self,
        work: UnitOfWork,
        before: Task,
        after: Task,
        event: str,
        request: Message,
        *,
        on_behalf_of: str = "",
    ) -> None:
        """Writes the next version with its event and its audit row."""
        await task_store.save(work, before, after)
        data = messages.event_data(after)
        work.record(event, after.name, after.version, data, on_behalf_of=on_behalf_of)
        if after.state is not before.state and after.state in _TOLD:
            self.clocks.book.traces.queue(work, after.name)
        work.audit(request.DESCRIPTOR.name.removesuffix("Request"), after.name, _told(request))

    async def view(self, work: UnitOfWork, task: Task) -> View:
        """The task with the end of its clock, as they are now."""
        return View(task, await task_store.due_at(work, task))


async def load(work: UnitOfWork, access: Access, name: str) -> Task:
    """The task, if the caller may see it; else NOT_FOUND, exactly as if it were absent."""
    try:
        task = await task_store.load(work, access, UUID(name.removeprefix("tasks/")))
    except ValueError:
        task = None
    if task is None:
        raise not_found(name)
    return task


@contextmanager
def rules() -> Iterator[None]:
    """Turns what the domain refuses into the errors that a caller gets."""
    try:
        yield
    except Refused as refused:
        raise precondition(refused.reason, refused.vi, refused.en, refused.metadata) from None
    except BadField as bad:
        raise invalid(
            FieldViolation(bad.field, bad.vi, bad.en, bad.reason), reason=bad.reason
        ) from None


def _told(request: Message) -> dict[str, str]:
    """Fields of the request by name; the audit row keeps digests of them only."""
    return {
        field.name: str(value)
        for field, value in request.ListFields()
        if field.name not in _NOT_AUDITED
    }
