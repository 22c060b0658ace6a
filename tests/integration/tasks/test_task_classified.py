"""Classified tasks: nothing of their content comes in, goes out, or can be kept (khoản 2 Điều 5)."""

from __future__ import annotations

from datetime import date

import pytest
from dondoc.directives.v1 import directive_pb2
from dondoc.tasks.v1 import events_pb2, task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb
from dondoc.type.v1 import document_pb2
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.kernel.runtime.protos import to_date
from services.tasks.adapters import tables
from tests.fixtures.house import office
from tests.integration.tasks.tasks_house import TasksHouse, at, directive, document, item, lead

ISSUED, DUE = date(2026, 1, 5), date(2026, 1, 14)
PLANTED = "câu văn tuyệt mật"


async def forwarded(house: TasksHouse) -> str:
    made = directive(ISSUED, item(DUE), secrecy=document_pb2.SECRECY_SECRET, number="12")
    (name,) = await house.forward(made, on=at(ISSUED))
    return name


@pytest.mark.rule("R5.2a", "R5.2dd", "R5.2g", "R5.2e")
async def test_a_classified_task_is_carried_through_on_codes_numbers_and_dates(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    task = await house.task(name)
    assert (task.content, task.directive.abstract) == ("", "")
    assert task.limit.due_date == to_date(DUE)
    await house.call("AcceptTask", pb.AcceptTaskRequest(name=name), lead())
    await house.call("RecordProgress", pb.RecordProgressRequest(name=name), lead())
    report = pb.ReportResultRequest(
        name=name, done_date=to_date(ISSUED), quality=task_pb2.GRADE_GOOD,
        document=document("7", "BC-M", ISSUED),
    )  # fmt: skip
    done = await house.call("ReportResult", report, lead())
    assert done.timeliness == task_pb2.TIMELINESS_WITHIN_LIMIT
    grades = task_pb2.Evaluation(
        progress=task_pb2.GRADE_GOOD, quality=task_pb2.GRADE_GOOD,
        effectiveness=task_pb2.GRADE_GOOD,
    )  # fmt: skip
    await house.call("ConfirmTask", pb.ConfirmTaskRequest(name=name, evaluation=grades))
    closed = await house.call("CloseTask", pb.CloseTaskRequest(name=name))
    assert closed.state == task_pb2.TASK_STATE_CLOSED
    for event in await house.events(name):
        assert event.data.Is(events_pb2.ClassifiedTask.DESCRIPTOR)
    clocks = text("SELECT bool_and(classified) FROM clock WHERE owner = :n")
    async with house.room.engine.connect() as connection:
        assert (await connection.execute(clocks, {"n": name})).scalar() is True


@pytest.mark.rule("R5.2g")
async def test_content_is_refused_by_the_name_of_its_field(house: TasksHouse) -> None:
    name = await forwarded(house)
    letter, later = document("1", "SNV", ISSUED), to_date(date(2026, 2, 2))
    by_agency = (
        ("ReturnTask", pb.ReturnTaskRequest(
            reason=task_pb2.RETURN_REASON_TASK_MISSING, words=PLANTED), "words"),
        ("RecordProgress", pb.RecordProgressRequest(situation=PLANTED), "situation"),
        ("ReportResult", pb.ReportResultRequest(
            done_date=to_date(ISSUED), summary=PLANTED), "summary"),
        ("ReportResult", pb.ReportResultRequest(
            done_date=to_date(ISSUED),
            document=document_pb2.DocumentRef(number="1", title=PLANTED)), "document.title"),
        ("RequestExtension", pb.RequestExtensionRequest(
            requested_due_date=later, reason=task_pb2.EXTENSION_REASON_OTHER,
            reason_words=PLANTED, request_document=letter), "reason_words"),
        ("RequestExtension", pb.RequestExtensionRequest(
            requested_due_date=later, reason=task_pb2.EXTENSION_REASON_OTHER,
            request_document=document_pb2.DocumentRef(number="1", uri=PLANTED)),
            "request_document.uri"),
    )  # fmt: skip
    by_office = (
        ("ReforwardTask", pb.ReforwardTaskRequest(content=PLANTED), "content"),
        ("SendBackTask", pb.SendBackTaskRequest(
            reason=task_pb2.SEND_BACK_REASON_WRONG, words=PLANTED), "words"),
        ("ConfirmTask", pb.ConfirmTaskRequest(
            evaluation=task_pb2.Evaluation(words=PLANTED)), "evaluation.words"),
        ("EnterOnBehalf", pb.EnterOnBehalfRequest(
            done_date=to_date(ISSUED), receipt_date=to_date(ISSUED), summary=PLANTED,
            document=letter), "summary"),
        ("AdmitExtension", pb.AdmitExtensionRequest(
            requested_due_date=later, ask_date=to_date(ISSUED),
            reason=task_pb2.EXTENSION_REASON_OTHER, admission_words=PLANTED,
            request_document=letter), "admission_words"),
    )  # fmt: skip
    for who, calls in ((lead(), by_agency), (office(), by_office)):
        for method, request, field in calls:
            request.name = name  # type: ignore[attr-defined]
            found = await house.refused(method, request, who)
            assert (found.reason, found.fields) == ("CLASSIFIED_CONTENT", [field])
            assert PLANTED not in found.vi
    assert len(await house.events(name)) == 1


@pytest.mark.rule("R5.2a", "R5.2dd")
async def test_content_of_a_classified_directive_that_arrives_all_the_same_is_dropped(
    house: TasksHouse,
) -> None:
    made = directive(ISSUED, item(DUE), secrecy=document_pb2.SECRECY_TOP_SECRET)
    made.abstract = made.items[0].content = made.items[0].limit_in_words = PLANTED
    await house.feed("DirectiveForwarded", made.name, 3, made)
    task = await house.task(made.items[0].tasks[0])
    assert (task.content, task.limit_in_words, task.directive.abstract) == ("", "", "")
    made.state = directive_pb2.DIRECTIVE_STATE_WITHDRAWN
    made.withdrawal.reason = made.withdrawal.document.title = PLANTED
    made.withdrawal.document.uri = PLANTED
    await house.feed("DirectiveWithdrawn", made.name, 4, made)
    task = await house.task(task.name)
    assert task.state == task_pb2.TASK_STATE_WITHDRAWN
    assert PLANTED not in str(task)


CONTENT_COLUMNS = {
    "task": (
        "abstract", "content", "limit_in_words", "evaluation_words", "withdrawal_reason",
        "withdrawal_uri", "withdrawal_title",
    ),
    "round": ("content", "return_words"),
    "progress_entry": ("situation",),
    "result": ("summary", "document_uri", "document_title", "send_back_words"),
    "extension": (
        "reason_words", "admission_words", "request_document_uri", "request_document_title",
        "answer_document_uri", "answer_document_title",
    ),
}  # fmt: skip


@pytest.mark.rule("R5.2g")
async def test_the_database_itself_cannot_hold_content_of_a_classified_task(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    await house.call("AcceptTask", pb.AcceptTaskRequest(name=name), lead())
    extension = pb.RequestExtensionRequest(
        name=name, requested_due_date=to_date(date(2026, 2, 2)),
        reason=task_pb2.EXTENSION_REASON_RESOURCES,
        request_document=document("1", "SNV", ISSUED),
    )  # fmt: skip
    await house.call("RequestExtension", extension, lead())
    await house.call("RecordProgress", pb.RecordProgressRequest(name=name), lead())
    report = pb.ReportResultRequest(name=name, done_date=to_date(ISSUED))
    await house.call("ReportResult", report, lead())

    async def sqlstate(statement: str) -> str:
        with pytest.raises(IntegrityError) as refused:
            async with house.room.engine.begin() as connection:
                await connection.execute(text(statement))
        return str(refused.value.orig.sqlstate)  # type: ignore[union-attr]

    for table, columns in CONTENT_COLUMNS.items():
        for column in columns:
            assert await sqlstate(f"UPDATE \"{table}\" SET {column} = 'x'") == "23514"
        if table != "task":
            # Nor can a child pretend that its task is not classified.
            assert await sqlstate(f"UPDATE \"{table}\" SET secrecy = 'NONE'") == "23503"


def test_every_column_of_words_stands_behind_a_check() -> None:
    """Columns of text that hold no code, name of an agency, number or digest."""
    words = ("abstract", "content", "_words", "situation", "summary", "_uri", "_title")
    for table in tables.metadata.tables.values():
        held = [c.name for c in table.columns if c.name.endswith(words)] + [
            c.name for c in table.columns if c.name == "limit_in_words"
        ]
        checks = " ".join(str(getattr(c, "sqltext", "")) for c in table.constraints)
        for column in held:
            assert f"{column} IS NULL" in checks, (table.name, column)
