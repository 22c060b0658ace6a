"""Reading YAML so that every complaint has a file and a line.

The text is composed into nodes, which keep their lines. Scalars are parsed by what the reader
asks for, not by YAML's guesses (`no`, `1_000`). A value that cannot be read gives a complaint and
a placeholder, so that one pass finds everything that is wrong; whoever reads must therefore
refuse the whole when there are complaints.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

import yaml

_E = TypeVar("_E", bound=StrEnum)


class _Required:
    pass


REQUIRED: Final = _Required()
_NULLS = ("", "~", "null")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong in a file; `line` counts from 1."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(slots=True)
class Document:
    """One file while it is read: the complaints so far and every mapping that was opened."""

    file: str
    complaints: list[Complaint] = field(default_factory=list)
    opened: list[Fields] = field(default_factory=list)

    def root(self, text: str, what: str) -> Fields:
        """The outermost mapping; unreadable text gives a complaint and a mapping of nothing."""
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            problem = getattr(error, "problem", None) or str(error)
            self.complaints.append(Complaint(self.file, line, f"no YAML: {problem}"))
            return Fields(self, what, 1, readable=False)
        return Fields.of(node, self, what)

    def refuse_unknown_keys(self) -> None:
        """Complain about every key that nobody asked for; called after the last was read."""
        for fields in self.opened:
            for key in fields.nodes.keys() - fields.taken:
                fields.complain(f"{fields.what} has the unknown key {key}", key)


@dataclass(slots=True)
class Fields:
    """The entries of one mapping, each taken by its name."""

    document: Document
    what: str
    line: int
    nodes: dict[str, yaml.Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    readable: bool = True

    @classmethod
    def of(cls, node: yaml.Node | None, document: Document, what: str) -> Fields:
        fields = cls(document, what, node.start_mark.line + 1 if node else 1)
        if not isinstance(node, yaml.MappingNode):
            fields.readable = False
            fields.complain(f"{what} must be a mapping")
            return fields
        document.opened.append(fields)
        for key, value in node.value:
            name = str(key.value)
            if name in fields.nodes:
                fields.lines[name] = key.start_mark.line + 1
                fields.complain(f"{what} has the key {name} twice", name)
            fields.nodes[name] = value
            fields.lines[name] = key.start_mark.line + 1
        return fields

    def complain(self, message: str, key: str = "") -> None:
        """Note a complaint at the line of the key, or of the mapping itself."""
        line = self.lines.get(key, self.line)
        self.document.complaints.append(Complaint(self.document.file, line, message))

    def has(self, key: str) -> bool:
        return key in self.nodes

    def text(self, key: str, default: str | _Required = REQUIRED, why: str = "") -> str:
        """A non-empty text, NFC. `why` says in the complaint what the key is for."""
        value = self._scalar(key)
        if value:
            return unicodedata.normalize("NFC", value)
        if not isinstance(default, _Required) and key not in self.nodes:
            return default
        self._missing(key, why)
        return ""

    def integer(self, key: str, minimum: int, default: int | _Required = REQUIRED) -> int:
        value = self._scalar(key)
        if value is None:
            if not isinstance(default, _Required):
                return default
            self._missing(key)
        elif not re.fullmatch(r"\d{1,9}", value) or int(value) < minimum:
            self.complain(f"{self.what}: {key} must be a whole number from {minimum}", key)
        else:
            return int(value)
        return minimum

    def flag(self, key: str) -> bool:
        value = self._scalar(key)
        if value is None:
            self._missing(key)
        elif value not in ("true", "false"):
            self.complain(f"{self.what}: {key} must be true or false", key)
        return value == "true"

    def day(self, key: str) -> date | None:
        """A date, None where the key is null."""
        value = self._scalar(key)
        if value is None:
            if key not in self.nodes:
                self._missing(key)
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.complain(f"{self.what}: {key} must be a date like 2019-12-21, not {value}", key)
            return None

    def one_of(self, key: str, kind: type[_E], default: _E | None = None) -> _E:
        value = self._scalar(key)
        if value is None and default is not None:
            return default
        if value is None:
            self._missing(key)
        elif value in list(kind):
            return kind(value)
        else:
            self._unknown_value(key, value, kind)
        return next(iter(kind))

    def some_of(self, key: str, kind: type[_E], required: bool = False) -> tuple[_E, ...]:
        values = self.texts(key, required)
        for value in values:
            if value not in list(kind):
                self._unknown_value(key, value, kind)
        return tuple(kind(value) for value in values if value in list(kind))

    def texts(self, key: str, required: bool = False) -> tuple[str, ...]:
        values: list[str] = []
        for node in self._items(key, required):
            if isinstance(node, yaml.ScalarNode) and node.value and node.value not in values:
                values.append(unicodedata.normalize("NFC", node.value))
            else:
                self.complain(f"{self.what}: {key} holds an empty, nested or repeated value", key)
        return tuple(values)

    def child(self, key: str) -> Fields:
        """A mapping that must be there."""
        node = self._take(key)
        if node is None:
            self._missing(key)
            return Fields(self.document, key, self.line, readable=False)
        return Fields.of(node, self.document, f"{self.what}: {key}")

    def children(self, key: str, required: bool = False) -> list[Fields]:
        what = f"{self.what}: entry of {key}"
        nodes = self._items(key, required)
        return [Fields.of(node, self.document, what) for node in nodes]

    def _take(self, key: str) -> yaml.Node | None:
        self.taken.add(key)
        return self.nodes.get(key)

    def _items(self, key: str, required: bool) -> list[yaml.Node]:
        node = self._take(key)
        if node is None:
            if required:
                self._missing(key)
            return []
        if not isinstance(node, yaml.SequenceNode) or (required and not node.value):
            self.complain(f"{self.what}: {key} must be a list with entries", key)
            return []
        return list(node.value)

    def _scalar(self, key: str) -> str | None:
        node = self._take(key)
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode):
            self.complain(f"{self.what}: {key} must be a single value", key)
            return None
        value = str(node.value).strip()
        return None if value in _NULLS and node.style is None else value

    def _missing(self, key: str, why: str = "") -> None:
        if self.readable:
            suffix = f" ({why})" if why else ""
            self.complain(f"{self.what} lacks {key}{suffix}", key)

    def _unknown_value(self, key: str, value: str, kind: type[StrEnum]) -> None:
        known = ", ".join(kind)
        self.complain(f"{self.what}: {key} cannot be {value}; known are {known}", key)
