"""Reminders go where the regulation says; what somebody did is told everywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from dondoc.notify.v1 import notice_pb2
from dondoc.notify.v1 import notify_service_pb2 as pb
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from sqlalchemy import delete, func, select

from embedded.smtp_sink import SmtpSink
from services.kernel.runtime import db
from services.kernel.runtime.service import Running, build
from services.kernel.runtime.tables import inbox
from services.notify.adapters.tables import notice
from services.notify.bootstrap import DEFINITION
from tests.fixtures.house import Room, StartService, token, verifier
from tests.fixtures.regulations import THE_REAL_ONE
from tests.integration.notify.notify_facts import (
    LEAD,
    NOW,
    apply,
    deliveries,
    enter_agencies,
    notices_of,
    rung_event,
    task,
    task_event,
)

AFTER = timedelta(minutes=5)


async def room_with(
    start_service: StartService, sink: SmtpSink, folder: Path, channels: str
) -> Room:
    """A service by the real regulation with other channels; its lead knows one task."""
    sink.clear()
    text = THE_REAL_ONE.read_text("utf-8")
    assert "channels: [IN_APP, EMAIL]" in text
    edited = text.replace("channels: [IN_APP, EMAIL]", f"channels: [{channels}]")
    (folder / "profile.yaml").write_text(edited, "utf-8")
    room = await start_service(
        "notify", smtp_host="127.0.0.1", smtp_port=sink.port, profile_path=str(folder)
    )
    await enter_agencies(room)
    await apply(room, "tasks", task_event("TaskAccepted", task()))
    return room


def kinds(found: list[notice_pb2.Notice] | list[notice_pb2.Delivery]) -> list[str]:
    """Of the lead's."""
    return sorted(
        notice_pb2.NoticeKind.Name(one.kind).removeprefix("NOTICE_KIND_")
        for one in found
        if one.agency == f"agencies/{LEAD}"
    )


@pytest.mark.parametrize(
    ("channels", "in_inbox", "mailed"),
    [
        ("IN_APP", ["CONFIRMED", "OVERDUE"], ["CONFIRMED"]),
        ("EMAIL", ["CONFIRMED"], ["CONFIRMED", "OVERDUE"]),
        ("EMAIL, IN_APP", ["CONFIRMED", "OVERDUE"], ["CONFIRMED", "OVERDUE"]),
    ],
)
async def test_a_reminder_is_told_on_the_channels_of_the_regulation_and_an_act_on_all(
    start_service: StartService,
    smtp_sink: SmtpSink,
    tmp_path: Path,
    channels: str,
    in_inbox: list[str],
    mailed: list[str],
) -> None:
    room = await room_with(start_service, smtp_sink, tmp_path, channels)
    await apply(room, "tasks", rung_event("overdue", task().name))
    await apply(room, "tasks", task_event("TaskConfirmed", task(), 2))
    assert kinds(await notices_of(room, LEAD)) == in_inbox
    assert kinds(await deliveries(room)) == mailed
    everyone = len(await deliveries(room))
    mails = await smtp_sink.wait_for(lambda mails: len(mails) == everyone)
    assert sum(mail.recipients == [f"{LEAD}@dondoc.example"] for mail in mails) == len(mailed)


@pytest.mark.parametrize(("channels", "in_inbox", "mails"), [("IN_APP", 1, 0), ("EMAIL", 0, 1)])
async def test_a_digest_of_reminders_keeps_to_the_channels_of_its_entries(
    start_service: StartService,
    smtp_sink: SmtpSink,
    tmp_path: Path,
    channels: str,
    in_inbox: int,
    mails: int,
) -> None:
    room = await room_with(start_service, smtp_sink, tmp_path, channels)
    back = NOW + timedelta(days=3)
    await room.set_clock(back)
    await apply(room, "tasks", rung_event("due_soon", task().name, due=NOW, fired=back))
    await room.set_clock(back + AFTER)
    assert kinds(await notices_of(room, LEAD)) == ["MISSED_DIGEST"] * in_inbox
    assert kinds(await deliveries(room)) == ["MISSED_DIGEST"] * mails


async def test_a_reminder_that_is_in_no_inbox_cannot_be_read_there(
    start_service: StartService, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    room = await room_with(start_service, smtp_sink, tmp_path, "EMAIL")
    await apply(room, "tasks", rung_event("due_soon", task().name))
    (mail,) = await deliveries(room)
    request = pb.GetNoticeRequest(name=mail.name.removesuffix("/deliveries/email"))
    who = token(LEAD, "department", "officer")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await room.call(NotifyServiceStub, "GetNotice", request, who)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_replay_under_another_profile_mails_nothing_that_was_told_before(
    start_service: StartService, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    room = await room_with(start_service, smtp_sink, tmp_path, "IN_APP")
    fired = rung_event("due_soon", task().name)
    await apply(room, "tasks", fired)
    async with db.transaction(room.engine) as connection:
        await connection.execute(delete(inbox).where(inbox.c.stream == "tasks"))
    both = tmp_path / "both"
    both.mkdir()
    (both / "profile.yaml").write_text(THE_REAL_ONE.read_text("utf-8"), "utf-8")
    settings = room.running.kernel.settings.model_copy(update={"profile_path": str(both)})
    kernel = build(DEFINITION, settings, verifier())
    await apply(replace(room, running=Running(kernel, DEFINITION)), "tasks", fired)
    await kernel.engine.dispose()
    async with db.transaction(room.engine) as connection:
        assert await connection.scalar(select(func.count()).select_from(notice)) == 1
    assert await deliveries(room) == []
