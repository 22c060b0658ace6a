"""Users of the embedded issuer: role accounts that stand in for the persons a Keycloak would know.

Every agency of the directory has an officer in charge and a head (điểm d khoản 2 Điều 9, điểm c
khoản 1 Điều 8). Four accounts are there before the directory is: somebody has to enter it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from embedded.issuer import IssuerStore

OFFICE: Final = "van-phong-ubnd-tinh"
IT_CENTER: Final = "trung-tam-cong-nghe-thong-tin-va-truyen-thong"
OFFICE_USER: Final = "vanphong"
IT_CENTER_USER: Final = "ttcntt"

POSITIONS: Final = ("officer", "head")
# By the agency's kind (directory.v1.AgencyKind, without its prefix). An authority gives tasks
# and has no account: its decisions are recorded by the Office.
ROLES: Final[Mapping[str, str]] = {
    "OFFICE": "office",
    "DEPARTMENT": "department",
    "DISTRICT": "district",
    "IT_CENTER": "it-center",
    "OTHER": "other-agency",
}


def ensure_first_users(store: IssuerStore) -> None:
    """Who can enter the directory, and who reads all of it."""
    store.ensure_user(OFFICE_USER, OFFICE, ["office", "officer"])
    store.ensure_user(IT_CENTER_USER, IT_CENTER, ["it-center", "officer"])
    store.ensure_user("lanhdao", None, ["leadership"])
    store.ensure_user("kiemtoan", None, ["auditor"])


def ensure_users_of(store: IssuerStore, agencies: Iterable[tuple[str, str]]) -> list[str]:
    """`<slug>.officer` and `<slug>.head` of each agency, given as (slug, kind); names of all."""
    names = []
    for slug, kind in agencies:
        role = ROLES.get(kind)
        for position in POSITIONS if role else ():
            assert role
            names.append(store.ensure_user(f"{slug}.{position}", slug, [role, position]).username)
    return names
