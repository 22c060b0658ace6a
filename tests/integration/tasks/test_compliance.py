"""How limits were kept: the figures of GetCompliance against a recount of the database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from dondoc.limits.v1.compliance_pb2 import Compliance
from dondoc.limits.v1.deadline_service_pb2 import GetComplianceRequest
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub

from services.kernel.runtime.protos import to_date, to_timestamp
from tests.integration.tasks.every_state import DUE, END, every_state
from tests.integration.tasks.recount import COUNTS, counts, recount
from tests.integration.tasks.tasks_house import LEAD, TasksHouse, lead, refusal


async def asked(house: TasksHouse, who: str | None = None, **fields: Any) -> Compliance:
    found: Compliance = await house.room.call(
        DeadlineServiceStub, "GetCompliance", GetComplianceRequest(**fields), who
    )
    return found


@pytest.mark.rule("R25.2")
async def test_compliance_is_what_a_recount_of_the_clocks_gives(house: TasksHouse) -> None:
    await every_state(house)
    found = await asked(house)
    recounted = await recount(house.room)
    assert counts(found.rows) == recounted
    # In every state there is a clock, else the comparison would prove little.
    assert all(sum(column) for column in zip(*recounted.values(), strict=True))
    assert tuple(getattr(found.total, n) for n in COUNTS) == tuple(
        sum(column) for column in zip(*recounted.values(), strict=True)
    )
    due = next(r for r in found.rows if (r.rule, r.agency) == ("R5.1e", f"agencies/{LEAD}"))
    # met, extended · met late · late, sent back; due soon and running do not count yet.
    assert (due.met, due.met_late, due.late) == (2, 1, 2)
    assert (due.compliance.numerator, due.compliance.denominator) == (2, 5)
    assert (due.article, due.title_vi) == ("điểm e khoản 1 Điều 5", "Thời hạn thực hiện nhiệm vụ")
    assert due.title_en == "Due date of the task"


async def test_an_earlier_moment_gives_again_what_was_told_then(house: TasksHouse) -> None:
    told: list[Compliance] = []

    async def look() -> None:
        told.append(await asked(house))

    await every_state(house, look)
    assert len({found.SerializeToString() for found in told}) == len(told) == 5
    for then in told:
        assert await asked(house, as_of_time=then.as_of_time) == then
    # And the ledger says of now what the clocks themselves say.
    now = await asked(house)
    await house.room.set_clock(END + timedelta(microseconds=1))
    assert counts((await asked(house, as_of_time=now.as_of_time)).rows) == counts(now.rows)


async def test_an_agency_sees_itself_and_those_below_it(house: TasksHouse) -> None:
    await every_state(house)
    everything = counts((await asked(house)).rows)
    own = {key: value for key, value in everything.items() if key[1] == LEAD}
    assert own
    assert own != everything
    assert counts((await asked(house, lead())).rows) == own
    assert counts((await asked(house, lead("cap-tren"))).rows) == own
    assert not (await asked(house, lead("so-tai-chinh"))).rows
    assert counts((await asked(house, agency=f"agencies/{LEAD}")).rows) == own


async def test_figures_are_kept_to_the_limits_that_end_in_a_period(house: TasksHouse) -> None:
    await every_state(house)
    on_due = await asked(house, rule="R5.1e", from_date=to_date(DUE), to_date=to_date(DUE))
    assert {row.rule for row in on_due.rows} == {"R5.1e"}
    # All but the extended one and those that are due later.
    total = on_due.total
    assert total.met + total.met_late + total.late + total.voided == 7
    assert total.running == 0
    day = timedelta(days=1)
    before = await asked(house, rule="R5.1e", to_date=to_date(DUE - day))
    after = await asked(house, rule="R5.1e", from_date=to_date(DUE + day))
    assert not before.rows
    assert after.total.running + after.total.met == 3


async def test_what_cannot_be_answered_is_refused_by_field(house: TasksHouse) -> None:
    for fields, wanted in (
        ({"as_of_time": to_timestamp(END + timedelta(days=900))}, "as_of_time"),
        ({"from_date": to_date(DUE), "to_date": to_date(date(2026, 1, 1))}, "to_date"),
    ):
        with pytest.raises(Exception) as error:
            await asked(house, **fields)
        assert refusal(error.value).fields == [wanted]  # type: ignore[arg-type]
