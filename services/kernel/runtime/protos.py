"""Small conversions between Python values and protobuf messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, TypeVar, overload

from dondoc.authz.v1 import authz_pb2
from dondoc.type.v1.document_pb2 import DocumentRef
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from services.kernel.runtime.errors import FieldViolation, invalid


def to_timestamp(value: datetime | None) -> Timestamp | None:
    if value is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(value.astimezone(UTC).replace(tzinfo=None))
    return stamp


def from_timestamp(value: Timestamp) -> datetime:
    return value.ToDatetime(tzinfo=UTC)


@overload
def to_date(value: date) -> Date: ...
@overload
def to_date(value: date | None) -> Date | None: ...
def to_date(value: date | None) -> Date | None:
    return None if value is None else Date(year=value.year, month=value.month, day=value.day)


def from_date(value: Date, field: str) -> date:
    """A full calendar day; INVALID_ARGUMENT naming `field` for 30 February or a year alone."""
    try:
        day = date(value.year, value.month, value.day)
    except ValueError:
        day = date.min
    if not 1900 <= day.year <= 2200:
        raise invalid(
            FieldViolation(
                field,
                "không phải là một ngày có thật từ năm 1900 đến 2200",
                "is not a real day between the years 1900 and 2200",
                "INVALID_DATE",
            )
        )
    return day


def optional_date(message: Message, field: str, path: str | None = None) -> date | None:
    """The day in `field` of `message`, None when it is not set."""
    if not message.HasField(field):
        return None
    return from_date(getattr(message, field), path or field)


def optional_instant(message: Message, field: str, path: str | None = None) -> datetime | None:
    """The instant in `field` of `message`, None when it is not set; INVALID_ARGUMENT for none at all."""
    if not message.HasField(field):
        return None
    try:
        return from_timestamp(getattr(message, field))
    except (ValueError, OverflowError):
        raise invalid(
            FieldViolation(
                path or field,
                "không phải là một thời điểm có thật",
                "is no real instant",
                "INVALID_INSTANT",
            )
        ) from None


def document_code(document: DocumentRef) -> str:
    """`12/UBND-TH`; empty for no document."""
    return "/".join(part for part in (document.number, document.symbol) if part)


def as_of(request: Any, now: datetime) -> datetime:
    """The moment that a request for figures asks for in `as_of_time`, now if it names none.

    INVALID_ARGUMENT for one that is to come: it has no figures.
    """
    if not request.HasField("as_of_time"):
        return now
    try:
        instant = from_timestamp(request.as_of_time)
    except (ValueError, OverflowError):
        instant = None
    if instant is None or instant > now:
        raise invalid(
            FieldViolation(
                "as_of_time",
                "phải là một thời điểm có thật, không sau hiện tại",
                "must be a real moment, not later than now",
                "AS_OF_IN_FUTURE",
            )
        )
    return instant


def is_content(field: FieldDescriptor) -> bool:
    """Words of a document (khoản 2 Điều 5), by the option in the .proto."""
    return bool(field.GetOptions().Extensions[authz_pb2.content])


def safe_value(message: Message, path: Iterable[tuple[str, int | None]]) -> str:
    """The value at `path` (name, index) if its field is marked `safe_in_errors`, else empty."""
    holder: Any = message
    for name, index in path:
        field = holder.DESCRIPTOR.fields_by_name.get(name)
        if field is None:
            return ""
        value = getattr(holder, name)
        holder = value if index is None else value[index]
        if field.message_type is None:
            safe = field.GetOptions().Extensions[authz_pb2.safe_in_errors]
            return str(holder) if safe and not is_content(field) else ""
    return ""


def content_paths(message: Message, prefix: str = "") -> Iterator[str]:
    """Paths of all set fields of `message` that carry content, at any depth."""
    for field, value in message.ListFields():
        path = f"{prefix}{field.name}"
        if is_content(field):
            yield path
        elif field.message_type is not None:
            if field.is_repeated:
                if field.message_type.GetOptions().map_entry:
                    continue
                for index, item in enumerate(value):
                    yield from content_paths(item, f"{path}[{index}].")
            else:
                yield from content_paths(value, f"{path}.")


M = TypeVar("M", bound=Message)


def without_content(source: Message, target: M) -> M:
    """Copies into `target` each field of `source` that it also has: the classified twin of a message.

    The twin lacks the fields marked `content`; a test holds that it lacks nothing else.
    """
    fields = target.DESCRIPTOR.fields_by_name
    for field, value in source.ListFields():
        twin = fields.get(field.name)
        if twin is None or is_content(field):
            continue
        if field.message_type is None:
            if field.is_repeated:
                getattr(target, field.name).extend(value)
            else:
                setattr(target, field.name, value)
        elif twin.message_type and field.message_type.full_name == twin.message_type.full_name:
            if field.is_repeated:
                getattr(target, field.name).extend(value)
            else:
                getattr(target, field.name).CopyFrom(value)
        elif field.is_repeated:
            for item in value:
                without_content(item, getattr(target, field.name).add())
        else:
            getattr(target, field.name).SetInParent()
            without_content(value, getattr(target, field.name))
    return target
