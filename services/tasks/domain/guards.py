"""Conditions of transitions besides the state. Each raises Refused with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from services.kernel.limits.domain.calendar import Calendar, local_date
from services.kernel.limits.domain.duedate import last_day_to_ask_extension
from services.kernel.limits.domain.profile import Duty, Profile
from services.tasks.domain.refusals import Refused
from services.tasks.domain.task import Task
from services.tasks.domain.values import ExtensionState


@dataclass(frozen=True, slots=True)
class Facts:
    """What an act may need to know besides the task.

    `now` is the legal time; `profile` the one that the task pins, None for a directive older than
    all; `connected` whether the lead agency works in the software itself; `by_lead` whether it is that
    agency which acts.
    """

    now: datetime
    profile: Profile | None
    calendar: Calendar
    connected: bool = True
    by_lead: bool = True

    @property
    def today(self) -> date:
        return local_date(self.now)


Guard = Callable[[Task, Facts], None]


def lead_unconnected(task: Task, facts: Facts) -> None:
    """Điểm b khoản 1 Điều 6, khoản 3 Điều 7: only for an agency without connection."""
    if facts.connected:
        raise Refused(
            "AGENCY_CONNECTED",
            f"Cơ quan {task.lead} đã kết nối phần mềm nên tự cập nhật kết quả"
            f"{_cited(facts, Duty.ENTER_ON_BEHALF)}.",
            f"agencies/{task.lead} is connected and reports for itself",
            {"agency": f"agencies/{task.lead}"},
        )


def for_itself_or_unconnected(task: Task, facts: Facts) -> None:
    """The lead agency, and for one without connection the Office (điểm b khoản 1 Điều 6)."""
    if facts.connected and not facts.by_lead:
        raise Refused(
            "AGENCY_CONNECTED",
            f"Cơ quan {task.lead} đã kết nối phần mềm nên tự thực hiện việc này.",
            f"agencies/{task.lead} is connected and does this for itself",
            {"agency": f"agencies/{task.lead}"},
        )


def due_date_known(task: Task, facts: Facts) -> None:
    if task.limit.due_date is None:
        raise Refused(
            "NO_DUE_DATE",
            "Nhiệm vụ chưa có ngày hết hạn nên không có gì để gia hạn.",
            "the task has no due date that could be extended",
        )


def origin_open(task: Task, facts: Facts) -> None:
    """Điểm d khoản 1 Điều 6: not where a document from above the province sets the time."""
    if facts.profile and task.origin in facts.profile.extensions.locked_origins:
        raise Refused(
            "ORIGIN_LOCKED",
            "Thời hạn do văn bản của cấp trên ấn định, tỉnh không gia hạn được "
            f"({facts.profile.extensions.article}).",
            f"the limit was set above the province ({task.origin}) and cannot be extended",
            {"origin": task.origin},
        )


def no_open_extension(task: Task, facts: Facts) -> None:
    found = task.open_extension
    if found:
        name = f"{task.name}/extensions/{found.number}"
        raise Refused(
            "EXTENSION_OPEN",
            f"Văn bản xin gia hạn lần {found.number} chưa được trả lời.",
            f"{name} is not answered yet",
            {"extension": name},
        )


def extensions_left(task: Task, facts: Facts) -> None:
    """The cap of the regulation; one that names none, as 69/2019/QĐ-UBND, has none."""
    extensions = facts.profile.extensions if facts.profile else None
    maximum = extensions.maximum if extensions else None
    granted = sum(found.state is ExtensionState.GRANTED for found in task.extensions)
    if extensions and maximum is not None and granted >= maximum:
        raise Refused(
            "EXTENSION_MAXIMUM",
            f"Nhiệm vụ đã được gia hạn {granted} lần, tối đa là {maximum} lần "
            f"({extensions.article}).",
            f"the task was extended {granted} times; at most {maximum} are allowed "
            f"({extensions.article})",
            {"maximum": str(maximum), "article": extensions.article},
        )


def _cited(facts: Facts, duty: Duty) -> str:
    """The article of the limit on this duty, as it stands in a sentence."""
    rule = facts.profile.limit_on(duty) if facts.profile else None
    return f" ({rule.article})" if rule else ""


def last_day_to_ask(task: Task, facts: Facts) -> date | None:
    """Điểm c khoản 2 Điều 6; None where no regulation limits it."""
    if task.limit.due_date is None or facts.profile is None:
        return None
    return last_day_to_ask_extension(facts.profile, task.limit.due_date, facts.calendar)


def still_in_time(task: Task, facts: Facts) -> None:
    last = last_day_to_ask(task, facts)
    if last is None or facts.today <= last:
        return
    told, cited = {"last_day": last.isoformat()}, _cited(facts, Duty.ASK_EXTENSION)
    if last < local_date(task.limited_since):
        amended = task.limited_since != task.round.forwarded_at
        vi = "có ngày hết hạn" if amended else "nhiệm vụ được chuyển đến"
        en = "it had a due date" if amended else "the task was forwarded"
        raise Refused(
            "EXTENSION_IMPOSSIBLE_FROM_START",
            f"Hạn quá ngắn: ngày cuối cùng để xin gia hạn ({last:%d/%m/%Y}) đã qua trước khi "
            f"{vi}{cited}; đề nghị Văn phòng UBND tỉnh xem xét tiếp nhận.",
            f"the limit is too short: the last day to ask, {last}, was over before {en}; "
            "the Office may admit the request",
            told,
        )
    raise Refused(
        "EXTENSION_TOO_LATE",
        f"Phải xin gia hạn chậm nhất ngày {last:%d/%m/%Y}{cited}; "
        "đề nghị Văn phòng UBND tỉnh xem xét tiếp nhận.",
        f"the last day to ask was {last}; the Office may admit the request",
        told,
    )
