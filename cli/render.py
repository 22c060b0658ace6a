"""How values look on the terminal: days and instants as people in Ninh Thuận write them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dondoc.type.v1.limit_pb2 import LimitUnit
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.language import Words

HO_CHI_MINH = ZoneInfo("Asia/Ho_Chi_Minh")
NOTHING = "–"

# Into a file or a pipe goes a width at which tables can be read.
stdout = Console(highlight=False, width=None if sys.stdout.isatty() else 140)


_UNITS: Mapping[int, Words] = {
    LimitUnit.LIMIT_UNIT_WORKING_DAYS: Words("ngày làm việc", "working days"),
    LimitUnit.LIMIT_UNIT_CALENDAR_DAYS: Words("ngày", "calendar days"),
    LimitUnit.LIMIT_UNIT_HOURS: Words("giờ", "hours"),
}


def length(count: int, unit: int) -> str:
    """`3 ngày làm việc`; `unit` is a LimitUnit."""
    return f"{count} {_UNITS.get(unit, '')}"


def instant(moment: datetime) -> str:
    """`21/07/2021 08:00`, in Asia/Ho_Chi_Minh."""
    return moment.astimezone(HO_CHI_MINH).strftime("%d/%m/%Y %H:%M")


def stamp(owner: Message, field: str) -> str:
    """An instant of a message; a dash where it is not set."""
    value: Timestamp = getattr(owner, field)
    return instant(value.ToDatetime(tzinfo=ZoneInfo("UTC"))) if owner.HasField(field) else NOTHING


def day(owner: Message, field: str) -> str:
    """A day of a message; a dash where it is not set."""
    value: Date = getattr(owner, field)
    if not owner.HasField(field):
        return NOTHING
    return date(value.year, value.month, value.day).strftime("%d/%m/%Y")


def slug(name: str) -> str:
    """`agencies/so-noi-vu` → `so-noi-vu`; a dash for nobody."""
    return name.removeprefix("agencies/") or NOTHING


def table(title: str, *columns: str) -> Table:
    """An empty table; give its cells through `row`."""
    made = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def row(into: Table, cells: Sequence[str]) -> None:
    """Adds a row; what stands in documents is no markup."""
    into.add_row(*(escape(cell) for cell in cells))


def as_dict(message: Message) -> dict[str, Any]:
    """The message as its fields are named in the .proto; fields that are not set are left out."""
    return dict(MessageToDict(message, preserving_proto_field_name=True))


def print_json(value: Any) -> None:
    """Plain JSON on stdout, without colours or wrapping."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
