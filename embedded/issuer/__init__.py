"""A token issuer that answers like Keycloak, for one machine and for tests.

It stands in for Keycloak where there is no Java: the same paths, claims, errors and keys by
`kid`, so that a service cannot tell the difference. It has no login pages: the flows through a
browser (authorization code, device) need the real Keycloak. It binds to loopback only.
"""

from embedded.issuer.realm import DEFAULT_REALM_FILE, Client, Realm, load_realm
from embedded.issuer.server import IssuerServer
from embedded.issuer.store import IssuerStore, User
from embedded.issuer.tokens import OAuthError, TokenIssuer

__all__ = [
    "DEFAULT_REALM_FILE",
    "Client",
    "IssuerServer",
    "IssuerStore",
    "OAuthError",
    "Realm",
    "TokenIssuer",
    "User",
    "load_realm",
]
