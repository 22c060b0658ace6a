"""Alembic's entry: the connection comes from services.kernel.runtime.migrate."""

from __future__ import annotations

import importlib

from alembic import context

from services.kernel.directory import tables as directory_tables
from services.kernel.limits.adapters import tables as limits_tables
from services.kernel.runtime import tables

service = context.config.attributes["service"]
own = importlib.import_module(f"services.{service}.adapters.tables")
assert directory_tables.metadata is limits_tables.metadata is tables.metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[tables.metadata, own.metadata],
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
