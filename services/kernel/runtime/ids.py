"""Derived ids: a repeat meets itself. UUIDs of version 5 in one namespace of the project."""

from __future__ import annotations

from uuid import UUID, uuid5

NAMESPACE = UUID("b5f2a3d4-6f0e-5c58-9b8e-6b2f2f3c6900")


def derived(*parts: object) -> UUID:
    """uuid5 of the parts; a separator that no part may hold keeps ('a','bc') and ('ab','c') apart."""
    return uuid5(NAMESPACE, "\x1f".join(str(part) for part in parts))


def event_id(aggregate: str, version: int) -> UUID:
    return derived("event", aggregate, version)
