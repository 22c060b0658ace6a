"""`dondoc trace`: the legal life of a task or directive as a timeline."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Annotated

import typer
from dondoc.limits.v1.deadline_service_pb2 import (
    GetTraceRequest,
    SendTraceRequest,
    SendTraceResponse,
)
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.limits.v1.trace_pb2 import Trace, TraceSpan
from rich.table import Table

from cli.client import House
from cli.commands.running import with_house
from cli.errors import USAGE, CliError, told
from cli.language import Words, say
from cli.options import DEFAULT_DATA, Data, Json, Lang, User
from cli.render import HO_CHI_MINH, as_dict, instant, print_json, row, stdout
from cli.sla import timeline
from embedded.users import OFFICE_USER
from services.kernel.runtime.protos import from_timestamp

BAR, NARROWEST = 40, 22
BESIDE = 112  # columns that the words need
FIXED = 19 + 8 + 26 + 8  # of them the days, the outcome, and the gaps
COLOURS = {"MET": "green", "MET_LATE": "red", "LATE": "red", "VOID": "bright_black"}


def register(app: typer.Typer) -> None:
    app.command(
        "trace",
        help=say(
            """Toàn bộ quá trình pháp lý của một nhiệm vụ hoặc văn bản trên một trục thời gian.

            █ còn hạn, ░ quá hạn, ◆ hết thời hạn, ▶ đang chạy. Mã vết (trace id) là mã của chính nhiệm vụ
            hoặc văn bản, nên tìm được ngay trong hệ thống nhận OpenTelemetry.

            Ví dụ:

                dondoc trace tasks/9a2c…

                dondoc trace directives/5b1d… --moments

                dondoc trace tasks/9a2c… --send
            """,
            """The whole legal life of a task or directive on one line of time.

            █ within the limit, ░ past it, ◆ its end, ▶ still running. The trace id is the id of the task
            or directive itself, so that it is found at once where OpenTelemetry is received.

            Examples:

                dondoc trace tasks/9a2c…

                dondoc trace directives/5b1d… --moments

                dondoc trace tasks/9a2c… --send
            """,
        ),
    )(trace)


def trace(
    name: Annotated[str, typer.Argument(metavar="tasks/UUID|directives/UUID")],
    send: Annotated[
        bool,
        typer.Option(
            "--send",
            help=say(
                "Gửi lại tới hệ thống nhận OpenTelemetry.", "Send it to the OTLP receiver again."
            ),
        ),
    ] = False,
    moments: Annotated[
        bool,
        typer.Option(
            "--moments",
            help=say(
                "Kể cả từng việc, lần dời hạn, lần nhắc.", "Also each act, move and reminder."
            ),
        ),
    ] = False,
    user: User = OFFICE_USER,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    with told():
        service = _service(name)
    if send:
        sent = with_house(data, lambda house: _send(house, service, name, user))
        if as_json:
            print_json(as_dict(sent))
        else:
            _print_sent(sent)
        return
    found: Trace = with_house(
        data,
        lambda house: house.call(
            DeadlineServiceStub, "GetTrace", GetTraceRequest(name=name), user=user, service=service
        ),
    )
    if as_json:
        print_json(as_dict(found))
    else:
        _print(found, moments)


async def _send(house: House, service: str, name: str, user: str) -> SendTraceResponse:
    ask = SendTraceRequest(request_id=str(uuid.uuid4()), name=name)
    sent: SendTraceResponse = await house.call(
        DeadlineServiceStub, "SendTrace", ask, user=user, service=service
    )
    return sent


def _service(name: str) -> str:
    """The service that has the subject. Raises CliError."""
    collection = name.partition("/")[0]
    if collection not in ("tasks", "directives"):
        raise CliError(
            Words(
                f"“{name}” không phải tên nhiệm vụ hay văn bản; ví dụ đúng: tasks/9a2c…",
                f"“{name}” names no task or directive; right would be tasks/9a2c…",
            ),
            USAGE,
        )
    return collection


def _print(found: Trace, moments: bool) -> None:
    width = max(NARROWEST, min(BAR, stdout.width - BESIDE))
    stretch = timeline.stretch_of(found, width)
    first, last = (instant(at)[:10] for at in (stretch.start, stretch.end))
    shown = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    shown.title = say("Vết ", "Trace ") + found.trace_id
    words = max(stdout.width - width - FIXED, NARROWEST)
    shown.add_column("", overflow="ellipsis", no_wrap=True, max_width=words)
    shown.add_column(f"{first}{last:>{width - len(first)}}", no_wrap=True, min_width=width)
    shown.add_column(say("Từ – đến", "From – to"), no_wrap=True, min_width=19)
    shown.add_column(say("Hạn ◆", "Due ◆"), no_wrap=True, min_width=8)
    shown.add_column(say("Kết quả", "Outcome"), no_wrap=True, min_width=26)
    for line in timeline.lines(found, stretch):
        span = line.span
        until = _day(span, "end_time") if span.HasField("end_time") else timeline.RUNNING
        row(
            shown,
            [
                line.branch + timeline.title(span),
                line.bar,
                f"{_day(span, 'start_time')} – {until}",
                _day(span, "due_time", before=True),
                timeline.outcome(span),
            ],
        )
        shown.rows[-1].style = COLOURS.get(span.outcome, "")
        if moments:
            for each in span.moments:
                what = " " * len(line.branch) + "· " + timeline.moment(each)
                row(shown, [what, "", instant(from_timestamp(each.time))])
    stdout.print(shown)
    stdout.print(
        say(
            "█ còn hạn  ░ quá hạn  ◆ hết thời hạn  ▶ đang chạy",
            "█ within the limit  ░ past it  ◆ end of the limit  ▶ running",
        )
    )


def _day(span: TraceSpan, field: str, *, before: bool = False) -> str:
    """`05/03/24`; with `before` the last good day, which ends at the first late instant."""
    if not span.HasField(field):  # type: ignore[arg-type]
        return ""
    at = from_timestamp(getattr(span, field)) - (timedelta.resolution if before else timedelta())
    return at.astimezone(HO_CHI_MINH).strftime("%d/%m/%y")


def _print_sent(sent: SendTraceResponse) -> None:
    stdout.print(
        say(
            f"Đang gửi {sent.sent_spans} đoạn đã kết thúc của vết {sent.trace_id}; "
            f"{sent.running_spans} đoạn đang chạy sẽ được gửi khi kết thúc.",
            f"Sending {sent.sent_spans} finished spans of the trace {sent.trace_id}; "
            f"{sent.running_spans} still run and are sent when they end.",
        )
    )
