"""Migrations of a service follow each other in one chain: what two branches wrote at once shows here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import services

_ROOT = Path(services.__file__).parent
_FOLDERS = sorted({path.parent for path in _ROOT.glob("**/migrations/**/*_0001_*.py")})
_LINK = re.compile(r'^(down_)?revision = (?:"(\w+)"|None)$', re.MULTILINE)


@pytest.mark.parametrize(
    "folder", _FOLDERS, ids=lambda folder: folder.relative_to(_ROOT).as_posix()
)
def test_each_migration_follows_the_one_before_it_and_is_named_like_its_file(folder: Path) -> None:
    links = []
    for path in sorted(folder.glob("*_[0-9][0-9][0-9][0-9]_*.py")):
        own, before = (match.group(2) for match in _LINK.finditer(path.read_text("utf-8")))
        assert path.name.startswith(f"{own}_")
        links.append((before, own))
    names = [own for _, own in links]
    assert links == list(zip([None, *names], names, strict=False))


def test_every_service_is_looked_at() -> None:
    assert len(_FOLDERS) == 6  # five services and what they share
