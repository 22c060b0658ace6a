"""Tables of `directives`. Agencies are the kernel's table, which this service alone writes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from services.kernel.runtime.tables import NAMING

metadata = MetaData(naming_convention=NAMING)

agency_group = Table(
    "agency_group",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("members", ARRAY(Text), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)
