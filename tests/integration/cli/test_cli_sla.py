"""`dondoc sla` and `dondoc trace` on a whole house."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from dondoc.limits.v1.deadline_service_pb2 import GetComplianceRequest, ListClocksRequest
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub

from cli import clock
from cli.sla.compliance import COUNTS, compliance
from embedded.users import OFFICE_USER
from tests.integration.cli.conftest import Imported

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).parents[3]


async def dondoc(data: str, *words: str) -> str:
    """What the command prints, as a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli.main", *words, "--data", data,
        cwd=ROOT, env={**os.environ, "DONDOC_LANG": "vi"}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told, _ = await process.communicate()
    assert process.returncode == 0
    return told.decode()


@pytest.mark.rule("R25.2")
async def test_the_figures_of_the_house_are_those_of_its_services(imported: Imported) -> None:
    house = imported.house
    await clock.settle(house)  # the services are asked one after the other
    whole = await compliance(house, GetComplianceRequest(), OFFICE_USER)
    parts = [
        await house.call(
            DeadlineServiceStub, "GetCompliance",
            GetComplianceRequest(as_of_time=whole.as_of_time), service=service,
        )
        for service in house.services
    ]  # fmt: skip
    assert len(whole.rows) == sum(len(part.rows) for part in parts)
    assert "R7.1" in {row.rule for row in whole.rows}
    for count in COUNTS:
        total = getattr(whole.total, count)
        assert total == sum(getattr(row, count) for row in whole.rows)
        assert total == sum(getattr(part.total, count) for part in parts)
    assert whole.total.compliance.denominator > 0
    printed = json.loads(await dondoc(house.found.data, "sla", "--json"))
    assert len(printed["rows"]) == len(whole.rows)


@pytest.mark.rule("R7.1")
async def test_a_trace_is_printed_as_a_timeline(imported: Imported) -> None:
    house = imported.house
    ask = ListClocksRequest(rule="R7.1", page_size=1)
    listed = await house.call(DeadlineServiceStub, "ListClocks", ask, service="directives")
    name = listed.clocks[0].subject
    told = await dondoc(house.found.data, "trace", name, "--moments")
    assert name.removeprefix("directives/").replace("-", "") in told
    for wanted in ("Văn bản", "R7.1 khoản 1 Điều 7", "DirectiveEntered", "◆"):
        assert wanted in told
    trace = json.loads(await dondoc(house.found.data, "trace", name, "--json"))
    assert trace["spans"][0]["name"] == "directive"
    assert len({span["span_id"] for span in trace["spans"]}) == len(trace["spans"])
