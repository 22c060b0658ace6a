"""Figures as of any moment up to now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import grpc

from services.kernel.directory.copy import slug
from services.kernel.limits.domain.calendar import local_date
from services.kernel.limits.domain.profile import Profiles
from services.kernel.runtime.access import Access
from services.kernel.runtime.errors import DondocError, FieldViolation, invalid, precondition
from services.kernel.runtime.protos import as_of, optional_date
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.adapters import figures_store as store
from services.reporting.domain.figures import DoesNotSum, Question, Table, table_of


async def figures(
    work: UnitOfWork, access: Access, request: Any, *, published: bool = False
) -> Table:
    """`request`: GetFiguresRequest or ExportFiguresRequest, which have the same fields.

    `published`: as everybody may see them.
    """
    question = Question(
        as_of=as_of(request, work.now),
        from_date=optional_date(request, "from_date"),
        to_date=optional_date(request, "to_date"),
        agency=slug(request.agency),
        real_only=request.real_only,
        level=request.level,
        published=published,
    )
    if question.from_date and question.to_date and question.to_date < question.from_date:
        raise invalid(
            FieldViolation(
                "to_date",
                "phải từ ngày from_date trở đi",
                "must not be before from_date",
                "PERIOD_REVERSED",
            )
        )
    try:
        return table_of(question, await store.rows(work, access, question))
    except DoesNotSum as error:
        raise DondocError(
            grpc.StatusCode.INTERNAL,
            "FIGURES_DO_NOT_SUM",
            "Số liệu không khớp tổng nên không được in ra; đã được ghi lại.",
            "the figures do not sum, so they are not given; recorded",
            metadata={"agency": error.agency},
        ) from None


def refuse_unpublished(profiles: Profiles, moment: datetime) -> None:
    """FAILED_PRECONDITION where the regulation of the day does not have results published."""
    profile = profiles.for_day(local_date(moment))
    if profile and profile.practice.results_published:
        return
    cited = f"{profile.practice.articles['results_published']}, {profile.id}" if profile else ""
    raise precondition(
        "PUBLICATION_OFF",
        f"Quy chế không quy định công bố kết quả ({cited or 'chưa có quy chế nào áp dụng'}).",
        f"the regulation does not have results published ({cited or 'none applies'})",
    )
