"""Rules on the fields of a command. Each raises BadField."""

from __future__ import annotations

from datetime import date

from services.tasks.domain.guards import Facts
from services.tasks.domain.refusals import BadField
from services.tasks.domain.task import Task
from services.tasks.domain.values import UNSPECIFIED, DocumentRef, Evaluation


def words(task: Task, field: str, value: str) -> None:
    """Needed, unless the task is classified: there the code alone is told (khoản 2 Điều 5)."""
    if not task.classified and not value.strip():
        raise BadField(field, "WORDS_NEEDED", "phải nêu rõ bằng lời", "is needed: say it in words")


def act_day(task: Task, facts: Facts, field: str, value: date) -> None:
    """The day of an act lies between the directive's issue and today."""
    first = task.header.issue_date
    if not first <= value <= facts.today:
        raise BadField(
            field,
            "DATE_OUT_OF_RANGE",
            f"phải từ ngày ban hành văn bản ({first:%d/%m/%Y}) đến hôm nay "
            f"({facts.today:%d/%m/%Y})",
            f"must lie between the directive's issue ({first}) and today ({facts.today})",
        )


def after_issue(task: Task, field: str, value: date) -> None:
    """No task ends before the directive that gives it was issued."""
    if value < task.header.issue_date:
        raise BadField(
            field,
            "DATE_OUT_OF_RANGE",
            f"không được trước ngày ban hành văn bản ({task.header.issue_date:%d/%m/%Y})",
            f"must not lie before the directive's issue ({task.header.issue_date})",
        )


def received(field: str, value: date, done_date: date) -> None:
    """A written report comes in on the day of its result or later."""
    if value < done_date:
        raise BadField(
            field,
            "DATE_OUT_OF_RANGE",
            f"không được trước ngày có kết quả ({done_date:%d/%m/%Y})",
            f"must not lie before the date of the result ({done_date})",
        )


def later(field: str, value: date, current: date) -> None:
    """An extension gives more time."""
    if value <= current:
        raise BadField(
            field,
            "NOT_LATER",
            f"phải sau ngày hết hạn hiện tại ({current:%d/%m/%Y})",
            f"must be later than the current due date ({current})",
        )


def numbered(field: str, document: DocumentRef) -> None:
    """A written answer is known by number, symbol and date (điểm d khoản 1 Điều 6)."""
    for name, value in (
        ("number", document.number),
        ("symbol", document.symbol),
        ("date", document.date),
    ):
        if not value:
            raise BadField(
                f"{field}.{name}",
                "DOCUMENT_INCOMPLETE",
                "văn bản phải có số, ký hiệu và ngày",
                "a document needs its number, symbol and date",
            )


def graded(evaluation: Evaluation) -> None:
    """Progress, quality and effectiveness are all evaluated (điểm c khoản 1 Điều 6)."""
    for name in ("progress", "quality", "effectiveness"):
        if getattr(evaluation, name) == UNSPECIFIED:
            raise BadField(
                f"evaluation.{name}",
                "GRADE_NEEDED",
                "phải đánh giá đủ tiến độ, chất lượng và hiệu quả (điểm c khoản 1 Điều 6)",
                "progress, quality and effectiveness are all to be evaluated",
            )
