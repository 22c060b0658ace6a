"""Keyset pages: a token holds the last key, sealed and bound to its caller, method and filters."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from services.kernel.runtime.commands import current_call
from services.kernel.runtime.errors import DondocError, FieldViolation, invalid

DEFAULT_SIZE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """`after`: the key of the last row of the page before, None for the first page."""

    size: int
    after: list[Any] | None


class Pages:
    """Seals and opens page tokens with one key for all replicas."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def open(self, request: Any) -> Page:
        """INVALID_ARGUMENT for a token of another caller, of other filters, or not of ours."""
        size = request.page_size or DEFAULT_SIZE
        if not request.page_token:
            return Page(size, None)
        try:
            raw = base64.urlsafe_b64decode(request.page_token.encode("ascii"))
            seal, body = raw[:32], raw[32:]
            if not hmac.compare_digest(seal, self._seal(request, body)):
                raise _wrong_token()
            after = json.loads(body)
        except (ValueError, UnicodeEncodeError):
            raise _wrong_token() from None
        return Page(size, after)

    def token(self, request: Any, key: Sequence[Any]) -> str:
        """The token after the row whose key is `key` (values that JSON knows)."""
        body = json.dumps(list(key)).encode()
        return base64.urlsafe_b64encode(self._seal(request, body) + body).decode()

    def _seal(self, request: Message, body: bytes) -> bytes:
        filters = type(request)()
        filters.CopyFrom(request)
        for name in ("page_token", "page_size"):
            filters.ClearField(name)
        call = current_call.get()
        bound = "\0".join((call.access.principal.subject, call.method)).encode()
        digest = hashlib.sha256(filters.SerializeToString(deterministic=True)).digest()
        return hmac.new(self._key, bound + b"\0" + digest + body, hashlib.sha256).digest()


def _wrong_token() -> DondocError:
    return invalid(
        FieldViolation(
            "page_token",
            "không phải của lần gọi này; hãy dùng next_page_token của chính danh sách đó",
            "does not belong to this call; use next_page_token of the same list",
            "PAGE_TOKEN_INVALID",
        )
    )
