"""What a forwarded directive lacked: directives → NATS → tasks → NATS → reporting and notify."""

from __future__ import annotations

from datetime import timedelta

import pytest
from dondoc.directives.v1 import directive_pb2
from dondoc.directives.v1 import directive_service_pb2 as pb
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.tasks.v1 import task_pb2
from dondoc.type.v1 import limit_pb2

from services.kernel.runtime.protos import to_date
from tests.fixtures.province import Province
from tests.fixtures.world import NOW, RELATIONS, directive, new_id

LEAD, COORDINATING = RELATIONS["lead"], RELATIONS["coordinating"]
DUE = (NOW + timedelta(days=10)).date()


@pytest.mark.rule("R5.1c", "R5.1dd", "R5.1e", "R7.2a")
async def test_who_is_found_later_is_told_and_the_date_that_is_found_later_is_kept(
    province: Province,
) -> None:
    await province.begin(NOW)
    room = province.rooms["directives"]
    made = directive("77")
    (item,) = made.items
    item.ClearField("content")
    item.ClearField("coordinating_agencies")
    item.unresolved_coordinators.append("Phòng Phối hợp")
    item.limit.CopyFrom(limit_pb2.TaskLimit(limit_class=limit_pb2.LIMIT_CLASS_WITH_LIMIT))
    entered = await room.call(
        DirectiveServiceStub,
        "EnterDirective",
        pb.EnterDirectiveRequest(request_id=new_id(), directive=made),
    )
    forwarded: directive_pb2.Directive = await room.call(
        DirectiveServiceStub,
        "ForwardDirective",
        pb.ForwardDirectiveRequest(request_id=new_id(), name=entered.name),
    )
    await province.settle()
    (name,) = forwarded.items[0].tasks
    assert (await province.task(name)).timeliness == task_pb2.TIMELINESS_NO_LIMIT
    found = pb.ItemSupplement(
        ordinal=1,
        content="Báo cáo kết quả",
        coordinators=[
            pb.ResolvedCoordinator(
                as_written="Phòng Phối hợp", agencies=[f"agencies/{COORDINATING}"]
            )
        ],
        due_date=to_date(DUE),
    )
    request = pb.SupplementDirectiveRequest(
        request_id=new_id(), name=entered.name, item_supplements=[found]
    )
    supplemented = await room.call(DirectiveServiceStub, "SupplementDirective", request)
    assert await room.call(DirectiveServiceStub, "SupplementDirective", request) == supplemented
    await province.settle()

    task = await province.task(name)
    assert (task.content, task.limit.due_date) == ("Báo cáo kết quả", to_date(DUE))
    told = await province.notices()
    assert (COORDINATING, "SUPPLEMENTED") in told
    assert (COORDINATING, "FORWARDED") not in told
    assert {kind for agency, kind in told if agency == LEAD} == {
        "FORWARDED", "SUPPLEMENTED", "DUE_DATE_AMENDED",
    }  # fmt: skip

    # The figures go by the date that was found, and so does the law.
    late = NOW + timedelta(days=12)
    await province.set_clock(late)
    assert (await province.figures(late))["open_overdue"] == 1
    assert (await province.task(name)).timeliness == task_pb2.TIMELINESS_OVERDUE
