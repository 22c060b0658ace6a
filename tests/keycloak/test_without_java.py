"""A machine without Java or Maven is told so; it never looks as if the tests had passed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.keycloak.province import ROOT


@pytest.mark.parametrize(
    ("there", "missing"), [((), "Java runtime"), (("java",), "Maven")], ids=["no java", "no mvn"]
)
def test_the_run_fails_and_names_what_is_missing(
    tmp_path: Path, there: tuple[str, ...], missing: str
) -> None:
    for program in there:
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    arguments = ("--import-mode=importlib", "-q", "tests/keycloak/test_tokens.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert missing in done.stdout + done.stderr
    assert "passed" not in done.stdout
