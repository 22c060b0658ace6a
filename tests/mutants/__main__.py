"""`python -m tests.mutants`: every mutant of the limits must be killed by a test of its own rule.

Exit codes: 0 all killed · 1 at least one survived · 2 the tests fail without any mutant, or a place is gone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.kernel.limits.adapters.profile_files import load_profiles
from tests.mutants.catalogue import REGULATION, Mutant, all_mutants
from tests.mutants.judge import UNIT, NotJudgedError, Outcome, judge

SURVIVED, NOT_JUDGED = 1, 2
stderr = Console(stderr=True)


def main(
    arguments: Sequence[str] | None = None,
    mutants: Sequence[Mutant] | None = None,
    tests: Sequence[Path] = (UNIT,),
) -> int:
    """The exit code; `mutants` instead of those of the catalogue, judged by `tests`."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument(
        "--rule", action="append", help="only mutants of this rule (R7.1), repeatable"
    )
    parser.add_argument("--jobs", type=int, default=2, help="how many run at once")
    parser.add_argument("--list", action="store_true", help="print the mutants and run none")
    chosen = parser.parse_args(arguments)
    wanted = list(mutants if mutants is not None else _catalogue())
    if chosen.rule:
        wanted = [mutant for mutant in wanted if mutant.rule in chosen.rule]
    if chosen.list:
        print("\n".join(mutant.id for mutant in wanted))
        return 0
    begun = time.monotonic()
    try:
        outcomes = _run(wanted, chosen.jobs, tests)
    except NotJudgedError as error:
        stderr.print(f"[red]{escape(str(error))}[/red]")
        return NOT_JUDGED
    alive = [outcome for outcome in outcomes if outcome.survived]
    stdout = Console(width=None if sys.stdout.isatty() else 170, highlight=False)
    stdout.print(_table(outcomes))
    seconds = time.monotonic() - begun
    stdout.print(
        f"{len(outcomes)} mutants, {len(outcomes) - len(alive)} killed, {len(alive)} survived, "
        f"in {seconds:.0f} s"
    )
    return SURVIVED if alive or not outcomes else 0


def _catalogue() -> list[Mutant]:
    (profile,) = [p for p in load_profiles().installed if p.id == REGULATION]
    return all_mutants(profile)


def _run(mutants: Sequence[Mutant], jobs: int, tests: Sequence[Path]) -> list[Outcome]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=stderr) as progress:
        task = progress.add_task("tests without a mutant", total=len(mutants))

        def done(outcome: Outcome) -> None:
            progress.update(task, advance=1, description=outcome.mutant.rule)
            if outcome.survived:
                progress.console.print(f"[red]survived: {escape(outcome.mutant.id)}[/red]")

        return judge(mutants, jobs, done, tests)


def _table(outcomes: Sequence[Outcome]) -> Table:
    table = Table(title="Mutants of the limits", title_justify="left")
    for column in ("rule", "mutant", "killed by"):
        table.add_column(column, overflow="fold")
    for outcome in outcomes:
        killer = outcome.killed_by.removeprefix("tests/unit/")
        told = escape(killer) if killer else f"[red]SURVIVED {escape(outcome.note)}[/red]"
        table.add_row(outcome.mutant.rule, escape(outcome.mutant.name), told)
    return table


if __name__ == "__main__":
    sys.exit(main())
