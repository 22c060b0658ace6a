"""Files entered through the services. The expected totals are counted by hand from the two files.

organisations.json: 43 organisations (2 of them authorities, which have no officer), 4 groups.

directives.json: 31 directives with 53 items.
- D01 is the regulation itself: 1 directive and 17 items left out.
- D35, D37, D38 are of other provinces (4 items). D03, D05, D12, D16, D25, D26, D27, D28, D33, D34 have
  no number (22 items). D32 has no date (no items). 14 directives refused, 26 items with them.
- The other 16 are entered. Of their 10 items two name no lead of the directory (D07/1, D09/1): 8
  entered, 28 refused in all.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import grpc
import pytest
from dondoc.directives.v1 import directive_pb2
from dondoc.directives.v1 import directive_service_pb2 as pb
from dondoc.directives.v1.directive_pb2 import Directive
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.directory.v1 import directory_service_pb2 as directory_pb
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from dondoc.type.v1 import limit_pb2

from cli.client import House
from cli.importing.agencies import import_agencies
from cli.importing.directives import DirectiveImport, import_directives
from cli.importing.report import Kind, Outcome, Row
from services.kernel.runtime.protos import to_date
from tests.integration.cli.conftest import Imported, sample

pytestmark = pytest.mark.timeout(300)


async def directive(imported: Imported, row_id: str) -> Directive:
    name = row_of(imported, row_id).name
    found = await imported.house.call(
        DirectiveServiceStub, "GetDirective", pb.GetDirectiveRequest(name=name)
    )
    assert isinstance(found, Directive)
    return found


def row_of(imported: Imported, row_id: str) -> Row:
    return next(row for row in imported.directives.rows if row.id == row_id)


def row(**changes: Any) -> dict[str, Any]:
    """A row of a file of directives that can be entered."""
    return {
        "id": "X01",
        "province": "Ninh Thuận",
        "number": "900/UBND-TH",
        "doc_type": "Công văn",
        "abstract": "Văn bản thử",
        "issued_on": "2020-02-14",
        "issuing_authority": "UBND tỉnh",
        "confidentiality": "none",
        "tasks": [],
        **changes,
    }


def task(**changes: Any) -> dict[str, Any]:
    return {
        "lead": "Sở Nội vụ",
        "content": "Việc thử",
        "deadline": None,
        "deadline_kind": "none",
        **changes,
    }


async def enter(house: House, entry: dict[str, Any]) -> list[Row]:
    importing = DirectiveImport(house)
    await importing.begin()
    return await importing.enter(entry)


@pytest.mark.rule("R1.2", "R9.2d")
async def test_all_agencies_and_groups_of_the_file_are_entered(imported: Imported) -> None:
    report = imported.agencies
    assert report.totals(Kind.AGENCY) == {Outcome.ENTERED: 43}
    assert report.totals(Kind.GROUP) == {Outcome.ENTERED: 4}
    assert report.totals(Kind.OFFICER) == {Outcome.ENTERED: 41}
    found = {agency.display_name: agency for agency in await imported.house.agencies()}
    assert {entry["name"] for entry in sample("organisations.json")["organisations"]} <= set(found)
    it_center = found["Trung tâm Công nghệ thông tin và Truyền thông"]
    assert it_center.parent == "agencies/so-thong-tin-va-truyen-thong"
    police = found["Công an tỉnh"]
    assert (police.parent, police.parent_display_name) == ("", "Bộ Công an")
    planning = found["Sở Kế hoạch và Đầu tư"]
    assert planning.successor == "agencies/so-tai-chinh"
    assert found["Sở Nội vụ"].officer.email == "so-noi-vu@dondoc.example"
    assert found["Sở Nội vụ"].officer.placeholder


@pytest.mark.rule("R1.1", "R5.1a", "R6.1a")
async def test_the_totals_of_the_file_are_those_counted_by_hand(imported: Imported) -> None:
    report = imported.directives
    assert report.totals(Kind.DIRECTIVE) == {
        Outcome.ENTERED: 16,
        Outcome.REFUSED: 14,
        Outcome.LEFT_OUT: 1,
    }
    assert report.totals(Kind.ITEM) == {
        Outcome.ENTERED: 8,
        Outcome.REFUSED: 28,
        Outcome.LEFT_OUT: 17,
    }
    assert (report.given(Kind.DIRECTIVE), report.given(Kind.ITEM)) == (31, 53)
    for row in report.rows:
        told = row.outcome in (Outcome.REFUSED, Outcome.LEFT_OUT)
        assert told == bool(row.reasons), row
        assert bool(row.name) == (row.outcome is Outcome.ENTERED), row


@pytest.mark.rule("R5.1b", "R5.1c", "R5.1dd")
async def test_groups_expand_and_keep_their_name_and_strangers_stay_as_written(
    imported: Imported,
) -> None:
    letter = await directive(imported, "D02")
    assert letter.submitting_agency == "agencies/so-giao-duc-va-dao-tao"
    assert letter.urgency == directive_pb2.URGENCY_EXPRESS
    first = letter.items[0]
    assert list(first.lead_agencies) == ["agencies/so-giao-duc-va-dao-tao"]
    assert len(first.coordinating_agencies) == 7
    assert list(first.addressed_groups) == ["UBND các huyện, thành phố"]
    assert list(first.unresolved_coordinators) == ["Các cơ quan liên quan"]
    fields = {gap.field for gap in letter.gaps}
    assert {"signer", "items[0].unresolved_coordinators"} <= fields


async def test_successors_without_a_known_beginning_are_left_out_of_a_group_and_named(
    imported: Imported,
) -> None:
    item = row_of(imported, "D22/1")
    assert sum("it succeeds another" in note.en for note in item.notes) == 5
    found = (await directive(imported, "D22")).items[0]
    # 18 departments less five successors and the lead itself; seven districts.
    assert len(found.coordinating_agencies) == 14 + 7
    assert found.lead_agencies[0] not in found.coordinating_agencies
    assert found.limit.limit_class == limit_pb2.LIMIT_CLASS_WITHOUT_LIMIT
    assert found.limit.cadence == limit_pb2.CADENCE_YEARLY
    assert found.limit_in_words == "10/10 hằng năm"


async def test_a_list_of_districts_gives_each_of_them_the_task(imported: Imported) -> None:
    items = (await directive(imported, "D10")).items
    assert [len(item.lead_agencies) for item in items] == [2, 5]
    assert {item.limit.due_date.day for item in items} == {31}


async def test_a_directive_without_resolvable_items_is_entered_with_that_gap(
    imported: Imported,
) -> None:
    found = await directive(imported, "D07")
    assert not found.items
    assert "items" in {gap.field for gap in found.gaps}
    assert not found.HasField("intake_limit")
    assert row_of(imported, "D07/1").reasons[0].en.startswith("names no lead agency")


async def test_a_second_import_enters_none_and_says_so(imported: Imported) -> None:
    again = await import_agencies(
        imported.house, sample("organisations.json"), placeholder_officers=True
    )
    assert again.totals(Kind.AGENCY) == {Outcome.ALREADY_THERE: 43}
    assert again.totals(Kind.GROUP) == {Outcome.ALREADY_THERE: 4}
    assert again.totals(Kind.OFFICER) == {Outcome.ALREADY_THERE: 41}
    before = imported.house.positions["directives"]
    report = await import_directives(imported.house, sample("directives.json"), on_dates=True)
    assert report.totals(Kind.DIRECTIVE)[Outcome.ALREADY_THERE] == 16
    assert report.totals(Kind.ITEM)[Outcome.ALREADY_THERE] == 8
    assert report.totals(Kind.DIRECTIVE)[Outcome.ENTERED] == 0
    await imported.house.agencies()
    assert imported.house.positions["directives"] == before


async def test_an_unresolved_lead_refuses_the_item_also_when_only_part_of_a_list_fails(
    imported: Imported,
) -> None:
    whole = task(lead="UBND các huyện Ninh Hải, Ninh Sơn")
    part = task(lead="UBND các huyện Ninh Hải, Không Có")
    rows = await enter(imported.house, row(number="901/UBND-TH", tasks=[whole, part]))
    assert [one.outcome for one in rows] == [Outcome.ENTERED, Outcome.ENTERED, Outcome.REFUSED]
    assert "Không Có" in rows[2].reasons[0].vi
    found = await imported.house.call(
        DirectiveServiceStub, "GetDirective", pb.GetDirectiveRequest(name=rows[0].name)
    )
    assert [len(item.lead_agencies) for item in found.items] == [2]


async def test_other_content_under_the_same_number_is_refused_and_names_the_fields(
    imported: Imported,
) -> None:
    await enter(imported.house, row(number="902/UBND-TH"))
    rows = await enter(imported.house, row(number="902/UBND-TH", abstract="Khác", tasks=[task()]))
    assert [one.outcome for one in rows] == [Outcome.REFUSED] * 2
    assert "abstract" in rows[0].reasons[0].en


async def test_a_limit_before_the_day_of_issue_refuses_the_item_alone(imported: Imported) -> None:
    late = task(deadline="2019-01-01", deadline_kind="date")
    rows = await enter(imported.house, row(number="903/UBND-TH", tasks=[late, task()]))
    assert [one.outcome for one in rows] == [Outcome.ENTERED, Outcome.REFUSED, Outcome.ENTERED]


@pytest.mark.rule("R5.2g", "R3.4")
async def test_content_of_a_classified_row_is_refused_by_the_service(imported: Imported) -> None:
    secret = row(number="904/UBND-NC", confidentiality="mật", tasks=[task()])
    rows = await enter(imported.house, secret)
    assert rows[0].outcome is Outcome.REFUSED
    assert any("abstract" in reason.en for reason in rows[0].reasons)
    bare = row(number="905/UBND-NC", confidentiality="mật", abstract=None)
    bare["tasks"] = [task(content=None)]
    assert [one.outcome for one in await enter(imported.house, bare)] == [Outcome.ENTERED] * 2


async def test_a_changed_agency_is_brought_up_to_date(imported: Imported) -> None:
    entry = {"id": "Z1", "name": "Cơ quan thử", "kind": "other", "parent": "Sở Nội vụ"}
    first = await import_agencies(imported.house, {"organisations": [entry]})
    changed = {"organisations": [{**entry, "abbreviation": "CQT"}]}
    second = await import_agencies(imported.house, changed)
    back = await import_agencies(imported.house, {"organisations": [entry]})
    outcomes = [report.rows[0].outcome for report in (first, second, back)]
    assert outcomes == [Outcome.ENTERED, Outcome.UPDATED, Outcome.UPDATED]
    found = await imported.house.call(
        DirectoryServiceStub,
        "GetAgency",
        directory_pb.GetAgencyRequest(name=first.rows[0].name),
    )
    assert (found.abbreviation, found.parent) == ("", "agencies/so-noi-vu")


async def test_a_row_of_an_unknown_kind_is_refused_and_the_others_are_entered(
    imported: Imported,
) -> None:
    content = {
        "organisations": [{"id": "Z2", "name": "Câu lạc bộ", "kind": "club"}],
        "groups": [{"name": "Nhóm lạ", "members": ["Không có cơ quan này"]}],
    }
    report = await import_agencies(imported.house, content)
    assert [one.outcome for one in report.rows] == [Outcome.REFUSED] * 2


async def test_each_agency_has_its_users_at_once(imported: Imported) -> None:
    ask = directory_pb.ListGroupsRequest()
    for user in ("so-noi-vu.head", "ubnd-huyen-bac-ai.officer", "chi-cuc-thuy-san.officer"):
        await imported.house.call(DirectoryServiceStub, "ListGroups", ask, user=user)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await imported.house.call(
            DirectoryServiceStub,
            "ResolveAddressees",
            directory_pb.ResolveAddresseesRequest(phrases=["x"], on=to_date(date(2020, 2, 14))),
            user="so-noi-vu.officer",
        )
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
