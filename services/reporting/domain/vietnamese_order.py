"""The order of Vietnamese names: ă and â after a, đ after d; tones decide between equal letters."""

from __future__ import annotations

import unicodedata

_LETTERS = {letter: place for place, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {mark: place for place, mark in enumerate("\u0300\u0309\u0303\u0301\u0323", start=1)}


def vietnamese_order(name: str) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    """A key to sort by: letters first, then tones (ngang huyền hỏi ngã sắc nặng)."""
    letters: list[tuple[int, int]] = []
    tones: list[int] = []
    for letter in unicodedata.normalize("NFC", name.casefold()):
        parts = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in parts if mark in _TONES), "")
        plain = unicodedata.normalize("NFC", parts.replace(tone, "")) if tone else letter
        # What is no letter, as space and comma, comes first.
        letters.append((1, _LETTERS[plain]) if plain in _LETTERS else (0, ord(plain[0])))
        tones.append(_TONES.get(tone, 0))
    return tuple(letters), tuple(tones)
