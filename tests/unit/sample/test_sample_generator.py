"""The generated year has the mix of a real province, and nothing in it passes for real."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from dondoc.directives.v1.directive_pb2 import IssuingAuthority, Urgency
from dondoc.type.v1.document_pb2 import DocumentKind, Origin, Secrecy
from dondoc.type.v1.limit_pb2 import LimitPurpose

from sample import agencies, documents
from sample.documents import MARK
from sample.generator import directives
from sample.seasons import DEMONSTRATION
from sample.seasons import year as season_of

ROOT = Path(__file__).parents[3]
SEEDS = range(16)


@pytest.fixture(params=SEEDS, scope="module")
def year(request: pytest.FixtureRequest) -> tuple[documents.GeneratedDirective, ...]:
    return directives(request.param, season_of(2024))


def test_the_same_seed_gives_the_same_year_in_every_process() -> None:
    command = (
        "import hashlib; from sample.script import script; "
        "print(hashlib.sha256(repr(script(7)).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", command],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    assert directives(7, season_of(2024)) != directives(8, season_of(2024))


def test_a_year_holds_120_directives_with_400_to_600_tasks(year) -> None:
    assert len(year) == 120
    assert 400 <= sum(directive.task_count for directive in year) <= 600
    assert {directive.issued.year for directive in year} == {2024}
    assert [d.issued for d in year] == sorted(d.issued for d in year)


@pytest.mark.parametrize("count", [12, 30, 1300])
def test_a_season_of_any_density_keeps_the_shares_of_a_year(count: int) -> None:
    season = season_of(2023, count)
    found = directives(3, season)
    assert len(found) == len({directive.document_code for directive in found}) == count
    assert 2.5 < sum(directive.task_count for directive in found) / count < 5.5
    assert round(count / 20) == sum(directive.classified for directive in found)
    assert all(season.first <= directive.issued <= season.last for directive in found)


def test_seasons_of_the_demonstration_share_no_number_of_a_year() -> None:
    found = [one for season in DEMONSTRATION for one in directives(3, season)]
    assert len({(one.number, one.issued.year) for one in found}) == len(found)
    assert max(one.issued for one in found) <= DEMONSTRATION[-1].last


def test_the_mix_is_that_of_a_province(year) -> None:
    items = [item for directive in year for item in directive.items]
    assert sum(directive.task_count > 1 for directive in year) > 60
    assert {item.group for item in items} >= {agencies.DEPARTMENTS, agencies.COASTAL_DISTRICTS}
    assert 0.3 < sum(bool(item.coordinating) for item in items) / len(items) < 0.8
    assert 0.03 < sum(not item.with_limit for item in items) / len(items) < 0.2
    assert any(item.with_limit and not item.due for item in items)
    assert {d.secrecy for d in year} == set(documents.Secrecy)
    assert sum(directive.classified for directive in year) == 6
    assert {item.origin for item in items} == set(documents.Origin)
    assert any(item.due and item.due != item.last_day for item in items)
    days = {(item.due - d.issued).days for d in year for item in d.items if item.due}
    assert min(days) == 1
    assert max(days) == 60


def test_numbers_are_used_once_and_are_none_of_the_real_ones(year) -> None:
    assert max(Counter(directive.number for directive in year).values()) == 1
    real = {code.split("/")[0] for code in agencies.real_numbers()}
    assert not real & {directive.number for directive in year}
    assert {directive.symbol for directive in year} == {
        "UBND-KTTH",
        "UBND-VXNV",
        "KH-UBND",
        "CT-UBND",
        "QĐ-UBND",
        "TB-UBND",
    }


def test_every_generated_text_says_that_it_is_sample_data(year) -> None:
    for directive in year:
        texts = [directive.abstract, *(item.content for item in directive.items)]
        texts += [item.limit_in_words for item in directive.items if item.limit_in_words]
        if not directive.classified:
            assert all(text.startswith(MARK) for text in texts)
        assert all(unicodedata.is_normalized("NFC", text) for text in texts)


@pytest.mark.rule("R5.2a", "R5.2dd")
def test_a_classified_directive_carries_no_words_at_all(year) -> None:
    for directive in year:
        if directive.classified:
            assert directive.abstract == ""
            for item in directive.items:
                assert (item.content, item.limit_in_words, item.group) == ("", "", "")


def test_the_values_are_those_of_the_api(year) -> None:
    for directive in year:
        assert DocumentKind.Value(f"DOCUMENT_KIND_{directive.kind}")
        assert Secrecy.Value(f"SECRECY_{directive.secrecy}")
        assert Urgency.Value(f"URGENCY_{directive.urgency}")
        assert IssuingAuthority.Value(f"ISSUING_AUTHORITY_{directive.authority}")
        for item in directive.items:
            assert Origin.Value(f"ORIGIN_{item.origin}")
            assert LimitPurpose.Value(f"LIMIT_PURPOSE_{item.purpose}")


def test_an_agency_that_may_not_have_existed_gets_no_generated_task(year) -> None:
    leads = {lead for directive in year for item in directive.items for lead in item.leads}
    assert not leads & {
        "Sở Nông nghiệp và Môi trường",
        "Sở Dân tộc và Tôn giáo",
        "Sở Tài chính",
        "UBND tỉnh Ninh Thuận",
    }
    assert leads & set(agencies.UNCONNECTED)


def test_the_groups_expand_as_the_directory_expands_them() -> None:
    assert len(agencies.members(agencies.DEPARTMENTS)) == 15
    assert len(agencies.members(agencies.DISTRICTS)) == 7
    assert "UBND huyện Bác Ái" not in agencies.members(agencies.COASTAL_DISTRICTS)
    assert len(agencies.members(agencies.COASTAL_DISTRICTS)) == 5
