"""Which clocks an act ends. The rule of each clock says so, never the one who acts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from services.kernel.limits.domain.clock import Clock
from services.kernel.limits.domain.profile import Act, Profile


def stopped_by(
    act: Act, clocks: Iterable[Clock], profile: Profile, on: date, legal_end: date | None = None
) -> list[Clock]:
    """The running clocks that an act of this day stops; `legal_end` is that of the task, if any."""
    return [
        clock
        for clock in clocks
        if clock.open and profile.rule(clock.rule).stopped_by(act, on, legal_end)
    ]


def voided_by(
    act: Act, clocks: Iterable[Clock], profile: Profile, *, stopped_too: bool = False
) -> list[Clock]:
    """The clocks that count no more after the act: running ones, if asked those that were stopped."""
    return [
        clock
        for clock in clocks
        if not clock.void_reason
        and (clock.open or stopped_too)
        and act in profile.rule(clock.rule).void
    ]
