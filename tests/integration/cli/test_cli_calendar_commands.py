"""`dondoc calendar` against a running house: a year imported, an edit looked at, made and undone."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from dondoc.calendar.v1 import calendar_pb2
from dondoc.limits.v1 import clock_pb2
from dondoc.limits.v1 import deadline_service_pb2 as pb
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub

from cli.calendar.preview import preview
from cli.client import House
from cli.errors import FAILED
from services.kernel.runtime.protos import from_date, to_date
from tests.fixtures.house import Room, StartService, office
from tests.integration.cli.conftest import Imported

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.timeout(600)  # the first one pays for the house and the import


async def dondoc(
    house: House, *arguments: str, lang: str = "en"
) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "cli.main", "calendar", *arguments],
        cwd=ROOT,
        env={**os.environ, "DONDOC_DATA": house.found.data, "DONDOC_LANG": lang},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


async def told(house: House, *arguments: str, code: int = 0) -> Any:
    done = await dondoc(house, *arguments, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


async def a_running_clock(house: House) -> tuple[str, Any]:
    """One of the sample with its service; its last day is a working one."""
    for service in ("tasks", "directives"):
        for state in (clock_pb2.CLOCK_STATE_RUNNING, clock_pb2.CLOCK_STATE_LATE):
            request = pb.ListClocksRequest(state=state, page_size=500)
            found = await house.call(DeadlineServiceStub, "ListClocks", request, service=service)
            for clock in found.clocks:
                if clock.rule in ("R5.1e", "R7.1", "R7.2a"):
                    return service, clock
    raise AssertionError("no clock of the sample runs")


@pytest.mark.rule("R23.1")
async def test_an_edit_is_looked_at_in_all_services_then_made_and_undone(
    imported: Imported,
) -> None:
    house = imported.house
    service, clock = await a_running_clock(house)
    last = from_date(clock.last_day, "")
    argument = f"{last.isoformat()}=swap-off"
    looked = await told(house, "preview", argument)
    assert looked["complete"]
    assert [s["service"] for s in looked["services"]] == list(house.services)
    (one,) = (s for s in looked["services"] if s["service"] == service)
    assert clock.name in [move["clock"] for move in one["moves"]]

    made = await told(
        house, "edit", argument, "--document", "7/TB", "--reason", "bão", "--yes"
    )  # fmt: skip
    assert made["version"] == looked["version"] + 1
    assert made["preview"]["moves"] == looked["moves"]
    journal = await told(house, "journal")
    entry = next(one for one in journal if int(one["version"]) == made["version"])
    assert (entry["documents"], entry["reason"]) == (["7/TB"], "bão")
    shown = await dondoc(house, "show", str(last.year))
    assert "7/TB" in shown.stdout

    undone = await told(house, "undo", str(made["version"]), "--reason", "hết bão", "--yes")
    assert undone["preview"]["moves"] == looked["moves"]
    again = await dondoc(house, "undo", str(made["version"]), "--reason", "nhầm", "--yes")
    assert again.returncode == FAILED
    assert f"undone by calendar/edits/{undone['version']}" in again.stderr
    paper = await dondoc(house, "journal", lang="vi")
    assert "bị hủy bởi" in paper.stdout


async def test_nothing_is_edited_before_somebody_says_yes(imported: Imported) -> None:
    house = imported.house
    before = await told(house, "show", "2027")
    asked = await dondoc(house, "edit", "2027-06-15=swap-off", "--document", "8/TB")
    assert asked.returncode != 0
    assert "clocks move" in asked.stdout
    silent = await dondoc(house, "edit", "2027-06-15=swap-off", "--document", "8/TB", "--json")
    assert "needs --yes" in silent.stderr
    assert await told(house, "show", "2027") == before


@pytest.mark.rule("R23.1")
async def test_a_year_s_spreadsheet_is_one_edit_row_by_row(
    imported: Imported, tmp_path: Path
) -> None:
    house, file = imported.house, tmp_path / "lich.xlsx"
    made = await dondoc(house, "template", "2029", "--out", str(file))
    assert made.returncode == 0, made.stderr
    dry = await told(house, "import", str(file), "--dry-run")
    given = dry["totals"]["day"]["given"]
    assert (dry["version"], dry["totals"]["day"]["valid"]) == (0, given)
    entered = await told(house, "import", str(file), "--yes")
    assert entered["totals"]["day"]["entered"] == given
    state = (await told(house, "show", "2029"))["state"]
    assert int(state["version"]) == entered["version"]
    assert 2029 in state["years"]
    again = await told(house, "import", str(file), "--yes")
    assert (again["version"], again["totals"]["day"]["already there"]) == (0, given)
    (edit,) = [e for e in await told(house, "journal") if int(e["version"]) == entered["version"]]
    assert len(edit["days"]) == given
    assert edit["reason"] == "lich.xlsx"
    await told(house, "undo", str(entered["version"]), "--reason", "thử", "--yes")


async def test_a_wrong_row_keeps_the_others_out_only_where_that_is_asked(
    imported: Imported, tmp_path: Path
) -> None:
    house, file = imported.house, tmp_path / "lich.csv"
    file.write_text(
        "Date,Kind,Name,Document,Status\n2030-01-01,holiday,Tết,,estimated\n2030-01-99,holiday,,,\n",
        "utf-8",
    )
    strict = await told(house, "import", str(file), "--strict", "--yes", code=FAILED)
    assert strict["version"] == 0
    assert [row["outcome"] for row in strict["rows"]] == ["left out", "refused"]
    loose = await told(house, "import", str(file), "--yes", code=FAILED)
    assert [row["outcome"] for row in loose["rows"]] == ["entered", "refused"]
    await told(house, "undo", str(loose["version"]), "--reason", "thử", "--yes")


class ThreeRooms:
    """What a preview needs of a house, over services that a test can stop one by one."""

    def __init__(self, rooms: dict[str, Room]) -> None:
        self.rooms, self.services = rooms, tuple(rooms)
        self.positions: dict[str, str] = {}

    async def call(self, stub: Any, method: str, request: Any, *, service: str, **_: Any) -> Any:
        return await self.rooms[service].call(stub, method, request, office())


async def test_a_service_that_does_not_answer_is_named_and_the_others_are_told(
    start_service: StartService,
) -> None:
    rooms = {name: await start_service(name) for name in ("directives", "tasks", "inspections")}
    day = calendar_pb2.CalendarDay(
        day=to_date(date(2026, 11, 24)),
        kind=calendar_pb2.DAY_KIND_HOLIDAY,
        status=calendar_pb2.DAY_STATUS_ESTIMATED,
    )
    for name in ("tasks", "inspections"):
        await rooms[name].call(  # until they have the seed
            DeadlineServiceStub, "ListClocks", pb.ListClocksRequest(),
            after=await _position(rooms["directives"]),
        )  # fmt: skip
    house: Any = ThreeRooms(rooms)
    whole = await preview(house, [day], version=1, user="")
    assert whole.complete
    await rooms["tasks"].running.stop()
    seen: list[int] = []
    found = await preview(house, [day], version=1, user="", on_answer=lambda: seen.append(1))
    assert [answer.service for answer in found.silent] == ["tasks"]
    assert len(seen) == len(rooms)
    told = {one["service"]: one["answered"] for one in found.as_json()["services"]}
    assert told == {"directives": True, "tasks": False, "inspections": True}
    # One that counts with another version of the calendar is named as well: its answer is of no use.
    behind = await preview(house, [day], version=2, user="")
    assert len(behind.silent) == len(rooms)
    assert "version 1" in str(behind.silent[0].silence and behind.silent[0].silence.en)


async def _position(room: Room) -> str:
    await room.call(DeadlineServiceStub, "ListClocks", pb.ListClocksRequest())
    assert uuid.UUID(room.last_position.partition(":")[2])
    return room.last_position
