"""Entering directives over gRPC, on real servers."""

from __future__ import annotations

import asyncio
from datetime import date

import grpc
import pytest
from dondoc.directives.v1 import directive_pb2
from dondoc.directives.v1 import directive_service_pb2 as pb
from dondoc.type.v1 import document_pb2, limit_pb2

from services.kernel.runtime.protos import to_date
from tests.fixtures.house import token
from tests.integration.directives.directives_house import (
    COMMITTEE,
    FINANCE,
    GONE,
    HEALTH,
    HOME,
    OFFICE,
    Intake,
    changing,
    directive,
    entering,
    item,
)

SHARED_SYSTEM = token("", "shared-system")


@pytest.mark.rule("R5.1a", "R5.1b", "R5.1c", "R5.1d", "R5.1dd", "R5.1e", "R5.1h", "R1.1", "R3.1")
async def test_all_that_a_directive_tells_comes_back_as_it_was_entered(intake: Intake) -> None:
    given = directive(
        normative=True,
        abstract="Về việc báo cáo",
        signer="Lưu Xuân Vĩnh",
        signer_title="Chủ tịch",
        submitting_agency=HOME,
        submission_reference="Tờ trình 320/SGDĐT-HCTC",
        monitoring_agency=OFFICE,
        urgency=directive_pb2.URGENCY_EXPRESS,
        origin=document_pb2.ORIGIN_GOVERNMENT,
        legal_bases=["42/2014/QĐ-TTg"],
        other_information="Kèm phụ lục",
        attachments=[document_pb2.DocumentRef(uri="https://a.example/b.pdf", title="Bản gốc")],
        items=[
            item(
                HEALTH,
                FINANCE,
                coordinating_agencies=[HOME],
                concerned_agencies=[COMMITTEE],
                addressed_groups=["Các sở, ban, ngành"],
                unresolved_coordinators=["Các cơ quan liên quan"],
                source_place="mục 1",
                written_report=True,
                limit=limit_pb2.TaskLimit(
                    due_date=to_date(date(2020, 8, 3)),
                    purpose=limit_pb2.LIMIT_PURPOSE_SUBMIT,
                    origin=document_pb2.ORIGIN_GOVERNMENT,
                ),
            )
        ],
    )
    entered = await intake.enter(given)
    expected = directive_pb2.Directive()
    expected.CopyFrom(given)
    expected.items[0].ordinal = 1
    expected.items[0].limit.limit_class = limit_pb2.LIMIT_CLASS_WITH_LIMIT  # it has a date
    expected.secrecy = document_pb2.SECRECY_NONE
    expected.intake = directive_pb2.INTAKE_OFFICE
    expected.source = directive_pb2.SOURCE_DOCUMENT
    expected.profile, expected.profile_version = "69/2019/QĐ-UBND", "1"
    told = directive_pb2.Directive()
    told.CopyFrom(entered)
    for field in ("name", "state", "gaps", "enter_time", "intake_limit", "etag", "document_code"):
        told.ClearField(field)
    assert told == expected
    assert entered.document_code == "374/2020/UBND-VXNV"
    assert [gap.field for gap in entered.gaps] == ["items[0].unresolved_coordinators"]
    assert await intake.get(entered.name) == entered


@pytest.mark.rule("R5.1a", "R5.1dd")
async def test_what_is_missing_is_listed_with_its_article_and_the_directive_is_entered(
    intake: Intake,
) -> None:
    entered = await intake.enter(directive(items=[]))
    assert [(gap.field, gap.article) for gap in entered.gaps] == [
        ("abstract", "điểm a khoản 1 Điều 5"),
        ("signer", "điểm a khoản 1 Điều 5"),
        ("submitting_agency", "điểm b khoản 1 Điều 5"),
        ("monitoring_agency", "điểm d khoản 1 Điều 5"),
        ("items", "điểm đ khoản 1 Điều 5"),
    ]


@pytest.mark.rule("R23.1")
async def test_a_repeated_request_gives_the_first_answer_and_records_nothing(
    intake: Intake,
) -> None:
    request = entering(directive())
    first = await intake.call("EnterDirective", request)
    assert await intake.call("EnterDirective", request) == first
    assert [kind for kind, _ in await intake.events(first.name)] == ["DirectiveEntered"]


@pytest.mark.rule("R23.1")
async def test_the_same_document_in_another_request_gives_the_first(intake: Intake) -> None:
    first = await intake.enter()
    # By another caller, another way in, and with the symbol written in another way.
    again = directive(number="0374", symbol="ubnd-vxnv")
    assert await intake.enter(again, SHARED_SYSTEM) == first
    assert [kind for kind, _ in await intake.events(first.name)] == ["DirectiveEntered"]


@pytest.mark.rule("R23.1")
async def test_the_same_document_is_known_by_what_was_entered_not_by_what_became_of_it(
    intake: Intake,
) -> None:
    first = await intake.enter()
    filled = await intake.change("SupplementDirective", first, abstract="Về việc báo cáo")
    assert await intake.enter() == filled


@pytest.mark.rule("R23.1")
async def test_other_content_under_the_same_number_symbol_and_year_names_the_fields(
    intake: Intake,
) -> None:
    first = await intake.enter(directive(abstract="Một trích yếu"))
    other = directive(
        abstract="Trích yếu khác",
        # The Chairman's documents are of the same series.
        issuing_authority=directive_pb2.ISSUING_AUTHORITY_CHAIRMAN,
        items=[item(HOME)],
    )
    refusal = await intake.refused("EnterDirective", entering(other))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS")
    assert refusal.metadata == {
        "name": first.name,
        "fields": "abstract, issuing_authority, items",
    }
    assert "trích yếu" not in (refusal.english + refusal.vietnamese).lower()


async def test_the_same_number_and_symbol_in_another_year_is_another_document(
    intake: Intake,
) -> None:
    first = await intake.enter()
    second = await intake.enter(directive(issue_date=to_date(date(2019, 12, 31))))
    assert first.name != second.name


@pytest.mark.rule("R23.1")
async def test_a_document_entered_twice_at_once_is_there_once(intake: Intake) -> None:
    answers = await asyncio.gather(*(intake.enter() for _ in range(5)))
    assert len({answer.name for answer in answers}) == 1
    assert (await intake.rows("SELECT count(*) FROM directive"))[0][0] == 1


async def test_agencies_that_are_not_in_the_directory_are_named(intake: Intake) -> None:
    given = directive(
        monitoring_agency="agencies/khong-co",
        items=[item(), item(HEALTH, "agencies/la", coordinating_agencies=["agencies/cung-la"])],
    )
    refusal = await intake.refused("EnterDirective", entering(given))
    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal.fields == {
        "directive.monitoring_agency": "UNKNOWN_AGENCY",
        "directive.items[1].lead_agencies[1]": "UNKNOWN_AGENCY",
        "directive.items[1].coordinating_agencies[0]": "UNKNOWN_AGENCY",
    }
    assert await intake.rows("SELECT * FROM directive") == []


@pytest.mark.rule("R5.1c", "R1.2")
async def test_a_lead_must_be_able_to_take_a_task_on_the_day_of_issue(intake: Intake) -> None:
    given = directive(items=[item(COMMITTEE, GONE, coordinating_agencies=[GONE])])
    refusal = await intake.refused("EnterDirective", entering(given))
    assert refusal.fields == {
        "directive.items[0].lead_agencies[0]": "NOT_ASSIGNABLE",
        "directive.items[0].lead_agencies[1]": "NO_LONGER_VALID",
    }


@pytest.mark.parametrize(
    ("fields", "path", "reason"),
    [
        (
            {"issue_date": to_date(date(2020, 7, 4)), "items": []},
            "directive.issue_date",
            "IN_THE_FUTURE",
        ),
        (
            {"items": [item(limit=limit_pb2.TaskLimit(due_date=to_date(date(2020, 7, 2))))]},
            "directive.items[0].limit.due_date",
            "BEFORE_ISSUE",
        ),
        (
            {"items": [item(limit=limit_pb2.TaskLimit(due_date=to_date(date(1970, 1, 1))))]},
            "directive.items[0].limit.due_date",
            "EMPTY_DATE",
        ),
        ({"kind": 0}, "directive.kind", "ENUM_NOT_IN"),
        ({"symbol": "có dấu cách"}, "directive.symbol", "STRING_PATTERN"),
        ({"items": [item()] * 201}, "directive.items", "REPEATED_MAX_ITEMS"),
    ],
)
@pytest.mark.rule("R5.1a")
async def test_what_cannot_be_is_refused_with_its_field(
    intake: Intake, fields: dict[str, object], path: str, reason: str
) -> None:
    refusal = await intake.refused("EnterDirective", entering(directive(**fields)))
    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal.fields == {path: reason}
    assert await intake.rows("SELECT * FROM directive") == []


async def test_what_the_shared_system_enters_came_by_it_whatever_it_says(intake: Intake) -> None:
    given = directive(intake=directive_pb2.INTAKE_OFFICE)
    entered = await intake.enter(given, SHARED_SYSTEM)
    assert entered.intake == directive_pb2.INTAKE_SHARED_SYSTEM


async def test_the_list_pages_through_directives_newest_issue_first(intake: Intake) -> None:
    for number, day in (("1", 1), ("2", 3), ("3", 2), ("4", 2), ("5", 1)):
        await intake.enter(directive(number=number, issue_date=to_date(date(2020, 7, day))))
    days, token_, names = [], "", set()
    for _ in range(3):
        page = await intake.call(
            "ListDirectives", pb.ListDirectivesRequest(page_size=2, page_token=token_)
        )
        days += [d.issue_date.day for d in page.directives]
        names |= {d.name for d in page.directives}
        token_ = page.next_page_token
    assert (days, len(names), token_) == ([3, 2, 2, 1, 1], 5, "")


async def test_the_list_is_filtered_by_state_kind_day_number_and_gaps(intake: Intake) -> None:
    plan = await intake.enter(
        directive(
            number="1", kind=document_pb2.DOCUMENT_KIND_PLAN, issue_date=to_date(date(2020, 7, 1))
        )
    )
    whole = await intake.enter(
        directive(
            number="2",
            abstract="Về việc báo cáo",
            signer="Lưu Xuân Vĩnh",
            submitting_agency=HOME,
            monitoring_agency=OFFICE,
        )
    )
    forwarded = await intake.change("ForwardDirective", whole)
    assert not forwarded.gaps

    async def names(**filters: object) -> list[str]:
        page = await intake.call("ListDirectives", pb.ListDirectivesRequest(**filters))
        return [d.name for d in page.directives]

    assert await names() == [whole.name, plan.name]
    assert await names(state=directive_pb2.DIRECTIVE_STATE_FORWARDED) == [whole.name]
    assert await names(kind=document_pb2.DOCUMENT_KIND_PLAN) == [plan.name]
    assert await names(issued_from=to_date(date(2020, 7, 2))) == [whole.name]
    assert await names(issued_to=to_date(date(2020, 7, 2))) == [plan.name]
    assert await names(number="1") == [plan.name]
    assert await names(with_gaps=True) == [plan.name]


async def test_agencies_read_tasks_and_no_directives(intake: Intake) -> None:
    entered = await intake.enter(directive(monitoring_agency=OFFICE))
    department = token("so-y-te", "department", "officer")
    request = pb.GetDirectiveRequest(name=entered.name)
    refusal = await intake.refused("GetDirective", request, department)
    assert refusal.code is grpc.StatusCode.PERMISSION_DENIED
    parties = await intake.rows("SELECT agency, part FROM party ORDER BY agency")
    assert [tuple(row) for row in parties] == [("van-phong-ubnd-tinh", "MONITORING")]


async def test_an_auditor_reads_but_does_not_change(intake: Intake) -> None:
    entered = await intake.enter()
    auditor = token("", "auditor")
    assert await intake.get(entered.name, auditor) == entered
    refusal = await intake.refused(
        "ForwardDirective", changing("ForwardDirective", entered), auditor
    )
    assert refusal.code is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("name", ["directives/" + "0" * 36, "directives/" + "-" * 36])
async def test_what_is_not_there_is_not_found(intake: Intake, name: str) -> None:
    refusal = await intake.refused("GetDirective", pb.GetDirectiveRequest(name=name))
    assert refusal.code is grpc.StatusCode.NOT_FOUND
