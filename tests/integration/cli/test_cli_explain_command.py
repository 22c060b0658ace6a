"""`dondoc explain` against a running house: what it is asked for, by whom, and in which language."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from dondoc.directives.v1 import directive_service_pb2 as pb
from dondoc.directives.v1.directive_pb2 import Directive
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from typer.testing import CliRunner, Result

from cli import clock, language
from cli.main import app
from services.kernel.runtime.ids import derived
from tests.integration.cli.conftest import Imported
from tests.integration.cli.test_cli_clock import entered

pytestmark = pytest.mark.timeout(300)


async def run(imported: Imported, *arguments: str) -> Result:
    """The command in a thread of its own, as its own event loop needs."""
    before = language.current
    asked = ["explain", *arguments, "--data", str(imported.house.found.data)]
    try:
        return await asyncio.to_thread(CliRunner().invoke, app, asked)
    finally:
        language.choose(before)


async def forwarded(imported: Imported, number: str) -> Directive:
    house = imported.house
    name = await entered(house, number, "Sở Nội vụ")
    request_id = str(derived("request", name))
    ask = pb.ForwardDirectiveRequest(request_id=request_id, name=name)
    found: Directive = await house.call(DirectiveServiceStub, "ForwardDirective", ask)
    await clock.settle(house)
    return found


def limits_of(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


@pytest.mark.rule("R7.1", "R5.1e", "R7.2a")
async def test_a_directive_is_found_by_number_and_explained_with_its_tasks(
    imported: Imported,
) -> None:
    directive = await forwarded(imported, "961/UBND-TH")
    (task,) = directive.items[0].tasks
    told = limits_of(await run(imported, "961/ubnd-th", "--tasks", "--json"))
    assert [one["subject"] for one in told] == [directive.name, task]
    assert [limit["clock"]["rule"] for one in told for limit in one["limits"]] == [
        "R7.1", "R5.1e", "R7.2a",
    ]  # fmt: skip
    assert told[1]["limits"][0]["asking"]["state"] == "ASKING_STATE_OPEN"


@pytest.mark.rule("R5.1e")
async def test_the_lead_agency_finds_its_task_by_the_number_of_a_document_it_may_not_open(
    imported: Imported,
) -> None:
    directive = await forwarded(imported, "962/UBND-TH")
    (task,) = directive.items[0].tasks
    lead, other = ("--user", "so-noi-vu.officer"), ("--user", "so-tu-phap.officer")
    for written in ("962/UBND-TH", task, task.removeprefix("tasks/")):
        told = limits_of(await run(imported, written, "--json", *lead))
        assert [one["subject"] for one in told] == [task]
    refused = await run(imported, "962/UBND-TH", "--lang", "en", *other)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "no document 962/UBND-TH that you may see" in refused.stderr


async def test_an_id_alone_is_enough_for_a_directive_too(imported: Imported) -> None:
    directive = await forwarded(imported, "963/UBND-TH")
    shown = await run(imported, directive.name.removeprefix("directives/"), "--lang", "en")
    assert shown.exit_code == 0
    assert "Classify, enter and forward the tasks" in shown.stdout
    assert "khoản 1 Điều 7" in shown.stdout
    assert f"dondoc explain {directive.items[0].tasks[0]}" in shown.stdout
    vietnamese = await run(imported, directive.name, "--lang", "vi")
    assert "Phân loại, cập nhật và chuyển nhiệm vụ" in vietnamese.stdout


async def test_what_is_no_subject_is_told_with_what_would_be_right(imported: Imported) -> None:
    wrong = await run(imported, "Quyết định", "--lang", "en")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "right would be tasks/UUID, directives/UUID, 374/UBND-VXNV" in " ".join(
        wrong.stderr.split()
    )
