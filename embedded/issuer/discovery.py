"""The discovery document and the realm's page, as Keycloak writes them.

Only what this issuer can do is announced: Keycloak's document has more algorithms, grants and
endpoints, but no field here differs from Keycloak's, and every listed value is one of Keycloak's.
"""

from __future__ import annotations

import base64
from typing import Any

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from embedded.issuer.keys import ALGORITHM
from embedded.issuer.tokens import TokenIssuer

_CLIENT_AUTHENTICATION = ["client_secret_basic", "client_secret_post"]


def discovery_document(issuer: TokenIssuer) -> dict[str, Any]:
    """What `/.well-known/openid-configuration` answers."""
    endpoint = f"{issuer.issuer}/protocol/openid-connect"
    scopes = {scope for client in issuer.realm.clients.values() for scope in client.default_scopes}
    return {
        "issuer": issuer.issuer,
        "token_endpoint": f"{endpoint}/token",
        "introspection_endpoint": f"{endpoint}/token/introspect",
        "userinfo_endpoint": f"{endpoint}/userinfo",
        "end_session_endpoint": f"{endpoint}/logout",
        "jwks_uri": f"{endpoint}/certs",
        "revocation_endpoint": f"{endpoint}/revoke",
        "grant_types_supported": ["client_credentials", "password", "refresh_token"],
        "response_types_supported": ["none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": _CLIENT_AUTHENTICATION,
        "introspection_endpoint_auth_methods_supported": _CLIENT_AUTHENTICATION,
        "revocation_endpoint_auth_methods_supported": _CLIENT_AUTHENTICATION,
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "preferred_username", "azp"],
        "claim_types_supported": ["normal"],
        "scopes_supported": ["openid", *sorted(scopes)],
    }


def realm_page(issuer: TokenIssuer) -> dict[str, Any]:
    """What `/realms/{realm}` answers; the public key is Base64 of its DER form."""
    key = load_pem_public_key(issuer.keys.active_public_key())
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "realm": issuer.realm.name,
        "public_key": base64.b64encode(der).decode("ascii"),
        "token-service": f"{issuer.issuer}/protocol/openid-connect",
        "account-service": f"{issuer.issuer}/account",
        "tokens-not-before": 0,
    }
