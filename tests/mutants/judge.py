"""Judges mutants: the tests are collected once, then each mutant runs its own in a fork.

The tests of a mutant are those of tests/unit that carry the marker of its rule. All of them must pass
without a mutant first: a test that fails anyway kills nothing.
"""

from __future__ import annotations

import json
import os
import resource
import selectors
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol  # what pytest-forked and pytest-xdist run tests by

from tests.mutants.apply import PlaceGoneError, apply, mutated_source
from tests.mutants.catalogue import Mutant

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "tests" / "unit"
TYPED = "test_limits_of_the_text"  # the table of the text comes last: what acts shall find it first
CPU_SECONDS = 120  # of one mutant: one that runs for ever is not judged
OPTIONS = (
    "-o",
    "addopts=--strict-markers",
    "-p",
    "no:terminal",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:randomly",
    "--capture=no",
)


class NotJudgedError(Exception):
    """The tests fail without any mutant, or cannot be collected, or a place to change is gone."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`killed_by` is the first test that failed, empty if it survived; `note` says why none could."""

    mutant: Mutant
    killed_by: str
    note: str = ""

    @property
    def survived(self) -> bool:
        return not self.killed_by


def judge(
    mutants: Sequence[Mutant],
    jobs: int = 2,
    on_done: Callable[[Outcome], None] = lambda outcome: None,
    tests: Sequence[Path] = (UNIT,),
) -> list[Outcome]:
    """The outcome of each mutant, in their order. Raises NotJudgedError."""
    for mutant in mutants:
        if not mutant.change:
            try:
                mutated_source(mutant)
            except PlaceGoneError as error:
                raise NotJudgedError(str(error)) from None
    court = _Court(mutants, jobs, on_done)
    code = pytest.main([*OPTIONS, *map(str, tests), f"--rootdir={ROOT}"], plugins=[court])
    if court.problem or len(court.outcomes) < len(mutants):
        raise NotJudgedError(court.problem or f"pytest ended with {code} before all were judged")
    return [court.outcomes[mutant.id] for mutant in mutants]


class _Court:
    """A plugin that runs mutants instead of tests."""

    def __init__(
        self, mutants: Sequence[Mutant], jobs: int, on_done: Callable[[Outcome], None]
    ) -> None:
        self.mutants, self.jobs, self.on_done = mutants, jobs, on_done
        self.outcomes: dict[str, Outcome] = {}
        self.problem = ""
        self._of_rule: dict[str, list[pytest.Item]] = {mutant.rule: [] for mutant in mutants}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        marked = []
        for item in sorted(items, key=lambda item: TYPED in item.nodeid):
            rules = {rule for marker in item.iter_markers("rule") for rule in marker.args}
            for rule in rules & self._of_rule.keys():
                self._of_rule[rule].append(item)
            if rules & self._of_rule.keys():
                marked.append(item)
        items[:] = marked

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problem = self.problem or f"{report.nodeid} cannot be collected"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if not self.problem:
            self._run(session.items)
        return True

    def _run(self, every: Sequence[pytest.Item]) -> None:
        waiting: list[Mutant | None] = [None, *self.mutants]
        running: dict[int, tuple[int, Mutant | None]] = {}
        with selectors.DefaultSelector() as selector:
            while waiting or running:
                while waiting and len(running) < self.jobs and not self.problem:
                    mutant = waiting.pop(0)
                    items = every if mutant is None else self._of_rule[mutant.rule]
                    pid, pipe = _fork(mutant, items)
                    running[pipe] = (pid, mutant)
                    selector.register(pipe, selectors.EVENT_READ)
                if self.problem and not running:
                    return
                for key, _ in selector.select():
                    selector.unregister(key.fd)
                    pid, mutant = running.pop(key.fd)
                    self._settle(mutant, *_read(pid, key.fd))

    def _settle(self, mutant: Mutant | None, killed_by: str, note: str) -> None:
        if mutant is None:
            if killed_by or note:
                self.problem = f"fails without any mutant: {killed_by or note}"
            return
        if not self._of_rule[mutant.rule]:
            note = "no test carries the marker of the rule"
        outcome = Outcome(mutant, killed_by, note)
        self.outcomes[mutant.id] = outcome
        self.on_done(outcome)


def _fork(mutant: Mutant | None, items: Sequence[pytest.Item]) -> tuple[int, int]:
    """(process, pipe that brings its outcome)."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    try:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        told = _first_failure(mutant, items)
        os.write(writing, json.dumps(told).encode())
    finally:
        os._exit(0)


def _first_failure(mutant: Mutant | None, items: Sequence[pytest.Item]) -> tuple[str, str]:
    """(test that failed, note): ("", "") when all passed."""
    try:
        if mutant:
            apply(mutant)
    except PlaceGoneError as error:
        return "", str(error)
    for item, following in zip(items, [*items[1:], None], strict=True):
        if any(report.failed for report in runtestprotocol(item, nextitem=following, log=False)):
            return item.nodeid, ""
    return "", ""


def _read(pid: int, pipe: int) -> tuple[str, str]:
    with os.fdopen(pipe, "rb") as reading:
        told = reading.read()
    _, status = os.waitpid(pid, 0)
    if not told:
        return "", f"its process ended with status {status} before it told anything"
    killed_by, note = json.loads(told)
    return killed_by, note
