"""What agencies do with their notices, and the Office and the IT center with deliveries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.kernel.runtime.access import Access
from services.kernel.runtime.errors import not_found, precondition
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.notify.adapters import delivery_store, notice_store
from services.notify.adapters.messages import delivery_key_of, notice_id_of
from services.notify.domain.delivery import RETRYABLE, WITHDRAWN, DeliveryState, RetryPolicy


async def get_notice(work: UnitOfWork, access: Access, name: str) -> Any:
    """NOT_FOUND for a notice to another agency, as if it were not there."""
    row = await notice_store.get_seen(work, access, notice_id_of(name))
    if row is None:
        raise not_found(name)
    return row


async def mark_read(work: UnitOfWork, access: Access, name: str) -> Any:
    """A second time changes nothing, not even the time of reading."""
    row = await get_notice(work, access, name)
    access.require({row.agency: ()})
    after = await notice_store.mark_read(work, row.id)
    work.audit("MarkRead", name)
    return after


async def retry_delivery(work: UnitOfWork, access: Access, name: str, policy: RetryPolicy) -> Any:
    """Queues a delivery again that did not reach its end; FAILED_PRECONDITION for others.

    So too where what it tells was taken back, and for one whose attempt is under way: sending beside it
    could deliver it twice.
    """
    notice_id, channel = delivery_key_of(name)
    row = await delivery_store.get(work, notice_id, channel)
    if row is None:
        raise not_found(name)
    access.require({row.agency: ()})
    if row.withdrawn:
        raise precondition(
            "NOTICE_WITHDRAWN",
            "Thông báo này không còn hiệu lực nên không gửi; chỉ gửi lại được khi có hiệu lực trở lại.",
            "the notice is not true any more; it can be sent again only once it is restored",
            {"state": WITHDRAWN, "allowed": ""},
        )
    if row.state not in RETRYABLE:
        raise precondition(
            "WRONG_STATE",
            f"Lần gửi này đang ở trạng thái {row.state}; chỉ gửi lại được khi chưa gửi thành công.",
            f"the delivery is {row.state}; only one that did not succeed can be sent again",
            {"state": row.state, "allowed": ""},
        )
    real_now = datetime.now(UTC)
    under_way = row.state == DeliveryState.UNCERTAIN and not row.failure
    if under_way and row.last_attempt_at > real_now - policy.lease:
        raise precondition(
            "ATTEMPT_UNDER_WAY",
            "Lần gửi này đang được thực hiện; hãy chờ kết quả rồi thử lại.",
            "an attempt is under way; wait for its outcome",
            {"state": row.state, "allowed": ""},
        )
    work.audit("RetryDelivery", name)
    return await delivery_store.requeue(work, row, real_now)
