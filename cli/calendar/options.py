"""Options that the commands of `dondoc calendar` share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from cli.language import say

Days = Annotated[
    list[str],
    typer.Argument(
        metavar="YYYY-MM-DD=KIND …",
        help=say(
            "KIND: nghỉ-lễ, nghỉ-bù, nghỉ-hoán-đổi, làm-bù, hoặc ordinary (bỏ ngày đã nhập).",
            "KIND: holiday, make-up, swap-off, swap-work, or ordinary (takes the entry back).",
        ),
    ),
]
Name = Annotated[
    str, typer.Option("--name", help=say("Tên, ví dụ “Tết Nguyên đán”.", "Name of the days."))
]
Document = Annotated[
    str,
    typer.Option(
        "--document", help=say("Số và ký hiệu văn bản.", "Number and symbol of the document.")
    ),
]
Estimated = Annotated[
    bool, typer.Option("--estimated", help=say("Dự kiến, chưa có quyết định.", "Not decided yet."))
]
StoppedToo = Annotated[
    bool,
    typer.Option(
        "--stopped-too",
        help=say(
            "Dời cả thời hạn đã dừng (kết quả đúng hạn, quá hạn có thể thay đổi); cần --reason.",
            "Move stopped clocks as well (met may become met late, or the other way); needs --reason.",
        ),
    ),
]
_WHY = typer.Option("--reason", help=say("Lý do, ghi vào nhật ký.", "Why, for the journal."))
Reason = Annotated[str, _WHY]
RequiredReason = Annotated[str, _WHY]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help=say("Không hỏi lại.", "Do not ask before it is done."))
]


@dataclass(frozen=True, slots=True)
class Change:
    """Days that are to change, as they were typed, and what is said of all of them."""

    days: list[str]
    name: str
    document: str
    estimated: bool
    stopped_too: bool


def changing(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the days and options of a Change; it takes that in place of them."""

    def run(
        days: Days,
        name: Name = "",
        document: Document = "",
        estimated: Estimated = False,
        stopped_too: StoppedToo = False,
        **others: Any,
    ) -> None:
        command(Change(days, name, document, estimated, stopped_too), **others)

    *shared, _ = inspect.signature(run, eval_str=True).parameters.values()
    _, *own = inspect.signature(command, eval_str=True).parameters.values()
    run.__signature__ = inspect.Signature([*shared, *own])  # type: ignore[attr-defined]
    run.__name__ = command.__name__
    return run
