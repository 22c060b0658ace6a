"""The two languages of the command line: Vietnamese unless English is asked for."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    VI = "vi"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """One thing said in both languages."""

    vi: str
    en: str

    def __str__(self) -> str:
        return self.vi if current is Language.VI else self.en


def _at_start() -> Language:
    """Help texts are made before options are read, so `--lang` is looked up where it stands."""
    for before, word in zip(["", *sys.argv], sys.argv, strict=False):
        if before == "--lang" or word.startswith("--lang="):
            return Language.EN if word.removeprefix("--lang=") == "en" else Language.VI
    return Language.EN if os.environ.get("DONDOC_LANG") == "en" else Language.VI


current = _at_start()


def choose(language: Language | None) -> Language | None:
    """From now on everything is said in `language`; None leaves it as it is."""
    global current
    current = language or current
    return language


def say(vi: str, en: str) -> str:
    """The one of the two that is spoken now."""
    return vi if current is Language.VI else en
