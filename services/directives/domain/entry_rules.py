"""What a directive must be to be entered. A violation names its field and what would be right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.directives.domain.directive import NOT_SAID, Directive, Limit, LimitClass
from services.kernel.limits.domain.calendar import local_date

# The document management system carries no classified document (khoản 4 Điều 3).
CARRYING_NOTHING_CLASSIFIED = frozenset({"SHARED_SYSTEM", "EDXML", "SPREADSHEET"})
# What programs write that have no date: their count of time begins there.
EPOCH = 1970


@dataclass(frozen=True, slots=True)
class Wrong:
    """One wrong field: its path in the request, what would be right, and an UPPER_SNAKE reason."""

    field: str
    vi: str
    en: str
    reason: str


def intake_of(given: str, *, by_shared_system: bool) -> str:
    """How it came in; of the shared system that is known, whatever it says itself."""
    if by_shared_system:
        return "SHARED_SYSTEM"
    return "OFFICE" if given == NOT_SAID else given


def derived(limit: Limit) -> Limit:
    """A due date makes a limit, said or not (Điều 4)."""
    if limit.due_date and limit.limit_class is LimitClass.UNSPECIFIED:
        return replace(limit, limit_class=LimitClass.WITH_LIMIT)
    return limit


def not_carried(secrecy: str, intake: str, path: str) -> Iterator[Wrong]:
    """Only the Office, by hand, enters a classified directive (khoản 4 Điều 3)."""
    if secrecy != "NONE" and intake in CARRYING_NOTHING_CLASSIFIED:
        yield Wrong(
            f"{path}secrecy",
            "hệ thống Quản lý văn bản không chuyển văn bản mật (khoản 4 Điều 3); "
            "Văn phòng UBND tỉnh nhập trực tiếp",
            "the document management system carries no classified document (khoản 4 Điều 3); "
            "the Office enters it by hand",
            "CLASSIFIED_NOT_CARRIED",
        )


def wrong_in(directive: Directive, now: datetime, path: str) -> Iterator[Wrong]:
    """`now`: the legal time; `path`: where the directive stands in the request ("directive.")."""
    today = local_date(now)
    if directive.issue_date > today:
        yield Wrong(
            f"{path}issue_date",
            f"sau ngày hôm nay ({today:%d/%m/%Y})",
            f"is after today ({today})",
            "IN_THE_FUTURE",
        )
    yield from wrong_instant(directive.issued_at, directive.issue_date, now, f"{path}issue_time")
    for index, item in enumerate(directive.items):
        yield from wrong_limit(item.limit, directive.issue_date, f"{path}items[{index}].limit.")


def wrong_instant(
    issued_at: datetime | None, issue_date: date, now: datetime, path: str
) -> Iterator[Wrong]:
    """The instant of issue lies on the day of issue, and not after `now`."""
    if issued_at is None:
        return
    if local_date(issued_at) != issue_date:
        yield Wrong(
            path,
            f"không thuộc ngày ban hành ({issue_date:%d/%m/%Y})",
            f"is not on the day of issue ({issue_date})",
            "NOT_ON_ISSUE_DATE",
        )
    elif issued_at > now:
        yield Wrong(path, "ở tương lai", "is in the future", "IN_THE_FUTURE")


def wrong_limit(limit: Limit, issue_date: date, path: str) -> Iterator[Wrong]:
    due, cls = limit.due_date, limit.limit_class
    if due and due.year == EPOCH:
        yield Wrong(
            f"{path}due_date",
            "năm 1970 là ngày trống của máy tính; nếu không có ngày thì bỏ trống",
            "1970 is how programs write an empty date; leave it out where there is none",
            "EMPTY_DATE",
        )
    elif due and due < issue_date:
        yield Wrong(
            f"{path}due_date",
            f"trước ngày ban hành ({issue_date:%d/%m/%Y})",
            f"is before the day of issue ({issue_date})",
            "BEFORE_ISSUE",
        )
    if due and cls is LimitClass.WITHOUT_LIMIT:
        yield Wrong(
            f"{path}due_date",
            "nhiệm vụ không có thời hạn thì không có ngày hết hạn (Điều 4)",
            "a task without a limit has no due date (Điều 4)",
            "DATE_WITHOUT_LIMIT",
        )
    if limit.cadence != NOT_SAID and cls is not LimitClass.WITHOUT_LIMIT:
        yield Wrong(
            f"{path}cadence",
            "chỉ dùng cho nhiệm vụ không có thời hạn (điểm b khoản 2 Điều 7)",
            "is for tasks without a limit only (điểm b khoản 2 Điều 7)",
            "CADENCE_WITH_LIMIT",
        )


def unclassified(limit: Limit, path: str) -> Iterator[Wrong]:
    """To classify is to say which of the two it is."""
    if limit.limit_class is LimitClass.UNSPECIFIED:
        yield Wrong(
            f"{path}limit_class",
            "phải là có thời hạn hoặc không có thời hạn (Điều 4)",
            "must be with or without a limit (Điều 4)",
            "NOT_CLASSIFIED",
        )
