"""Text as it may enter: NFC, without control characters and without marks that reverse its reading."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from services.kernel.runtime.errors import FieldViolation

MAX_LENGTH = 20_000  # letters of any string of a request; most fields set a smaller limit
# Embeddings, overrides and isolates make a text read differently from what it says.
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
ALLOWED_CONTROLS = frozenset("\n\t\r")


def clean(message: Message, prefix: str = "") -> Iterator[FieldViolation]:
    """Brings every string of `message` to NFC in place; yields what cannot be accepted."""
    for field, value in message.ListFields():
        path = f"{prefix}{field.name}"
        if field.message_type is not None:
            if field.is_repeated:
                for index, item in enumerate(value):
                    yield from clean(item, f"{path}[{index}].")
            else:
                yield from clean(value, f"{path}.")
        elif field.type == FieldDescriptor.TYPE_STRING:
            if field.is_repeated:
                for index, item in enumerate(value):
                    yield from _check(item, f"{path}[{index}]")
                    value[index] = unicodedata.normalize("NFC", item)
            else:
                yield from _check(value, path)
                setattr(message, field.name, unicodedata.normalize("NFC", value))


def _check(value: str, path: str) -> Iterator[FieldViolation]:
    if len(value) > MAX_LENGTH:
        yield FieldViolation(
            path, f"dài quá {MAX_LENGTH} ký tự", f"is longer than {MAX_LENGTH} letters", "TOO_LONG"
        )
    if any(
        (unicodedata.category(letter) == "Cc" and letter not in ALLOWED_CONTROLS) or letter in BIDI
        for letter in value
    ):
        yield FieldViolation(
            path,
            "có ký tự điều khiển hoặc dấu đảo chiều chữ; hãy bỏ đi",
            "holds control characters or marks of writing direction; leave them out",
            "FORBIDDEN_CHARACTER",
        )
