"""Until when more time can be asked for (điểm c khoản 2, điểm d khoản 1 Điều 6).

The same four answers that an agency gets when it asks are told before it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.kernel.limits.domain.calendar import Calendar
from services.kernel.limits.domain.duedate import Computation, compute
from services.kernel.limits.domain.profile import Duty, Origin, Profile, Text, is_locked


class AskingState(StrEnum):
    OPEN = "OPEN"
    OVER = "OVER"
    TOO_SHORT = "TOO_SHORT"  # over before the task was forwarded
    LOCKED = "LOCKED"
    UNLIMITED = "UNLIMITED"  # the regulation sets no last day


@dataclass(frozen=True, slots=True)
class Asking:
    """`article` is the basis of the last day, of the lock where it is locked; `back` is how the last
    day was counted."""

    state: AskingState
    article: str
    last_day: date | None = None
    back: Computation | None = None
    locked_by: Origin | None = None


ORIGINS = {
    Origin.GOVERNMENT: Text(
        "Chính phủ, Thủ tướng Chính phủ", "the Government or the Prime Minister"
    ),
    Origin.GOVERNMENT_OFFICE: Text("Văn phòng Chính phủ", "the Government Office"),
    Origin.CENTRAL_MINISTRY: Text("Bộ, ngành Trung ương", "a central ministry"),
    Origin.PROVINCIAL_PARTY_STANDING_BOARD: Text(
        "Thường trực Tỉnh ủy", "the Standing Board of the provincial Party Committee"
    ),
}


def asking_for_time(
    profile: Profile,
    calendar: Calendar,
    stated_due: date,
    *,
    forwarded_on: date,
    today: date,
    origin: str = "",
) -> Asking:
    """`origin`: who set the time, as in `Origin`; another word or "" is the province itself."""
    rule = profile.limit_on(Duty.ASK_EXTENSION)
    back = compute(rule, profile, calendar, stated_due=stated_due) if rule else None
    above = Origin(origin) if origin in list(Origin) else None
    if above and is_locked([above], profile.extensions):
        last = back.last_day if back else None
        return Asking(AskingState.LOCKED, profile.extensions.article, last, back, above)
    if rule is None or back is None:
        return Asking(AskingState.UNLIMITED, profile.extensions.article)
    if back.last_day < forwarded_on:
        state = AskingState.TOO_SHORT
    else:
        state = AskingState.OVER if back.last_day < today else AskingState.OPEN
    return Asking(state, rule.article, back.last_day, back)


def asking_as_text(asking: Asking, lang: str = "vi") -> str:
    """One sentence for people to read."""
    day = asking.last_day
    said = f"{day:%d/%m/%Y}" if day else ""
    if asking.state is AskingState.LOCKED:
        assert asking.locked_by is not None
        above = ORIGINS[asking.locked_by].of(lang)
        sentence = Text(
            f"Không gia hạn được: thời hạn do văn bản của {above} ấn định",
            f"Cannot be extended: a document of {above} sets the time",
        )
    elif asking.state is AskingState.TOO_SHORT:
        sentence = Text(
            f"Hạn quá ngắn để xin gia hạn: ngày cuối cùng ({said}) đã qua trước khi nhiệm vụ "
            "được chuyển đến; Văn phòng UBND tỉnh có thể xem xét",
            f"Too short for an extension from the start: the last day to ask ({said}) was over "
            "before the task was forwarded; the Office may admit a request",
        )
    elif asking.state is AskingState.UNLIMITED:
        sentence = Text("Không quy định ngày cuối cùng để xin gia hạn", "No last day to ask is set")
    elif asking.state is AskingState.OVER:
        sentence = Text(
            f"Ngày cuối cùng để xin gia hạn là {said}, đã qua; Văn phòng UBND tỉnh có thể xem xét",
            f"The last day to ask for an extension was {said}; the Office may admit a request",
        )
    else:
        sentence = Text(
            f"Xin gia hạn chậm nhất ngày {said}",
            f"An extension can be asked for until {said}",
        )
    return f"{sentence.of(lang)} ({asking.article})"
