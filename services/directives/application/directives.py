"""Intake: one handler for each use case (điểm a khoản 1 Điều 6, khoản 1 Điều 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import grpc
from dondoc.directives.v1 import directive_pb2
from dondoc.directives.v1 import directive_service_pb2 as pb
from dondoc.type.v1.document_pb2 import Secrecy

from services.directives.adapters import directive_messages as messages
from services.directives.adapters import directive_store as store
from services.directives.application import intake_clock
from services.directives.application.agency_checks import check, refuse
from services.directives.domain import entry_rules, regulation_rules, withdrawal_rules
from services.directives.domain.directive import Directive, Refused, State, Withdrawal
from services.directives.domain.supplement import supplement as supplemented
from services.kernel.directory.copy import slug
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.domain.calendar import local_date
from services.kernel.limits.domain.clock import Clock
from services.kernel.runtime import classified, ids
from services.kernel.runtime.access import Access, Part
from services.kernel.runtime.errors import DondocError, not_found, precondition, stale
from services.kernel.runtime.unit_of_work import UnitOfWork

ENTERED, SUPPLEMENTED = "DirectiveEntered", "DirectiveSupplemented"
CLASSIFIED, CONSULTED = "DirectiveClassified", "DirectiveConsulted"
FORWARDED, CLOSED = "DirectiveForwarded", "DirectiveClosedWithoutTask"
WITHDRAWN, SUPERSEDED = "DirectiveWithdrawn", "DirectiveSuperseded"
LOADED = "DirectiveLoaded"

Message = directive_pb2.Directive


@dataclass(frozen=True)
class Directives:
    """The handlers; `book` holds the clocks of this service."""

    book: ClockBook

    async def enter(
        self, work: UnitOfWork, access: Access, request: pb.EnterDirectiveRequest
    ) -> Message:
        """Enters a document; the same one again gives the first, and nothing is recorded."""
        new, as_entered = self.prepared(work, access, request)
        if there := await store.of_key(work, new.key):
            return await self.the_first(work, *there, as_entered)
        await self.refuse_agencies(work, new)
        new, clock = await intake_clock.keep(work, self.book, new)
        store.insert(work, new, as_entered)
        return await self.recorded(work, new, clock, ENTERED, "EnterDirective", as_entered)

    def prepared(
        self, work: UnitOfWork, access: Access, request: Any
    ) -> tuple[Directive, dict[str, str]]:
        """The directive of a request and the digests of its fields; refused where a field is wrong."""
        given, roles = request.directive, access.principal.roles
        intake = entry_rules.intake_of(
            messages.intake_said(given),
            by_shared_system="shared-system" in roles and "office" not in roles,
        )
        refuse(entry_rules.not_carried(messages.secrecy_of(given), intake, "directive."))
        new = messages.directive_from(
            given,
            id=ids.derived("directive", access.principal.subject, request.request_id),
            intake=intake,
            entered_at=work.now,
            path="directive.",
        )
        profile = self.book.profiles.for_day(new.issue_date)
        refuse(regulation_rules.outside(profile, new, "directive."))
        refuse(entry_rules.wrong_in(new, work.now, "directive."))
        as_entered = messages.fingerprint(messages.to_message(new, None, self.book.profiles))
        return new, as_entered

    async def refuse_agencies(self, work: UnitOfWork, new: Directive) -> None:
        """Whom it names must be in the directory, and may be given tasks where it gives them."""
        named = (
            ("directive.submitting_agency", new.submitting_agency),
            ("directive.monitoring_agency", new.monitoring_agency),
        )
        await check(
            work,
            named=named,
            items=new.items,
            path="directive.",
            issue_date=new.issue_date,
            profile=self.book.profiles.for_day(new.issue_date),
        )

    async def get(self, work: UnitOfWork, access: Access, name: str) -> Message:
        return await self._message(work, await _find(work, access, name))

    async def page(
        self, work: UnitOfWork, access: Access, wanted: store.Filter, after: Any, limit: int
    ) -> list[tuple[Directive, Message]]:
        """Newest issue first; `after` is the key (day of issue, id) of the last one before."""
        found = await store.page(work, access, wanted, after=after, limit=limit)
        clocks = await intake_clock.of(work, found)
        profiles = self.book.profiles
        return [(d, messages.to_message(d, clocks.get(d.name), profiles)) for d in found]

    async def supplement(
        self, work: UnitOfWork, access: Access, request: pb.SupplementDirectiveRequest
    ) -> Message:
        before = await self._to_change(work, access, request)
        supplement = messages.supplement_from(request)
        issued_at, issue_date = supplement.issued_at, before.issue_date
        refuse(entry_rules.wrong_instant(issued_at, issue_date, work.now, "issue_time"))
        refuse(
            wrong
            for index, item in enumerate(supplement.items)
            for wrong in entry_rules.wrong_limit(
                item.limit, before.issue_date, f"items[{index}].limit."
            )
        )
        after = allowed(lambda: supplemented(before, supplement))
        refuse(
            wrong
            for index, said in enumerate(supplement.of_items)
            for wrong in entry_rules.wrong_limit(
                after.item(said.ordinal).limit, issue_date, f"item_supplements[{index}]."
            )
        )
        named = (
            ("submitting_agency", supplement.submitting_agency),
            ("monitoring_agency", supplement.monitoring_agency),
            *(
                (f"item_supplements[{i}].coordinators[{j}].agencies[{k}]", agency)
                for i, said in enumerate(supplement.of_items)
                for j, resolved in enumerate(said.coordinators)
                for k, agency in enumerate(resolved.agencies)
            ),
        )
        profile = self.book.profiles.for_day(issue_date)
        await check(
            work, named=named, items=supplement.items, issue_date=issue_date, profile=profile
        )
        return await self._save(work, before, after, SUPPLEMENTED, "SupplementDirective")

    async def classify(
        self, work: UnitOfWork, access: Access, request: pb.ClassifyItemRequest
    ) -> Message:
        before = await self._to_change(work, access, request)
        limit = messages.limit_from(request.limit, "limit.")
        refuse(entry_rules.unclassified(limit, "limit."))
        refuse(entry_rules.wrong_limit(limit, before.issue_date, "limit."))
        after = allowed(lambda: before.classify(request.ordinal, limit, request.limit_in_words))
        return await self._save(work, before, after, CLASSIFIED, "ClassifyItem")

    async def consult(
        self, work: UnitOfWork, access: Access, request: pb.RecordConsultationRequest
    ) -> Message:
        before = await self._to_change(work, access, request)
        asked = [slug(name) for name in request.consulted_agencies]
        after = allowed(lambda: before.consult(asked))
        places = [(f"consulted_agencies[{n}]", agency) for n, agency in enumerate(asked)]
        await check(work, named=places)
        return await self._save(work, before, after, CONSULTED, "RecordConsultation")

    async def forward(
        self, work: UnitOfWork, access: Access, request: pb.ForwardDirectiveRequest
    ) -> Message:
        before = await self._to_change(work, access, request)
        after = allowed(lambda: before.forward(work.now, tasks_of(before)))
        return await self._save(work, before, after, FORWARDED, "ForwardDirective")

    async def record_no_task(
        self, work: UnitOfWork, access: Access, request: pb.RecordNoTaskRequest
    ) -> Message:
        before = await self._to_change(work, access, request)
        after = allowed(before.record_no_task)
        return await self._save(work, before, after, CLOSED, "RecordNoTask")

    async def withdraw(
        self, work: UnitOfWork, access: Access, request: pb.WithdrawDirectiveRequest
    ) -> Message:
        """Tasks that it has given follow when its event reaches them."""
        before = await self._to_change(work, access, request)
        successor = None
        if request.superseded_by:
            successor = UUID(request.superseded_by.removeprefix("directives/"))
        withdrawal = Withdrawal(
            document=messages.document_from(request.document, "document."),
            reason=request.reason,
            at=work.now,
            by=work.actor.subject,
            superseded_by=successor,
        )
        after = allowed(lambda: before.withdraw(withdrawal))
        refuse(withdrawal_rules.wrong_in(before, withdrawal, local_date(work.now)))
        if successor:
            found = await store.get(work, access, successor, held=True)
            refuse(withdrawal_rules.wrong_successor(before, found))
        event = SUPERSEDED if successor else WITHDRAWN
        return await self._save(work, before, after, event, "WithdrawDirective")

    async def _to_change(self, work: UnitOfWork, access: Access, request: Any) -> Directive:
        """Scoped load, grant, wall and version, in this order, before anything is written."""
        found = await _find(work, access, request.name)
        access.require(await work.parties(found.name))
        classified.refuse_content(request, Secrecy.Value(f"SECRECY_{found.secrecy}"))
        if request.etag and request.etag != str(found.version):
            raise stale(found.name)
        return found

    async def _save(
        self, work: UnitOfWork, before: Directive, after: Directive, event: str, action: str
    ) -> Message:
        after, clock = await intake_clock.keep(work, self.book, after)
        await store.save(work, before, after)
        if before.state is State.ENTERED and after.state is not before.state:
            # Forwarded, found to give no task, or withdrawn: the Office's own limit has come to its end.
            self.book.traces.queue(work, after.name)
        was = messages.fingerprint(messages.to_message(before, None, self.book.profiles))
        now = messages.fingerprint(messages.to_message(after, None, self.book.profiles))
        changed = {field: digest for field, digest in now.items() if was.get(field) != digest}
        return await self.recorded(work, after, clock, event, action, changed)

    async def recorded(
        self,
        work: UnitOfWork,
        after: Directive,
        clock: Clock | None,
        event: str,
        action: str,
        audited: dict[str, str],
    ) -> Message:
        """Parties, event and audit of a command; returns the directive as it is now."""
        if event in (ENTERED, SUPPLEMENTED, LOADED):
            # Agencies read their tasks: of the directive itself the leads are no parties.
            parts = (
                (after.monitoring_agency, Part.MONITORING),
                (after.submitting_agency, Part.SUBMITTING),
            )
            await work.set_parties(after.name, [(agency, part) for agency, part in parts if agency])
        message = messages.to_message(after, clock, self.book.profiles)
        data = messages.event_data(message, classified=after.classified)
        work.record(event, after.name, after.version, data)
        work.audit(action, after.name, audited)
        return message

    async def _message(self, work: UnitOfWork, directive: Directive) -> Message:
        clocks = await intake_clock.of(work, [directive])
        return messages.to_message(directive, clocks.get(directive.name), self.book.profiles)

    async def the_first(
        self, work: UnitOfWork, first: Directive, entered: dict[str, str], now: dict[str, str]
    ) -> Message:
        differing = sorted(f for f in {*entered, *now} if entered.get(f) != now.get(f))
        if not differing:
            return await self._message(work, first)
        fields = ", ".join(differing)
        raise DondocError(
            grpc.StatusCode.ALREADY_EXISTS,
            "ALREADY_EXISTS",
            f"Đã có văn bản cùng số, ký hiệu và năm ({first.document_code}), khác ở: {fields}.",
            f"{first.document_code} of that year is entered already and differs in: {fields}",
            metadata={"name": first.name, "fields": fields},
        )


async def _find(work: UnitOfWork, access: Access, name: str) -> Directive:
    try:
        directive_id = UUID(name.removeprefix("directives/"))
    except ValueError:
        raise not_found(name) from None
    found = await store.get(work, access, directive_id)
    if found is None:
        raise not_found(name)
    return found


def tasks_of(directive: Directive) -> dict[tuple[int, str], UUID]:
    """Derived, so that whoever forwards the same directive again would mint the same tasks."""
    return {
        (ordinal, lead): ids.derived("task", directive.id, ordinal, lead)
        for ordinal, lead in directive.assignments()
    }


def allowed(change: Callable[[], Directive]) -> Directive:
    """FAILED_PRECONDITION for what the directive refuses."""
    try:
        return change()
    except Refused as refused:
        raise precondition(refused.reason, refused.vi, refused.en, refused.metadata) from None
