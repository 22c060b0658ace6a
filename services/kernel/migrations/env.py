"""Alembic's entry: the connection comes from services.kernel.runtime.migrate."""

from __future__ import annotations

import importlib
from typing import Any

from alembic import context

from services.kernel.directory import tables as directory_tables
from services.kernel.limits.adapters import tables as limits_tables
from services.kernel.runtime import tables

service = context.config.attributes["service"]
own = importlib.import_module(f"services.{service}.adapters.tables")
assert directory_tables.metadata is limits_tables.metadata is tables.metadata

targets = {"kernel": tables.metadata, service: own.metadata}
only = context.config.attributes.get("only")  # set while a revision of one branch is written


def belongs(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", None)
    return only is None or table in targets[only].tables


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=list(targets.values()),
    include_object=belongs,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
