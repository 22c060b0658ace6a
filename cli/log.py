"""The permanent event logs in a form that two houses can be compared by.

Written are the events of each aggregate by their versions, aggregates by their names: what happened at the
same time to two of them has no order in law. Left out is what belongs to the machine and not to the
facts: when it recorded them (`record_time`), the trace of the call, the position in the log. Ids are
derived from what they name, so they stay, as does the cause.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import dondoc
from dondoc.type.v1.event_pb2 import Event
from google.protobuf.json_format import MessageToDict
from sqlalchemy import collate, select

from embedded.files import private_folder
from services.kernel.runtime import db
from services.kernel.runtime.tables import event_log

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Digest:
    """Of one service's log in its canonical form."""

    events: int
    sha256: str


async def export(dsn: str, into: Path | None = None) -> Digest:
    """Digests a log, and writes it into a file if one is named."""
    digest, count = hashlib.sha256(), 0
    if into is not None:
        private_folder(into.parent)
    file = into.open("wb") if into is not None else None
    try:
        async for line in _lines(dsn):
            digest.update(line)
            count += 1
            if file is not None:
                file.write(line)
    finally:
        if file is not None:
            file.close()
    return Digest(count, digest.hexdigest())


async def _lines(dsn: str) -> AsyncIterator[bytes]:
    engine = db.engine_for(dsn, pool=1)
    # By bytes: the order must not be that of the server's language.
    query = select(event_log.c.event).order_by(
        collate(event_log.c.aggregate, "C"), event_log.c.version
    )
    try:
        async with engine.connect() as connection:
            rows = await connection.stream(query.execution_options(yield_per=BATCH))
            async for row in rows:
                yield line_of(Event.FromString(row.event))
    finally:
        await engine.dispose()


def line_of(event: Event) -> bytes:
    """One event, as one line of JSON."""
    _know_all_messages()
    event.ClearField("record_time")
    event.ClearField("traceparent")
    content = MessageToDict(event, preserving_proto_field_name=True)
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode() + b"\n"


@cache
def _know_all_messages() -> None:
    """What an event carries can be told only if its message is known."""
    for folder in map(Path, dondoc.__path__):
        for file in sorted(folder.rglob("*_pb2.py")):
            name = ".".join(file.relative_to(folder.parent).with_suffix("").parts)
            importlib.import_module(name)
