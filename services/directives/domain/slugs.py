"""The immutable key of an agency, made from its name: `Sở Nội vụ` → `so-noi-vu`."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80


def slug_of(name: str) -> str:
    """Letters without marks, digits and dashes; empty when nothing is left of the name."""
    plain = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    ascii_only = plain.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:LONGEST].strip("-")
