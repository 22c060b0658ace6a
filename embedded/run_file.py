"""`run.json` in the data folder: where the house that runs on it can be reached.

Programs read it (command line, tests, tools). It holds passwords, so only the owner may read it; it is
there exactly as long as the house runs, unless the supervisor was killed.

A house may also run elsewhere, on a cluster: then `dondoc connect` is its supervisor here, the addresses
are those of its port-forwards, and what cannot be reached from here (databases, NATS, mail) is empty.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from embedded.alive import Mark
from embedded.files import write_private

NAME = "run.json"
ClockMode = Literal["simulated", "real"]


class NotRunningError(RuntimeError):
    """No house runs on the data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        super().__init__(
            f"Không có hệ thống nào đang chạy trên {data}; hãy chạy `dondoc up`. "
            f"/ Nothing runs on {data}; start it with `dondoc up`."
        )


@dataclass(frozen=True, slots=True)
class RunningService:
    """One service: host:port of its gRPC server, DSN of its own database, process id (on a
    cluster that of `dondoc connect`), log file."""

    address: str
    dsn: str
    pid: int
    log: str


@dataclass(frozen=True, slots=True)
class TrialKeycloak:
    """The Keycloak of a trial on a cluster: where it is reached from here, the password of its `admin`,
    and the secret of the client by which the command line logs its users in."""

    url: str
    admin_password: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class RunFile:
    """The content of run.json. `issuer` is the issuer's URL, as it stands in `iss` of the tokens;
    `issuer_folder` keeps users and passwords; `nats` carries user and password; `smtp_folder` keeps one
    .eml file for each message. `keycloak`: None where the issuer is the embedded one."""

    data: str
    clock: ClockMode
    issuer: str
    issuer_folder: str
    nats: str
    smtp_host: str
    smtp_port: int
    smtp_folder: str
    supervisor: Mark
    services: Mapping[str, RunningService]
    keycloak: TrialKeycloak | None = None

    def write(self) -> None:
        """Replaces run.json atomically, 0600."""
        path = Path(self.data) / NAME
        write_private(path, json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n")

    @classmethod
    def read(cls, data: Path) -> RunFile:
        """The house that runs on `data`. Raises NotRunningError, also for what a crash left."""
        try:
            content = json.loads((data / NAME).read_text(encoding="utf-8"))
            services = {
                name: RunningService(**entry) for name, entry in content["services"].items()
            }
            mark = Mark(**content["supervisor"])
            at = content.get("keycloak")
            keycloak = TrialKeycloak(**at) if at else None
            parts = {"services": services, "supervisor": mark, "keycloak": keycloak}
            found = cls(**{**content, **parts})
        except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, KeyError):
            raise NotRunningError(data) from None
        if not found.supervisor.alive():
            raise NotRunningError(data)
        return found

    @staticmethod
    def remove(data: Path) -> None:
        (data / NAME).unlink(missing_ok=True)
