"""Agencies, the same table in every service: `directives` writes it, the others copy its events."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from services.kernel.runtime.tables import metadata

__all__ = ["agency", "metadata"]

agency = Table(
    "agency",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent", Text),
    Column("parent_display_name", Text, nullable=False),
    Column("abbreviation", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("aliases", ARRAY(Text), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("successor_display_name", Text, nullable=False),
    Column("successor", Text),
    Column("assignable", Boolean, nullable=False),
    Column("connected", Boolean, nullable=False),
    Column("officer_subject", Text, nullable=False),
    Column("officer_email", Text, nullable=False),
    Column("officer_placeholder", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    # Level of assignees; "" where it is the one of its kind (see `level_of`).
    Column("level", Text, nullable=False, server_default=""),
    Column("version", BigInteger, nullable=False),
    Index("ix_agency_parent", "parent"),
)
