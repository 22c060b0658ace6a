"""Phrases of real documents against the real directory."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date

import pytest

from services.directives.domain.addressees import (
    Agency,
    Directory,
    Group,
    LeftOut,
    Reason,
    resolve,
)
from services.directives.domain.slugs import slug_of
from tests.unit.directives.directory_of_the_sample import directory, phrases

REAL = directory()
DAY = date(2021, 1, 4)

COMMUNES = [
    "UBND huyện Bác Ái",
    "UBND huyện Ninh Hải",
    "UBND huyện Ninh Phước",
    "UBND huyện Ninh Sơn",
    "UBND huyện Thuận Bắc",
    "UBND huyện Thuận Nam",
]
CITY = "UBND thành phố Phan Rang - Tháp Chàm"
DISTRICTS = [*COMMUNES, CITY]
DEPARTMENTS = [
    "Ban Dân tộc",
    "Ban Quản lý các khu công nghiệp tỉnh",
    "Sở Công Thương",
    "Sở Giao thông vận tải",
    "Sở Giáo dục và Đào tạo",
    "Sở Kế hoạch và Đầu tư",
    "Sở Lao động - Thương binh và Xã hội",
    "Sở Nông nghiệp và Phát triển nông thôn",
    "Sở Nội vụ",
    "Sở Thông tin và Truyền thông",
    "Sở Tài nguyên và Môi trường",
    "Sở Tư pháp",
    "Sở Văn hóa, Thể thao và Du lịch",
    "Sở Y tế",
    "Thanh tra tỉnh",
]
# Named as a successor while nobody knows since when they are.
MAYBE_NOT_YET = [
    "Sở Dân tộc và Tôn giáo",
    "Sở Khoa học và Công nghệ",
    "Sở Nông nghiệp và Môi trường",
    "Sở Tài chính",
    "Sở Xây dựng",
]
NOBODY: list[str] = []
ALL_DEPARTMENTS, ALL_DISTRICTS = "Các sở, ban, ngành", "UBND các huyện, thành phố"

# Phrase → agencies, groups that were expanded, what stays as written.
EXPECTED: dict[str, tuple[list[str], list[str], list[str]]] = {
    "Văn phòng UBND tỉnh": (["Văn phòng UBND tỉnh"], [], []),
    "Sở Công Thương": (["Sở Công Thương"], [], []),
    "Sở Giáo dục và Đào tạo": (["Sở Giáo dục và Đào tạo"], [], []),
    "Sở Lao động - Thương binh và Xã hội": (["Sở Lao động - Thương binh và Xã hội"], [], []),
    "Sở Nông nghiệp và Môi trường": (["Sở Nông nghiệp và Môi trường"], [], []),
    "Sở Nông nghiệp và Phát triển nông thôn": (
        ["Sở Nông nghiệp và Phát triển nông thôn"],
        [],
        [],
    ),
    "Sở Thông tin và Truyền thông": (["Sở Thông tin và Truyền thông"], [], []),
    "Sở Y tế": (["Sở Y tế"], [], []),
    "Trung tâm Công nghệ thông tin và Truyền thông": (
        ["Trung tâm Công nghệ thông tin và Truyền thông"],
        [],
        [],
    ),
    "Chi cục Chăn nuôi và Thú y": (["Chi cục Chăn nuôi và Thú y"], [], []),
    "Chi cục Thủy lợi": (["Chi cục Thủy lợi"], [], []),
    "Công ty TNHH MTV Khai thác công trình thủy lợi Ninh Thuận": (
        ["Công ty TNHH MTV Khai thác công trình thủy lợi Ninh Thuận"],
        [],
        [],
    ),
    "Ban Quản lý dự án đầu tư xây dựng và phát triển quỹ đất Ninh Thuận": (
        ["Ban Quản lý dự án đầu tư xây dựng và phát triển quỹ đất Ninh Thuận"],
        [],
        [],
    ),
    "UBND huyện Ninh Hải": (["UBND huyện Ninh Hải"], [], []),
    "UBND huyện Thuận Nam": (["UBND huyện Thuận Nam"], [], []),
    # Lists
    "UBND thành phố Phan Rang - Tháp Chàm; UBND huyện Ninh Phước": (
        [CITY, "UBND huyện Ninh Phước"],
        [],
        [],
    ),
    "UBND các huyện Bác Ái, Ninh Sơn, Ninh Hải, Thuận Bắc, Thuận Nam": (
        [name for name in COMMUNES if name != "UBND huyện Ninh Phước"],
        [],
        [],
    ),
    "UBND các huyện Thuận Bắc, Ninh Hải, Ninh Phước, Thuận Nam, Bác Ái, Ninh Sơn": (
        COMMUNES,
        [],
        [],
    ),
    # Groups
    "UBND các huyện": (COMMUNES, ["UBND các huyện"], []),
    "UBND các huyện, thành phố": (DISTRICTS, [ALL_DISTRICTS], []),
    "Các sở, ban, ngành": (DEPARTMENTS, [ALL_DEPARTMENTS], []),
    "Các sở, ban, ngành; UBND các huyện, thành phố": (
        [*DEPARTMENTS, *DISTRICTS],
        [ALL_DEPARTMENTS, ALL_DISTRICTS],
        [],
    ),
    "Các sở, ban, ngành; UBND các huyện, thành phố; các chủ đầu tư": (
        [*DEPARTMENTS, *DISTRICTS],
        [ALL_DEPARTMENTS, ALL_DISTRICTS],
        ["các chủ đầu tư"],
    ),
    # Of other provinces, which have towns too.
    "Các sở, ban, ngành; UBND các huyện, thị xã, thành phố": (
        [*DEPARTMENTS, *DISTRICTS],
        [ALL_DEPARTMENTS, "UBND các huyện, thị xã, thành phố"],
        [],
    ),
    "Các sở, ban, ngành tỉnh; UBND huyện, thị xã, thành phố": (
        DISTRICTS,
        ["UBND huyện, thị xã, thành phố"],
        ["Các sở, ban, ngành tỉnh"],
    ),
    # Only a part is known
    "Bộ Chỉ huy Bộ đội Biên phòng tỉnh; Chi cục Thủy sản; Ban Quản lý Khai thác các Cảng cá; "
    "Ban Chỉ huy PCTT&TKCN các huyện, thành phố ven biển": (
        [
            "Bộ Chỉ huy Bộ đội Biên phòng tỉnh",
            "Chi cục Thủy sản",
            "Ban Quản lý Khai thác các Cảng cá",
        ],
        [],
        ["Ban Chỉ huy PCTT&TKCN các huyện, thành phố ven biển"],
    ),
    "Ban Chỉ huy phòng, chống thiên tai và tìm kiếm cứu nạn tỉnh; các huyện; các sở, ngành": (
        ["Ban Chỉ huy phòng, chống thiên tai và tìm kiếm cứu nạn tỉnh"],
        [],
        ["các huyện", "các sở, ngành"],
    ),
    # Nobody that the directory knows: never guessed
    "Ban Chỉ đạo phòng, chống dịch Covid-19 tỉnh; các sở, ban, ngành, đoàn thể, địa phương": (
        NOBODY,
        [],
        [
            "Ban Chỉ đạo phòng, chống dịch Covid-19 tỉnh",
            "các sở, ban, ngành, đoàn thể, địa phương",
        ],
    ),
    **{
        phrase: (NOBODY, [], [phrase])
        for phrase in (
            "Chánh Văn phòng UBND tỉnh (Tổ trưởng Tổ công tác)",
            "Các cơ quan liên quan",
            "Các cơ quan, đơn vị có mã định danh",
            "Các cơ quan, đơn vị, địa phương",
            "Các ngành",
            "Các sở, ngành, đơn vị, địa phương",
            "Các sở, ngành, địa phương và cơ quan liên quan",
            "UBND cấp xã",
        )
    },
}


def slugs(names: list[str]) -> list[str]:
    return sorted(map(slug_of, names))


@pytest.mark.rule("R5.1c", "R1.2")
@pytest.mark.parametrize("phrase", sorted(EXPECTED))
def test_a_phrase_of_a_real_directive_means_these_agencies(phrase: str) -> None:
    agencies, groups, unresolved = EXPECTED[phrase]
    found = resolve(phrase, REAL, DAY)
    assert sorted(found.agencies) == slugs(agencies)
    assert list(found.groups) == groups
    assert list(found.unresolved) == unresolved


def test_every_phrase_of_the_real_directives_is_in_the_table() -> None:
    assert phrases() == set(EXPECTED)


def test_a_group_leaves_out_whom_another_names_as_successor_and_says_so() -> None:
    found = resolve("các sở, ban, ngành", REAL, DAY)
    assert sorted(left.slug for left in found.left_out) == slugs(MAYBE_NOT_YET)
    assert {left.reason for left in found.left_out} == {Reason.BEGINNING_UNKNOWN_SUCCESSOR}


@pytest.mark.parametrize("name", MAYBE_NOT_YET)
def test_named_directly_such_an_agency_is_meant(name: str) -> None:
    found = resolve(f"các sở, ban, ngành; {name}", REAL, DAY)
    assert slug_of(name) in found.agencies
    assert slug_of(name) not in {left.slug for left in found.left_out}


def test_with_its_beginning_known_a_successor_belongs_to_the_group_from_that_day_on() -> None:
    known = tuple(
        replace(agency, valid_from=date(2025, 3, 1)) if agency.slug == "so-tai-chinh" else agency
        for agency in REAL.agencies
    )
    told = Directory(known, REAL.groups)
    before = resolve("Các sở, ban, ngành", told, date(2025, 2, 28))
    assert LeftOut("so-tai-chinh", Reason.NOT_YET_VALID) in before.left_out
    assert "so-tai-chinh" in resolve("Các sở, ban, ngành", told, date(2025, 3, 1)).agencies


def test_a_group_leaves_out_who_does_not_exist_any_more() -> None:
    found = resolve("UBND các huyện, thành phố", REAL, date(2025, 7, 1))
    assert found.agencies == ()
    assert {left.reason for left in found.left_out} == {Reason.NO_LONGER_VALID}
    assert found.unresolved == ("UBND các huyện, thành phố",)
    assert len(resolve("UBND các huyện, thành phố", REAL, date(2025, 6, 30)).agencies) == 7


def test_who_is_named_but_does_not_exist_that_day_is_unresolved_and_left_out() -> None:
    found = resolve("UBND huyện Ninh Hải", REAL, date(2025, 7, 1))
    assert (found.agencies, found.unresolved) == ((), ("UBND huyện Ninh Hải",))
    assert found.left_out == (LeftOut("ubnd-huyen-ninh-hai", Reason.NO_LONGER_VALID),)


def test_without_a_day_nobody_is_out_of_time() -> None:
    assert resolve("UBND huyện Ninh Hải", REAL, None).agencies == ("ubnd-huyen-ninh-hai",)


def test_a_group_leaves_out_who_takes_no_tasks() -> None:
    leading = Group("lãnh đạo", kinds=("AUTHORITY",))
    found = resolve("Lãnh đạo", Directory(REAL.agencies, (leading,)), DAY)
    assert {left.reason for left in found.left_out} == {Reason.NOT_ASSIGNABLE}


@pytest.mark.parametrize(
    ("written", "slug"),
    [
        ("SỞ KẾ HOẠCH VÀ ĐẦU TƯ", "so-ke-hoach-va-dau-tu"),
        ("Sở Kế hoạch và \u00d0ầu tư", "so-ke-hoach-va-dau-tu"),  # eth in place of Đ
        ("  Sở   Y\u00a0tế ", "so-y-te"),
        (unicodedata.normalize("NFD", "Sở Y tế"), "so-y-te"),
        ("Sở Lao động – Thương binh và Xã hội", "so-lao-dong-thuong-binh-va-xa-hoi"),
        ("Sở Lao động-Thương binh và Xã hội", "so-lao-dong-thuong-binh-va-xa-hoi"),
        ("Sở LĐ-TB&XH", "so-lao-dong-thuong-binh-va-xa-hoi"),
        ("Ủy ban nhân dân huyện Ninh Hải", "ubnd-huyen-ninh-hai"),
        ("Uỷ ban nhân dân tỉnh", "ubnd-tinh-ninh-thuan"),
        ("STNMT", "so-tai-nguyen-va-moi-truong"),
    ],
)
def test_a_name_is_known_however_it_is_written(written: str, slug: str) -> None:
    assert resolve(written, REAL, DAY).agencies == (slug,)


@pytest.mark.parametrize("written", ["CT", "Sở y te", "UBND huyện", "UBND xã Nhơn Hải", "huyện"])
def test_what_could_mean_several_or_nobody_is_not_guessed(written: str) -> None:
    found = resolve(written, REAL, DAY)
    assert (found.agencies, found.unresolved) == ((), (written,))


def test_an_ambiguous_abbreviation_stays_so_when_one_of_them_has_ended() -> None:
    assert resolve("CT", REAL, date(2025, 12, 1)).agencies == ()


@pytest.mark.parametrize(
    ("written", "names", "unresolved"),
    [
        ("UBND các huyện Ninh Hải và Thuận Bắc", ["ninh-hai", "thuan-bac"], []),
        ("UBND huyện Ninh Hải, Thuận Bắc", ["ninh-hai", "thuan-bac"], []),
        ("UBND các huyện Ninh Hải, Không Có", ["ninh-hai"], ["Không Có"]),
        (
            "UBND các huyện Không Có, Cũng Không",
            [],
            ["UBND các huyện Không Có, Cũng Không"],
        ),
    ],
)
def test_a_list_of_districts_names_each_of_them(
    written: str, names: list[str], unresolved: list[str]
) -> None:
    found = resolve(written, REAL, DAY)
    assert list(found.agencies) == [f"ubnd-huyen-{name}" for name in names]
    assert list(found.unresolved) == unresolved


@pytest.mark.parametrize(
    "written",
    [
        "UBND các huyện, thành phố Ninh Hải, Phan Rang - Tháp Chàm",
        "UBND các huyện Ninh Hải và thành phố Phan Rang – Tháp Chàm",
        "UBND huyện Ninh Hải, UBND thành phố Phan Rang - Tháp Chàm",
    ],
)
def test_a_list_may_hold_the_city_by_name(written: str) -> None:
    assert resolve(written, REAL, DAY).agencies == ("ubnd-huyen-ninh-hai", slug_of(CITY))


def test_the_city_is_no_district_of_the_kind_huyen() -> None:
    found = resolve("UBND các huyện Ninh Hải, Phan Rang - Tháp Chàm", REAL, DAY)
    assert found.unresolved == ("Phan Rang - Tháp Chàm",)


def test_a_group_of_coastal_districts_is_no_list() -> None:
    found = resolve("UBND các huyện, thành phố ven biển", REAL, DAY)
    assert len(found.agencies) == 5
    assert found.groups == ("UBND các huyện, thành phố ven biển",)


def test_of_two_agencies_of_one_name_the_one_that_existed_is_meant() -> None:
    old = Agency("cu", "Sở Văn hóa", "DEPARTMENT", valid_to=date(2020, 12, 31))
    new = Agency("moi", "Sở Văn hóa", "DEPARTMENT", valid_from=date(2021, 1, 1))
    told = Directory((old, new), ())
    assert resolve("Sở Văn hóa", told, date(2020, 12, 31)).agencies == ("cu",)
    assert resolve("Sở Văn hóa", told, date(2021, 1, 1)).agencies == ("moi",)
    assert resolve("Sở Văn hóa", told, None).unresolved == ("Sở Văn hóa",)


def test_agencies_named_twice_are_there_once_in_the_order_of_their_naming() -> None:
    found = resolve("Sở Y tế; Sở Nội vụ; sở y tế; ", REAL, DAY)
    assert found.agencies == ("so-y-te", "so-noi-vu")


def test_committees_of_communes_are_named_and_grouped_like_districts() -> None:
    communes = tuple(
        Agency(f"ubnd-{slug}", f"UBND {name}", "OTHER", level="COMMUNE")
        for slug, name in (("xa-a", "xã A"), ("xa-b", "xã B"), ("phuong-c", "phường C"))
    )
    village = Agency("thon-d", "Thôn D", "OTHER", level="VILLAGE")
    every = Group("cấp cơ sở", levels=("COMMUNE",))
    directory = Directory((*communes, village), (every,))
    slugs = tuple(commune.slug for commune in communes)
    assert resolve("cấp cơ sở", directory, None).agencies == slugs
    assert resolve("UBND các xã A, B và phường C", directory, None).agencies == slugs
    assert resolve("UBND các xã", directory, None).agencies == slugs[:2]
