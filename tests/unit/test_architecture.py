"""The contracts of imports hold, and each of them catches a planted violation."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

PLANTED = {
    "Services meet through messages": (
        "services/tasks/domain/planted.py", "import services.notify.bootstrap",
    ),
    "Rooms of a service": (
        "services/tasks/adapters/planted.py", "import services.tasks.application",
    ),
    "Rooms of the kernel": (
        "services/kernel/runtime/planted.py", "import services.kernel.directory.tables",
    ),
    "The kernel knows no service": (
        "services/kernel/runtime/planted.py", "import services.tasks.bootstrap",
    ),
    "Domains are pure": ("services/tasks/domain/planted.py", "import sqlalchemy"),
    "Services know neither the command line": (
        "services/tasks/domain/planted.py", "import embedded.postgres",
    ),
}  # fmt: skip


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    for name in ("services", "cli", "embedded"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_no_contract_of_imports_is_broken(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_violation_is_caught(contract: str, copy: Path) -> None:
    path, line = PLANTED[contract]
    planted = copy / path
    planted.write_text(line + "\n", "utf-8")
    try:
        result = lint(copy)
    finally:
        planted.unlink()
    assert result.returncode != 0
    broken = [line for line in result.stdout.splitlines() if line.endswith("BROKEN")]
    assert any(line.startswith(contract) for line in broken), result.stdout
