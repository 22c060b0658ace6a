"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import language
from cli.language import Language, say

Data = Annotated[
    Path,
    typer.Option(
        "--data",
        envvar="DONDOC_DATA",
        help=say("Thư mục dữ liệu.", "Data folder."),
        show_default=True,
    ),
]
DEFAULT_DATA = Path(".dondoc")

Json = Annotated[
    bool,
    typer.Option(
        "--json", help=say("In JSON cho chương trình khác đọc.", "Print JSON for programs.")
    ),
]

Directory = Annotated[
    str,
    typer.Option(
        "--directory",
        metavar="HOST:PORT",
        envvar="DONDOC_DIRECTORY",
        help=say(
            "Hỏi danh bạ của dịch vụ directives tại đó, với mã của `dondoc login` hoặc $DONDOC_TOKEN.",
            "Ask the directory of the service `directives` there, with the token of `dondoc login` or "
            "$DONDOC_TOKEN.",
        ),
    ),
]

Lang = Annotated[
    Language | None,
    typer.Option(
        "--lang",
        envvar="DONDOC_LANG",
        callback=language.choose,
        help=say("Ngôn ngữ: vi hoặc en.", "Language: vi or en."),
    ),
]

User = Annotated[
    str,
    typer.Option(
        "--user",
        help=say(
            "Người thực hiện, ví dụ vanphong, lanhdao, so-noi-vu.officer.",
            "Who acts: vanphong, lanhdao, so-noi-vu.officer …",
        ),
    ),
]
