"""Officers in charge read from a real Keycloak (điểm d khoản 2 Điều 9), each test on a realm of its own."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import AsyncExitStack

import grpc
import pytest
from dondoc.directory.v1 import directory_service_pb2 as pb
from dondoc.notify.v1 import notify_service_pb2 as notify_pb
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from keycloak.exceptions import KeycloakError
from sqlalchemy import select

from services.directives.adapters import officer_store
from services.kernel.directory.tables import agency as agency_table
from tests.fixtures.house import StartService, office
from tests.keycloak.officer_desk import (
    FINANCE,
    INTERIOR,
    Realm,
    again,
    desk_of,
)
from tests.keycloak.people import PASSWORD
from tests.keycloak.province import dondoc_beside


@pytest.mark.rule("R9.2d")
async def test_whoever_the_administrator_puts_in_charge_is_told_to_everybody(
    realm: Realm, start_service: StartService
) -> None:
    desk = await desk_of(start_service, realm)
    await desk.enter(INTERIOR, FINANCE)
    await desk.appoint(INTERIOR, "hop.thu@dondoc.example", placeholder=True)
    await desk.read()
    assert (await desk.state()).failure == pb.OFFICERS_FAILURE_NO_AGENCIES, (
        "nothing provisioned yet"
    )

    realm.group(INTERIOR)
    realm.group(FINANCE)
    realm.user("first", INTERIOR)
    await desk.read()
    assert await desk.gaps() == {INTERIOR: "NOBODY", FINANCE: "NOBODY"}
    # The role mailbox stands in until a person is known.
    assert await desk.officer(INTERIOR) == ("", "hop.thu@dondoc.example", True)

    realm.give("first", "officer")
    await desk.read()
    assert await desk.officer(INTERIOR) == (realm.ids["first"], "first@dondoc.example", False)
    assert await desk.gaps() == {FINANCE: "NOBODY"}

    notify = await start_service("notify")
    await notify.call(
        NotifyServiceStub,
        "ListDeliveries",
        notify_pb.ListDeliveriesRequest(),
        after=desk.room.last_position,
    )
    async with notify.engine.connect() as connection:
        query = select(agency_table.c.officer_email).where(agency_table.c.slug == INTERIOR)
        assert await connection.scalar(query) == "first@dondoc.example"


@pytest.mark.rule("R9.2d")
async def test_an_officer_changes_and_one_who_is_disabled_is_none(
    realm: Realm, start_service: StartService
) -> None:
    desk = await desk_of(start_service, realm)
    await desk.enter(INTERIOR)
    await desk.appoint(INTERIOR, "hop.thu@dondoc.example", placeholder=True)
    realm.group(INTERIOR)
    realm.user("first", INTERIOR, "officer")
    await desk.read()
    realm.user("second", INTERIOR, "officer")
    await desk.read()
    assert await desk.officer(INTERIOR) == (realm.ids["first"], "first@dondoc.example", False)
    assert list((await desk.state()).several) == [f"agencies/{INTERIOR}"]

    realm.take("first", "officer")
    await desk.read()
    assert await desk.officer(INTERIOR) == (realm.ids["second"], "second@dondoc.example", False)
    assert not (await desk.state()).several

    realm.admin.disable_user(realm.ids["second"])
    await desk.read()
    assert await desk.gaps() == {INTERIOR: "DISABLED"}
    assert await desk.officer(INTERIOR) == ("", "hop.thu@dondoc.example", True)

    version = (await desk.call("GetAgency", pb.GetAgencyRequest(name=f"agencies/{INTERIOR}"))).etag
    await desk.read()
    found = await desk.call("GetAgency", pb.GetAgencyRequest(name=f"agencies/{INTERIOR}"))
    assert found.etag == version, "a reading that finds nothing new records nothing"


async def test_without_a_mailbox_an_officer_who_has_gone_leaves_nobody(
    realm: Realm, start_service: StartService
) -> None:
    desk = await desk_of(start_service, realm)
    await desk.enter(INTERIOR)
    realm.group(INTERIOR)
    realm.user("first", INTERIOR, "officer")
    await desk.read()
    realm.user("third", INTERIOR, "officer", email=None)
    realm.take("first", "officer")
    await desk.read()
    assert await desk.gaps() == {INTERIOR: "NO_EMAIL"}
    assert await desk.officer(INTERIOR) == ("", "", False)


async def test_who_is_in_groups_of_two_agencies_or_in_a_group_below_one(
    realm: Realm, start_service: StartService
) -> None:
    desk = await desk_of(start_service, realm)
    await desk.enter(INTERIOR, FINANCE)
    interior, finance = realm.group(INTERIOR), realm.group(FINANCE)
    realm.user("first", INTERIOR, "officer")
    realm.admin.group_user_add(realm.ids["first"], finance)
    await desk.read()
    assert await desk.gaps() == {INTERIOR: "SEVERAL_AGENCIES", FINANCE: "SEVERAL_AGENCIES"}

    # A group without an attribute of its own belongs to the agency above it, as in tokens.
    below = realm.admin.create_group({"name": "phong-1"}, parent=interior)
    realm.admin.group_user_remove(realm.ids["first"], finance)
    realm.admin.group_user_remove(realm.ids["first"], interior)
    realm.admin.group_user_add(realm.ids["first"], below)
    await desk.read()
    assert await desk.officer(INTERIOR) == (realm.ids["first"], "first@dondoc.example", False)
    assert await desk.gaps() == {FINANCE: "NOBODY"}


async def test_a_person_is_named_in_keycloak_alone_a_mailbox_still_here(
    realm: Realm, start_service: StartService
) -> None:
    desk = await desk_of(start_service, realm)
    await desk.enter(INTERIOR)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await desk.appoint(INTERIOR, "first@dondoc.example", placeholder=False)
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "give the person the role `officer` there" in str(refused.value.details())
    await desk.appoint(INTERIOR, "hop.thu@dondoc.example", placeholder=True)
    assert await desk.officer(INTERIOR) == ("", "hop.thu@dondoc.example", True)


async def test_more_than_a_hundred_groups_and_more_than_a_hundred_members(
    realm: Realm, start_service: StartService
) -> None:
    """Keycloak's lists end at 10 or 100 for whoever does not ask on."""
    count = 105
    slugs = [f"co-quan-{number:03}" for number in range(count)]
    parent = realm.admin.get_group_by_path("/departments")["id"]
    gate = asyncio.Semaphore(8)

    async def make(number: int) -> None:
        async with gate:
            payload = {"name": slugs[number], "attributes": {"agency": [slugs[number]]}}
            await realm.admin.a_create_group(payload, parent=parent)

    async def join(number: int) -> None:
        name, group = f"user{number:03}", f"/departments/{slugs[-1]}"
        payload = {"username": name, "email": f"{name}@dondoc.example", "enabled": True}
        async with gate:
            realm.ids[name] = await realm.admin.a_create_user({**payload, "groups": [group]})

    await asyncio.gather(*map(make, range(count)))
    await asyncio.gather(*map(join, range(count)))
    last = f"user{count - 1:03}"
    realm.give(last, "officer")
    desk = await desk_of(start_service, realm)
    await desk.enter(slugs[0], slugs[-1])
    await desk.read()
    assert await desk.officer(slugs[-1]) == (realm.ids[last], f"{last}@dondoc.example", False)
    assert await desk.gaps() == {slugs[0]: "NOBODY"}


async def test_of_several_replicas_one_reads(
    realm: Realm, start_service: StartService, stack: AsyncExitStack
) -> None:
    desk = await desk_of(start_service, realm)
    await desk.enter(INTERIOR)
    realm.group(INTERIOR)
    other = await again(desk, stack)
    await desk.read()
    async with desk.kernel.engine.connect() as elsewhere:
        assert await officer_store.try_lock(elsewhere)
        before = await desk.state()
        assert not await desk.poller().round()
        assert not await other.poller().round()
        assert await other.state() == before
        await officer_store.unlock(elsewhere)
    await other.read()
    assert (await desk.state()).read_time.ToDatetime() > before.read_time.ToDatetime()


async def test_replicas_share_what_was_read_and_when_to_read_again(
    realm: Realm, start_service: StartService, stack: AsyncExitStack
) -> None:
    realm.group(INTERIOR)
    desk = await desk_of(start_service, realm, worker=True, officers_interval_seconds=3600)
    await desk.becomes("SERVING")
    other = await again(desk, stack, worker=True)
    await desk.enter(INTERIOR)
    assert not await desk.poller().round()
    assert not await other.poller().round()
    third = other.poller()
    await third.round()
    assert third.healthy, "whoever did not read himself knows that it was read"


async def test_the_command_line_tells_who_is_missing_and_how_old_that_is(
    realm: Realm, start_service: StartService
) -> None:
    desk = await desk_of(start_service, realm)
    await desk.enter(INTERIOR)
    realm.group(INTERIOR)
    realm.user("first", INTERIOR)
    await desk.read()
    ask = ("agencies", "officers", "--directory", desk.room.running.address)
    told = await dondoc_beside(*ask, DONDOC_TOKEN=office())
    assert told.returncode == 0, told.stderr
    assert re.search(r"Officers: Keycloak · read \d+ s ago · 1 agencies without one", told.stdout)
    assert realm.url in told.stdout
    assert re.search(rf"{INTERIOR}.*nobody holds the position", told.stdout)
    found = json.loads((await dondoc_beside(*ask, "--json", DONDOC_TOKEN=office())).stdout)
    assert found["age_seconds"] >= 0
    assert found["gaps"] == [
        {"agency": f"agencies/{INTERIOR}", "reason": "OFFICER_GAP_REASON_NOBODY"}
    ]


def test_who_reads_officers_can_write_nothing(realm: Realm) -> None:
    realm.group(INTERIOR)
    realm.user("first", INTERIOR, "officer")
    user, group = (
        realm.ids["first"],
        realm.admin.get_group_by_path(f"/departments/{INTERIOR}")["id"],
    )
    role = realm.admin.get_realm_role("auditor")
    reader = realm.as_the_directory()
    assert reader.get_user(user)["username"] == "first"
    assert "officer" in {r["name"] for r in reader.get_composite_realm_roles_of_user(user)}
    forbidden = [
        lambda: reader.update_user(user, {**reader.get_user(user), "enabled": False}),
        lambda: reader.create_user({"username": "second", "enabled": True}),
        lambda: reader.delete_user(user),
        lambda: reader.user_logout(user),
        lambda: reader.set_user_password(user, PASSWORD),
        lambda: reader.group_user_remove(user, group),
        lambda: reader.update_group(group, {"name": "another"}),
        lambda: reader.create_group({"name": "another"}),
        lambda: reader.assign_realm_roles(user, [role]),
        lambda: reader.get_clients(),
    ]
    for act in forbidden:
        with pytest.raises(KeycloakError) as refused:
            act()
        assert refused.value.response_code == 403
