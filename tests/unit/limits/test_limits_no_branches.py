"""The regulation is data: no code asks which one it is, or for a limit by its article."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.kernel.limits.adapters.profile_files import SHIPPED, load_profiles
from tests.fixtures.regulations import FICTITIOUS, ROOT

PROFILES = [p for folder in (SHIPPED, FICTITIOUS.parent) for p in load_profiles(folder).installed]
NAMES = {profile.id for profile in PROFILES} | {rule.id for p in PROFILES for rule in p.limits}
WITHIN = {profile.id for profile in PROFILES}


def words_of(tree: ast.AST) -> Iterator[ast.Constant]:
    """Texts of the code, without what only explains it."""
    told = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node


def named_in(text: str) -> list[int]:
    """Lines in which a regulation or one of its limits is named."""
    return [
        node.lineno
        for node in words_of(ast.parse(text))
        if node.value in NAMES or any(name in str(node.value) for name in WITHIN)
    ]


@pytest.mark.parametrize("room", ["services", "embedded"])
def test_no_code_names_a_regulation_or_a_limit_of_one(room: str) -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for path in sorted(Path(ROOT, room).rglob("*.py"))
        if (lines := named_in(path.read_text("utf-8")))
    }
    assert not found


@pytest.mark.parametrize(
    "planted",
    [
        'if profile.id == "69/2019/QĐ-UBND": pass',
        'clock = clocks["R7.1"]',
        'match rule:\n    case "Đ5": pass',
        'OTHER = f"{year} 01/2030/QĐ-GIẢ"',
    ],
)
def test_a_branch_on_a_regulation_is_caught(planted: str) -> None:
    assert named_in(planted)


def test_words_about_a_regulation_are_no_branch() -> None:
    assert not named_in('"""As in 69/2019/QĐ-UBND, R7.1."""\ndef f():\n    """R7.1"""')
