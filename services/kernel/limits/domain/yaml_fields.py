"""Reading YAML so that every complaint has a file and a line, and says in Vietnamese and English which
field is wrong, why, and what would be right.

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

from services.kernel.limits.domain.profile import Text

_E = TypeVar("_E", bound=StrEnum)


class _Required:
    pass


REQUIRED: Final = _Required()
_NULLS = ("", "~", "null")

_TEXT = Text("nội dung bằng chữ", "a text")
_FLAG = Text("true hoặc false", "true or false")
_DAY = Text("ngày dạng 2019-12-21, hoặc null", "a date like 2019-12-21, or null")
_LIST = Text("danh sách có mục", "a list with entries")
_MAPPING = Text("nhóm trường dạng “tên: giá trị”", "a mapping of “name: value”")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong in a file; `line` counts from 1, `field` is empty for a mapping as a whole."""

    file: str
    line: int
    message: Text
    field: str = ""

    def __str__(self) -> str:
        """For logs: both languages."""
        return f"{self.file}:{self.line}: {self.message.vi} / {self.message.en}"

    def of(self, lang: str) -> str:
        return f"{self.file}:{self.line}: {self.message.of(lang)}"


@dataclass(slots=True)
class Document:
    """One file while it is read: the complaints so far and every mapping that was opened."""

    file: str
    complaints: list[Complaint] = field(default_factory=list)
    opened: list[Fields] = field(default_factory=list)

    def root(self, text: str, what: Text) -> Fields:
        """The outermost mapping; unreadable text gives a complaint and a mapping of nothing."""
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            problem = getattr(error, "problem", None) or str(error)
            told = Text(
                f"không phải YAML: {problem}; cần sửa cú pháp tại đây",
                f"no YAML: {problem}; the syntax is to be corrected here",
            )
            self.complaints.append(Complaint(self.file, line, told))
            return Fields(self, what, 1, readable=False)
        return Fields.of(node, self, what)

    def refuse_unknown_keys(self) -> None:
        """Complain about every key that nobody asked for; called after the last was read."""
        for fields in self.opened:
            known = ", ".join(sorted(fields.taken))
            for key in fields.nodes.keys() - fields.taken:
                fields.complain(
                    Text(
                        f"không có trường này; các trường được dùng: {known}",
                        f"unknown key; known are {known}",
                    ),
                    key,
                )


@dataclass(slots=True)
class Fields:
    """The entries of one mapping, each taken by its name."""

    document: Document
    what: Text
    line: int
    nodes: dict[str, yaml.Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    readable: bool = True

    @classmethod
    def of(cls, node: yaml.Node | None, document: Document, what: Text) -> Fields:
        fields = cls(document, what, node.start_mark.line + 1 if node else 1)
        if not isinstance(node, yaml.MappingNode):
            fields.readable = False
            fields.complain(Text(f"cần {_MAPPING.vi}", f"must be {_MAPPING.en}"))
            return fields
        document.opened.append(fields)
        for key, value in node.value:
            name = str(key.value)
            if name in fields.nodes:
                fields.lines[name] = key.start_mark.line + 1
                fields.complain(
                    Text("có hai lần; chỉ giữ lại một", "is there twice; only one is to stay"), name
                )
            fields.nodes[name] = value
            fields.lines[name] = key.start_mark.line + 1
        return fields

    def complain(self, reason: Text, key: str = "") -> None:
        """Note a complaint at the line of the key, or of the mapping itself."""
        where = f": {key}" if key else ""
        told = Text(
            f"{self.what.vi}{where}: {reason.vi}",
            f"{self.what.en}{where}: {reason.en}",
        )
        line = self.lines.get(key, self.line)
        self.document.complaints.append(Complaint(self.document.file, line, told, key))

    def has(self, key: str) -> bool:
        self.taken.add(key)
        return key in self.nodes

    def text(self, key: str, default: str | _Required = REQUIRED, needed: Text = _TEXT) -> str:
        """A non-empty text, NFC. `needed` says in the complaint what the key asks for."""
        value = self._scalar(key, needed)
        if value:
            return unicodedata.normalize("NFC", value)
        if not isinstance(default, _Required) and key not in self.nodes:
            return default
        self._missing(key, needed)
        return ""

    def integer(self, key: str, minimum: int, default: int | _Required = REQUIRED) -> int:
        needed = Text(f"số nguyên từ {minimum} trở lên", f"a whole number from {minimum}")
        value = self._scalar(key, needed)
        if value is None:
            if not isinstance(default, _Required):
                return default
            self._missing(key, needed)
        elif not re.fullmatch(r"\d{1,9}", value) or int(value) < minimum:
            self._wrong(key, value, needed)
        else:
            return int(value)
        return minimum

    def flag(self, key: str) -> bool:
        value = self._scalar(key, _FLAG)
        if value is None:
            self._missing(key, _FLAG)
        elif value not in ("true", "false"):
            self._wrong(key, value, _FLAG)
        return value == "true"

    def day(self, key: str, needed: Text | None = None) -> date | None:
        """A date. Without `needed`, which says what for, it may be null, but the key must be there."""
        right = needed or _DAY
        value = self._scalar(key, right)
        if value is None:
            if needed or key not in self.nodes:
                self._missing(key, right)
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self._wrong(key, value, right)
            return None

    def one_of(self, key: str, kind: type[_E], default: _E | None = None) -> _E:
        value = self._scalar(key, _one_of(kind))
        if value is None and default is not None:
            return default
        if value is None:
            self._missing(key, _one_of(kind))
        elif value in list(kind):
            return kind(value)
        else:
            self._wrong(key, value, _one_of(kind))
        return next(iter(kind))

    def some_of(self, key: str, kind: type[_E], required: bool = False) -> tuple[_E, ...]:
        values = self.texts(key, required)
        for value in values:
            if value not in list(kind):
                self._wrong(key, value, _one_of(kind))
        return tuple(kind(value) for value in values if value in list(kind))

    def texts(self, key: str, required: bool = False) -> tuple[str, ...]:
        values: list[str] = []
        for node in self._items(key, required):
            if isinstance(node, yaml.ScalarNode) and node.value and node.value not in values:
                values.append(unicodedata.normalize("NFC", node.value))
            else:
                self.complain(
                    Text(
                        "có giá trị trống, lồng nhau hoặc lặp lại; cần mỗi giá trị đơn một lần",
                        "holds an empty, nested or repeated value; needed is each single value once",
                    ),
                    key,
                )
        return tuple(values)

    def child(self, key: str) -> Fields:
        """A mapping that must be there."""
        node = self._take(key)
        if node is None:
            self._missing(key, _MAPPING)
            return Fields(self.document, Text(key, key), self.line, readable=False)
        what = Text(f"{self.what.vi}: {key}", f"{self.what.en}: {key}")
        return Fields.of(node, self.document, what)

    def children(self, key: str, required: bool = False) -> list[Fields]:
        what = Text(f"{self.what.vi}: mục của {key}", f"{self.what.en}: entry of {key}")
        nodes = self._items(key, required)
        return [Fields.of(node, self.document, what) for node in nodes]

    def _take(self, key: str) -> yaml.Node | None:
        self.taken.add(key)
        return self.nodes.get(key)

    def _items(self, key: str, required: bool) -> list[yaml.Node]:
        node = self._take(key)
        if node is None:
            if required:
                self._missing(key, _LIST)
            return []
        if not isinstance(node, yaml.SequenceNode) or (required and not node.value):
            self.complain(Text(f"cần {_LIST.vi}", f"must be {_LIST.en}"), key)
            return []
        return list(node.value)

    def _scalar(self, key: str, needed: Text) -> str | None:
        node = self._take(key)
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode):
            self.complain(
                Text(
                    f"phải là một giá trị đơn: cần {needed.vi}",
                    f"must be a single value: needed is {needed.en}",
                ),
                key,
            )
            return None
        value = str(node.value).strip()
        return None if value in _NULLS and node.style is None else value

    def _missing(self, key: str, needed: Text) -> None:
        told_already = isinstance(self.nodes.get(key), yaml.CollectionNode)
        if self.readable and not told_already:
            self.complain(
                Text(f"còn thiếu; cần {needed.vi}", f"is missing; needed is {needed.en}"), key
            )

    def _wrong(self, key: str, value: str, needed: Text) -> None:
        self.complain(
            Text(
                f"không thể là {value}; cần {needed.vi}",
                f"cannot be {value}; needed is {needed.en}",
            ),
            key,
        )


def _one_of(kind: type[StrEnum]) -> Text:
    known = ", ".join(kind)
    return Text(f"một trong các giá trị: {known}", f"one of: {known}")
