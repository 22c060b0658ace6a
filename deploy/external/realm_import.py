"""Prints the realm of deploy/keycloak as a KeycloakRealmImport, for Keycloak's operator.

An import makes a realm that is not there, and never changes one that is: from then on
`dondoc keycloak diff` and `provision` keep it as the file says.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

REALM = Path(__file__).resolve().parent.parent / "keycloak" / "dondoc-realm.json"

json.dump(
    {
        "apiVersion": "k8s.keycloak.org/v2alpha1",
        "kind": "KeycloakRealmImport",
        "metadata": {"name": "dondoc"},
        "spec": {
            "keycloakCRName": "dondoc",
            "realm": json.loads(REALM.read_text(encoding="utf-8")),
        },
    },
    sys.stdout,
    ensure_ascii=False,
    indent=1,
)
