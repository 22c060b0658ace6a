"""What a document lacked when it was entered, filled in later: khoản 1, khoản 2 Điều 5.

It is possible as long as the document stands, for what is missing may become known at any time. What
is known is never changed by it: another due date, for example, needs a document of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from services.directives.domain.directive import (
    MOST_ITEMS,
    NOT_SAID,
    Action,
    Directive,
    Item,
    Refused,
    State,
    numbered,
)
from services.directives.domain.entry_rules import derived


@dataclass(frozen=True, slots=True)
class ResolvedCoordinator:
    """`as_written`: one of the item's unresolved coordinators; `agencies`: slugs of whom it means."""

    as_written: str
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemSupplement:
    """What fills gaps of the item of that ordinal: empty fields say nothing."""

    ordinal: int
    content: str = ""
    coordinators: tuple[ResolvedCoordinator, ...] = ()
    due_date: date | None = None
    purpose: str = NOT_SAID


@dataclass(frozen=True, slots=True)
class Supplement:
    """What fills gaps: empty fields say nothing. `items` are new, `of_items` fill those that stand."""

    abstract: str = ""
    signer: str = ""
    signer_title: str = ""
    submitting_agency: str = ""
    monitoring_agency: str = ""
    other_information: str = ""
    urgency: str = ""
    issued_at: datetime | None = None
    items: tuple[Item, ...] = ()
    of_items: tuple[ItemSupplement, ...] = ()


_FILLABLE: Final = (
    "abstract",
    "signer",
    "signer_title",
    "submitting_agency",
    "monitoring_agency",
    "other_information",
    "urgency",
    "issued_at",
)
# They decide how long the limit of khoản 1 Điều 7 is, which forwarding has ended.
_OF_THE_INTAKE: Final = {"urgency": "urgency", "issued_at": "issue_time"}
_NOTHING: Final = ("", None, NOT_SAID)
# A document that bears no urgency and one of which none was said are entered alike.
_NOT_KNOWN: Final = (*_NOTHING, "NONE")


def supplement(directive: Directive, said: Supplement) -> Directive:
    """Fills gaps, and before forwarding adds items after those that are there.

    ALREADY_KNOWN names the field that would change; NOTHING_NEW when nothing would.
    """
    state = directive.after(Action.SUPPLEMENT)
    if directive.state is not State.ENTERED:
        _refuse_what_comes_too_late(said)
    filled = dict(_filled(directive, said, _FILLABLE, ""))
    items = directive.items
    for index, of_item in enumerate(said.of_items):
        changed = _item(directive.item(of_item.ordinal), of_item, f"item_supplements[{index}].")
        directive = replace(directive, items=directive.with_item(changed))
    if not filled and not said.items and directive.items == items:
        raise Refused(
            "NOTHING_NEW",
            "Không có thông tin nào mới để bổ sung.",
            "there is nothing new in this supplement",
        )
    if len(items) + len(said.items) > MOST_ITEMS:
        raise Refused(
            "TOO_MANY_ITEMS",
            f"Một văn bản có tối đa {MOST_ITEMS} nhiệm vụ.",
            f"a directive holds at most {MOST_ITEMS} items",
            most=str(MOST_ITEMS),
        )
    added = numbered(said.items, after=len(items))
    return replace(directive, items=directive.items + added, **filled).next(state)


def _refuse_what_comes_too_late(said: Supplement) -> None:
    if said.items:
        raise Refused(
            "ITEMS_AFTER_FORWARDING",
            "Văn bản đã được xử lý xong, không thêm nhiệm vụ được nữa; nhiệm vụ mới cần văn bản mới.",
            "the directive was dealt with, no item can be added any more; a new task needs a new document",
            field="items",
        )
    for field, name in _OF_THE_INTAKE.items():
        if getattr(said, field):
            raise Refused(
                "LIMIT_ENDED",
                f"Thời hạn của khoản 1 Điều 7 đã kết thúc, không bổ sung {name} được nữa.",
                f"the limit of khoản 1 Điều 7 has ended, {name} cannot be supplied any more",
                field=name,
            )


def _item(item: Item, said: ItemSupplement, path: str) -> Item:
    content = dict(_filled(item, said, ("content",), path))
    filled = dict(_filled(item.limit, said, ("due_date", "purpose"), path))
    limit = derived(replace(item.limit, **filled))
    for resolved in said.coordinators:
        if resolved.as_written not in item.unresolved_coordinators:
            raise Refused(
                "NO_SUCH_COORDINATOR",
                f"Nhiệm vụ thứ {item.ordinal} không có cơ quan phối hợp chưa xác định nào được ghi như vậy.",
                f"item {item.ordinal} has no unresolved coordinator of that wording",
                field=f"{path}coordinators",
                ordinal=str(item.ordinal),
            )
        left = [words for words in item.unresolved_coordinators if words != resolved.as_written]
        together = dict.fromkeys((*item.coordinating, *resolved.agencies))
        item = replace(item, unresolved_coordinators=tuple(left), coordinating=tuple(together))
    return replace(item, limit=limit, **content)


def _filled(known: object, said: object, fields: tuple[str, ...], path: str) -> Iterator[Any]:
    """Field and value of what is said and was not known."""
    for field in fields:
        given, before = getattr(said, field), getattr(known, field)
        if given in _NOTHING or given == before:
            continue
        if before not in _NOT_KNOWN:
            raise Refused(
                "ALREADY_KNOWN",
                f"{path}{field} đã có giá trị khác; bổ sung không sửa thông tin đã có.",
                f"{path}{field} is known already and differs; a supplement changes nothing known",
                field=f"{path}{field}",
            )
        yield field, given
