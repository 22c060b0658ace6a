"""What became of each row of a file."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from cli.errors import USAGE, CliError
from cli.language import Words

_REQUESTS = uuid.uuid5(uuid.NAMESPACE_URL, "dondoc:import")


class Outcome(StrEnum):
    ENTERED = "entered"
    UPDATED = "updated"
    ALREADY_THERE = "already there"
    REFUSED = "refused"
    LEFT_OUT = "left out"
    VALID = "valid"  # nothing was entered: it was only asked


class Kind(StrEnum):
    """What a row is."""

    AGENCY = "agency"
    GROUP = "group"
    OFFICER = "officer"
    DIRECTIVE = "directive"
    ITEM = "item"
    DAY = "day"


OUTCOMES = {
    Outcome.ENTERED: Words("đã nhập", "entered"),
    Outcome.UPDATED: Words("đã cập nhật", "updated"),
    Outcome.ALREADY_THERE: Words("đã có", "already there"),
    Outcome.REFUSED: Words("từ chối", "refused"),
    Outcome.LEFT_OUT: Words("không nhập", "left out"),
    Outcome.VALID: Words("hợp lệ, chưa nhập", "valid, not entered"),
}
KINDS = {
    Kind.AGENCY: Words("cơ quan", "agencies"),
    Kind.GROUP: Words("nhóm cơ quan", "groups"),
    Kind.OFFICER: Words("cán bộ đầu mối", "officers"),
    Kind.DIRECTIVE: Words("văn bản", "directives"),
    Kind.ITEM: Words("nhiệm vụ", "items"),
    Kind.DAY: Words("ngày", "days"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `id` in its file ("D02", "D02/1"), `label` as people know it, `name` its resource name.

    `reasons`: why it was refused or left out; `notes`: what should be known although it was entered.
    """

    kind: Kind
    id: str
    label: str
    outcome: Outcome
    reasons: tuple[Words, ...] = ()
    notes: tuple[Words, ...] = ()
    name: str = ""


@dataclass
class Report:
    """All rows in the order of the file."""

    rows: list[Row] = field(default_factory=list)

    def totals(self, kind: Kind) -> Counter[Outcome]:
        """How many rows of that kind came to which outcome; their sum is what the file holds."""
        return Counter(row.outcome for row in self.rows if row.kind is kind)

    def given(self, kind: Kind) -> int:
        return self.totals(kind).total()

    def kinds(self) -> Iterator[Kind]:
        """Those that the file holds."""
        return (kind for kind in Kind if self.given(kind))

    def as_json(self) -> dict[str, Any]:
        """For programs: both languages, whatever `--lang` says."""
        return {
            "totals": {
                kind.value: {
                    "given": self.given(kind),
                    **{outcome.value: count for outcome, count in self.totals(kind).items()},
                }
                for kind in self.kinds()
            },
            "rows": [
                {
                    "kind": row.kind.value,
                    "id": row.id,
                    "label": row.label,
                    "outcome": row.outcome.value,
                    "name": row.name,
                    "reasons": _both(row.reasons),
                    "notes": _both(row.notes),
                }
                for row in self.rows
            ],
        }


def _both(words: Sequence[Words]) -> list[dict[str, str]]:
    return [{"vi": said.vi, "en": said.en} for said in words]


def request_id(request: Message, state: str = "") -> str:
    """Derived from the request itself: the same row again is the same request.

    `state` (an etag) tells apart two updates that bring the same content at different times.
    """
    content = request.SerializeToString(deterministic=True).hex()
    return str(uuid.uuid5(_REQUESTS, f"{request.DESCRIPTOR.full_name}:{state}:{content}"))


def read_json(file: Path) -> Any:
    """The content of a JSON file. Raises CliError."""
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        why = Words(
            f"Không đọc được {file}: {error.strerror}", f"{file} cannot be read: {error.strerror}"
        )
    except ValueError:
        why = Words(
            f"{file} không phải là tệp JSON (UTF-8) hợp lệ.", f"{file} is no valid JSON in UTF-8."
        )
    raise CliError(why, USAGE)


def rows_of(content: Any, file: str) -> list[dict[str, Any]]:
    """The content as a list of objects. Raises CliError."""
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise CliError(
            Words(f"{file}: cần một danh sách đối tượng.", f"{file}: a list of objects is needed."),
            USAGE,
        )
    return content
