"""Names and symbols as they are compared: people write one name in many ways."""

from __future__ import annotations

import re
import unicodedata

# Ð (eth) and Ɖ (African D) look like Đ and come out of old keyboards and scanners.
_LOOK_ALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ"})
_DASHES = re.compile(r"\s*[-‐‑‒–—−]\s*")
_PEOPLES_COMMITTEE = re.compile("[uủ][yỷ] ban nhân dân")


def plain(text: str) -> str:
    """NFC, one kind of Đ, one kind of dash without spaces around it, single spaces."""
    text = unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES)
    return _DASHES.sub("-", " ".join(text.split()))


def fold(name: str) -> str:
    """A name as it is compared: `plain`, in one case, with "Ủy ban nhân dân" as "UBND".

    Marks of the letters stay: "Sở Y tế" and "Sở y te" are not the same name.
    """
    return _PEOPLES_COMMITTEE.sub("ubnd", plain(name).casefold())


def fold_symbol(symbol: str) -> str:
    """`UBND - VXNV`, `ubnd-vxnv` → `UBND-VXNV`; `QÐ` (eth) → `QĐ`."""
    return plain(symbol).replace(" ", "").upper()
