"""`dondoc clock`: the simulated clock of the whole house."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated

import typer

from cli import clock as house_clock
from cli.client import House
from cli.commands.running import with_house
from cli.errors import USAGE, CliError, told
from cli.language import Words, say
from cli.options import DEFAULT_DATA, Data, Json, Lang
from cli.render import HO_CHI_MINH, instant, print_json, row, stamp, stdout, table
from services.kernel.runtime.protos import from_timestamp

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "Đồng hồ mô phỏng: xem, đặt, tiến tới. Đồng hồ thật không chỉnh được.",
        "The simulated clock: show, set, advance. The real one cannot be set.",
    ),
)

_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def moment(written: str) -> datetime:
    """`2020-02-15` (its beginning) or `2020-02-15T08:00`; in Asia/Ho_Chi_Minh unless a zone is given.

    Raises CliError.
    """
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise CliError(
            Words(
                f"Không hiểu thời điểm “{written}”; ví dụ đúng: 2020-02-15 hoặc 2020-02-15T08:00",
                f"“{written}” is no moment; right would be 2020-02-15 or 2020-02-15T08:00",
            ),
            USAGE,
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=HO_CHI_MINH)


def duration(written: str) -> timedelta:
    """`3d`, `12h`, `30m`. Raises CliError."""
    found = re.fullmatch(r"(\d{1,5})([dhm])", written)
    if found is None:
        raise CliError(
            Words(
                f"Không hiểu khoảng thời gian “{written}”; ví dụ đúng: 3d, 12h, 30m",
                f"“{written}” is no duration; right would be 3d, 12h, 30m",
            ),
            USAGE,
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


@app.command(
    help=say("Thời điểm hiện tại và việc sắp tới của từng dịch vụ.", "Now, and what is due next.")
)
def show(data: Data = DEFAULT_DATA, as_json: Json = False, lang: Lang = None) -> None:
    found = with_house(data, house_clock.times)
    if as_json:
        print_json(
            {
                service: {
                    "now": from_timestamp(time.time).isoformat(),
                    "next_fire": from_timestamp(time.next_fire_time).isoformat()
                    if time.HasField("next_fire_time")
                    else None,
                    "unpublished": time.unpublished_events,
                    "pending": time.pending_events,
                    "due": time.due_rungs,
                    "queued": time.queued_deliveries,
                }
                for service, time in found.items()
            }
        )
        return
    shown = table(
        say("Đồng hồ mô phỏng", "Simulated clock"),
        say("Dịch vụ", "Service"),
        say("Bây giờ", "Now"),
        say("Việc kế tiếp", "Due next"),
    )
    for service, time in found.items():
        row(shown, [service, stamp(time, "time"), stamp(time, "next_fire_time")])
    stdout.print(shown)


@app.command(
    "set",
    help=say(
        """Đặt đồng hồ tới một thời điểm; mọi việc đến hạn trên đường đi đều xảy ra đúng lúc của nó.

        Ví dụ:

            dondoc clock set 2020-03-02

            dondoc clock set 2020-03-02T16:30
        """,
        """Set the clock to a moment; what is due on the way happens at its own time.

        Examples:

            dondoc clock set 2020-03-02

            dondoc clock set 2020-03-02T16:30
        """,
    ),
)
def set_(
    when: Annotated[str, typer.Argument(metavar="YYYY-MM-DD[THH:MM]")],
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
) -> None:
    with told():
        until = moment(when)

    async def work(house: House) -> datetime:
        await house_clock.advance(house, until)
        return until

    stdout.print(instant(with_house(data, work)))


@app.command(
    help=say(
        """Tiến đồng hồ thêm một khoảng.

        Ví dụ:

            dondoc clock advance 3d

            dondoc clock advance 12h
        """,
        """Move the clock on by a duration.

        Examples:

            dondoc clock advance 3d

            dondoc clock advance 12h
        """,
    )
)
def advance(
    by: Annotated[str, typer.Argument(metavar="3d|12h|30m")],
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
) -> None:
    with told():
        step = duration(by)

    async def work(house: House) -> datetime:
        until = await house_clock.now(house) + step
        await house_clock.advance(house, until)
        return until

    stdout.print(instant(with_house(data, work)))
