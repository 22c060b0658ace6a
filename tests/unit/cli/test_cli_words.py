"""The command line without a house: languages, errors, usage, and which process is meant."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from dondoc.notify.v1 import notice_pb2
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from typer.testing import CliRunner

from cli import language
from cli.commands.clock import duration, moment
from cli.errors import NOT_RUNNING, USAGE, CliError, spoken
from cli.language import Language, Words
from cli.main import app
from cli.play.notices import CHANNELS, NOTICES, STATES
from embedded.alive import Mark
from embedded.run_file import NotRunningError, RunFile

runner = CliRunner()


@pytest.mark.parametrize(
    ("words", "enum"),
    [
        (NOTICES, notice_pb2.NoticeKind),
        (CHANNELS, notice_pb2.Channel),
        (STATES, notice_pb2.DeliveryState),
    ],
)
def test_the_summary_of_the_play_has_words_for_all_that_notify_can_say(
    words: Mapping[str, Words], enum: EnumTypeWrapper
) -> None:
    prefix = enum.Name(0).removesuffix("UNSPECIFIED")
    said = {name.removeprefix(prefix).lower() for name, number in enum.items() if number}
    assert said == set(words)
    assert all(told.vi != told.en for told in words.values())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["status", "--lang", "en"], NOT_RUNNING, "Nothing runs on"),
        (["status", "--lang", "vi"], NOT_RUNNING, "Không có hệ thống nào đang chạy"),
        (["down", "--lang", "en"], NOT_RUNNING, "Nothing runs on"),
        (["token", "--user", "vanphong", "--lang", "en"], NOT_RUNNING, "Nothing runs on"),
        (["clock", "advance", "soon", "--lang", "en"], USAGE, "is no duration"),
        (["clock", "set", "31/12/2020", "--lang", "vi"], USAGE, "Không hiểu thời điểm"),
        (["directives", "import", "no-such-file", "--lang", "en"], USAGE, "cannot be read"),
        (["task", "show"], USAGE, "Missing argument"),
    ],
)
def test_without_a_house_each_command_says_what_to_do(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    told = runner.invoke(app, arguments, env={"DONDOC_DATA": str(tmp_path)})
    assert told.exit_code == code
    assert said in " ".join(told.stderr.split())
    assert told.stdout == ""


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "wrong.json"
    file.write_text('{"not": "a list"}', "utf-8")
    told = runner.invoke(app, ["directives", "import", str(file), "--lang", "en"])
    assert told.exit_code == USAGE
    assert "a list of objects is needed" in told.stderr


def test_words_are_said_in_the_chosen_language() -> None:
    words = Words("đã nhập", "entered")
    before = language.current
    try:
        language.choose(Language.EN)
        assert (str(words), spoken(ValueError("tiếng Việt / English"))) == ("entered", "English")
        language.choose(Language.VI)
        assert str(words) == "đã nhập"
        assert spoken(ValueError("tiếng Việt / English")) == "tiếng Việt"
    finally:
        language.choose(before)


@pytest.mark.parametrize(("spoken_language", "example"), [("vi", "Ví dụ"), ("en", "Example")])
def test_help_teaches_with_examples_in_both_languages(spoken_language: str, example: str) -> None:
    asked = ["directives", "import", "--help", "--lang", spoken_language]
    told = subprocess.run(
        [sys.executable, "-m", "cli.main", *asked],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert example in told.stdout


def test_moments_are_those_of_ho_chi_minh_city() -> None:
    assert moment("2020-02-15T08:00").isoformat() == "2020-02-15T08:00:00+07:00"
    assert moment("2020-02-15T08:00+00:00").utcoffset() == timedelta(0)
    assert duration("3d") == timedelta(days=3)
    with pytest.raises(CliError):
        moment("15/02/2020")


def test_a_process_is_known_by_its_start_and_not_by_its_number_alone() -> None:
    mark = Mark.of(os.getpid())
    assert mark.alive()
    assert not Mark(mark.pid, "another start").alive()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    gone = Mark.of(ended.pid)
    ended.wait()
    assert not gone.alive()


def test_what_a_killed_supervisor_left_is_no_running_house(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}", "utf-8")
    with pytest.raises(NotRunningError):
        RunFile.read(tmp_path)
