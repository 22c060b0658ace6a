"""Which limits of a regulation are reports that somebody owes by period."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.profile import Act, Duty, Owner
from services.reporting.domain.report import is_periodic
from tests.fixtures.regulations import FICTITIOUS

(REAL,), (OTHER,) = load_profiles().installed, load_profiles(FICTITIOUS.parent).installed


@pytest.mark.rule("R22.1", "R22.2", "R19.1", "R12.1dd")
def test_reports_are_what_a_period_alone_begins() -> None:
    assert [rule.id for rule in REAL.limits if is_periodic(rule)] == [
        "R12.1dd", "R19.1", "R22.1", "R22.2",
    ]  # fmt: skip
    assert [rule.id for rule in OTHER.limits if is_periodic(rule)] == ["Đ12"]
    report = REAL.rule("R22.2")
    assert not is_periodic(replace(report, start=Act.TASK_FORWARDED))
    assert not is_periodic(replace(report, period=None))
    assert not is_periodic(replace(report, owed_by=Owner.LEAD))


@pytest.mark.rule("R7.2b")
@pytest.mark.parametrize("owner", [Owner.LEAD, Owner.OFFICE])
def test_the_update_of_a_task_is_no_report_whoever_owes_it(owner: Owner) -> None:
    rule = REAL.limit_on(Duty.PERIODIC_UPDATE)
    assert rule
    assert not is_periodic(replace(rule, owed_by=owner))
