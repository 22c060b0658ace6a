"""`dondoc golive import`: the sample file into a house that begins on the day of its cut-over."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from dondoc.limits.v1 import clock_pb2, deadline_service_pb2
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.notify.v1 import notify_service_pb2
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from dondoc.tasks.v1 import task_pb2, task_service_pb2
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub

from cli import clock
from cli.client import House
from cli.importing.agencies import import_agencies
from cli.importing.golive import import_open_tasks
from cli.importing.report import Kind, Outcome
from embedded.supervisor import Supervisor
from embedded.users import OFFICE_USER
from services.tasks.application.golive import ACTS
from tests.integration.cli.conftest import SAMPLE, sample

pytestmark = pytest.mark.timeout(300)
CUT_OVER = date(2020, 2, 14)  # the first day of a new house on the simulated clock


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fresh(tmp_path_factory: Any) -> AsyncIterator[House]:
    """A house of this file alone, with the directory of the sample."""
    data = tmp_path_factory.mktemp("golive")
    supervisor = Supervisor(data, "simulated", durable=False, say=lambda said: None)
    await supervisor.start()
    try:
        async with House.load(supervisor.data) as house:
            organisations = sample("organisations.json")
            await import_agencies(house, organisations, placeholder_officers=True)
            yield house
    finally:
        await supervisor.stop()


def dondoc(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli.main", *arguments, "--data", str(data)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240)


async def test_the_sample_comes_in_once_and_nobody_is_told(fresh: House) -> None:
    rows = sample("golive.json")
    first = await import_open_tasks(fresh, rows, CUT_OVER, user=OFFICE_USER)
    assert [(row.id, row.outcome, row.reasons) for row in first.rows] == [
        (row_id, Outcome.ENTERED, ())
        for row_id in ("G01", "G01/1", "G01/1", "G01/2", "G02", "G02/1")
    ]
    again = await import_open_tasks(fresh, rows, CUT_OVER, user=OFFICE_USER)
    assert {row.outcome for row in again.rows} == {Outcome.ALREADY_THERE}
    assert again.given(Kind.ITEM) == 4

    await clock.settle(fresh)
    listed = await fresh.pages(
        NotifyServiceStub,
        "ListDeliveries",
        notify_service_pb2.ListDeliveriesRequest(),
        "deliveries",
    )
    assert listed == []
    tasks = await fresh.pages(
        TaskServiceStub, "ListTasks", task_service_pb2.ListTasksRequest(), "tasks"
    )
    stand = sorted(
        (task.directive.document_code, task.lead_agency, task_pb2.TaskState.Name(task.state))
        for task in tasks
    )
    assert stand == [
        ("7/UBND-NC", "agencies/so-noi-vu", "TASK_STATE_ACCEPTED"),
        ("901/KH-UBND", "agencies/so-noi-vu", "TASK_STATE_REPORTED"),
        ("901/KH-UBND", "agencies/so-tai-chinh", "TASK_STATE_IN_PROGRESS"),
        ("901/KH-UBND", "agencies/so-tu-phap", "TASK_STATE_FORWARDED"),
    ]
    late = deadline_service_pb2.ListClocksRequest(rule="R5.1e", state=clock_pb2.CLOCK_STATE_LATE)
    found = await fresh.call(DeadlineServiceStub, "ListClocks", late, service="tasks")
    assert {one.owed_by for one in found.clocks} == {"agencies/so-tu-phap", "agencies/so-noi-vu"}


async def test_what_is_wrong_is_told_by_row_and_the_rest_comes_in(
    fresh: House, tmp_path: Path
) -> None:
    good, _ = sample("golive.json")
    rows = []
    for number in range(7):
        row = copy.deepcopy(good)
        row["id"], row["directive"]["number"] = f"W{number}", str(950 + number)
        rows.append(row)
    rows[0]["forwarded_on"] = "2020-02-14"  # not before the cut-over
    rows[1]["histories"][0]["acts"].reverse()
    rows[2]["histories"][0]["lead"] = "agencies/so-cong-thuong"
    rows[3]["directive"]["abstracts"] = "x"
    del rows[4]["forwarded_on"]
    rows[5]["directive"]["items"][0]["lead_agencies"] = ["agencies/khong-co"]
    rows[5]["histories"] = []
    file = tmp_path / "rows.json"
    file.write_text(json.dumps(rows), "utf-8")
    found = dondoc(
        fresh.found.data, "golive", "import", str(file), "--cut-over", "2020-02-14", "--json"
    )
    assert found.returncode == 0, found.stderr
    told = json.loads(found.stdout)
    outcome = {}
    for row in told["rows"]:
        outcome.setdefault(row["id"], []).append(row["outcome"])
    said = {row["id"]: json.dumps(row["reasons"]) for row in told["rows"] if row["reasons"]}
    assert outcome["W0"] == outcome["W2"] == outcome["W3"] == outcome["W4"] == ["refused"]
    assert "forward_date" in said["W0"]
    assert (outcome["W1"], outcome["W1/1"]) == (["entered"], ["refused", "entered"])
    assert "acts[0].result" in said["W1/1"]
    assert "so-cong-thuong" in said["W2"]
    assert "abstracts" in said["W3"]
    assert "forwarded_on" in said["W4"]
    assert outcome["W5"] == ["refused"]
    assert "lead_agencies" in said["W5"]
    assert outcome["W6"] == ["entered"]


def test_the_page_of_the_format_speaks_of_every_act() -> None:
    page = (SAMPLE.parent / "docs" / "golive.md").read_text("utf-8")
    assert [name for name in ACTS if f"`{name}`" not in page] == []
