"""The first contents of the calendar, for the Office to correct and continue.

The `holidays` package is a good seed for the years that are decided and no authority: it guesses
Tết and National Day of years to come, and it misses a swap. What is put right here is listed
below; everything later is an entry of the Office.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import holidays

from services.kernel.limits.domain.calendar import Calendar, CalendarDay, DayKind, DayStatus

# The last year whose days off are announced; later ones are computed, hence estimates.
DECIDED_THROUGH = 2026

_CODE_2012 = "Điều 115 Bộ luật Lao động 2012"
_CODE_2019 = "khoản 1 Điều 112 Bộ luật Lao động 2019"
_CODE_2019_MAKE_UP = "khoản 3 Điều 111 Bộ luật Lao động 2019"
_CODE_2019_FROM = 2021

# Day off → (day worked for it, document). The swap of 31 August 2026 is known from the press
# and the package alone, so it names no document.
_SWAPS: dict[date, tuple[date, str]] = {
    date(2018, 12, 31): (date(2019, 1, 5), "6519/VPCP-KGVX"),
    date(2019, 4, 29): (date(2019, 5, 4), "6519/VPCP-KGVX"),
    date(2024, 4, 29): (date(2024, 5, 4), "2450/VPCP-KGVX"),
    date(2025, 5, 2): (date(2025, 4, 26), "6150/TB-LĐTBXH"),
    # The package has no trace of this one: announced on 25 December 2025, eight days before.
    date(2026, 1, 2): (date(2026, 1, 10), "12729/VPCP-KGVX"),
    date(2026, 8, 31): (date(2026, 8, 22), ""),
}


def seeded_days(first_year: int, last_year: int) -> tuple[CalendarDay, ...]:
    """The exceptional days of these years, by date.

    24 November (Ngày Văn hóa Việt Nam) is left out although the package lists it from 2026:
    Resolution 80-NQ/TW chooses the day and 30/NQ-CP orders the Labour Code to be amended, but no
    enacted text makes it a day off. When there is one, the Office enters the day.
    """
    years = range(first_year, last_year + 1)
    entries = {entry.day: entry for entry in _public_holidays(years)}
    entries |= {entry.day: entry for entry in _swaps() if entry.day.year in years}
    return tuple(entries[day] for day in sorted(entries))


def seeded_calendar(first_year: int, last_year: int, version: int = 1) -> Calendar:
    return Calendar.of(seeded_days(first_year, last_year), version)


def _public_holidays(years: range) -> Iterator[CalendarDay]:
    named = holidays.country_holidays("VN", years=years, language="vi")
    on_their_day = holidays.country_holidays("VN", years=years, language="vi", observed=False)
    for day, name in named.items():
        if (day.month, day.day) == (11, 24):
            continue
        # Swaps are in both lists; they are overwritten by ours.
        make_up = day not in on_their_day
        new_code = day.year >= _CODE_2019_FROM
        law = (_CODE_2019_MAKE_UP if make_up else _CODE_2019) if new_code else _CODE_2012
        yield CalendarDay(
            day=day,
            kind=DayKind.MAKE_UP if make_up else DayKind.HOLIDAY,
            name=name,
            document=law,
            status=DayStatus.OFFICIAL if day.year <= DECIDED_THROUGH else DayStatus.ESTIMATED,
        )


def _swaps() -> Iterator[CalendarDay]:
    for off, (worked, document) in _SWAPS.items():
        name = f"Hoán đổi với ngày {worked:%d/%m/%Y}"
        yield CalendarDay(off, DayKind.SWAP_OFF, name, document)
        name = f"Hoán đổi với ngày {off:%d/%m/%Y}"
        yield CalendarDay(worked, DayKind.SWAP_WORK, name, document)
