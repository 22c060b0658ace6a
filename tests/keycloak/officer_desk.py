"""`directives` reading officers in charge from a realm of one test, and whoever administers that realm."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import grpc
from dondoc.directory.v1 import agency_pb2
from dondoc.directory.v1 import directory_service_pb2 as pb
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from grpc_health.v1 import health_pb2, health_pb2_grpc
from keycloak import KeycloakAdmin
from pydantic import SecretStr

from cli.keycloak.provision import read_realm
from services.directives.bootstrap import DEFINITION
from services.directives.entrypoints.officer_poller import HEALTH, OfficerPoller
from services.directives.settings import DirectivesSettings
from services.kernel.runtime.service import Kernel, Running, build
from tests.fixtures.eventually import PATIENCE_SECONDS
from tests.fixtures.house import Room, StartService, verifier
from tests.fixtures.world import new_id
from tests.keycloak.server import Keycloak

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


async def desk_of(
    start_service: StartService, realm: Realm, *, worker: bool = False, **settings: Any
) -> Desk:
    """Without its worker, nothing is read but when the test says so."""
    given = {
        "officers_url": realm.url,
        "officers_client_secret": SecretStr(realm.secret),
        "officers_interval_seconds": 0.001,
        "poll_seconds": 60,
        **settings,
    }
    with _workers(worker):
        return Desk(await start_service("directives", **given))


async def again(desk: Desk, stack: AsyncExitStack, *, worker: bool = False) -> Desk:
    """A further replica on the same database."""
    kernel = build(DEFINITION, desk.kernel.settings, verifier())
    with _workers(worker):
        replica = Running(kernel, DEFINITION)
        stack.push_async_callback(replica.stop)
        await replica.start()
    channel = grpc.aio.insecure_channel(replica.address)
    stack.push_async_callback(channel.close)
    return Desk(Room(replica, kernel.engine, channel, desk.room.database))


@contextmanager
def _workers(there: bool) -> Iterator[None]:
    """Services that start meanwhile read by themselves, or never do."""

    async def rest(_: OfficerPoller) -> None:
        await asyncio.Event().wait()

    if there:
        yield
        return
    with mock.patch.object(OfficerPoller, "run", rest):
        yield
