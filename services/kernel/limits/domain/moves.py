"""What happened to the end of a clock since it was started, for people to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from services.kernel.limits.domain.acts import ACTS
from services.kernel.limits.domain.calendar import LOCAL, local_date
from services.kernel.limits.domain.clock import LedgerEntry, LedgerKind, MoveGround
from services.kernel.limits.domain.profile import Text

_INSTANT = timedelta(microseconds=1)
_MOVES = {
    MoveGround.EXTENSION: Text("gia hạn", "extension"),
    MoveGround.CALENDAR: Text("lịch làm việc thay đổi", "edit of the calendar"),
    MoveGround.AMENDMENT: Text("văn bản được điều chỉnh", "amendment"),
    MoveGround.FACTS: Text("áp dụng thời hạn khác", "another length applies"),
}
_GROUNDS: Mapping[str, Text] = {
    **{str(ground): text for ground, text in _MOVES.items()},
    **{str(act): text for act, text in ACTS.items()},
    "SENT_BACK": Text("kết quả phải làm lại", "result sent back"),
}
_KINDS = {
    LedgerKind.STOPPED: Text("đã dừng", "stopped"),
    LedgerKind.REOPENED: Text("chạy lại", "reopened"),
    LedgerKind.VOIDED: Text("không còn tính", "void"),
}


def moves_as_text(ledger: Iterable[LedgerEntry], lang: str = "vi") -> list[str]:
    """A line for each entry after the start: when, what, from and to, the document, and who."""
    return [_line(entry, lang) for entry in ledger if entry.kind is not LedgerKind.STARTED]


def _line(entry: LedgerEntry, lang: str) -> str:
    ground = entry.ground
    if entry.kind is LedgerKind.MOVED and ground in list(MoveGround):
        what = ground_as_text(ground, lang)
        what += f": {_last_day(entry.from_due)} → {_last_day(entry.to_due)}"
    else:
        what = _KINDS[entry.kind].of(lang)
        what += f": {ground_as_text(ground, lang)}" if ground else ""
    document = f" [{entry.document}]" if entry.document else ""
    actor = f" ({entry.actor})" if entry.actor else ""
    return f"{local_date(entry.at):%d/%m/%Y}  {what}{document}{actor}"


def ground_as_text(ground: str, lang: str = "vi") -> str:
    """Why something happened to a clock, in words; a ground that is not known here as it is."""
    return _GROUNDS[ground].of(lang) if ground in _GROUNDS else ground


def _last_day(due: datetime | None) -> str:
    if due is None:
        return "–"
    at = due.astimezone(LOCAL)
    midnight = (at.hour, at.minute) == (0, 0)
    return f"{local_date(due - _INSTANT):%d/%m/%Y}" if midnight else f"{at:%d/%m/%Y %H:%M}"
