"""`dondoc profile`: regulation profiles as files. No house needs to run."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli import language
from cli.errors import FAILED, USAGE, CliError, stderr, told
from cli.language import Words, say
from cli.options import Json, Lang
from cli.profiles.difference import differences
from cli.profiles.show import show as show_profile
from cli.render import print_json, stdout
from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.profile import Profile
from services.kernel.limits.domain.profile_file import ProfileError, parse_profiles

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "Quy chế dưới dạng dữ liệu: kiểm tra, xem, so sánh.",
        "Regulations as data: validate, show, compare.",
    ),
)


@app.command(
    help=say(
        """Kiểm tra tệp quy chế như khi dịch vụ khởi động; báo mọi lỗi với tệp, dòng và cách ghi đúng.

        Các tệp nêu cùng nhau được kiểm tra cùng nhau: thời gian áp dụng không được chồng nhau. --json nêu lỗi
        bằng cả tiếng Việt và tiếng Anh.

        Ví dụ:

            dondoc profile validate quy-che.yaml

            dondoc profile validate profiles/*.yaml --json
        """,
        """Check profile files as the services do at start: each mistake with file, line and what is right.

        Files that are named together are checked together: their validities must not overlap. --json tells
        mistakes in Vietnamese and English.

        Examples:

            dondoc profile validate regulation.yaml

            dondoc profile validate profiles/*.yaml --json
        """,
    )
)
def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…")],
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        texts = {str(file): _read(file) for file in files}
    try:
        profiles = parse_profiles(texts)
    except ProfileError as error:
        if as_json:
            print_json([asdict(complaint) for complaint in error.complaints])
        else:
            for complaint in error.complaints:
                stderr.print(escape(complaint.of(language.current)))
            count = len(error.complaints)
            stderr.print(
                say(f"Không hợp lệ: {count} lỗi.", f"Not valid: {count} mistakes."), style="red"
            )
        raise typer.Exit(FAILED) from None
    if as_json:
        print_json([])
        return
    for profile in profiles.installed:
        count = len(profile.limits)
        stdout.print(
            say(
                f"Hợp lệ: {profile.id} phiên bản {profile.version}, {count} thời hạn",
                f"Valid: {profile.id} version {profile.version}, {count} limits",
            )
        )


@app.command(
    help=say(
        """Các thời hạn của một quy chế: căn cứ, ai, từ đâu, dừng khi nào, ngày nghỉ, nhắc việc.

        Không nêu gì thì xem các quy chế kèm theo phần mềm.

        Ví dụ:

            dondoc profile show

            dondoc profile show quy-che.yaml --lang en
        """,
        """The limits of a regulation: article, who owes, start, stop, days off, reminders.

        Without an argument: the regulations that come with the software.

        Examples:

            dondoc profile show 69/2019/QĐ-UBND

            dondoc profile show regulation.yaml --lang en
        """,
    )
)
def show(
    which: Annotated[str, typer.Argument(metavar="[ID|FILE]")] = "",
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        found = [_one(which)] if which else list(load_profiles().installed)
    if as_json:
        print_json([_as_dict(profile) for profile in found])
        return
    for profile in found:
        show_profile(profile)


@app.command(
    help=say(
        """Quy chế này khác quy chế kia ở điểm nào. + là thêm, - là bỏ, ~ là thay đổi.

        Ví dụ:

            dondoc profile diff 69/2019/QĐ-UBND quy-che-moi.yaml
        """,
        """What changes from one regulation to another. + new, - gone, ~ changed.

        Example:

            dondoc profile diff 69/2019/QĐ-UBND new-regulation.yaml
        """,
    )
)
def diff(
    one: Annotated[str, typer.Argument(metavar="A")],
    other: Annotated[str, typer.Argument(metavar="B")],
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        changes = differences(_one(one), _one(other))
    if as_json:
        print_json([asdict(change) for change in changes])
        return
    for change in changes:
        stdout.print(escape(str(change)), soft_wrap=True)
    if not changes:
        stdout.print(say("Không có gì khác nhau.", "Nothing differs."))


def _one(which: str) -> Profile:
    """The newest version of an installed profile, or that of a file. Raises CliError."""
    named = [profile for profile in load_profiles().installed if profile.id == which]
    if named:
        return max(named, key=lambda profile: profile.version)
    try:
        return parse_profiles({which: _read(Path(which))}).installed[0]
    except ProfileError as error:
        raise CliError(Words(error.of("vi"), error.of("en"))) from None


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CliError(
            Words(
                f"Không đọc được {file} ({error}); cần tên tệp hoặc số của quy chế đã cài đặt.",
                f"{file} cannot be read ({error}); right would be a file, or the number of an "
                "installed regulation.",
            ),
            USAGE,
        ) from None


def _as_dict(profile: Profile) -> Any:
    return json.loads(json.dumps(asdict(profile), default=str, ensure_ascii=False))
