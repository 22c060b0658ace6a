"""What is known of officers in charge, as people read it: who lacks one, and how old that is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import grpc
from dondoc.directory.v1.directory_service_pb2 import (
    GetOfficersStateRequest,
    OfficerGap,
    OfficerGapReason,
    OfficersFailure,
    OfficersState,
)
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from rich.markup import escape

from cli.language import Words, say
from cli.render import row, slug, stdout, table

CALL_SECONDS = 30.0

REASONS = {
    "NOBODY": Words("chưa ai giữ vị trí này", "nobody holds the position"),
    "DISABLED": Words("tài khoản bị khóa", "the account is disabled"),
    "NO_EMAIL": Words("không có địa chỉ thư", "no e-mail address"),
    "SEVERAL_AGENCIES": Words("thuộc nhóm của nhiều cơ quan", "in the groups of several agencies"),
    "NO_GROUP": Words("Keycloak chưa có nhóm của cơ quan", "the agency has no group in Keycloak"),
}
FAILURES = {
    "UNREACHABLE": Words("không trả lời", "no answer"),
    "REFUSED": Words(
        "từ chối: sai mã bí mật hoặc thiếu quyền view-users",
        "refused: wrong secret, or the right view-users is missing",
    ),
    "UNEXPECTED": Words("trả lời bất thường", "an unexpected answer"),
    "NO_AGENCIES": Words("không thấy nhóm cơ quan nào", "no group of any agency is to be seen"),
}


async def of_directory(address: str, token: str) -> OfficersState:
    """Of the service at `host:port`. Raises grpc.aio.AioRpcError."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = DirectoryServiceStub(channel)
        state: OfficersState = await stub.GetOfficersState(
            GetOfficersStateRequest(),
            metadata=[("authorization", f"Bearer {token}")],
            timeout=CALL_SECONDS,
        )
        return state


def age_seconds(state: OfficersState, now: datetime | None = None) -> int | None:
    """Since the last good reading; None when there was none."""
    if not state.HasField("read_time"):
        return None
    read = state.read_time.ToDatetime(tzinfo=UTC)
    return int(((now or datetime.now(UTC)) - read).total_seconds())


def summary(state: OfficersState) -> str:
    """One line: where it comes from, how old it is, what is amiss."""
    missing = len(state.gaps)
    lacking = say(f"{missing} cơ quan chưa có người", f"{missing} agencies without one")
    if not state.source:
        source = say("nhập trực tiếp, không đọc Keycloak", "entered, Keycloak is not read")
        return f"{source} · {lacking}"
    age = age_seconds(state)
    read = say("chưa đọc được lần nào", "never read") if age is None else _ago(age)
    parts = ["Keycloak", read, lacking]
    if state.failure:
        name = OfficersFailure.Name(state.failure).removeprefix("OFFICERS_FAILURE_")
        failed = say(
            f"{state.failed_attempts} lần đọc hỏng", f"{state.failed_attempts} attempts failed"
        )
        parts.append(f"{failed} ({FAILURES[name]})")
    return " · ".join(parts)


def reason(gap: OfficerGap) -> str:
    return str(REASONS[OfficerGapReason.Name(gap.reason).removeprefix("OFFICER_GAP_REASON_")])


def show(state: OfficersState) -> None:
    stdout.print(f"{say('Đầu mối', 'Officers')}: {escape(summary(state))}")
    if state.source:
        stdout.print(f"{say('Nguồn', 'Source')}: {escape(state.source)}")
    if state.gaps:
        shown = table(
            say("Cơ quan chưa có cán bộ đầu mối", "Agencies without officer in charge"),
            say("Mã", "Slug"),
            say("Vì sao", "Why"),
        )
        for gap in state.gaps:
            row(shown, [slug(gap.agency), reason(gap)])
        stdout.print(shown)
    if state.several:
        names = ", ".join(map(slug, state.several))
        label = say("Nhiều người cùng giữ vị trí", "Several hold the position")
        stdout.print(f"{label}: {escape(names)}")


def _ago(seconds: int) -> str:
    if seconds < 120:
        return say(f"đọc cách đây {seconds} giây", f"read {seconds} s ago")
    if seconds < 7200:
        return say(f"đọc cách đây {seconds // 60} phút", f"read {seconds // 60} min ago")
    return say(f"đọc cách đây {seconds // 3600} giờ", f"read {seconds // 3600} h ago")
