"""Whoever writes a profile is told each mistake with file, line and field, why, and what would be right, in
Vietnamese and in English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from profile_mistakes import MISTAKES, OTHER, REAL, Mistake, changed

from services.kernel.limits.adapters import profile_files
from services.kernel.limits.domain import (
    profile_agreement,
    profile_effects,
    profile_file,
    yaml_fields,
)
from services.kernel.limits.domain.profile import Duty
from services.kernel.limits.domain.profile_file import ProfileError, parse_profiles
from services.kernel.limits.domain.yaml_fields import Complaint
from services.kernel.runtime.service import StartError
from services.kernel.runtime.settings import Settings

COMPLAINING = (profile_agreement, profile_effects, profile_file, profile_files, yaml_fields)
WHAT_IS_RIGHT = re.compile(r"\b(cần|chỉ|phải|mỗi|các trường được dùng)\b")
WHAT_IS_RIGHT_EN = re.compile(r"\b(needed|right|must|known are|each|only|to be|needs)\b")


def complaints(*texts: str) -> tuple[Complaint, ...]:
    with pytest.raises(ProfileError) as refused:
        parse_profiles({f"{number}.yaml": text for number, text in enumerate(texts)})
    return refused.value.complaints


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.en)
def test_a_mistake_is_told_with_file_and_line_in_both_languages(mistake: Mistake) -> None:
    found = [
        told
        for told in complaints(mistake.text)
        if (told.file, told.line) == ("0.yaml", mistake.line)
    ]
    assert any(mistake.en in told.message.en and mistake.vi in told.message.vi for told in found), (
        found
    )


@pytest.mark.parametrize("mistake", [one for one in MISTAKES if one.rule], ids=lambda one: one.en)
def test_what_does_not_go_together_is_told_of_its_limit(mistake: Mistake) -> None:
    for told in complaints(mistake.text):
        assert told.message.en.startswith(f"limit {mistake.rule}: ")
        assert told.message.vi.startswith(f"thời hạn {mistake.rule}: ")


def every_complaint(folder: Path) -> Iterator[Complaint]:
    for mistake in MISTAKES:
        yield from complaints(mistake.text)
    yield from complaints("id: [")
    yield from complaints("- no mapping")
    begin, end = REAL.index("  - id: R7.2b"), REAL.index("  - id: R6.2c")
    yield from complaints(REAL[:begin] + REAL[end:])
    yield from complaints(REAL, changed("valid_from: 2030", "valid_from: 2025", OTHER))
    yield from complaints(
        changed("valid_to: null", "valid_to: 2025-06-30"),
        changed("valid_from: 2019-12-21", "valid_from: 2025-07-01"),
    )
    for content in (None, "quy chế".encode("utf-16")):
        if content:
            (folder / "profile.yaml").write_bytes(content)
        with pytest.raises(ProfileError) as refused:
            profile_files.load_profiles(folder)
        yield from refused.value.complaints


def written_in(source: str) -> Iterator[tuple[int, re.Pattern[str], re.Pattern[str]]]:
    """The line of each text in two languages that a module writes down, and what it comes out as."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Text" and node.args:
            vi, en = map(pattern, node.args)
            if vi.pattern != ".*":
                yield node.lineno, vi, en


def pattern(node: ast.expr) -> re.Pattern[str]:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    known = [re.escape(str(p.value)) if isinstance(p, ast.Constant) else ".*" for p in parts]
    return re.compile("".join(known), re.DOTALL)


def test_no_complaint_of_the_code_goes_untold_or_lacks_a_language(tmp_path: Path) -> None:
    told = list(every_complaint(tmp_path))
    for one in told:
        assert WHAT_IS_RIGHT.search(one.message.vi), one
        assert WHAT_IS_RIGHT_EN.search(one.message.en), one
        assert one.message.vi != one.message.en
        assert not one.field or f": {one.field}: " in one.message.vi
    texts = [
        (module.__name__, line, vi, en)
        for module in COMPLAINING
        for line, vi, en in written_in(Path(str(module.__file__)).read_text("utf-8"))
    ]
    assert len(texts) > 50
    untold = [
        f"{module}:{line}"
        for module, line, vi, en in texts
        if not any(vi.search(one.message.vi) and en.search(one.message.en) for one in told)
    ]
    assert not untold, "give these an entry in profile_mistakes.py"


def test_of_every_duty_it_is_known_what_begins_it_and_who_can_owe_it() -> None:
    assert set(profile_effects.BEGUN_BY) == set(profile_effects.OWED_BY) == set(Duty)


def test_a_complaint_is_told_in_one_language_and_in_a_log_in_both() -> None:
    (first, *_) = complaints(changed("length: 2\n", "length: two\n"))
    vi, en = first.of("vi"), first.of("en")
    assert vi.endswith("thời hạn R7.1: length: không thể là two; cần số nguyên từ 0 trở lên")
    assert en.endswith("limit R7.1: length: cannot be two; needed is a whole number from 0")
    assert str(first) == f"{vi} / {first.message.en}"
    assert first.field == "length"


def test_a_service_does_not_start_with_a_bad_profile_and_says_all_of_it(tmp_path: Path) -> None:
    bad = changed("length: 2\n", "length: two\n", changed("version: 1", "version: 0"))
    (tmp_path / "bad.yaml").write_text(bad, "utf-8")
    settings = Settings(
        database_url="postgresql://nobody@nowhere/none",
        nats_url="nats://nowhere",
        issuer_url="http://nowhere",
        page_token_key="k" * 32,
        profile_path=str(tmp_path),
    )
    with pytest.raises(StartError) as refused:
        profile_files.profiles_of(settings)
    first, *lines = str(refused.value).splitlines()
    assert "dịch vụ không khởi động" in first
    assert "the service does not start" in first
    assert [line.split(": ")[2] for line in lines] == ["version", "length"]
    assert all(" / " in line and "cần số nguyên" in line and "whole" in line for line in lines)
