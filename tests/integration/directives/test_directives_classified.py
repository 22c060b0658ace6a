"""Classified directives: khoản 2 Điều 5 and khoản 4 Điều 3."""

from __future__ import annotations

from datetime import date
from typing import Any

import grpc
import pytest
from dondoc.directives.v1 import directive_pb2
from dondoc.directives.v1.events_pb2 import ClassifiedDirective
from dondoc.type.v1 import document_pb2, limit_pb2, withdrawal_pb2
from sqlalchemy import Table, insert, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError

from services.directives.adapters import tables
from services.kernel.runtime.protos import content_paths, is_content, to_date
from tests.fixtures.house import token
from tests.integration.directives.directives_house import (
    HEALTH,
    HOME,
    OFFICE,
    Intake,
    changing,
    classified_item,
    entering,
    item,
    secret,
)

SENTENCE = "Một câu không được lưu ở đâu cả"

# Every column that holds words of a document: a field marked `content` has one here.
CONTENT_COLUMNS = [
    (tables.directive, "abstract"),
    (tables.directive, "signer_title"),
    (tables.directive, "submission_reference"),
    (tables.directive, "legal_bases"),
    (tables.directive, "other_information"),
    (tables.directive_item, "content"),
    (tables.directive_item, "limit_in_words"),
    (tables.directive_item, "addressed_groups"),
    (tables.directive_item, "unresolved_coordinators"),
    (tables.directive_item, "source_place"),
    (tables.directive_attachment, "uri"),
    (tables.directive_attachment, "title"),
]
# Of the document by which it was withdrawn, under names of their own.
OF_WITHDRAWAL = [(tables.directive, f"withdrawal_{name}") for name in ("reason", "uri", "title")]


def test_every_content_field_of_the_messages_is_among_the_columns() -> None:
    marked = {
        field.name
        for message in (
            directive_pb2.Directive,
            directive_pb2.DirectiveItem,
            document_pb2.DocumentRef,
        )
        for field in message.DESCRIPTOR.fields
        if is_content(field)
    }
    assert marked == {column for _, column in CONTENT_COLUMNS}
    words = {f.name for f in withdrawal_pb2.Withdrawal.DESCRIPTOR.fields if is_content(f)}
    kept = {column.removeprefix("withdrawal_") for _, column in OF_WITHDRAWAL}
    assert kept == words | {"uri", "title"}


@pytest.mark.rule("R5.2a", "R5.2b", "R5.2c", "R5.2d", "R5.2dd", "R5.2e", "R1.1")
async def test_a_classified_directive_is_kept_and_told_without_content(intake: Intake) -> None:
    entered = await intake.enter(
        secret(
            signer="Lưu Xuân Vĩnh",
            submitting_agency=HOME,
            monitoring_agency=OFFICE,
            attachments=[document_pb2.DocumentRef(number="12", symbol="TTr-SNV")],
            items=[classified_item(), classified_item(HOME)],
        )
    )
    assert list(content_paths(entered)) == []
    assert list(entered.gaps) == []  # nothing of khoản 2 is missing
    assert len(entered.items) == 2  # the total number of tasks
    assert entered.items[0].limit.due_date == to_date(date(2020, 8, 3))
    [(kind, data)] = await intake.events(entered.name)
    assert kind == "DirectiveEntered"
    told = ClassifiedDirective()
    assert data.Unpack(told)  # type: ignore[attr-defined]
    assert (told.name, told.signer, len(told.items)) == (entered.name, entered.signer, 2)
    [clock] = await intake.rows("SELECT classified FROM clock")
    assert clock.classified


@pytest.mark.rule("R5.2e")
async def test_the_gaps_of_a_classified_directive_are_those_of_the_second_clause(
    intake: Intake,
) -> None:
    entered = await intake.enter(secret(items=[classified_item(due=None)]))
    assert [(gap.field, gap.article) for gap in entered.gaps] == [
        ("signer", "điểm a khoản 2 Điều 5"),
        ("submitting_agency", "điểm b khoản 2 Điều 5"),
        ("monitoring_agency", "điểm d khoản 2 Điều 5"),
        ("items[0].limit.due_date", "điểm e khoản 2 Điều 5"),
    ]


@pytest.mark.rule("R5.2a", "R5.2dd")
@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"abstract": SENTENCE}, "directive.abstract"),
        ({"signer_title": SENTENCE}, "directive.signer_title"),
        ({"submission_reference": SENTENCE}, "directive.submission_reference"),
        ({"legal_bases": [SENTENCE]}, "directive.legal_bases"),
        ({"other_information": SENTENCE}, "directive.other_information"),
        (
            {"attachments": [document_pb2.DocumentRef(title=SENTENCE)]},
            "directive.attachments[0].title",
        ),
        ({"items": [item(content=SENTENCE)]}, "directive.items[0].content"),
        (
            {"items": [classified_item(), item(content="", addressed_groups=[SENTENCE])]},
            "directive.items[1].addressed_groups",
        ),
    ],
)
async def test_content_of_a_classified_directive_is_refused_by_its_field(
    intake: Intake, fields: dict[str, Any], path: str
) -> None:
    refusal = await intake.refused("EnterDirective", entering(secret(**fields)))
    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "CLASSIFIED_CONTENT",
    )
    assert refusal.fields == {path: "CLASSIFIED_CONTENT"}
    assert SENTENCE not in refusal.english + refusal.vietnamese
    assert await intake.rows("SELECT * FROM directive") == []


@pytest.mark.rule("R5.2a", "R5.2dd")
@pytest.mark.parametrize(
    ("method", "fields", "path"),
    [
        ("SupplementDirective", {"abstract": SENTENCE}, "abstract"),
        ("SupplementDirective", {"items": [item(content=SENTENCE)]}, "items[0].content"),
        (
            "ClassifyItem",
            {
                "ordinal": 1,
                "limit": limit_pb2.TaskLimit(limit_class=limit_pb2.LIMIT_CLASS_WITH_LIMIT),
                "limit_in_words": SENTENCE,
            },
            "limit_in_words",
        ),
    ],
)
async def test_later_content_of_a_classified_directive_is_refused_too(
    intake: Intake, method: str, fields: dict[str, Any], path: str
) -> None:
    entered = await intake.enter(secret())
    refusal = await intake.refused(method, changing(method, entered, **fields))
    assert refusal.fields == {path: "CLASSIFIED_CONTENT"}
    assert await intake.get(entered.name) == entered


@pytest.mark.rule("R5.2a", "R5.2dd")
@pytest.mark.parametrize(("table", "column"), CONTENT_COLUMNS + OF_WITHDRAWAL)
async def test_the_database_itself_holds_no_content_of_a_classified_directive(
    intake: Intake, table: Table, column: str
) -> None:
    await intake.enter(secret(attachments=[document_pb2.DocumentRef(number="12")]))
    several = isinstance(table.c[column].type, ARRAY)
    changed = table.update().values({column: [SENTENCE] if several else SENTENCE})
    with pytest.raises(IntegrityError, match="no_content"):
        async with intake.room.engine.begin() as connection:
            await connection.execute(changed)


@pytest.mark.rule("R5.2dd")
async def test_an_item_cannot_be_less_secret_than_its_directive(intake: Intake) -> None:
    await intake.enter(secret())
    row = (await intake.rows("SELECT * FROM directive_item"))[0]._asdict()
    added = {**row, "ordinal": 2, "secrecy": "NONE", "content": SENTENCE}
    with pytest.raises(IntegrityError, match="fk_directive_item"):
        async with intake.room.engine.begin() as connection:
            await connection.execute(insert(tables.directive_item), added)
    with pytest.raises(IntegrityError, match="fk_directive_item"):
        async with intake.room.engine.begin() as connection:
            await connection.execute(text("UPDATE directive_item SET secrecy = 'NONE'"))


@pytest.mark.rule("R3.4")
@pytest.mark.parametrize(
    ("who", "way"),
    [
        (token("", "shared-system"), directive_pb2.INTAKE_OFFICE),
        (token("", "shared-system"), directive_pb2.INTAKE_SHARED_SYSTEM),
        (None, directive_pb2.INTAKE_SHARED_SYSTEM),
        (None, directive_pb2.INTAKE_EDXML),
        (None, directive_pb2.INTAKE_SPREADSHEET),
    ],
)
async def test_only_the_office_by_hand_enters_a_classified_directive(
    intake: Intake, who: str | None, way: int
) -> None:
    given = secret(intake=way)
    refusal = await intake.refused("EnterDirective", entering(given), who)
    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal.fields == {"directive.secrecy": "CLASSIFIED_NOT_CARRIED"}
    assert "khoản 4 Điều 3" in refusal.vietnamese
    assert "khoản 4 Điều 3" in refusal.english
    assert await intake.rows("SELECT * FROM directive") == []


@pytest.mark.rule("R5.2dd", "R6.1a")
async def test_a_classified_directive_is_forwarded_with_its_tasks_and_no_words(
    intake: Intake,
) -> None:
    entered = await intake.enter(secret(items=[classified_item(HEALTH, HOME)]))
    forwarded = await intake.change("ForwardDirective", entered)
    (_, data) = (await intake.events(entered.name))[-1]
    told = ClassifiedDirective()
    assert data.Unpack(told)  # type: ignore[attr-defined]
    assert list(told.items[0].tasks) == list(forwarded.items[0].tasks)
    assert len(told.items[0].tasks) == 2
