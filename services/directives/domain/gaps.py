"""What Điều 5 asks of a directive and is not known yet.

Real documents are untidy: what is missing is listed until it is filled, never invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.directives.domain.directive import NOT_SAID, STANDING, Directive, Item, LimitClass


@dataclass(frozen=True, slots=True)
class Gap:
    """`field`: path in the Directive message, indexes from 0; `article`: who asks for it."""

    field: str
    article: str


def gaps_of(directive: Directive) -> tuple[Gap, ...]:
    """In the order of Điều 5. A classified directive has no gaps of content: it may have none. Nobody
    looks any more for what a withdrawn one lacks."""
    return tuple(_gaps(directive)) if directive.state in STANDING else ()


def _gaps(directive: Directive) -> Iterator[Gap]:
    clause = "khoản 2 Điều 5" if directive.classified else "khoản 1 Điều 5"
    if not directive.abstract and not directive.classified:
        yield Gap("abstract", f"điểm a {clause}")
    if not directive.signer:
        yield Gap("signer", f"điểm a {clause}")
    if not directive.submitting_agency:
        yield Gap("submitting_agency", f"điểm b {clause}")
    if not directive.monitoring_agency:
        yield Gap("monitoring_agency", f"điểm d {clause}")
    if not directive.items:
        yield Gap("items", f"điểm đ {clause}")
    for index, item in enumerate(directive.items):
        yield from _item_gaps(item, f"items[{index}]", clause, directive.classified)


def _item_gaps(item: Item, path: str, clause: str, classified: bool) -> Iterator[Gap]:
    if item.unresolved_coordinators:
        yield Gap(f"{path}.unresolved_coordinators", f"điểm c {clause}")
    if not item.content and not classified:
        yield Gap(f"{path}.content", f"điểm đ {clause}")
    limit = item.limit
    if limit.limit_class is LimitClass.UNSPECIFIED:
        yield Gap(f"{path}.limit.limit_class", "Điều 4")
    elif limit.limit_class is LimitClass.WITH_LIMIT:
        if limit.due_date is None:
            yield Gap(f"{path}.limit.due_date", f"điểm e {clause}")
        # What the limit is for is asked of documents that are not classified only.
        if limit.purpose == NOT_SAID and not classified:
            yield Gap(f"{path}.limit.purpose", f"điểm e {clause}")
