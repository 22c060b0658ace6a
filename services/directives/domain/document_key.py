"""What tells one directive from another: series, number, symbol and year of issue (khoản 1 Điều 23).

The People's Committee and its Chairman number in one series that begins anew each year, so neither
the issuing authority nor the day belongs to the key. Normative documents have a series of their
own, which is why they print the year: 69/2019/QĐ-UBND is another document than 69/QĐ-UBND of 2019.
A directive's name is not made from the key: a number that was entered wrongly can be corrected.
"""

from __future__ import annotations

from services.directives.domain.folding import fold_symbol


def key_of(number: str, symbol: str, year: int, normative: bool = False) -> str:
    """`("0374", "ubnd-vxnv", 2020)` → `374/2020/UBND-VXNV`."""
    key = f"{number.strip().lower().lstrip('0') or '0'}/{year}/{fold_symbol(symbol)}"
    return f"{key}/normative" if normative else key


def printed(number: str, symbol: str, normative: bool, year: int) -> str:
    """As printed: normative ones carry the year (69/2019/QĐ-UBND, khoản 2 Điều 3)."""
    return f"{number}/{year}/{symbol}" if normative else f"{number}/{symbol}"
