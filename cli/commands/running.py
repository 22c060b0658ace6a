"""Runs one asynchronous command against the running house."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli.client import House
from cli.errors import stderr, told

Result = TypeVar("Result")


def with_house(data: Path, work: Callable[[House], Awaitable[Result]]) -> Result:
    """The result of `work`; errors are told and end the command with their exit code."""

    async def run() -> Result:
        async with House.load(data) as house:
            return await work(house)

    with told():
        return asyncio.run(run())


def bar(label: str) -> Progress:
    """A progress bar on stderr, so that stdout stays the result alone."""
    return Progress(
        TextColumn(label),
        BarColumn(),
        MofNCompleteColumn(),
        console=stderr,
        transient=True,
    )
