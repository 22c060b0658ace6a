"""The rules that a .proto declares on its fields, checked on one message."""

from __future__ import annotations

from functools import cache
from typing import Any

import protovalidate
from google.protobuf.message import Message

from services.kernel.runtime import text
from services.kernel.runtime.errors import FieldViolation, invalid
from services.kernel.runtime.protos import safe_value

SHOWN = 60  # letters of a value that may be told


@cache
def _validator() -> protovalidate.Validator:
    return protovalidate.Validator()


def check(request: Message) -> None:
    """Brings its texts into one form; INVALID_ARGUMENT names each field that breaks a rule."""
    violations = list(text.clean(request))
    if violations:
        raise invalid(*violations)
    found = _validator().collect_violations(request)
    if found:
        raise invalid(*(_of_protovalidate(request, violation.proto) for violation in found))


def _of_protovalidate(request: Message, violation: Any) -> FieldViolation:
    """Path and rule; the value only of a field that is marked safe_in_errors."""
    elements = violation.field.elements
    path = "".join(
        ("." if index and not element.field_name.startswith("[") else "")
        + element.field_name
        + _index(element.subscript)
        for index, element in enumerate(elements)
    )
    rule = violation.rule_id
    given = safe_value(request, [(e.field_name, _number(e.subscript)) for e in elements])[:SHOWN]
    return FieldViolation(
        path,
        f"không đúng quy tắc {rule}"
        + (f": {violation.message}" if violation.message else "")
        + (f" (đã nhận “{given}”)" if given else ""),
        (violation.message or f"breaks the rule {rule}") + (f" (given: {given})" if given else ""),
        rule.upper().replace(".", "_") or "INVALID_FIELD",
    )


def _number(subscript: Any) -> int | None:
    return int(subscript.value) if subscript and subscript.field == "index" else None


def _index(subscript: Any) -> str:
    """Of a repeated field; the key of a map would be a value."""
    return f"[{subscript.value}]" if subscript and subscript.field == "index" else ""
