"""The whole demonstration, once, on real processes: what the house counts is what the script must come to."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from dondoc.directory.v1 import directory_service_pb2 as directory_pb
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from dondoc.inspections.v1 import inspection_service_pb2 as inspections_pb
from dondoc.inspections.v1.inspection_service_pb2_grpc import InspectionServiceStub
from dondoc.limits.v1 import clock_pb2, deadline_service_pb2
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as tasks_pb
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub
from dondoc.type.v1 import document_pb2

from cli.client import House
from embedded.supervisor import Supervisor
from sample import agencies
from sample.acts import ZONE
from sample.script import script
from sample.seasons import STAGES
from sample.totals import Totals, expected_totals

pytestmark = pytest.mark.timeout(1800)

ROOT = Path(__file__).parents[2]
# What waits to be sent again is not waited for: a mail server may be slow here, and is not given up.
PATIENT = {"DONDOC_SMTP_TIMEOUT_SECONDS": "120", "DONDOC_UNCERTAIN_AFTER_SECONDS": "600"}
HALFWAY = datetime(2024, 6, 28, 17, tzinfo=ZONE)


@dataclass
class Played:
    """One house: the play broken off, gone on with to the end of 2024, then played past its end."""

    house: House
    halfway: dict[str, Any]
    whole: dict[str, Any]
    again: dict[str, Any]
    last: dict[str, Any]
    over: dict[str, Any]
    tasks: list[task_pb2.Task] = field(default_factory=list)

    @property
    def generated(self) -> list[task_pb2.Task]:
        return [task for task in self.tasks if task.directive.generated]

    @property
    def real(self) -> list[task_pb2.Task]:
        return [task for task in self.tasks if not task.directive.generated]


async def play(data: Path, *arguments: str) -> dict[str, Any]:
    """A finished `dondoc play --json`."""
    return await dondoc("play", "--json", "--data", str(data), *arguments)


async def dondoc(*arguments: str) -> dict[str, Any]:
    """A finished command that prints JSON."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=ROOT,
        env={**os.environ, "DONDOC_LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def played(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    data = tmp_path_factory.mktemp("play") / "data"
    supervisor = Supervisor(data, "simulated", overrides={"notify": PATIENT}, durable=False)
    await supervisor.start()
    stopped = asyncio.Event()
    watching = asyncio.create_task(supervisor.watch(stopped))
    try:
        halfway = await play(data, "--until", f"{HALFWAY:%Y-%m-%d}")
        whole = await play(data)
        again, last, over = await play(data), await play(data), await play(data)
        async with House.load(data) as house:
            tasks = await house.pages(
                TaskServiceStub, "ListTasks", tasks_pb.ListTasksRequest(), "tasks"
            )
            yield Played(house, halfway, whole, again, last, over, tasks)
    finally:
        stopped.set()
        await asyncio.gather(watching)
        await supervisor.stop()


def rows(totals: Totals) -> dict[str, dict[str, int]]:
    return {name: asdict(row) for name, row in totals.agencies.items()}


@pytest.mark.rule("R5.1g")
async def test_the_figures_of_each_agency_are_those_of_the_script(played: Played) -> None:
    expected = expected_totals(script(), STAGES[0].end)
    assert played.whole["figures_2024"]["agencies"] == rows(expected)
    assert played.whole["figures_2024"]["total"] == asdict(expected.total)


@pytest.mark.rule("R5.1g")
async def test_so_they_are_after_each_quarter_of_2025(played: Played) -> None:
    for told, stage in zip((played.again, played.last), STAGES[1:], strict=True):
        assert (told["stage"], told["went_on"]) == (stage.key, True)
        for one in STAGES[: STAGES.index(stage) + 1]:
            expected = expected_totals(script(), stage.end, (one.first, one.last))
            figures = told[f"figures_{one.key.lower().replace('-', '_')}"]
            assert figures["agencies"] == rows(expected)
            assert figures["total"] == asdict(expected.total)
            assert figures["total"]["total"] > 50


@pytest.mark.rule("R5.1g")
async def test_they_were_so_halfway_too_where_the_play_was_broken_off(played: Played) -> None:
    expected = expected_totals(script(), HALFWAY)
    assert played.halfway["figures_2024"]["agencies"] == rows(expected)
    assert played.halfway["figures_2024"]["total"]["open_within_limit"] > 10


@pytest.mark.rule("R7.1", "R7.2a", "R7.2b")
async def test_the_breached_limits_are_those_of_the_script_and_of_open_real_tasks(
    played: Played,
) -> None:
    expected = expected_totals(script()).breaches
    told: Counter[str] = Counter()
    for row in played.last["breaches"]:
        told[row["rule"]] += row["late"] + row["met_late"]
    real = Counter[str]()
    for task in played.real:
        listed = await played.house.call(
            DeadlineServiceStub,
            "ListClocks",
            deadline_service_pb2.ListClocksRequest(parent=task.name, page_size=500),
            service="tasks",
        )
        real.update(c.rule for c in listed.clocks if c.state == clock_pb2.CLOCK_STATE_LATE)
    assert told == expected + real
    assert expected["R7.1"] == 6
    articles = {row["rule"]: row["article"] for row in played.last["breaches"]}
    assert articles["R7.1"] == "khoản 1 Điều 7"


@pytest.mark.rule("R6.2a", "R6.2c", "R6.1b", "R6.1c", "R6.1d", "R7.2a")
async def test_every_required_thing_happened_at_least_once(played: Played) -> None:
    # As after 2024: what was done in the quarters of 2025 is not looked at.
    total = played.whole["figures_2024"]["total"]
    tasks = [task for task in played.generated if task.directive.issue_date.year == 2024]
    extensions = [extension for task in tasks for extension in task.extensions]
    states = Counter(extension.state for extension in extensions)
    refused = played.halfway["refused_as_scripted"], played.whole["refused_as_scripted"]
    refusals = sum(map(Counter, refused), Counter())
    happened = {
        "on time": total["done_within_limit"],
        "late": total["done_overdue"] + total["open_overdue"],
        "extended": states[task_pb2.EXTENSION_STATE_GRANTED],
        "extension refused": states[task_pb2.EXTENSION_STATE_REFUSED],
        "asked too late": refusals["EXTENSION_TOO_LATE"],
        "admitted late": sum(extension.admitted_late for extension in extensions),
        "locked origin": refusals["ORIGIN_LOCKED"],
        "returned and re-forwarded": sum(len(task.rounds) > 1 for task in tasks),
        "sent back": sum(r.HasField("send_back_time") for t in tasks for r in t.results),
        "entered on behalf": sum(r.on_behalf for t in tasks for r in t.results),
        "update missing": played.whole["notices"]["update_missing"],
        "closed": sum(task.state == task_pb2.TASK_STATE_CLOSED for task in tasks),
        "inspection decided": played.whole["inspections"],
    }
    assert all(happened.values()), happened
    assert refusals == expected_totals(script(), STAGES[0].end).refusals
    assert states[task_pb2.EXTENSION_STATE_ASKED] == 0  # all were answered


async def test_the_inspection_names_late_tasks_of_its_subject(played: Played) -> None:
    decided = await played.house.pages(
        InspectionServiceStub,
        "ListInspections",
        inspections_pb.ListInspectionsRequest(),
        "inspections",
    )
    leads = {task.name: task.lead_agency for task in played.tasks}
    assert len(decided) == played.last["inspections"] == 2
    for inspection in decided:
        assert {leads[name] for name in inspection.tasks} == set(inspection.subject_agencies)


async def test_a_second_run_enters_none_of_the_same_directives(played: Played) -> None:
    entered, issued = played.again["entered"], expected_totals(script(), STAGES[1].end).directives
    assert entered["generated_directives"] == {"entered": issued - 120, "already there": 120}
    assert "entered" not in entered["directives"]["directive"]
    assert "entered" not in entered["agencies"]["agency"]
    assert played.again["figures_real"]["total"]["total"] == len(played.real)


async def test_the_play_ends_with_the_province_and_says_what_becomes_of_open_tasks(
    played: Played,
) -> None:
    assert not played.again["at_the_end"]
    assert (played.last["now"], played.last["at_the_end"]) == ("30/06/2025 17:00", True)
    assert "202/2025/QH15" in played.last["ended_by"]["words"]
    ends = {ending["agency"]: ending for ending in played.last["endings"]}
    assert {ending["last_day"] for ending in ends.values()} == {"2025-06-30"}
    assert set(agencies.members(agencies.DISTRICTS)) < set(ends)
    assert ends["UBND tỉnh Ninh Thuận"]["successor"] == "UBND tỉnh Khánh Hòa (mới)"
    assert ends["Chủ tịch UBND tỉnh Ninh Thuận"]["successor"] == ""
    # They stay with those who had them, and are as many as the house counts.
    names = {agency.name: agency.display_name for agency in await played.house.agencies()}
    still_open = Counter(
        names[task.lead_agency]
        for task in played.tasks
        if task.state
        in (
            task_pb2.TASK_STATE_FORWARDED,
            task_pb2.TASK_STATE_ACCEPTED,
            task_pb2.TASK_STATE_IN_PROGRESS,
        )
    )
    assert {name: end["open_tasks"] for name, end in ends.items()} == {
        name: still_open[name] for name in ends
    }
    assert sum(end["open_tasks"] for end in ends.values()) > 10


async def test_a_run_after_the_end_enters_nothing(played: Played) -> None:
    assert (played.over["went_on"], played.over["at_the_end"]) == (False, True)
    assert played.over["entered"]["generated_directives"]["entered"] == 0
    assert "entered" not in played.over["entered"]["directives"]["directive"]
    for same in ("now", "figures_2025_q2", "figures_real", "breaches", "deliveries", "endings"):
        assert played.over[same] == played.last[same]


async def test_all_that_was_given_was_entered_refused_or_left_out(played: Played) -> None:
    for kind, totals in played.halfway["entered"]["directives"].items():
        parts = {name: count for name, count in totals.items() if name != "given"}
        assert sum(parts.values()) == totals["given"], kind
    # The 31st is dated after the day on which this run was broken off.
    assert played.whole["entered"]["directives"]["directive"]["given"] == 31
    assert played.halfway["entered"]["directives"]["directive"]["entered"] == 16


async def test_nothing_is_invented_for_real_directives(played: Played) -> None:
    assert len(played.real) == played.whole["figures_real"]["total"]["total"] > 0
    for task in played.real:
        assert task.state == task_pb2.TASK_STATE_ACCEPTED
        assert not task.results
        assert not task.progress_entries


@pytest.mark.rule("R5.2g")
async def test_classified_tasks_came_through_without_a_word(played: Played) -> None:
    secret = [t for t in played.generated if t.directive.secrecy != document_pb2.SECRECY_NONE]
    assert len({task.directive.name for task in secret}) == 9  # 6 of 2024, 3 of the half year
    for task in secret:
        assert (task.content, task.directive.abstract, task.limit_in_words) == ("", "", "")
        assert not any(result.summary for result in task.results)
    assert any(task.results for task in secret)


async def test_every_notice_was_delivered_and_every_mail_arrived(played: Played) -> None:
    deliveries = {(d["channel"], d["state"]): d["count"] for d in played.last["deliveries"]}
    # The post lags the law by days here: what was taken back meanwhile is not sent any more.
    taken_back = deliveries.pop(("email", "withdrawn"), 0)
    assert set(deliveries) == {("inbox", "delivered"), ("email", "delivered")}
    assert taken_back < deliveries["email", "delivered"] / 10
    # One whose answer came too late is sent again, under its old Message-ID.
    files = Path(played.house.found.smtp_folder).rglob("*.eml")
    mails = {message_from_bytes(file.read_bytes())["Message-ID"] for file in files}
    assert len(mails) == deliveries["email", "delivered"]


async def test_the_report_lies_where_the_summary_says(played: Played) -> None:
    assert [Path(one["files"][0]).name for one in (played.whole, played.again, played.last)] == [
        "figures-2024.csv", "figures-2025-Q1.csv", "figures-2025-Q2.csv",
    ]  # fmt: skip
    files = {Path(file).name: Path(file) for file in played.last["files"]}
    with files["figures-2025-Q2.csv"].open(encoding="utf-8", newline="") as lines:
        *_, last = csv.reader(lines)
    total = played.last["figures_2025_q2"]["total"]
    assert last[1:4] == ["Tổng cộng", str(total["total"]), str(total["done"])]
    assert json.loads(files["summary.json"].read_text("utf-8")) == played.over
    assert json.loads(files["import.json"].read_text("utf-8"))["rows"]


async def test_the_logs_are_written_in_a_form_that_can_be_compared(
    played: Played, tmp_path: Path
) -> None:
    told = await dondoc(
        "log", "export", "--json", "--data", played.house.found.data, "--out", str(tmp_path)
    )
    assert set(told) == set(played.house.found.services)
    for service, digest in told.items():
        lines = (tmp_path / f"{service}.jsonl").read_bytes()
        assert hashlib.sha256(lines).hexdigest() == digest["sha256"]
        assert len(lines.splitlines()) == digest["events"]
    first = json.loads((tmp_path / "tasks.jsonl").read_text("utf-8").splitlines()[0])
    assert {"id", "aggregate", "version", "occur_time", "data"} <= set(first)
    assert not {"record_time", "traceparent"} & set(first)


async def test_the_generator_expands_groups_as_the_directory_does(played: Played) -> None:
    names = {agency.name: agency.display_name for agency in await played.house.agencies()}
    for group in (agencies.DEPARTMENTS, agencies.DISTRICTS, agencies.COASTAL_DISTRICTS):
        answer = await played.house.call(
            DirectoryServiceStub,
            "ResolveAddressees",
            directory_pb.ResolveAddresseesRequest(phrases=[group]),
        )
        found = {names[name] for name in answer.resolutions[0].agencies}
        assert found == set(agencies.members(group))


async def test_a_play_starts_and_stops_a_house_of_its_own_and_refuses_another_seed(
    tmp_path: Path, played: Played
) -> None:
    told = await play(tmp_path / "own", "--until", "2020-02-20")
    assert told["now"].startswith("20/02/2020")
    assert told["figures_real"]["total"]["total"] == 2
    assert not (tmp_path / "own" / "run.json").exists()
    with pytest.raises(AssertionError, match="Another --seed"):
        await play(Path(played.house.found.data), "--seed", "8")
