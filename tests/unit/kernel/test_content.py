"""Words of documents: marked in the .proto, refused for classified ones, left out of their twins."""

from __future__ import annotations

import pytest
from dondoc.authz.v1 import authz_pb2
from dondoc.directives.v1 import directive_pb2, directive_service_pb2
from dondoc.directives.v1 import events_pb2 as directive_events
from dondoc.inspections.v1 import inspection_pb2
from dondoc.tasks.v1 import events_pb2 as task_events
from dondoc.tasks.v1 import task_pb2, task_service_pb2
from dondoc.type.v1 import document_pb2
from google.protobuf.descriptor import Descriptor

from services.kernel.runtime import classified
from services.kernel.runtime.errors import DondocError
from services.kernel.runtime.protos import (
    content_paths,
    is_content,
    safe_value,
    without_content,
)

TWINS = [
    (twin, whole.DESCRIPTOR.file.message_types_by_name[name.removeprefix("Classified")])
    for events, whole in [
        (directive_events, directive_pb2.Directive),
        (task_events, task_pb2.Task),
        (inspection_pb2, inspection_pb2.Inspection),
        (document_pb2, document_pb2.DocumentRef),
    ]
    for name, twin in events.DESCRIPTOR.message_types_by_name.items()
    if name.startswith("Classified")
]


@pytest.mark.rule("R5.2a", "R5.2dd", "R5.2g")
@pytest.mark.parametrize(("twin", "whole"), TWINS, ids=lambda d: d.name)
def test_a_classified_message_lacks_its_content_fields_and_nothing_else(
    twin: Descriptor, whole: Descriptor
) -> None:
    expected = {f.name: f.number for f in whole.fields if not is_content(f)}
    assert {f.name: f.number for f in twin.fields} == expected


@pytest.mark.rule("R5.2dd")
@pytest.mark.parametrize(("twin", "whole"), TWINS, ids=lambda d: d.name)
def test_no_content_field_hides_below_a_classified_message(
    twin: Descriptor, whole: Descriptor
) -> None:
    waiting, seen = [twin], set()
    while waiting:
        message = waiting.pop()
        if message.full_name in seen:
            continue
        seen.add(message.full_name)
        assert not [f.full_name for f in message.fields if is_content(f)]
        waiting.extend(f.message_type for f in message.fields if f.message_type)


def test_the_twin_keeps_what_is_no_content_at_every_depth() -> None:
    task = task_pb2.Task(
        name="tasks/1",
        content="CONTENT",
        rounds=[task_pb2.Round(number=1, lead_agency="agencies/a", return_words="CONTENT")],
        directive=task_pb2.DirectiveHeader(document_code="1/A", abstract="CONTENT"),
    )
    task.limit.due_date.year = 2024
    twin = without_content(task, task_events.ClassifiedTask())
    assert b"CONTENT" not in twin.SerializeToString()
    assert (twin.name, twin.rounds[0].lead_agency) == ("tasks/1", "agencies/a")
    assert (twin.directive.document_code, twin.limit.due_date.year) == ("1/A", 2024)


def test_content_is_found_at_every_depth() -> None:
    directive = directive_pb2.Directive(
        abstract="x", items=[directive_pb2.DirectiveItem(content="y")]
    )
    request = directive_service_pb2.EnterDirectiveRequest(directive=directive)
    assert list(content_paths(request)) == ["directive.abstract", "directive.items[0].content"]


@pytest.mark.rule("R5.2a", "R5.2dd")
def test_a_request_that_names_a_secrecy_may_carry_no_content() -> None:
    directive = directive_pb2.Directive(secrecy=document_pb2.SECRECY_SECRET, abstract="x")
    with pytest.raises(DondocError) as refused:
        classified.refuse_named_secrecy(
            directive_service_pb2.EnterDirectiveRequest(directive=directive)
        )
    assert refused.value.reason == "CLASSIFIED_CONTENT"
    assert [field.field for field in refused.value.fields] == ["directive.abstract"]
    assert "x" not in [field.en for field in refused.value.fields]


def test_a_secrecy_that_nobody_knows_counts_as_classified() -> None:
    assert classified.is_classified(99)


def test_content_for_a_classified_object_is_refused_after_its_load() -> None:
    request = task_service_pb2.RecordProgressRequest(situation="x")
    with pytest.raises(DondocError):
        classified.refuse_content(request, document_pb2.SECRECY_CONFIDENTIAL)
    classified.refuse_content(request, document_pb2.SECRECY_NONE)


def test_only_fields_marked_as_safe_are_told_in_errors() -> None:
    directive = directive_pb2.Directive(number="12x!", signer="Ai", abstract="x")
    request = directive_service_pb2.EnterDirectiveRequest(directive=directive)
    assert safe_value(request, [("directive", None), ("number", None)]) == "12x!"
    assert safe_value(request, [("directive", None), ("signer", None)]) == ""
    assert safe_value(request, [("directive", None), ("abstract", None)]) == ""
    assert safe_value(request, [("nothing", None)]) == ""


def test_no_field_is_both_content_and_safe_in_errors() -> None:
    for module in (
        directive_pb2,
        directive_service_pb2,
        task_pb2,
        task_service_pb2,
        inspection_pb2,
    ):
        for message in module.DESCRIPTOR.message_types_by_name.values():
            for field in message.fields:
                safe = field.GetOptions().Extensions[authz_pb2.safe_in_errors]
                assert not (safe and is_content(field)), field.full_name
