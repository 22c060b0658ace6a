"""Processes as the operator sees them: what they say at start, and that they drain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

from dondoc.directory.v1 import directory_service_pb2 as pb
from dondoc.directory.v1.agency_pb2 import AGENCY_KIND_DEPARTMENT, Agency
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from sqlalchemy import select

from services.kernel.directory.tables import agency
from services.kernel.runtime.tables import dead_letter
from tests.builders import agency_changed
from tests.fixtures.eventually import PATIENCE_SECONDS
from tests.fixtures.otlp import Receiver, Span
from tests.fixtures.processes import ROOT, Street
from tests.fixtures.regulations import FICTITIOUS


def run(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
    )  # fmt: skip


def test_missing_settings_are_named_and_values_are_not_shown() -> None:
    result = run("services.directives", "serve", environment={"DONDOC_PAGE_TOKEN_KEY": "short"})
    assert result.returncode == 2
    assert "DONDOC_DATABASE_URL" in result.stderr
    assert "DONDOC_PAGE_TOKEN_KEY" in result.stderr
    assert "short" not in result.stderr
    assert "Traceback" not in result.stderr


def test_help_lists_every_setting() -> None:
    result = run("services.directives", "--help", environment={})
    for name in ("DONDOC_DATABASE_URL", "DONDOC_NATS_URL", "DONDOC_CLOCK", "DONDOC_OTLP_ENDPOINT"):
        assert name in result.stdout


async def test_a_database_without_tables_says_what_to_run(street: Street) -> None:
    street.urls["directives"] = await street.postgres.create_role_and_database("directives")
    process = street.launch("directives")
    assert await process.wait_ended() == 2
    assert "python -m services.directives migrate" in process.log.read_text("utf-8")


async def test_a_service_waits_for_its_issuer_with_a_message(street: Street) -> None:
    await street.prepare("directives")
    process = street.launch(
        "directives",
        DONDOC_ISSUER_URL="http://127.0.0.1:9/realms/dondoc",
        DONDOC_START_TIMEOUT_SECONDS="1",
    )
    assert await process.wait_ended() == 2
    assert "issuer" in process.log.read_text("utf-8")


async def test_a_bad_profile_is_told_with_its_line_in_both_languages(
    street: Street, tmp_path: Path
) -> None:
    text = FICTITIOUS.read_text("utf-8")
    (tmp_path / "bad.yaml").write_text(text.replace("length: 24", "length: long"), "utf-8")
    await street.prepare("directives")
    process = street.launch("directives", DONDOC_PROFILE_PATH=str(tmp_path))
    assert await process.wait_ended() == 2
    said = process.log.read_text("utf-8")
    line = text[: text.index("length: 24")].count("\n") + 1
    assert f"{tmp_path / 'bad.yaml'}:{line}: thời hạn Đ5: length: không thể là long" in said
    assert " / limit Đ5: length: cannot be long; needed is a whole number from 0" in said
    assert "Traceback" not in said


async def test_one_call_leaves_spans_of_grpc_sql_and_relay_in_one_trace(
    street: Street, otlp: Receiver
) -> None:
    process = await street.start("directives", DONDOC_OTLP_ENDPOINT=otlp.endpoint)
    made = Agency(display_name="Sở A", kind=AGENCY_KIND_DEPARTMENT)
    request = pb.EnterAgencyRequest(request_id=str(uuid.uuid4()), agency=made)
    office = street.token("van-phong-ubnd-tinh", "office", "officer")
    await street.call("directives", DirectoryServiceStub, "EnterAgency", request, office)
    wanted = {
        "dondoc.directory.v1.DirectoryService/EnterAgency",
        "insert event_log",
        "publish AgencyChanged",
    }

    def in_one_trace(spans: list[Span]) -> bool:
        traces = {span.trace_id for span in spans if span.name == "publish AgencyChanged"}
        return wanted <= {span.name for span in spans if {span.trace_id} == traces}

    # The relay may have published before the call has ended, and its span is sent before that of the call.
    await otlp.wait_for(in_one_trace)
    await process.stop()
    assert process.popen.returncode == 0
    assert '"draining"' in process.log.read_text("utf-8")


async def test_dead_letters_are_listed_and_applied_again(street: Street) -> None:
    await street.prepare("tasks")
    event = agency_changed("so-a", "Sở A")
    letter = dead_letter.insert().values(
        stream="directives",
        event_id=uuid.UUID(event.id),
        type=event.type,
        event=event.SerializeToString(),
        error="RuntimeError",
        recorded_at=datetime.now(UTC),
    )
    async with street.engines["tasks"].begin() as connection:
        await connection.execute(letter)
    environment = {
        **os.environ,
        "DONDOC_DATABASE_URL": street.urls["tasks"],
        "DONDOC_NATS_URL": street.nats.url,
        "DONDOC_ISSUER_URL": f"{street.issuer.url}/realms/dondoc",
        "DONDOC_PAGE_TOKEN_KEY": "k" * 32,
    }
    listed = run("services.tasks", "dead-letters", environment=environment)
    assert json.loads(listed.stdout)["event"] == event.id
    applied = run("services.tasks", "dead-letters", "--replay", environment=environment)
    assert json.loads(applied.stdout)["outcome"] == "applied"
    async with street.engines["tasks"].connect() as connection:
        assert await connection.scalar(select(agency.c.display_name)) == "Sở A"
        assert not (await connection.execute(select(dead_letter))).all()
