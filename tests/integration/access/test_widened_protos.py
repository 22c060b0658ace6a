"""A rule that somebody widens in a .proto turns the table of access red: planted in a copy of proto/.

The copy is generated and the table runs against it in a process of its own, so that everything
between the line in the .proto and the answer of a service takes part.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from proto.generate import PROTO, generate

ROOT = PROTO.parent
TABLE = "tests/integration/access/test_access_table.py::test_access_is_as_the_table_says"
WIDENED = '{roles: ["office", "department"], scope: SCOPE_ANY}'


def widen(file: Path, rpc: str) -> None:
    """Lets departments do what only the Office may: the first grant of the method, as an editor would."""
    before, method = file.read_text("utf-8").split(f"rpc {rpc}(", 1)
    grant = '{roles: ["office"], scope: SCOPE_ANY}'
    assert grant in method.split("rpc ", 1)[0], f"{rpc} has another rule by now"
    file.write_text(f"{before}rpc {rpc}({method.replace(grant, WIDENED, 1)}", "utf-8")


pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of the table when three rules of the copy are wider."""
    folder = tmp_path_factory.mktemp("widened")
    proto, gen = folder / "proto", folder / "gen"
    shutil.copytree(PROTO, proto, ignore=shutil.ignore_patterns("__pycache__"))
    widen(proto / "dondoc/tasks/v1/task_service.proto", "ConfirmTask")
    widen(proto / "dondoc/directives/v1/directive_service.proto", "ForwardDirective")
    widen(proto / "dondoc/calendar/v1/calendar_service.proto", "EditCalendar")
    generate(gen, proto)
    rpcs = ("ConfirmTask", "ForwardDirective", "EditCalendar", "CloseTask")
    services = ("TaskService", "DirectiveService", "CalendarService", "TaskService")
    run = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider",
            "-o", f"pythonpath=. {gen}",
            *(f"{TABLE}[{service}.{rpc}]" for service, rpc in zip(services, rpcs, strict=True)),
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1, run.stdout + run.stderr  # 1: tests ran, and some failed
    return run.stdout


@pytest.mark.rule("R6.3b")
@pytest.mark.parametrize(
    "rpc",
    [
        "TaskService.ConfirmTask",
        "DirectiveService.ForwardDirective",
        "CalendarService.EditCalendar",
    ],
)
def test_a_rule_widened_in_its_proto_turns_the_table_red(answers: str, rpc: str) -> None:
    assert f"{rpc} as department of the lead: A, expected D" in answers


def test_what_was_not_widened_stays_green(answers: str) -> None:
    assert "3 failed, 1 passed" in answers
