"""What is to be changed in Keycloak, shown before it is done, and then done one call at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cli.language import Words

if TYPE_CHECKING:
    from keycloak import KeycloakAdmin

Field = tuple[Any, Any]  # what is there (None: nothing), what shall be there


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do. `kind` and `name` tell an administrator where; `fields` what changes there."""

    action: Action
    kind: str
    name: str
    apply: Callable[[KeycloakAdmin], object] = field(compare=False, repr=False)
    fields: Mapping[str, Field] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        fields = {name: {"is": now, "shall": then} for name, (now, then) in self.fields.items()}
        return {"action": self.action, "kind": self.kind, "name": self.name, "fields": fields}


@dataclass
class Plan:
    """Changes in the order in which they are made, and what an administrator must settle himself."""

    changes: list[Change] = field(default_factory=list)
    notes: list[Words] = field(default_factory=list)

    def add(self, other: Plan) -> None:
        self.changes += other.changes
        self.notes += other.notes

    def chosen(self, *, delete: bool) -> list[Change]:
        """What is made: deletions only when they were asked for."""
        return [each for each in self.changes if delete or each.action is not Action.DELETE]


def differences(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Field]:
    """Where `found` is not as `wanted`; what Keycloak has besides is left to its administrator.

    Keycloak returns lists of names in any order, so they are compared as sets.
    """
    changed: dict[str, Field] = {}
    for name, value in wanted.items():
        now = found.get(name)
        if isinstance(value, Mapping):
            inner = differences(value, now if isinstance(now, Mapping) else {})
            changed |= {f"{name}.{key}": each for key, each in inner.items()}
        elif isinstance(value, list):
            if _as_set(value) != _as_set(now or []):
                changed[name] = (now, value)
        elif value != now and not (value is False and now is None):
            changed[name] = (now, value)
    return changed


def merged(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """`found` with what is wanted laid over it: Keycloak forgets what an update leaves out."""
    result = dict(found)
    for name, value in wanted.items():
        inside = isinstance(value, Mapping) and isinstance(result.get(name), Mapping)
        result[name] = merged(result[name], value) if inside else value
    return result


def created(wanted: Mapping[str, Any]) -> dict[str, Field]:
    """All fields of something new."""
    return {name: (None, value) for name, value in wanted.items()}


def by(key: str, entries: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Entries by their name: ids differ from one Keycloak to the next."""
    return {str(entry[key]): entry for entry in entries}


def _as_set(values: Iterable[Any]) -> list[str]:
    return sorted(str(value) for value in values)
