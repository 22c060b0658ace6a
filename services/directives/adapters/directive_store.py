"""Every SQL statement on directives. A classified directive's content columns stay NULL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, cast, func, literal, select, tuple_, update

from services.directives.adapters.tables import (
    directive,
    directive_attachment,
    directive_item,
    directive_item_agency,
)
from services.directives.domain.directive import (
    Attachment,
    Directive,
    Item,
    Limit,
    LimitClass,
    State,
    Withdrawal,
)
from services.directives.domain.gaps import gaps_of
from services.kernel.runtime.access import Access, Part, seen
from services.kernel.runtime.errors import stale
from services.kernel.runtime.unit_of_work import UnitOfWork

_NAME = literal("directives/") + cast(directive.c.id, Text)
# Columns that are the aggregate's fields as they are.
_PLAIN = (
    "id", "key", "secrecy", "kind", "number", "symbol", "normative", "issue_date",
    "issuing_authority", "signer", "submitting_agency", "monitoring_agency", "urgency", "origin",
    "issued_at", "source",
    "intake", "generated", "state", "entered_at", "forwarded_at", "intake_clock", "cut_over_at",
    "version",
)  # fmt: skip
_WORDS = ("abstract", "signer_title", "submission_reference", "other_information")
_DOCUMENT = ("number", "symbol", "date", "uri", "sha256", "media_type", "title")


@dataclass(frozen=True, slots=True)
class Filter:
    """Of the list; what is empty or None filters nothing."""

    state: str = ""
    kind: str = ""
    issued_from: date | None = None
    issued_to: date | None = None
    with_gaps: bool = False
    number: str = ""


async def get(
    work: UnitOfWork, access: Access, directive_id: UUID, *, held: bool = False
) -> Directive | None:
    """`held`: nobody changes it before this transaction ends; for what another one is to rest on."""
    query = select(directive).where(directive.c.id == directive_id, seen(access, _NAME))
    if held:
        query = query.with_for_update(read=True)
    found = await _loaded(work, list(await work.execute(query)))
    return found[0] if found else None


async def page(
    work: UnitOfWork,
    access: Access,
    wanted: Filter,
    *,
    after: tuple[date, UUID] | None,
    limit: int,
) -> list[Directive]:
    """Newest issue first."""
    query = select(directive).where(seen(access, _NAME))
    for column, value in (
        (directive.c.state, wanted.state),
        (directive.c.kind, wanted.kind),
        (directive.c.number, wanted.number),
    ):
        if value:
            query = query.where(column == value)
    if wanted.issued_from:
        query = query.where(directive.c.issue_date >= wanted.issued_from)
    if wanted.issued_to:
        query = query.where(directive.c.issue_date <= wanted.issued_to)
    if wanted.with_gaps:
        query = query.where(directive.c.gaps > 0)
    if after:
        query = query.where(tuple_(directive.c.issue_date, directive.c.id) < after)
    ordered = query.order_by(directive.c.issue_date.desc(), directive.c.id.desc()).limit(limit)
    return await _loaded(work, list(await work.execute(ordered)))


async def of_key(work: UnitOfWork, key: str) -> tuple[Directive, dict[str, str]] | None:
    """The directive with this key, and the digests of its fields as they were entered.

    Whoever enters a document waits here for another one who enters the same one, until the end of
    its transaction: so the second of the two finds the first.
    """
    await work.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    rows = list(await work.execute(select(directive).where(directive.c.key == key)))
    if not rows:
        return None
    return (await _loaded(work, rows))[0], rows[0].as_entered


def insert(work: UnitOfWork, new: Directive, as_entered: Mapping[str, str]) -> None:
    work.insert(directive, {**_row(new), "as_entered": dict(as_entered)})
    _insert_items(work, new, new.items)
    for position, attachment in enumerate(new.attachments):
        work.insert(
            directive_attachment,
            {
                "directive_id": new.id,
                "position": position,
                "secrecy": new.secrecy,
                "number": attachment.number,
                "symbol": attachment.symbol,
                "date": attachment.date,
                "uri": attachment.uri or None,
                "sha256": attachment.sha256,
                "media_type": attachment.media_type,
                "title": attachment.title or None,
            },
        )


async def save(work: UnitOfWork, before: Directive, after: Directive) -> None:
    """Writes the next version; ABORTED when another transaction wrote one meanwhile."""
    values = _row(after)
    del values["id"]
    result = await work.execute(
        update(directive)
        .where(directive.c.id == before.id, directive.c.version == before.version)
        .values(values)
    )
    if not result.rowcount:  # type: ignore[attr-defined]
        raise stale(before.name)
    there = len(before.items)
    _insert_items(work, after, after.items[there:])
    pairs = list(zip(before.items, after.items, strict=False))
    for old, new in pairs:
        if _item_row(old) != _item_row(new):
            await work.execute(
                update(directive_item)
                .where(
                    directive_item.c.directive_id == after.id,
                    directive_item.c.ordinal == new.ordinal,
                )
                .values(_item_row(new))
            )
        known = len(old.coordinating)
        _insert_agencies(work, after, new, Part.COORDINATING, new.coordinating[known:], known)
    given = [
        {"of": after.id, "nth": new.ordinal, "lead": lead, "id": task}
        for old, new in pairs
        if old.tasks != new.tasks
        for lead, task in zip(new.leads, new.tasks, strict=True)
    ]
    if given:
        line = directive_item_agency.c
        await work.execute(
            update(directive_item_agency)
            .where(
                line.directive_id == bindparam("of"),
                line.ordinal == bindparam("nth"),
                line.part == Part.LEAD,
                line.agency == bindparam("lead"),
            )
            .values(task=bindparam("id")),
            given,
        )


def _row(value: Directive) -> dict[str, Any]:
    return {
        **{name: getattr(value, name) for name in _PLAIN},
        **{name: getattr(value, name) or None for name in _WORDS},
        **_withdrawal_row(value.withdrawal),
        "legal_bases": list(value.legal_bases) or None,
        "consulted": list(value.consulted),
        "gaps": len(gaps_of(value)),
    }


def _withdrawal_row(value: Withdrawal | None) -> dict[str, Any]:
    document = value.document if value else Attachment()
    return {
        "withdrawn_at": value.at if value else None,
        "withdrawn_by": value.by if value else None,
        "withdrawal_reason": (value.reason or None) if value else None,
        **{f"withdrawal_{name}": getattr(document, name) or None for name in _DOCUMENT},
        "superseded_by": value.superseded_by if value else None,
    }


def _item_row(item: Item) -> dict[str, Any]:
    return {
        "content": item.content or None,
        "limit_class": item.limit.limit_class,
        "due_date": item.limit.due_date,
        "purpose": item.limit.purpose,
        "cadence": item.limit.cadence,
        "origin": item.limit.origin,
        "limit_in_words": item.limit_in_words or None,
        "unresolved_coordinators": list(item.unresolved_coordinators) or None,
    }


def _insert_items(work: UnitOfWork, of: Directive, items: Iterable[Item]) -> None:
    for item in items:
        work.insert(
            directive_item,
            {
                "directive_id": of.id,
                "ordinal": item.ordinal,
                "secrecy": of.secrecy,
                **_item_row(item),
                "addressed_groups": list(item.addressed_groups) or None,
                "source_place": item.source_place or None,
                "written_report": item.written_report,
            },
        )
        # A directive that is loaded at go-live comes forwarded: its leads have their tasks already.
        _insert_agencies(work, of, item, Part.LEAD, item.leads, tasks=item.tasks)
        _insert_agencies(work, of, item, Part.COORDINATING, item.coordinating)
        _insert_agencies(work, of, item, Part.CONCERNED, item.concerned)


def _insert_agencies(
    work: UnitOfWork,
    of: Directive,
    item: Item,
    part: Part,
    agencies: Sequence[str],
    first: int = 0,
    tasks: Sequence[UUID] = (),
) -> None:
    """At the positions from `first` on."""
    for position, (agency, task) in enumerate(zip_longest(agencies, tasks), first):
        work.insert(
            directive_item_agency,
            {
                "directive_id": of.id,
                "ordinal": item.ordinal,
                "part": part,
                "agency": agency,
                "position": position,
                "task": task,
            },
        )


async def _loaded(work: UnitOfWork, rows: Sequence[Any]) -> list[Directive]:
    """Directives of these rows, in their order, with items and attachments."""
    ids = [row.id for row in rows]
    if not ids:
        return []
    item, line, attachment = directive_item.c, directive_item_agency.c, directive_attachment.c
    items: dict[UUID, list[Any]] = {}
    query = select(directive_item).where(item.directive_id.in_(ids)).order_by(item.ordinal)
    for row in await work.execute(query):
        items.setdefault(row.directive_id, []).append(row)
    agencies: dict[tuple[UUID, int, str], list[Any]] = {}
    query = select(directive_item_agency).where(line.directive_id.in_(ids)).order_by(line.position)
    for row in await work.execute(query):
        agencies.setdefault((row.directive_id, row.ordinal, row.part), []).append(row)
    attachments: dict[UUID, list[Attachment]] = {}
    query = (
        select(directive_attachment)
        .where(attachment.directive_id.in_(ids))
        .order_by(attachment.position)
    )
    for row in await work.execute(query):
        attachments.setdefault(row.directive_id, []).append(_attachment(row))
    return [
        _directive(
            row,
            tuple(_item(found, agencies) for found in items.get(row.id, ())),
            tuple(attachments.get(row.id, ())),
        )
        for row in rows
    ]


def _directive(row: Any, items: tuple[Item, ...], attachments: tuple[Attachment, ...]) -> Directive:
    plain: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN if name != "key"}
    plain |= {name: getattr(row, name) or "" for name in _WORDS}
    return Directive(
        **{**plain, "state": State(row.state)},
        legal_bases=tuple(row.legal_bases or ()),
        consulted=tuple(row.consulted),
        items=items,
        attachments=attachments,
        withdrawal=_withdrawal(row),
    )


def _withdrawal(row: Any) -> Withdrawal | None:
    if row.withdrawn_at is None:
        return None
    known = {name: getattr(row, f"withdrawal_{name}") for name in _DOCUMENT}
    return Withdrawal(
        document=Attachment(**{name: value for name, value in known.items() if value is not None}),
        reason=row.withdrawal_reason or "",
        at=row.withdrawn_at,
        by=row.withdrawn_by,
        superseded_by=row.superseded_by,
    )


def _item(row: Any, agencies: Mapping[tuple[UUID, int, str], Sequence[Any]]) -> Item:
    def of(part: Part) -> tuple[str, ...]:
        return tuple(
            line.agency for line in agencies.get((row.directive_id, row.ordinal, part), ())
        )

    leads = agencies.get((row.directive_id, row.ordinal, Part.LEAD), ())
    return Item(
        ordinal=row.ordinal,
        leads=of(Part.LEAD),
        limit=Limit(
            LimitClass(row.limit_class), row.due_date, row.purpose, row.cadence, row.origin
        ),
        content=row.content or "",
        limit_in_words=row.limit_in_words or "",
        coordinating=of(Part.COORDINATING),
        concerned=of(Part.CONCERNED),
        addressed_groups=tuple(row.addressed_groups or ()),
        unresolved_coordinators=tuple(row.unresolved_coordinators or ()),
        source_place=row.source_place or "",
        written_report=row.written_report,
        tasks=tuple(line.task for line in leads if line.task),
    )


def _attachment(row: Any) -> Attachment:
    return Attachment(
        number=row.number,
        symbol=row.symbol,
        date=row.date,
        uri=row.uri or "",
        sha256=row.sha256,
        media_type=row.media_type,
        title=row.title or "",
    )
