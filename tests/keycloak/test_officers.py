"""Officers in charge read from a real Keycloak (điểm d khoản 2 Điều 9), each test on a realm of its own."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from dondoc.directory.v1 import agency_pb2
from dondoc.directory.v1 import directory_service_pb2 as pb
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from dondoc.notify.v1 import notify_service_pb2 as notify_pb
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from grpc_health.v1 import health_pb2, health_pb2_grpc
from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakError
from pydantic import SecretStr
from sqlalchemy import select

from cli.keycloak.provision import read_realm
from services.directives.adapters import officer_store
from services.directives.bootstrap import DEFINITION
from services.directives.entrypoints.officer_poller import HEALTH, OfficerPoller
from services.directives.settings import DirectivesSettings
from services.kernel.directory.tables import agency as agency_table
from services.kernel.runtime.service import Kernel, Running, build
from tests.fixtures.house import Room, StartService, office, verifier
from tests.fixtures.world import new_id
from tests.keycloak.people import PASSWORD
from tests.keycloak.province import dondoc_beside
from tests.keycloak.server import Keycloak, running

_numbers = itertools.count(1)
PATIENCE_SECONDS = 60
INTERIOR, FINANCE = "so-noi-vu", "so-tai-chinh"


@dataclass
class Realm:
    """A realm of one test, as its administrator changes it."""

    keycloak: Keycloak
    name: str
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        master = self.keycloak.admin("master")
        master.create_realm({**read_realm(), "realm": self.name})
        self.admin = self.keycloak.admin(self.name)

    @property
    def url(self) -> str:
        return f"{self.keycloak.url}/realms/{self.name}"

    @property
    def secret(self) -> str:
        client = self.admin.get_client_id("dondoc-directory")
        return str(self.admin.get_client_secrets(client)["value"])

    def group(self, agency: str, below: str = "/departments") -> str:
        parent = self.admin.get_group_by_path(below)["id"]
        payload = {"name": agency, "attributes": {"agency": [agency]}}
        return str(self.admin.create_group(payload, parent=parent))

    def user(self, name: str, agency: str, *roles: str, email: str | None = "") -> None:
        payload: dict[str, Any] = {
            "username": name,
            "enabled": True,
            "groups": [f"/departments/{agency}"],
        }
        if email is not None:
            payload["email"] = email or f"{name}@dondoc.example"
        self.ids[name] = self.admin.create_user(payload)
        if roles:
            self.give(name, *roles)

    def give(self, name: str, *roles: str) -> None:
        found = [self.admin.get_realm_role(role) for role in roles]
        self.admin.assign_realm_roles(self.ids[name], found)

    def take(self, name: str, *roles: str) -> None:
        found = [self.admin.get_realm_role(role) for role in roles]
        self.admin.delete_realm_roles_of_user(self.ids[name], found)

    def as_the_directory(self) -> KeycloakAdmin:
        """Logged in as the client that reads officers."""
        return KeycloakAdmin(
            server_url=self.keycloak.url,
            realm_name=self.name,
            client_id="dondoc-directory",
            client_secret_key=self.secret,
        )


@dataclass
class Desk:
    """`directives`, reading from the realm when the test says so."""

    room: Room

    @property
    def kernel(self) -> Kernel:
        return self.room.running.kernel

    def poller(self, kernel: Kernel | None = None) -> OfficerPoller:
        kernel = kernel or self.kernel
        assert isinstance(kernel.settings, DirectivesSettings)
        return OfficerPoller(kernel, kernel.settings)

    async def read(self) -> None:
        """One attempt, as soon as one is due."""
        poller = self.poller()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await poller.round():
                pass

    async def call(self, method: str, request: Any) -> Any:
        return await self.room.call(DirectoryServiceStub, method, request)

    async def enter(self, *slugs: str) -> None:
        for slug in slugs:
            agency = agency_pb2.Agency(
                name=f"agencies/{slug}",
                display_name=f"Cơ quan {slug}",
                kind=agency_pb2.AGENCY_KIND_DEPARTMENT,
                assignable=True,
                connected=True,
            )
            await self.call(
                "EnterAgency", pb.EnterAgencyRequest(request_id=new_id(), agency=agency)
            )

    async def appoint(self, slug: str, email: str, *, placeholder: bool) -> None:
        officer = agency_pb2.Officer(email=email, placeholder=placeholder)
        name = f"agencies/{slug}"
        request = pb.AppointOfficerRequest(request_id=new_id(), name=name, officer=officer)
        await self.call("AppointOfficer", request)

    async def officer(self, slug: str) -> tuple[str, str, bool]:
        """Subject, address, and whether it is a placeholder."""
        found = await self.call("GetAgency", pb.GetAgencyRequest(name=f"agencies/{slug}"))
        return found.officer.subject, found.officer.email, found.officer.placeholder

    async def state(self) -> pb.OfficersState:
        state: pb.OfficersState = await self.call("GetOfficersState", pb.GetOfficersStateRequest())
        return state

    async def gaps(self) -> dict[str, str]:
        return {
            gap.agency.removeprefix("agencies/"): pb.OfficerGapReason.Name(gap.reason).removeprefix(
                "OFFICER_GAP_REASON_"
            )
            for gap in (await self.state()).gaps
        }

    async def becomes(self, status: str) -> None:
        """Until health tells so of the part that reads officers."""
        stub = health_pb2_grpc.HealthStub(self.room.channel)
        request = health_pb2.HealthCheckRequest(service=HEALTH)
        wanted = health_pb2.HealthCheckResponse.ServingStatus.Value(status)
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for answer in stub.Watch(request):
                if answer.status == wanted:
                    return


@pytest.fixture
def realm(keycloak: Keycloak) -> Realm:
    return Realm(keycloak, f"officers-{next(_numbers)}")


@pytest_asyncio.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


async def desk_of(start_service: StartService, realm: Realm, **settings: Any) -> Desk:
    """Its own worker reads once at start and then rests: the test says when to read again."""
    given = {
        "officers_url": realm.url,
        "officers_client_secret": SecretStr(realm.secret),
        "officers_interval_seconds": 0.001,
        "poll_seconds": 60,
        **settings,
    }
    return Desk(await start_service("directives", **given))


async def again(desk: Desk, stack: AsyncExitStack) -> Desk:
    """A further replica on the same database."""
    kernel = build(DEFINITION, desk.kernel.settings, verifier())
    replica = Running(kernel, DEFINITION)
    stack.push_async_callback(replica.stop)
    await replica.start()
    channel = grpc.aio.insecure_channel(replica.address)
    stack.push_async_callback(channel.close)
    return Desk(Room(replica, kernel.engine, channel, desk.room.database))


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
    desk = await desk_of(start_service, realm, officers_interval_seconds=0.001)
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
    desk = await desk_of(start_service, realm, officers_interval_seconds=3600)
    other = await again(desk, stack)
    await desk.becomes("SERVING")
    await desk.enter(INTERIOR)
    assert not await desk.poller().round()
    assert not await other.poller().round()
    third = other.poller()
    await third.round()
    assert third.healthy, "whoever did not read himself knows that it was read"


async def test_an_outage_keeps_the_last_copy_and_a_restart_does_too(
    start_service: StartService, stack: AsyncExitStack, tmp_path: Path
) -> None:
    with running(tmp_path) as keycloak:
        realm = Realm(keycloak, "officers-of-a-day")
        realm.group(INTERIOR)
        realm.user("first", INTERIOR, "officer")
        desk = await desk_of(start_service, realm, officers_interval_seconds=0.5, poll_seconds=0.1)
        await desk.enter(INTERIOR, FINANCE)
        await desk.read()
        await desk.becomes("SERVING")
        in_charge = (realm.ids["first"], "first@dondoc.example", False)
        assert await desk.officer(INTERIOR) == in_charge

    async def failed(desk: Desk, times: int) -> pb.OfficersState:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (state := await desk.state()).failed_attempts < times:
                pass
        return state

    await desk.becomes("NOT_SERVING")
    first = await failed(desk, 1)
    third = await failed(desk, 3)
    assert third.read_time == first.read_time
    assert third.failure == pb.OFFICERS_FAILURE_UNREACHABLE
    pause = third.next_attempt_time.ToDatetime() - third.attempt_time.ToDatetime()
    # 4 seconds less at most half: longer than the first could ever have been.
    assert 2 <= pause.total_seconds() <= 4
    assert await desk.officer(INTERIOR) == in_charge
    assert await desk.gaps() == {FINANCE: "NO_GROUP"}

    await desk.room.running.stop()
    restarted = await again(desk, stack)
    after = await failed(restarted, 4)
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
