"""How a call becomes one transaction: the answer of a repeat, the handler, the answer kept, the commit."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.kernel.runtime import crashpoints, db
from services.kernel.runtime.access import Access, Scope
from services.kernel.runtime.clock import Clock
from services.kernel.runtime.errors import FieldViolation, invalid, stale
from services.kernel.runtime.tables import answer, event_log
from services.kernel.runtime.unit_of_work import UnitOfWork

Response = TypeVar("Response", bound=Message)
Subtree = Callable[[UnitOfWork, str], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Call:
    """The call under way: who, what he may do, and which method."""

    access: Access
    method: str


current_call: ContextVar[Call] = ContextVar("current_call")
# Set by commands and queries, sent as the metadata `dondoc-position` by the gate.
current_position: ContextVar[list[str]] = ContextVar("current_position")


class Runner:
    """Runs the handlers of one service."""

    def __init__(
        self,
        service: str,
        engine: AsyncEngine,
        clock: Clock,
        *,
        subtree: Subtree,
        committed: asyncio.Event,
        salt: bytes,
    ) -> None:
        self.service, self.engine, self.clock = service, engine, clock
        self._subtree, self._committed, self._salt = subtree, committed, salt

    async def command(
        self, request: Any, handler: Callable[[UnitOfWork, Access], Awaitable[Response]]
    ) -> Response:
        """Runs `handler` once for each request id; a repeat gets the first answer.

        ABORTED when another transaction won; INVALID_ARGUMENT when the id came with another request.
        """
        call = current_call.get()
        try:
            return await self._command(call, request, handler)
        except db.StorageError as error:
            if error.sqlstate != db.UNIQUE_VIOLATION and error.sqlstate not in db.SERIALIZATION:
                raise
            # Somebody was faster: with the same request id, whose answer is there now, or with
            # another one, and then what this caller saw is stale.
            repeated = await self._repeat(call, request)
            if repeated is None:
                raise stale(getattr(request, "name", "") or call.method.rsplit("/", 1)[1]) from None
            return repeated  # type: ignore[return-value]

    async def _command(
        self,
        call: Call,
        request: Any,
        handler: Callable[[UnitOfWork, Access], Awaitable[Response]],
    ) -> Response:
        async with db.transaction(self.engine) as connection:
            now = await self.clock.now(connection)
            work = UnitOfWork(connection, now, call.access.principal, salt=self._salt)
            kept = await self._kept(work, call, request)
            if kept is not None:
                return kept  # type: ignore[return-value]
            access = await self._with_subtree(work, call.access)
            response = await handler(work, access)
            position = f"{self.service}:{work.facts[-1].id}" if work.facts else ""
            work.insert(
                answer,
                {
                    "caller": call.access.principal.subject,
                    "request_id": UUID(request.request_id),
                    "method": call.method,
                    "digest": _digest(request),
                    "response": _packed(response),
                    "position": position,
                    "recorded_at": datetime.now(UTC),
                },
            )
            await work.flush()
            crashpoints.reached("command.before_commit")
        crashpoints.reached("command.after_commit")
        self._committed.set()
        if position:
            current_position.get().append(position)
        return response

    async def query(self, handler: Callable[[UnitOfWork, Access], Awaitable[Response]]) -> Response:
        """Runs a reading handler on one snapshot; tells the position that it saw."""
        call = current_call.get()
        async with db.connection(self.engine) as raw:
            connection = await raw.execution_options(isolation_level="REPEATABLE READ")
            async with connection.begin():
                now = await self.clock.now(connection)
                work = UnitOfWork(connection, now, call.access.principal, salt=self._salt)
                access = await self._with_subtree(work, call.access)
                response = await handler(work, access)
                last = await connection.scalar(
                    select(event_log.c.id).order_by(event_log.c.position.desc()).limit(1)
                )
        if last:
            current_position.get().append(f"{self.service}:{last}")
        return response

    async def _with_subtree(self, work: UnitOfWork, access: Access) -> Access:
        if Scope.SUBTREE not in access.see or not access.agency:
            return access
        return replace(access, subtree=await self._subtree(work, access.agency))

    async def _repeat(self, call: Call, request: Any) -> Message | None:
        async with db.transaction(self.engine) as connection:
            work = UnitOfWork(connection, datetime.now(UTC), call.access.principal)
            return await self._kept(work, call, request)

    async def _kept(self, work: UnitOfWork, call: Call, request: Any) -> Message | None:
        row = (
            await work.execute(
                select(answer).where(
                    answer.c.caller == call.access.principal.subject,
                    answer.c.request_id == UUID(request.request_id),
                )
            )
        ).one_or_none()
        if row is None:
            return None
        if row.digest != _digest(request) or row.method != call.method:
            raise invalid(
                FieldViolation(
                    "request_id",
                    "đã dùng cho một yêu cầu khác; mỗi yêu cầu cần một mã riêng",
                    "was used for another request; each request needs an id of its own",
                    "REQUEST_ID_REUSED",
                )
            )
        if row.position:
            current_position.get().append(row.position)
        return _unpacked(row.response)


def _digest(request: Any) -> bytes:
    """Of the whole request; the request itself is never kept."""
    return hashlib.sha256(
        request.DESCRIPTOR.full_name.encode()
        + b"\0"
        + request.SerializeToString(deterministic=True)
    ).digest()


def _packed(response: Message) -> bytes:
    packed = AnyMessage()
    packed.Pack(response, deterministic=True)
    return packed.SerializeToString()


def _unpacked(data: bytes) -> Message:
    packed = AnyMessage.FromString(data)
    descriptor = descriptor_pool.Default().FindMessageTypeByName(packed.TypeName())
    message: Message = message_factory.GetMessageClass(descriptor)()
    packed.Unpack(message)
    return message
