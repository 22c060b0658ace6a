"""What tells one directive from another: number, symbol and year of issue (khoản 1 Điều 23).

The People's Committee and its Chairman number in one series that begins anew each year, so neither
the issuing authority nor the day belongs to the key. A directive's name is not made from it: a
number that was entered wrongly can be corrected.
"""

from __future__ import annotations

from services.directives.domain.folding import fold_symbol


def key_of(number: str, symbol: str, year: int) -> str:
    """`("0374", "ubnd-vxnv", 2020)` → `374/2020/UBND-VXNV`."""
    return f"{number.strip().lower().lstrip('0') or '0'}/{year}/{fold_symbol(symbol)}"


def printed(number: str, symbol: str, normative: bool, year: int) -> str:
    """As printed: normative ones carry the year (69/2019/QĐ-UBND, khoản 2 Điều 3)."""
    return f"{number}/{year}/{symbol}" if normative else f"{number}/{symbol}"
