"""Asks for the reports of each period when it begins, and records that they were sent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from dondoc.reporting.v1 import report_pb2
from dondoc.reporting.v1 import reporting_service_pb2 as pb

from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.domain.calendar import local_date, start_of
from services.kernel.limits.domain.clock import Cause
from services.kernel.limits.domain.periods import Span, span_of
from services.kernel.limits.domain.profile import Act, LimitRule, Period, Profile
from services.kernel.runtime.access import Access, Part
from services.kernel.runtime.errors import (
    DondocError,
    FieldViolation,
    invalid,
    not_found,
    precondition,
    stale,
)
from services.kernel.runtime.ids import derived
from services.kernel.runtime.protos import document_code, from_date, optional_date
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.adapters import report_store as store
from services.reporting.adapters.report_messages import document_to_keep, to_message
from services.reporting.domain.report import (
    Body,
    Report,
    is_periodic,
    needs_document,
    owing,
    stopping_act,
)

_DAY = timedelta(days=1)


class Reports:
    """`watched_from`: reports of earlier periods are nobody's concern here; None: the first start."""

    def __init__(self, book: ClockBook, watched_from: date | None) -> None:
        self.book, self.watched_from = book, watched_from

    async def ask(self, work: UnitOfWork) -> int:
        """Asks for the reports of all periods that have begun; returns how many were asked for.

        The newest period is looked at each time: a body that enters the directory late owes its
        report too.
        """
        today = local_date(work.now)
        if self.watched_from and today < self.watched_from:
            return 0
        await self._begin(work, today)
        bodies, asked = await store.bodies(work), 0
        for rule_id, day in (await store.plans(work)).items():
            asked += await self._ask_for(work, rule_id, day, today, bodies)
        return asked

    def first_days(self) -> list[date]:
        """The day from which each installed regulation has reports asked for, if it has any."""
        return [
            max(profile.valid_from, self.watched_from or profile.valid_from)
            for profile in self.book.profiles.installed
            if any(is_periodic(rule) for rule in profile.limits)
        ]

    def rule_on(self, day: date, rule_id: str) -> tuple[Profile, LimitRule, Period] | None:
        """The periodic rule in force that day; None where the profile of that day has none."""
        profile = self.book.profiles.for_day(day)
        for rule in profile.limits if profile else ():
            if rule.id == rule_id and is_periodic(rule) and profile and rule.period:
                return profile, rule, rule.period
        return None

    async def record(
        self, work: UnitOfWork, access: Access, request: pb.RecordReportRequest
    ) -> report_pb2.Report:
        """It was sent, on the day that is told: its clock stops by that day."""
        found, _ = await self.find(work, access, request.name)
        access.require({found.agency: (Part.LEAD,)})
        if request.etag and request.etag != str(found.version):
            raise stale(found.name)
        rule = self._rule(found)
        sent_on = from_date(request.sent_date, "sent_date")
        _check(request, found, rule, sent_on, local_date(work.now))
        try:
            after = found.received(sent_on)
        except ValueError:
            raise _received_before(found) from None
        kept = document_to_keep(request.document)
        await store.save(work, after, kept)
        act = stopping_act(rule)
        cause = Cause(work.now, act, access.principal.subject, document_code(request.document))
        for clock in await self.book.of(work, found.name):
            if clock.open and rule.stopped_by(act, sent_on):
                await self.book.stop(work, clock, start_of(sent_on), cause)
        message = to_message(after, kept, rule)
        work.record("ReportReceived", after.name, after.version, message)
        work.audit("RecordReport", after.name, {"document": cause.document})
        return message

    async def find(
        self, work: UnitOfWork, access: Access, name: str
    ) -> tuple[Report, dict[str, Any]]:
        """NOT_FOUND for what is absent and for what the caller may not see."""
        try:
            found = await store.get_seen(work, access, UUID(name.removeprefix("reports/")))
        except ValueError:
            found = None
        if found is None:
            raise not_found(name)
        return found

    def told(self, found: Report, document: dict[str, Any]) -> report_pb2.Report:
        return to_message(found, document, self._rule(found))

    def _rule(self, found: Report) -> LimitRule:
        return self.book.profiles.pinned(found.profile, found.profile_version).rule(found.rule)

    async def _begin(self, work: UnitOfWork, today: date) -> None:
        profile, planned = self.book.profiles.for_day(today), await store.planned(work)
        for rule in profile.limits if profile else ():
            if is_periodic(rule) and rule.id not in planned:
                await store.begin(work, rule.id, self.watched_from or today)

    async def _ask_for(
        self, work: UnitOfWork, rule_id: str, day: date, today: date, bodies: list[Body]
    ) -> int:
        """From the period of `day` to that of today, in their order."""
        asked = 0
        while day <= today:
            found = self.rule_on(day, rule_id)
            if found is None:
                # No such duty in the regulation of that day; perhaps in the one of a later day.
                day = today if day < today and self.rule_on(today, rule_id) else today + _DAY
                continue
            profile, rule, period = found
            span = span_of(period, day)
            there = await store.asked(work, rule.id, span.label)
            for slug in owing(rule, bodies, span):
                if slug not in there:
                    await self._open(work, profile, rule, span, slug)
                    asked += 1
            await store.advance(work, rule_id, day)
            day = span.last_day + _DAY
        return asked

    async def _open(
        self, work: UnitOfWork, profile: Profile, rule: LimitRule, span: Span, slug: str
    ) -> None:
        new = Report(
            id=derived("report", rule.id, span.label, slug),
            rule=rule.id,
            profile=profile.id,
            profile_version=profile.version,
            period=span.label,
            first_day=span.first_day,
            last_day=span.last_day,
            agency=slug,
        )
        begun = start_of(span.first_day)
        store.add(work, new)
        await work.set_parties(new.name, [(slug, Part.LEAD)])
        message = to_message(new, {}, rule)
        work.record("ReportRequested", new.name, new.version, message, occurred_at=begun)
        await self.book.start(
            work, rule, profile,
            subject=new.name, owner=new.name, owed_by=slug, started_at=begun,
            cause=Cause(begun, Act.PERIOD_BEGINS, ""),
            stated_due=span.last_day, discriminator=span.label,
        )  # fmt: skip


def _check(
    request: pb.RecordReportRequest, found: Report, rule: LimitRule, sent_on: date, today: date
) -> None:
    wrong = []
    if not found.first_day <= sent_on <= today:
        wrong.append(
            FieldViolation(
                "sent_date",
                f"phải từ {found.first_day:%d/%m/%Y} (đầu kỳ) đến hôm nay",
                f"must lie between {found.first_day} (the first day of the period) and today",
                "SENT_DATE_OUT_OF_PERIOD",
            )
        )
    document = request.document
    day = optional_date(document, "date", "document.date")
    if needs_document(rule) and not (document.number and document.symbol and day):
        wrong.append(
            FieldViolation(
                "document",
                "báo cáo cần số, ký hiệu và ngày văn bản",
                "a report needs number, symbol and date of its document",
                "DOCUMENT_MISSING",
            )
        )
    if wrong:
        raise invalid(*wrong)


def _received_before(found: Report) -> DondocError:
    return precondition(
        "WRONG_STATE",
        f"Báo cáo đã được ghi nhận gửi ngày {found.sent_on:%d/%m/%Y}; không còn việc nào phải làm.",
        f"the report is {found.state}, sent on {found.sent_on}: allowed is nothing",
        {"state": found.state, "action": "RECORD", "allowed": ""},
    )
