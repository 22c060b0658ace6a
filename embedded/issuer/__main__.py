"""`python -m embedded.issuer --data DIR --port 0`: the issuer as a process of its own.

The first line of stdout is JSON with the base URL and the issuer's name. SIGTERM or Ctrl-C stops
it. Users are added to the data folder by whoever set it up (`IssuerStore.ensure_user`).
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from embedded.issuer.realm import DEFAULT_REALM_FILE, load_realm
from embedded.issuer.server import IssuerServer


def main() -> None:
    """Serve until a signal says stop."""
    parser = argparse.ArgumentParser(prog="python -m embedded.issuer", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data folder (made if missing)")
    parser.add_argument("--port", type=int, default=0, help="TCP port on 127.0.0.1; 0 = a free one")
    parser.add_argument("--realm", type=Path, default=DEFAULT_REALM_FILE, help="realm JSON file")
    parser.add_argument(
        "--allow-password-grant",
        metavar="CLIENT",
        action="append",
        default=[],
        help="client that may log users in by password (may be repeated)",
    )
    arguments = parser.parse_args()
    realm = load_realm(arguments.realm)
    for client in arguments.allow_password_grant:
        realm = realm.allowing_password_grant(client)
    # Blocked before the thread starts, which inherits this: so the signals wait for us here.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with IssuerServer(arguments.data, realm, arguments.port) as server:
        line = {"url": server.url, "issuer": server.issuer.issuer}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
