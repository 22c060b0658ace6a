"""Officers in charge while Keycloak is away or refuses to tell: what was read last stands."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from dondoc.directory.v1 import directory_service_pb2 as pb

from services.directives.domain.officers import LONGEST_PAUSE
from tests.fixtures.eventually import eventually
from tests.fixtures.house import StartService
from tests.keycloak.officer_desk import (
    FINANCE,
    INTERIOR,
    Desk,
    Realm,
    again,
    desk_of,
)
from tests.keycloak.server import running


async def test_an_outage_keeps_the_last_copy_and_a_restart_does_too(
    start_service: StartService, stack: AsyncExitStack, tmp_path: Path
) -> None:
    with running(tmp_path) as keycloak:
        realm = Realm(keycloak, "officers-of-a-day")
        realm.group(INTERIOR)
        realm.user("first", INTERIOR, "officer")
        desk = await desk_of(
            start_service, realm, worker=True, officers_interval_seconds=0.5, poll_seconds=0.1
        )
        await desk.enter(INTERIOR, FINANCE)
        await desk.read()
        await desk.becomes("SERVING")
        in_charge = (realm.ids["first"], "first@dondoc.example", False)
        assert await desk.officer(INTERIOR) == in_charge

    async def failed(desk: Desk, times: int) -> pb.OfficersState:
        return await eventually(desk.state, lambda state: state.failed_attempts >= times)

    await desk.becomes("NOT_SERVING")
    first = await failed(desk, 1)
    third = await failed(desk, 3)  # or a later one, seen late
    assert third.read_time == first.read_time
    assert third.failure == pb.OFFICERS_FAILURE_UNREACHABLE
    pause = third.next_attempt_time.ToDatetime() - third.attempt_time.ToDatetime()
    # 4 seconds after the third, less at most half: longer than the first could ever have been.
    longest = min(2 ** (third.failed_attempts - 1), LONGEST_PAUSE.total_seconds())
    assert longest / 2 <= pause.total_seconds() <= longest
    assert await desk.officer(INTERIOR) == in_charge
    assert await desk.gaps() == {FINANCE: "NO_GROUP"}

    await desk.room.running.stop()
    restarted = await again(desk, stack, worker=True)
    after = await failed(restarted, third.failed_attempts + 1)
    assert after.read_time == first.read_time
    assert await restarted.officer(INTERIOR) == in_charge
    await restarted.becomes("NOT_SERVING")


async def test_who_loses_the_right_to_read_dismisses_nobody(
    realm: Realm, start_service: StartService, caplog: pytest.LogCaptureFixture
) -> None:
    desk = await desk_of(start_service, realm)
    await desk.enter(INTERIOR)
    realm.group(INTERIOR)
    realm.user("first", INTERIOR, "officer")
    await desk.read()
    admin, secret = realm.admin, realm.secret

    account = admin.get_client_service_account_user(admin.get_client_id("dondoc-directory"))
    management = str(admin.get_client_id("realm-management"))
    right = admin.get_client_role(management, "view-users")
    admin.delete_client_roles_of_user(account["id"], management, [right])
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        await desk.read()
        without_right = await desk.state()
        admin.generate_client_secrets(admin.get_client_id("dondoc-directory"))
        await desk.read()
        without_secret = await desk.state()
    assert without_right.failure in (
        pb.OFFICERS_FAILURE_REFUSED,
        pb.OFFICERS_FAILURE_NO_AGENCIES,
    )
    assert without_secret.failure == pb.OFFICERS_FAILURE_REFUSED
    assert await desk.officer(INTERIOR) == (realm.ids["first"], "first@dondoc.example", False)
    ours = [record for record in caplog.records if record.name == "dondoc.officers"]
    assert [vars(record)["failed_attempts"] for record in ours] == [1, 2]
    assert not [record for record in caplog.records if secret in str(vars(record))]
