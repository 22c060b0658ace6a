"""Work that goes on while pods come and go; runs in a pod of its own, on the image of the services.

Enters and forwards directives and reads them back from every service until the file STOP is there. A call
that ends UNAVAILABLE or CANCELLED is made again with the same request id, as the command line does; each such
attempt is counted. The last line of stdout is the result.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import grpc
import httpx
from dondoc.directives.v1 import directive_pb2, directive_service_pb2
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.directory.v1 import agency_pb2, directory_service_pb2
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from dondoc.inspections.v1 import inspection_service_pb2
from dondoc.inspections.v1.inspection_service_pb2_grpc import InspectionServiceStub
from dondoc.notify.v1 import notify_service_pb2
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from dondoc.reporting.v1 import reporting_service_pb2
from dondoc.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub
from dondoc.tasks.v1 import task_service_pb2
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub
from dondoc.type.v1 import document_pb2, limit_pb2
from google.type.date_pb2 import Date

KEYCLOAK = os.environ["KEYCLOAK"]
PREFIX = os.environ["PREFIX"]
STOP = Path("/tmp/stop")
USER, PASSWORD, CLIENT = "load", "load-1234", "load"
OFFICE, LEAD = "van-phong-ubnd-tinh", "so-thu-nghiem"
WORKERS = int(os.environ.get("WORKERS", "4"))
CALL_SECONDS, RETRY_SECONDS = 20.0, 40.0
TRIED_AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
ISSUED = Date(year=2020, month=2, day=13)  # the simulated clock begins on the next day


class Keycloak:
    """An office user, made with the administrator's rights, and his tokens."""

    def __init__(self) -> None:
        self._http = httpx.AsyncClient(base_url=KEYCLOAK, timeout=30)
        self._token, self._ends = "", 0.0
        self._lock = asyncio.Lock()

    async def _grant(self, realm: str, **form: str) -> dict[str, Any]:
        path = f"/realms/{realm}/protocol/openid-connect/token"
        answer = await self._http.post(path, data={"grant_type": "password", **form})
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def prepare(self) -> None:
        admin = await self._grant(
            "master", client_id="admin-cli", username="admin", password=os.environ["ADMIN_PASSWORD"]
        )
        self._http.headers["authorization"] = f"Bearer {admin['access_token']}"
        client = {"clientId": CLIENT, "publicClient": True, "directAccessGrantsEnabled": True}
        await self._post("clients", client)
        groups = (await self._http.get("/admin/realms/dondoc/groups")).json()
        office = next(group["id"] for group in groups if group["name"] == "office")
        group = {"name": OFFICE, "attributes": {"agency": [OFFICE]}}
        await self._post(f"groups/{office}/children", group)
        credentials = [{"type": "password", "value": PASSWORD, "temporary": False}]
        user = {"username": USER, "enabled": True, "credentials": credentials}
        await self._post("users", user | {"groups": [f"/office/{OFFICE}"]})
        del self._http.headers["authorization"]

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = await self._http.post(f"/admin/realms/dondoc/{path}", json=body)
        if answer.status_code != httpx.codes.CONFLICT:  # there from a run before
            answer.raise_for_status()

    async def token(self) -> str:
        async with self._lock:
            if time.monotonic() > self._ends:
                found = await self._grant(
                    "dondoc", client_id=CLIENT, username=USER, password=PASSWORD
                )
                self._token = found["access_token"]
                self._ends = time.monotonic() + found["expires_in"] - 60
            return self._token


class Load:
    def __init__(self) -> None:
        self.keycloak = Keycloak()
        self.calls: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        self.failed: list[str] = []
        self.longest: Counter[str] = Counter()
        self.acknowledged: dict[str, str] = {}  # directive → its task
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._number = 0
        # Of this run alone: no directive meets one of another load.
        self._symbol = f"KH-UBND-{int(time.time())}"

    async def call(
        self, service: str, stub: Any, method: str, request: Any, after: str = ""
    ) -> Any:
        """The answer and its position; None when it failed for good."""
        if service not in self._channels:
            self._channels[service] = grpc.aio.insecure_channel(
                f"{PREFIX}-{service}:8080", options=[("grpc.max_reconnect_backoff_ms", 500)]
            )
        began = time.monotonic()
        self.calls[service] += 1
        while True:
            metadata = [("authorization", f"Bearer {await self.keycloak.token()}")]
            if after:
                metadata.append(("dondoc-after", after))
            calling = getattr(stub(self._channels[service]), method)(
                request, metadata=metadata, timeout=CALL_SECONDS
            )
            try:
                answer = await calling
                position = dict(await calling.trailing_metadata()).get("dondoc-position", "")
                took = int((time.monotonic() - began) * 1000)
                self.longest[service] = max(self.longest[service], took)
                return answer, position
            except grpc.aio.AioRpcError as error:
                over = time.monotonic() - began > RETRY_SECONDS
                if error.code() not in TRIED_AGAIN or over:
                    self.failed.append(f"{service} {method} {error.code().name} {error.details()}")
                    return None, ""
                self.repeated[service] += 1
                await asyncio.sleep(0.1)

    async def begin(self) -> None:
        await self.keycloak.prepare()
        ask = directory_service_pb2.ListAgenciesRequest(page_size=500)
        listed, _ = await self.call("directives", DirectoryServiceStub, "ListAgencies", ask)
        there = {agency.name for agency in listed.agencies}  # the demonstration entered the Office
        for slug, kind in (
            (OFFICE, agency_pb2.AGENCY_KIND_OFFICE),
            (LEAD, agency_pb2.AGENCY_KIND_DEPARTMENT),
        ):
            if f"agencies/{slug}" in there:
                continue
            agency = agency_pb2.Agency(
                name=f"agencies/{slug}", display_name=f"Cơ quan {slug}", kind=kind,
                assignable=True, connected=True,
            )  # fmt: skip
            enter = directory_service_pb2.EnterAgencyRequest(request_id=_id(), agency=agency)
            await self.call("directives", DirectoryServiceStub, "EnterAgency", enter)

    async def worker(self) -> None:
        while not STOP.exists():
            await self.one()

    async def one(self) -> None:
        """One directive from entry to its task, and a look into every service."""
        self._number += 1
        limit = limit_pb2.TaskLimit(limit_class=limit_pb2.LIMIT_CLASS_WITHOUT_LIMIT)
        item = directive_pb2.DirectiveItem(
            content="Thực hiện", limit=limit, lead_agencies=[f"agencies/{LEAD}"]
        )
        made = directive_pb2.Directive(
            kind=document_pb2.DOCUMENT_KIND_PLAN, number=str(self._number), symbol=self._symbol,
            issue_date=ISSUED, issuing_authority=directive_pb2.ISSUING_AUTHORITY_CHAIRMAN,
            abstract="Kế hoạch thử", items=[item],
        )  # fmt: skip
        enter = directive_service_pb2.EnterDirectiveRequest(request_id=_id(), directive=made)
        entered, _ = await self.call("directives", DirectiveServiceStub, "EnterDirective", enter)
        if entered is None:
            return
        forward = directive_service_pb2.ForwardDirectiveRequest(request_id=_id(), name=entered.name)
        forwarded, position = await self.call(
            "directives", DirectiveServiceStub, "ForwardDirective", forward
        )
        if forwarded is None:
            return
        task = forwarded.items[0].tasks[0]
        self.acknowledged[entered.name] = task
        get = task_service_pb2.GetTaskRequest(name=task)
        await self.call("tasks", TaskServiceStub, "GetTask", get, after=position)
        ask = inspection_service_pb2.ListInspectionsRequest()
        await self.call("inspections", InspectionServiceStub, "ListInspections", ask)
        ask = reporting_service_pb2.GetFiguresRequest()
        await self.call("reporting", ReportingServiceStub, "GetFigures", ask)
        ask = notify_service_pb2.ListNoticesRequest(page_size=1)
        await self.call("notify", NotifyServiceStub, "ListNotices", ask)

    async def lost(self) -> tuple[list[str], list[str]]:
        """What was acknowledged, and is not there, or is there more than once."""
        directives: Counter[str] = Counter()
        tasks: Counter[str] = Counter()
        for found, service, stub, method, request, field in (
            (
                directives, "directives", DirectiveServiceStub, "ListDirectives",
                directive_service_pb2.ListDirectivesRequest(page_size=500), "directives",
            ),
            (
                tasks, "tasks", TaskServiceStub, "ListTasks",
                task_service_pb2.ListTasksRequest(page_size=500), "tasks",
            ),
        ):  # fmt: skip
            while True:
                page, _ = await self.call(service, stub, method, request)
                found.update(entry.name for entry in getattr(page, field))
                request.page_token = page.next_page_token
                if not page.next_page_token:
                    break
        return (
            [name for name in self.acknowledged if directives[name] != 1],
            [name for name in self.acknowledged.values() if tasks[name] != 1],
        )


def _id() -> str:
    return str(uuid.uuid4())


async def main() -> None:
    load = Load()
    await load.begin()
    _tell({"began": True, "failed": load.failed})
    workers = [asyncio.create_task(load.worker()) for _ in range(WORKERS)]
    while not all(worker.done() for worker in workers):
        await asyncio.wait(workers, timeout=10)
        _tell({"directives": len(load.acknowledged), "failed": len(load.failed)})
    for worker in workers:
        worker.result()
    directives, tasks = await load.lost()
    _tell(
        {
            "calls": dict(load.calls),
            "repeated": dict(load.repeated),
            "failed": load.failed[:20],
            "longest_ms": dict(load.longest),
            "directives": len(load.acknowledged),
            "lost_directives": directives[:20],
            "lost_tasks": tasks[:20],
        }
    )


def _tell(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


asyncio.run(main())
