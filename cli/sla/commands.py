"""Puts the commands of this room into the command line."""

from __future__ import annotations

import typer

from cli.sla import compliance, trace


def register(app: typer.Typer) -> None:
    compliance.register(app)
    trace.register(app)
