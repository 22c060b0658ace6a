"""`dondoc profile`: a regulation as a file, checked, shown and compared without a house."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli import language
from cli.main import app
from cli.profiles.words import WORDED, WORDS
from services.kernel.limits.adapters.profile_files import SHIPPED
from tests.fixtures.regulations import FICTITIOUS

REAL = SHIPPED / "69-2019-qd-ubnd.yaml"


@pytest.fixture(autouse=True)
def _spoken() -> Iterator[None]:
    before = language.current
    yield
    language.choose(before)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["profile", *map(str, arguments)])


def edited(folder: Path, *changes: tuple[str, str], name: str = "changed.yaml") -> Path:
    text = REAL.read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def changes_of(one: str | Path, other: str | Path) -> list[dict[str, Any]]:
    told = run("diff", one, other, "--json", "--lang", "en")
    assert told.exit_code == 0
    found: list[dict[str, Any]] = json.loads(told.stdout)
    return found


def test_what_is_installed_is_valid_and_so_is_the_second_regulation() -> None:
    told = run("validate", REAL, "--lang", "en")
    assert (told.exit_code, told.stdout) == (0, "Valid: 69/2019/QĐ-UBND version 1, 11 limits\n")
    assert "Hợp lệ: 01/2030/QĐ-GIẢ" in run("validate", FICTITIOUS, "--lang", "vi").stdout
    assert json.loads(run("validate", FICTITIOUS, "--json").stdout) == []


def test_each_mistake_is_told_with_file_and_line(tmp_path: Path) -> None:
    file = edited(tmp_path, ("length: 2\n", "length: two\n"), ("ladder: intake", "ladder: none"))
    told = run("validate", file, "--lang", "en")
    assert (told.exit_code, told.stdout) == (1, "")
    lines = told.stderr.splitlines()
    text = file.read_text("utf-8")
    line = text[: text.index("length: two")].count("\n") + 1
    assert lines[0] == (
        f"{file}:{line}: limit R7.1: length: cannot be two; needed is a whole number from 0"
    )
    assert lines[-1].startswith("Not valid: ")
    as_json = run("validate", file, "--json")
    assert as_json.exit_code == 1
    (first, *_) = json.loads(as_json.stdout)
    assert (first["file"], first["line"], first["field"]) == (str(file), line, "length")
    assert "cannot be two" in first["message"]["en"]
    assert "không thể là two" in first["message"]["vi"]


def test_mistakes_are_told_in_vietnamese_unless_english_is_asked_for(tmp_path: Path) -> None:
    file = edited(tmp_path, ("length: 2\n", "length: two\n"))
    told = {lang: run("validate", file, "--lang", lang).stderr for lang in ("vi", "en")}
    assert "thời hạn R7.1: length: không thể là two; cần số nguyên từ 0 trở lên" in told["vi"]
    assert "cannot be two" not in told["vi"]
    assert "không" not in told["en"]
    assert run("diff", REAL, file, "--lang", "vi").stderr.count("không thể là two") == 1


def test_files_are_checked_together_so_that_validities_do_not_overlap(tmp_path: Path) -> None:
    assert run("validate", FICTITIOUS).exit_code == 0
    told = run("validate", REAL, FICTITIOUS, "--lang", "vi")
    assert told.exit_code == 1
    assert "thời gian áp dụng chồng lên thời gian của 69/2019/QĐ-UBND" in told.stderr
    assert "Không hợp lệ: 1 lỗi." in told.stderr


@pytest.mark.parametrize(
    ("lang", "parts"),
    [
        ("en", ["lead agency", "3 working days before the due date", "before 20/6, 30/11 of each",
                "every 2 weeks from 10/01/2020", "to the next working day", "none, ours"]),
        ("vi", ["cơ quan chủ trì", "7 ngày làm việc", "điểm c khoản 2 Điều 6", "ngày cuối quý"]),
    ],
)  # fmt: skip
def test_a_regulation_is_shown_in_words(lang: str, parts: list[str]) -> None:
    told = run("show", "69/2019/QĐ-UBND", "--lang", lang)
    assert told.exit_code == 0
    cells = "".join(told.stdout.split())
    shown = json.loads(run("show", "--json").stdout)
    assert [rule["id"] for rule in shown[0]["limits"]][:2] == ["R7.1", "R5.1e"]
    for rule in shown[0]["limits"]:
        assert rule["id"] in cells
    for part in parts:
        words = part.split()
        assert all(word in told.stdout for word in words), part


def test_every_word_of_the_vocabulary_has_a_meaning_in_both_languages() -> None:
    missing = [member for kind in WORDED for member in kind if member not in WORDS]
    assert not missing, f"give these words in cli/profiles/words.py: {missing}"
    assert all(words.vi and words.en for words in WORDS.values())


def test_a_regulation_does_not_differ_from_itself() -> None:
    told = run("diff", REAL, "69/2019/QĐ-UBND", "--lang", "en")
    assert (told.exit_code, told.stdout) == (0, "Nothing differs.\n")


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "before", "after"),
    [
        ("length: 3\n    unit: WORKING_DAYS\n    roll: NEXT", "length: 4\n    unit: WORKING_DAYS\n"
         "    roll: NEXT", "R7.2a (điểm a khoản 2 Điều 7)", "Length",
         "3 working days after the due date", "4 working days after the due date"),
        ("maximum: null", "maximum: 2", "Extensions", "maximum", "–", "2"),
        ("GOVERNMENT_OFFICE, ", "", "Extensions", "not where time is set by",
         "the Government Office", "a central ministry"),
        ("before: 06-20", "before: 06-18", "R22.1 (khoản 1 Điều 22)", "Length", "20/6", "18/6"),
        ("before: 5, colour: yellow", "before: 6, colour: yellow", "Reminders", "task",
         "5 working days before", "6 working days before"),
        ("results_published: true", "results_published: false", "Practice", "results_published",
         "yes", "no"),
        ("valid_to: null", "valid_to: 2029-12-31", "Regulation", "valid to", "–", "31/12/2029"),
    ],
)  # fmt: skip
def test_one_edit_is_told_as_one_change_in_words(
    tmp_path: Path, old: str, new: str, where: str, what: str, before: str, after: str
) -> None:
    (change,) = changes_of("69/2019/QĐ-UBND", edited(tmp_path, (old, new)))
    assert (change["where"], change["what"]) == (where, what)
    assert before in change["before"]
    assert after in change["after"]


def test_a_limit_that_is_new_or_gone_is_told_as_such() -> None:
    lines = run("diff", REAL, FICTITIOUS, "--lang", "vi").stdout.splitlines()
    assert any(line.startswith("- R19.1 (khoản 1 Điều 19): Cung cấp thông tin") for line in lines)
    back = run("diff", FICTITIOUS, REAL, "--lang", "en").stdout.splitlines()
    assert any(line.startswith("+ R19.1 (khoản 1 Điều 19): Supply each agency") for line in back)
    assert all(line[:2] in ("+ ", "- ", "~ ") for line in (*lines, *back))


def test_what_is_neither_a_file_nor_an_installed_regulation_is_told(tmp_path: Path) -> None:
    told = run("show", "70/2020/QĐ-UBND", "--lang", "en")
    assert (told.exit_code, told.stdout) == (2, "")
    assert "the number of an installed regulation" in " ".join(told.stderr.split())
    broken = edited(tmp_path, ("length: 2\n", "length: two\n"))
    assert run("diff", REAL, broken).exit_code == 1
