"""Who is told of what, over gRPC, from events as they come from the streams."""

from __future__ import annotations

import uuid
from datetime import date

import grpc
import pytest
from dondoc.notify.v1 import notice_pb2
from dondoc.notify.v1 import notify_service_pb2 as pb
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from dondoc.tasks.v1 import task_pb2
from dondoc.type.v1 import document_pb2
from sqlalchemy import insert, select, update

from embedded.smtp_sink import SmtpSink
from services.kernel.runtime import db
from services.kernel.runtime.protos import to_date
from services.notify.adapters.tables import delivery, matter, notice, waiting_event
from tests.fixtures.house import OFFICE_SLUG, Room, StartService, token
from tests.integration.notify.notify_facts import (
    COORDINATING,
    LEAD,
    MONITORING,
    SECRET,
    agency_event,
    apply,
    deliveries,
    directive,
    enter_agencies,
    event,
    notices_of,
    rung_event,
    task,
    task_event,
    told,
)


@pytest.fixture
async def room(start_service: StartService, smtp_sink: SmtpSink) -> Room:
    smtp_sink.clear()
    started = await start_service("notify", smtp_host="127.0.0.1", smtp_port=smtp_sink.port)
    await enter_agencies(started)
    return started


@pytest.mark.rule("R2.4", "R9.2d")
@pytest.mark.parametrize(
    ("type", "expected"),
    [
        ("TaskForwarded", {(LEAD, "FORWARDED"), (COORDINATING, "FORWARDED")}),
        ("TaskReforwarded", {(LEAD, "FORWARDED"), (COORDINATING, "FORWARDED")}),
        ("TaskReturned", {(OFFICE_SLUG, "RETURNED")}),
        ("ExtensionRequested", {(OFFICE_SLUG, "EXTENSION_ASKED")}),
        ("ExtensionAdmitted", {(OFFICE_SLUG, "EXTENSION_ASKED")}),
        ("ExtensionSubmitted", set()),
        ("ExtensionAnswered", {(LEAD, "EXTENSION_ANSWERED")}),
        ("ExtensionWithdrawn", {(OFFICE_SLUG, "EXTENSION_WITHDRAWN")}),
        (
            "DueDateAmended",
            {(slug, "DUE_DATE_AMENDED") for slug in (LEAD, COORDINATING, MONITORING)},
        ),
        (
            "TaskSupplemented",
            {(slug, "SUPPLEMENTED") for slug in (LEAD, COORDINATING, MONITORING)},
        ),
        ("TaskConfirmed", {(LEAD, "CONFIRMED")}),
        ("TaskSentBack", {(LEAD, "SENT_BACK")}),
        (
            "TaskWithdrawn",
            {(LEAD, "WITHDRAWN"), (COORDINATING, "WITHDRAWN"), (MONITORING, "WITHDRAWN")},
        ),
        ("TaskAccepted", set()),
        ("TaskProgressRecorded", set()),
    ],
)
async def test_each_event_of_a_task_reaches_those_who_must_act(
    room: Room, type: str, expected: set[tuple[str, str]]
) -> None:
    await apply(room, "tasks", task_event(type, task()))
    assert await told(room) == expected


@pytest.mark.rule("R2.4", "R9.2d")
@pytest.mark.parametrize(
    ("rung", "rule", "owed_by", "expected"),
    [
        ("due_soon", "R5.1e", LEAD, {(LEAD, "DUE_SOON")}),
        ("due_today", "R5.1e", LEAD, {(LEAD, "DUE_SOON")}),
        ("overdue", "R5.1e", LEAD, {(LEAD, "OVERDUE"), (MONITORING, "OVERDUE")}),
        ("overdue_10", "R5.1e", LEAD, {(LEAD, "OVERDUE"), (MONITORING, "OVERDUE")}),
        (
            "update_missing", "R7.2a", LEAD,
            {(LEAD, "UPDATE_MISSING"), (OFFICE_SLUG, "UPDATE_MISSING")},
        ),
        ("overdue", "R6.1d", OFFICE_SLUG, {(OFFICE_SLUG, "OFFICE_LIMIT")}),
        ("due_today", "R7.3", OFFICE_SLUG, {(OFFICE_SLUG, "OFFICE_LIMIT")}),
        ("unheard_of", "R5.1e", LEAD, set()),
    ],
)  # fmt: skip
async def test_each_rung_reaches_who_owes_and_who_watches(
    room: Room, rung: str, rule: str, owed_by: str, expected: set[tuple[str, str]]
) -> None:
    known = task()
    subject = f"{known.name}/extensions/1" if rule == "R6.1d" else known.name
    await apply(room, "tasks", task_event("TaskAccepted", known))
    await apply(room, "tasks", rung_event(rung, subject, rule, owed_by))
    assert await told(room) == expected


@pytest.mark.rule("R7.1")
async def test_the_office_is_told_of_its_own_limit_on_a_directive(room: Room) -> None:
    known = directive()
    await apply(room, "directives", event("DirectiveEntered", known.name, 1, known))
    await apply(room, "directives", rung_event("overdue", known.name, "R7.1", OFFICE_SLUG))
    assert await told(room) == {(OFFICE_SLUG, "OFFICE_LIMIT")}
    (notice_,) = await notices_of(room, OFFICE_SLUG)
    assert notice_.subject == known.name
    assert "quá hạn" in notice_.body


@pytest.mark.rule("R22.1", "R22.2")
@pytest.mark.parametrize(
    ("rung", "rule", "owed_by", "expected"),
    [
        ("due_soon", "R22.1", LEAD, {(LEAD, "REPORT_DUE")}),
        ("overdue", "R22.1", LEAD, {(LEAD, "REPORT_DUE"), (OFFICE_SLUG, "REPORT_DUE")}),
        ("overdue", "R22.2", OFFICE_SLUG, {(OFFICE_SLUG, "REPORT_DUE")}),
    ],
)
async def test_a_report_that_is_due_is_told_to_who_owes_it_and_an_overdue_one_to_the_office_too(
    room: Room, rung: str, rule: str, owed_by: str, expected: set[tuple[str, str]]
) -> None:
    subject = "reports/7ef4598d-1b26-52c9-9a49-0b33b63c9d64"
    await apply(room, "reporting", rung_event(rung, subject, rule, owed_by))
    assert await told(room) == expected
    (notice_,) = await notices_of(room, owed_by)
    assert notice_.title == "Báo cáo định kỳ"
    assert "Ngày cuối cùng của thời hạn: 29/03/2024" in notice_.body
    named = {"R22.1": "báo cáo năm của các cơ quan", "R22.2": "của Văn phòng UBND tỉnh"}
    assert named[rule] in notice_.body


async def test_the_office_watches_where_no_monitoring_agency_is_named(room: Room) -> None:
    known = task()
    known.monitoring_agency = ""
    await apply(room, "tasks", task_event("TaskAccepted", known))
    await apply(room, "tasks", rung_event("overdue", known.name))
    assert await told(room) == {(LEAD, "OVERDUE"), (OFFICE_SLUG, "OVERDUE")}


async def test_a_notice_says_in_vietnamese_what_it_is_about(room: Room) -> None:
    answered = task_pb2.Extension(
        number=1,
        state=task_pb2.EXTENSION_STATE_GRANTED,
        granted_due_date=to_date(date(2024, 4, 12)),
        answer_document=document_pb2.DocumentRef(
            number="512", symbol="UBND-VXNV", date=to_date(date(2024, 3, 20))
        ),
    )
    await apply(room, "tasks", task_event("ExtensionAnswered", task(extensions=[answered])))
    (told_,) = await notices_of(room, LEAD)
    assert told_.title == "Trả lời đề nghị gia hạn: Văn bản số 374/UBND-VXNV ngày 01/03/2024"
    assert told_.body.splitlines() == [
        "Văn bản số 374/UBND-VXNV ngày 01/03/2024.",
        "Trích yếu: V/v chuẩn bị lễ hội",
        "Nội dung nhiệm vụ: Xây dựng kế hoạch",
        "Kết quả: được gia hạn",
        "Thời hạn mới: 12/04/2024",
        "Văn bản trả lời: số 512/UBND-VXNV ngày 20/03/2024",
    ]


@pytest.mark.rule("R23.1", "R6.1d")
async def test_a_notice_names_the_dates_of_an_amendment_and_the_letter_of_a_request_taken_back(
    room: Room,
) -> None:
    letter = document_pb2.DocumentRef(
        number="82", symbol="UBND-TH", date=to_date(date(2024, 3, 20))
    )
    changes = [
        task_pb2.Amendment(number=1, document=letter, due_date=to_date(date(2024, 4, 12))),
        task_pb2.Amendment(number=2, document=letter, previous_due_date=to_date(date(2024, 4, 12))),
    ]
    for version, count in ((1, 1), (2, 2)):
        amended = task_event("DueDateAmended", task(amendments=changes[:count]), version)
        await apply(room, "tasks", amended)
    bodies = sorted(notice_.body for notice_ in await notices_of(room, LEAD))
    for body, (before, now) in zip(
        bodies,
        [("12/04/2024", "không có, nhiệm vụ không còn thời hạn"), ("không có", "12/04/2024")],
        strict=True,
    ):
        assert f"Thời hạn trước đây: {before}\nThời hạn mới: {now}\n" in body
        assert "Văn bản điều chỉnh: số 82/UBND-TH ngày 20/03/2024" in body
    withdrawn = task_pb2.Extension(
        number=1, requested_due_date=to_date(date(2024, 4, 30)), withdraw_document=letter
    )
    await apply(room, "tasks", task_event("ExtensionWithdrawn", task(extensions=[withdrawn]), 3))
    (told_,) = await notices_of(room, OFFICE_SLUG)
    assert "Thời hạn đã đề nghị: 30/04/2024" in told_.body
    assert "Văn bản rút lại: số 82/UBND-TH ngày 20/03/2024" in told_.body


async def test_an_event_that_comes_twice_or_overtaken_is_told_once(room: Room) -> None:
    forwarded = task_event("TaskForwarded", task(), 1)
    confirmed = task_event("TaskConfirmed", task(), 9)
    fired = rung_event("due_soon", task().name)
    await apply(room, "tasks", confirmed, fired, forwarded, forwarded, confirmed, fired)
    # A replay forgets what was read: the same events come as if they were new.
    async with db.transaction(room.engine) as connection:
        await connection.exec_driver_sql("DELETE FROM inbox")
    await apply(room, "tasks", forwarded, fired, confirmed)
    kinds = [n.kind for n in await notices_of(room, LEAD)]
    assert sorted(kinds) == sorted(
        [
            notice_pb2.NOTICE_KIND_FORWARDED,
            notice_pb2.NOTICE_KIND_CONFIRMED,
            notice_pb2.NOTICE_KIND_DUE_SOON,
        ]
    )
    assert len(await deliveries(room)) == 4  # those and the one to the coordinating agency


async def test_what_names_an_unknown_task_or_agency_waits_for_it(
    start_service: StartService, smtp_sink: SmtpSink
) -> None:
    smtp_sink.clear()
    room = await start_service("notify", smtp_host="127.0.0.1", smtp_port=smtp_sink.port)
    known = task()
    await apply(room, "tasks", rung_event("update_missing", known.name, "R7.2a"))
    assert await told(room) == set()
    await apply(room, "tasks", task_event("TaskForwarded", known))
    assert await told(room) == set()
    await apply(room, "directives", agency_event(LEAD), agency_event(COORDINATING))
    assert await told(room) == {
        (LEAD, "FORWARDED"), (COORDINATING, "FORWARDED"), (LEAD, "UPDATE_MISSING"),
    }  # fmt: skip
    await apply(room, "directives", agency_event(OFFICE_SLUG))
    assert (OFFICE_SLUG, "UPDATE_MISSING") in await told(room)
    async with room.engine.connect() as connection:
        assert (await connection.execute(select(waiting_event))).all() == []
    mails = await smtp_sink.wait_for(lambda mails: len(mails) == 4)
    assert len({mail.message_id for mail in mails}) == 4


@pytest.mark.rule("R9.2d")
async def test_an_officer_whose_event_comes_late_gets_what_was_told_after_it(
    start_service: StartService, smtp_sink: SmtpSink
) -> None:
    smtp_sink.clear()
    room = await start_service("notify", smtp_host="127.0.0.1", smtp_port=smtp_sink.port)
    await apply(room, "directives", agency_event(LEAD, 1, ""), agency_event(COORDINATING, 1, ""))
    before = task_event("TaskForwarded", task("before"))
    appointed = agency_event(LEAD, 2)
    after = task_event("TaskConfirmed", task("after"))
    await apply(room, "tasks", before, after)
    assert {d.failure for d in await deliveries(room, "UNDELIVERABLE")} == {"NO_ADDRESS"}
    await apply(room, "directives", appointed)
    (mail,) = await smtp_sink.wait_for(lambda mails: len(mails) == 1)
    assert mail.recipients == [f"{LEAD}@dondoc.example"]
    assert mail.message["Subject"].startswith("Kết quả thực hiện nhiệm vụ được xác nhận")
    assert len(await deliveries(room, "UNDELIVERABLE")) == 2


@pytest.mark.rule("R5.2a", "R5.2g")
async def test_a_notice_on_a_classified_directive_carries_its_number_and_date_only(
    room: Room, smtp_sink: SmtpSink
) -> None:
    secret = task(secrecy=document_pb2.SECRECY_SECRET)
    await apply(room, "tasks", task_event("TaskForwarded", secret))
    await apply(room, "tasks", rung_event("overdue", secret.name, classified=True))
    # Even an event that wrongly carried the words would not have them told.
    leaking = event("TaskConfirmed", secret.name, 2, secret)
    await apply(room, "tasks", leaking)
    document = "Văn bản số 374/UBND-VXNV ngày 01/03/2024"
    found = await notices_of(room, LEAD)
    assert {(n.title, n.body) for n in found} == {
        (f"Nhiệm vụ được chuyển đến: {document}", f"{document}."),
        (f"Nhiệm vụ quá hạn: {document}", f"{document}."),
        (f"Kết quả thực hiện nhiệm vụ được xác nhận: {document}", f"{document}."),
    }
    assert all(n.classified for n in found)
    mails = await smtp_sink.wait_for(lambda mails: len(mails) == 5)
    for mail in mails:
        words = f"{mail.message['Subject']}\n{mail.message.get_content()}"
        assert document in words
        for hidden in (SECRET, "29/03/2024", LEAD, "Cơ quan"):
            assert hidden not in words
    async with room.engine.connect() as connection:
        kept = (await connection.execute(select(matter))).all()
    assert [(row.abstract, row.content) for row in kept] == [(None, None)]


@pytest.mark.rule("R5.2a")
async def test_the_database_cannot_hold_words_of_a_classified_directive(room: Room) -> None:
    secret = task(secrecy=document_pb2.SECRECY_CONFIDENTIAL)
    await apply(room, "tasks", task_event("TaskForwarded", secret))
    for statement in (
        update(notice).values(title=SECRET),
        update(notice).values(body=SECRET),
        update(notice).values(document_code=SECRET),
        update(matter).values(abstract=SECRET),
        update(matter).values(content=SECRET),
        update(matter).values(document_code=SECRET),
        insert(matter).values(
            name="tasks/x", version=1, classified=True, document_code="1/A", lead="",
            monitoring="", content=SECRET,
        ),
    ):  # fmt: skip
        with pytest.raises(db.StorageError) as refused:
            async with db.transaction(room.engine) as connection:
                await connection.execute(statement)
        assert refused.value.sqlstate == db.CHECK_VIOLATION
        assert SECRET not in str(refused.value)


async def test_a_notice_to_another_agency_is_not_found(room: Room) -> None:
    await apply(room, "tasks", task_event("TaskConfirmed", task()))
    (own,) = await notices_of(room, LEAD)
    for method, request in (
        ("GetNotice", pb.GetNoticeRequest(name=own.name)),
        ("MarkRead", pb.MarkReadRequest(request_id=str(uuid.uuid4()), name=own.name)),
    ):
        for slug, role in ((COORDINATING, "department"), (OFFICE_SLUG, "office")):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await room.call(NotifyServiceStub, method, request, token(slug, role))
            assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_notice_is_read_once_and_leaves_the_unread_ones(room: Room) -> None:
    await apply(room, "tasks", task_event("TaskConfirmed", task()))
    (own,) = await notices_of(room, LEAD, unread_only=True)
    lead = token(LEAD, "department")
    request = pb.MarkReadRequest(request_id=str(uuid.uuid4()), name=own.name)
    first = await room.call(NotifyServiceStub, "MarkRead", request, lead)
    assert first.HasField("read_time")
    request.request_id = str(uuid.uuid4())
    assert await room.call(NotifyServiceStub, "MarkRead", request, lead) == first
    assert await notices_of(room, LEAD, unread_only=True) == []
    assert await notices_of(room, LEAD) == [first]


async def test_pages_of_notices_and_deliveries_follow_each_other(room: Room) -> None:
    made = [task(seed) for seed in range(5)]
    await apply(room, "tasks", *(task_event("TaskConfirmed", one) for one in made))
    subjects, page_token = [], ""
    for size in (2, 2, 1):
        page = await room.call(
            NotifyServiceStub,
            "ListNotices",
            pb.ListNoticesRequest(page_size=2, page_token=page_token),
            token(LEAD, "department"),
        )
        assert len(page.notices) == size
        subjects += [n.subject for n in page.notices]
        page_token = page.next_page_token
    assert page_token == ""
    assert sorted(subjects) == sorted(one.name for one in made)
    first = await room.call(
        NotifyServiceStub, "ListDeliveries", pb.ListDeliveriesRequest(page_size=7)
    )
    second = await room.call(
        NotifyServiceStub,
        "ListDeliveries",
        pb.ListDeliveriesRequest(page_size=7, page_token=first.next_page_token),
    )
    names = [d.name for d in (*first.deliveries, *second.deliveries)]
    assert len(set(names)) == len(names) == 10
    async with room.engine.connect() as connection:
        assert len((await connection.execute(select(delivery))).all()) == 10
