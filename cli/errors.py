"""What goes wrong, told in the chosen language with what to do; and the exit codes.

0  done
1  refused or failed: a service refused the call, or a part could not be started
2  wrong usage of the command line
3  nothing runs on the data folder (or a house runs already, for `dondoc up`)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import typer
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from rich.console import Console
from rich.markup import escape

from cli import language
from cli.language import Language, Words, say
from embedded.run_file import NotRunningError

FAILED, USAGE, NOT_RUNNING = 1, 2, 3

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


class CliError(Exception):
    """Ends the command with this text on stderr and this exit code."""

    def __init__(self, words: Words, code: int = FAILED) -> None:
        super().__init__(words.en)
        self.words, self.code = words, code


def refusal(error: grpc.aio.AioRpcError) -> list[Words]:
    """What the service says: its sentence, then one line for each wrong field."""
    vi = en = error.details() or error.code().name
    fields: list[Words] = []
    status = rpc_status.from_call(error)  # type: ignore[no-untyped-call]
    for detail in status.details if status else ():
        localized, bad = error_details_pb2.LocalizedMessage(), error_details_pb2.BadRequest()
        if detail.Unpack(localized) and localized.locale == "vi-VN":
            vi = localized.message
        elif detail.Unpack(bad):
            for field in bad.field_violations:
                told = field.localized_message.message or field.description
                fields.append(
                    Words(f"{field.field}: {told}", f"{field.field}: {field.description}")
                )
    return [Words(vi, en), *fields]


def reason_of(error: grpc.aio.AioRpcError) -> str:
    """The stable reason, "WRONG_STATE"; the gRPC code where there is none."""
    status = rpc_status.from_call(error)  # type: ignore[no-untyped-call]
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return str(info.reason)
    return str(error.code().name)


@contextmanager
def told() -> Iterator[None]:
    """Turns errors into a message on stderr and an exit code."""
    try:
        yield
    except CliError as error:
        stderr.print(f"[red]{escape(str(error.words))}[/red]")
        raise typer.Exit(error.code) from None
    except NotRunningError as error:
        stderr.print(
            say(
                f"Không có hệ thống nào đang chạy trên {error.data}. Hãy chạy: dondoc up",
                f"Nothing runs on {error.data}. Start it with: dondoc up",
            )
        )
        raise typer.Exit(NOT_RUNNING) from None
    except grpc.aio.AioRpcError as error:
        first, *fields = refusal(error)
        stderr.print(f"[red]{escape(str(first))}[/red] [dim]({reason_of(error)})[/dim]")
        for field in fields:
            stderr.print(f"  {escape(str(field))}")
        raise typer.Exit(FAILED) from None


def spoken(error: Exception) -> str:
    """The half in the chosen language of a text "vi / en", as the one-machine mode writes its errors."""
    vi, separator, en = str(error).partition(" / ")
    return en if separator and language.current is Language.EN else vi
