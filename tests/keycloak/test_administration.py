"""What an administrator does in Keycloak, and when the services notice."""

from __future__ import annotations

from typing import Any

import grpc
from dondoc.directory.v1 import directory_service_pb2 as directory_pb
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from dondoc.notify.v1 import notify_service_pb2 as notify_pb
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from dondoc.tasks.v1 import task_service_pb2 as task_pb
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub
from joserfc import jws

from tests.fixtures.eventually import eventually
from tests.fixtures.processes import Street
from tests.fixtures.world import RELATIONS, World
from tests.keycloak.people import People
from tests.keycloak.server import Keycloak


async def may_audit(world: World, token: str) -> bool:
    """Auditors read what became of notices."""
    request = notify_pb.ListDeliveriesRequest()
    return await _allowed(world, "notify", NotifyServiceStub, "ListDeliveries", request, token)


async def sees_the_task(world: World, token: str) -> bool:
    request = task_pb.GetTaskRequest(name=world.task)
    return await _allowed(world, "tasks", TaskServiceStub, "GetTask", request, token)


async def _allowed(
    world: World, service: str, stub: type[Any], method: str, request: Any, token: str
) -> bool:
    try:
        await world.rooms[service].call(stub, method, request, token)
    except grpc.aio.AioRpcError as error:
        assert error.code() in (grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.NOT_FOUND)
        return False
    return True


def _agency_group(people: People, relation: str) -> str:
    people.group("/departments", RELATIONS[relation])
    return f"/departments/{RELATIONS[relation]}"


async def test_a_role_counts_from_the_next_token_on_and_is_gone_with_the_next(
    keycloak_world: World, people: People
) -> None:
    people.user("future.auditor", _agency_group(people, "stranger"), "officer")
    first = people.log_in("future.auditor").json()
    assert not await may_audit(keycloak_world, first["access_token"])

    people.give("future.auditor", "auditor")
    second = people.refresh(first["refresh_token"]).json()
    assert await may_audit(keycloak_world, second["access_token"])

    people.take("future.auditor", "auditor")
    third = people.refresh(second["refresh_token"]).json()
    assert not await may_audit(keycloak_world, third["access_token"])
    # Known and meant: what was given out is good until it ends, five minutes at most.
    assert await may_audit(keycloak_world, second["access_token"])


async def test_a_user_who_moves_to_another_agency_sees_its_tasks_and_no_longer_the_old_ones(
    keycloak_world: World, people: People
) -> None:
    here, there = _agency_group(people, "lead"), _agency_group(people, "stranger")
    user = people.user("moving.officer", here, "officer")
    first = people.log_in("moving.officer").json()
    assert await sees_the_task(keycloak_world, first["access_token"])

    people.admin.group_user_remove(user, people.admin.get_group_by_path(here)["id"])
    people.admin.group_user_add(user, people.admin.get_group_by_path(there)["id"])
    second = people.refresh(first["refresh_token"]).json()
    assert not await sees_the_task(keycloak_world, second["access_token"])


async def test_a_disabled_user_gets_no_further_token(keycloak_world: World, people: People) -> None:
    user = people.user("leaving.officer", _agency_group(people, "lead"), "officer")
    tokens = people.log_in("leaving.officer").json()
    people.admin.disable_user(user)

    refused = people.refresh(tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error_description"]) == (400, "User disabled")
    refused = people.log_in("leaving.officer")
    assert (refused.status_code, refused.json()["error_description"]) == (400, "Account disabled")
    # Until its end the last token is good: services ask nobody.
    assert await sees_the_task(keycloak_world, tokens["access_token"])


async def test_a_session_that_was_ended_cannot_be_gone_on_with_even_when_its_user_is_enabled_again(
    people: People,
) -> None:
    user = people.user("paused.officer", _agency_group(people, "lead"), "officer")
    tokens = people.log_in("paused.officer").json()
    people.admin.disable_user(user)
    people.admin.user_logout(user)
    people.admin.enable_user(user)

    refused = people.refresh(tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert people.log_in("paused.officer").status_code == 200


class Rotation:
    """The realm's signing keys, as an administrator handles them."""

    def __init__(self, people: People) -> None:
        self._admin = people.admin
        self._realm = self._admin.get_realm("dondoc")["id"]

    def new_key(self, name: str, priority: int) -> None:
        """From now on this key signs, since its priority is the highest."""
        config = {"priority": [str(priority)], "ecdsaEllipticCurveKey": ["P-256"]}
        self._admin.create_component(
            {
                "name": name,
                "providerId": "ecdsa-generated",
                "providerType": "org.keycloak.keys.KeyProvider",
                "parentId": self._realm,
                "config": {**config, "enabled": ["true"], "active": ["true"]},
            }
        )

    def set(self, name: str, **flags: str) -> None:
        found = self._admin.get_components({"name": name, "parent": self._realm})[0]
        config = {**found["config"], **{flag: [value] for flag, value in flags.items()}}
        self._admin.update_component(found["id"], {**found, "config": config})


async def test_keys_rotate_while_a_service_runs(
    keycloak: Keycloak, people: People, street: Street
) -> None:
    street.environment["DONDOC_ISSUER_URL"] = keycloak.issuer
    await street.start("directives")
    keys = Rotation(people)
    people.user("rotating.officer", _agency_group(people, "stranger"), "officer")

    def token() -> str:
        return str(people.log_in("rotating.officer").json()["access_token"])

    async def accepted(token: str) -> bool:
        """Asks again while Keycloak does not tell its keys in time."""
        request = directory_pb.ListAgenciesRequest()
        while True:
            try:
                await street.call(
                    "directives", DirectoryServiceStub, "ListAgencies", request, token
                )
            except grpc.aio.AioRpcError as error:
                if error.code() is grpc.StatusCode.UNAVAILABLE:
                    continue
                assert error.code() is grpc.StatusCode.UNAUTHENTICATED
                return False
            return True

    async def becomes_accepted(token: str) -> bool:
        """A service asks for new keys once in five seconds at most."""
        return await eventually(lambda: accepted(token))

    old = token()
    assert await accepted(old)

    keys.new_key("es256-2", 200)
    keys.set("es256-1", active="false")  # passive: published still, signs nothing
    new = token()
    assert _kid(new) != _kid(old)
    assert await becomes_accepted(new)
    assert await accepted(old)

    keys.set("es256-1", enabled="false")  # retired: published no more
    people.forget_tokens()
    keys.new_key("es256-3", 300)
    newest = token()
    # Noticed with the next fetch of keys: at an unknown key, else after five minutes.
    assert await becomes_accepted(newest)
    assert not await accepted(old)
    assert await accepted(new)


def _kid(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])
