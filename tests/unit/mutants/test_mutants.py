"""The runner of mutants fails when one survives: planted ones are judged by the tests of one small file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
RUN = """
import sys
from pathlib import Path
from tests.mutants.__main__ import main
from tests.mutants.catalogue import Mutant
{first}
planted = [Mutant("R6.2a", name, module={module!r}, old=old, new=new) for name, old, new in {mutants!r}]
sys.exit(main([], planted, [Path("tests/unit/limits/test_limits_clock.py")]))
"""
CLOCK = "services.kernel.limits.domain.clock"
GUARD = "if not cause.ground:"
HARMLESS = ("same meaning", GUARD, "if not cause.ground or False:")
UNREAD = ("words that no test reads", "for a reason", "for some reason, for a reason")
HARMFUL = ("guard removed", GUARD, "if False:")


def judged(*mutants: tuple[str, str, str], first: str = "") -> subprocess.CompletedProcess[str]:
    """The run of these mutants (name, old, new) in a process of its own; `first` is done before it."""
    script = RUN.format(mutants=mutants, module=CLOCK, first=first)
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_one_mutant_that_survives_fails_the_run_and_is_named_beside_those_that_were_killed() -> (
    None
):
    ended = judged(HARMLESS, HARMFUL, UNREAD)
    assert ended.returncode == 1, ended.stderr
    rows = ended.stdout.splitlines()
    for name, *_ in (HARMLESS, UNREAD):
        (row,) = [line for line in rows if name in line]
        assert "SURVIVED" in row
    (row,) = [line for line in rows if HARMFUL[0] in line]
    assert "test_a_return_voids_the_clocks_of_the_round_with_its_ground" in row
    assert "3 mutants, 1 killed, 2 survived" in ended.stdout


def test_a_run_in_which_every_mutant_is_killed_succeeds() -> None:
    ended = judged(HARMFUL)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    assert "1 mutants, 1 killed, 0 survived" in ended.stdout


def test_a_place_that_is_gone_is_no_killed_mutant() -> None:
    ended = judged(("nowhere", "if there was never such a line:", "pass"))
    assert ended.returncode == 2
    assert "stands 0 times" in " ".join(ended.stderr.split())


def test_tests_that_fail_without_any_mutant_kill_nothing() -> None:
    ended = judged(HARMFUL, first=f"import {CLOCK} as clock; clock.Clock.void = None")
    assert ended.returncode == 2
    assert "fails without any mutant" in " ".join(ended.stderr.split())
