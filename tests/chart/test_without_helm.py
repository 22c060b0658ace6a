"""A machine with neither helm nor Go is told so; it never looks as if the chart had been checked."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .conftest import ROOT


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`make need-helm` where the PATH holds `folder` alone, and no helm was built before."""
    program = shutil.which("make")
    assert program is not None
    return subprocess.run(
        [program, "need-helm", *arguments],
        cwd=ROOT,
        env={"PATH": str(folder), "HOME": os.environ["HOME"], "XDG_CACHE_HOME": str(folder)},
        capture_output=True,
        text=True,
    )


def test_without_helm_and_go_the_run_fails_and_names_both(tmp_path: Path) -> None:
    done = make(tmp_path)
    assert done.returncode != 0
    assert "helm is missing, and so is Go" in done.stdout


def test_a_helm_that_does_not_run_is_no_helm(tmp_path: Path) -> None:
    (tmp_path / "helm").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "helm").chmod(0o755)
    done = make(tmp_path)
    assert done.returncode != 0
    assert f"{tmp_path}/helm is no helm that runs" in done.stdout


def test_helm_of_the_path_is_taken(tmp_path: Path) -> None:
    (tmp_path / "helm").write_text("#!/bin/sh\necho v3.17.0\n")
    (tmp_path / "helm").chmod(0o755)
    assert make(tmp_path).returncode == 0
