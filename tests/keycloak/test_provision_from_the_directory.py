"""The groups as the running directory says: read over gRPC, as an officer who may read it."""

from __future__ import annotations

from pathlib import Path

from tests.fixtures.world import RELATIONS, World
from tests.keycloak.people import People
from tests.keycloak.province import Province, dondoc_beside
from tests.keycloak.server import ADMIN, Keycloak


async def test_groups_carry_what_the_directory_knows_of_agencies(
    keycloak_world: World, keycloak: Keycloak, people: People, tmp_path: Path
) -> None:
    province = Province(keycloak, "province-of-the-directory", tmp_path)
    done = await dondoc_beside(
        *("keycloak", "provision", "--realm", str(province.file), "--yes"),
        *("--directory", keycloak_world.rooms["directives"].running.address),
        DONDOC_TOKEN=people.member("so-noi-vu", "department", "officer"),
        DONDOC_KEYCLOAK_URL=keycloak.url,
        DONDOC_KEYCLOAK_ADMIN=ADMIN,
        DONDOC_KEYCLOAK_ADMIN_PASSWORD=keycloak.password,
    )
    assert done.returncode == 0, done.stderr
    lead = province.admin.get_group_by_path(f"/departments/{RELATIONS['lead']}")
    assert lead["attributes"] == {
        "agency": [RELATIONS["lead"]],
        "kind": ["department"],
        "parent": [RELATIONS["superior"]],
        "connected": ["true"],
    }
    departments = province.admin.get_group_by_path("/departments")["id"]
    names = {group["name"] for group in province.admin.get_group_children(departments)}
    assert names == set(RELATIONS.values())
