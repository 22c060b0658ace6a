"""NotifyService: proto ↔ handlers, no rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from dondoc.notify.v1 import notice_pb2, notify_service_pb2_grpc
from dondoc.notify.v1 import notify_service_pb2 as pb

from services.kernel.runtime.access import Access
from services.kernel.runtime.service import Kernel, Mounted
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.notify.adapters import delivery_store, notice_store
from services.notify.adapters.messages import delivery_message, notice_message
from services.notify.application import inbox
from services.notify.domain.delivery import RetryPolicy


class NotifyServicer(notify_service_pb2_grpc.NotifyServiceServicer):
    def __init__(self, kernel: Kernel, policy: RetryPolicy) -> None:
        self._runner, self._pages, self._policy = kernel.runner, kernel.pages, policy

    async def GetNotice(self, request: Any, context: Any) -> notice_pb2.Notice:
        async def handler(work: UnitOfWork, access: Access) -> notice_pb2.Notice:
            return notice_message(await inbox.get_notice(work, access, request.name))

        return await self._runner.query(handler)

    async def ListNotices(self, request: Any, context: Any) -> pb.ListNoticesResponse:
        page = self._pages.open(request)
        after = None
        if page.after:
            after = (datetime.fromisoformat(page.after[0]), UUID(page.after[1]))
        kind = notice_pb2.NoticeKind.Name(request.kind).removeprefix("NOTICE_KIND_")

        async def handler(work: UnitOfWork, access: Access) -> pb.ListNoticesResponse:
            rows = await notice_store.list_seen(
                work,
                access,
                unread_only=request.unread_only,
                kind="" if kind == "UNSPECIFIED" else kind,
                after=after,
                limit=page.size + 1,
            )
            response = pb.ListNoticesResponse(notices=map(notice_message, rows[: page.size]))
            if len(rows) > page.size:
                last = rows[page.size - 1]
                key = [last.occurred_at.isoformat(), str(last.id)]
                response.next_page_token = self._pages.token(request, key)
            return response

        return await self._runner.query(handler)

    async def MarkRead(self, request: Any, context: Any) -> notice_pb2.Notice:
        async def handler(work: UnitOfWork, access: Access) -> notice_pb2.Notice:
            return notice_message(await inbox.mark_read(work, access, request.name))

        return await self._runner.command(request, handler)

    async def ListDeliveries(self, request: Any, context: Any) -> pb.ListDeliveriesResponse:
        page = self._pages.open(request)
        after = None
        if page.after:
            queued_at, notice_id, channel = page.after
            after = (datetime.fromisoformat(queued_at), UUID(notice_id), channel)
        state = notice_pb2.DeliveryState.Name(request.state).removeprefix("DELIVERY_STATE_")

        async def handler(work: UnitOfWork, access: Access) -> pb.ListDeliveriesResponse:
            rows = await delivery_store.list_all(
                work,
                state="" if state == "UNSPECIFIED" else state,
                after=after,
                limit=page.size + 1,
            )
            response = pb.ListDeliveriesResponse(
                deliveries=map(delivery_message, rows[: page.size])
            )
            if len(rows) > page.size:
                last = rows[page.size - 1]
                key = [last.queued_at.isoformat(), str(last.notice_id), last.channel]
                response.next_page_token = self._pages.token(request, key)
            return response

        return await self._runner.query(handler)

    async def RetryDelivery(self, request: Any, context: Any) -> notice_pb2.Delivery:
        async def handler(work: UnitOfWork, access: Access) -> notice_pb2.Delivery:
            row = await inbox.retry_delivery(work, access, request.name, self._policy)
            return delivery_message(row)

        return await self._runner.command(request, handler)


def mounted(kernel: Kernel, policy: RetryPolicy) -> Mounted:
    return Mounted(
        pb.DESCRIPTOR.services_by_name["NotifyService"],
        NotifyServicer(kernel, policy),
        notify_service_pb2_grpc.add_NotifyServiceServicer_to_server,
    )
