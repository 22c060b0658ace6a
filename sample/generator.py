"""A season of directives as a province's year looks like, from a seed.

The shape is chosen, not measured: about 120 directives a year, several tasks each, groups as assignees, a
tenth without a time limit, some with one in words, some classified, some of central origin, limits of 1 to
60 days of which some end on a day off. A season that is more or less dense keeps these shares. Symbols are
like the real ones; nothing else is taken from real documents, and each text says that it is sample data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from sample import agencies, workdays
from sample.documents import (
    MARK,
    Authority,
    GeneratedDirective,
    Item,
    Kind,
    Origin,
    Purpose,
    Secrecy,
)
from sample.seasons import Season

DEFAULT_SEED = 3
# The numbers below are those of so many directives; `share` brings them onto another number.
USUAL = 120

# (kind, symbol, who issues it, what it is about, how often)
FORMS = (
    (Kind.LETTER, "UBND-KTTH", Authority.CHAIRMAN, "kinh tế tổng hợp", 34),
    (Kind.LETTER, "UBND-VXNV", Authority.CHAIRMAN, "văn xã, nội vụ", 30),
    (Kind.PLAN, "KH-UBND", Authority.PEOPLES_COMMITTEE, "kế hoạch", 20),
    (Kind.DECISION, "QĐ-UBND", Authority.PEOPLES_COMMITTEE, "quyết định", 12),
    (Kind.NOTICE, "TB-UBND", Authority.CHAIRMAN, "kết luận cuộc họp", 14),
    (Kind.INSTRUCTION, "CT-UBND", Authority.CHAIRMAN, "chỉ thị", 10),
)
# Which directives address a group, by position in the year. All departments at once are rare.
GROUPS = (agencies.DEPARTMENTS,) * 3 + (agencies.DISTRICTS,) * 5 + (agencies.COASTAL_DISTRICTS,) * 4
CLASSIFIED = (Secrecy.CONFIDENTIAL,) * 3 + (Secrecy.SECRET,) * 2 + (Secrecy.TOP_SECRET,)
CENTRAL = (
    (Origin.GOVERNMENT,) * 4 + (Origin.GOVERNMENT_OFFICE,) * 2 + (Origin.CENTRAL_MINISTRY,) * 3
)
LIMITS = (1, 3, 5, 7, 10, 10, 14, 15, 15, 20, 20, 25, 30, 30, 40, 45, 60)
PURPOSES = {
    Purpose.REPORT: "báo cáo tình hình thực hiện",
    Purpose.SUBMIT: "tham mưu, trình UBND tỉnh",
    Purpose.COMPLETE: "hoàn thành nội dung được giao",
}
LIMIT_IN_WORDS = f"{MARK} ngay sau khi có hướng dẫn của cơ quan cấp trên"
# Of a hundred items: without a time limit, with one in words only.
WITHOUT_LIMIT, IN_WORDS = 10, 4


def directives(seed: int, season: Season) -> tuple[GeneratedDirective, ...]:
    """The generated season, in the order of issue. The same seed gives the same season."""
    random = Random(f"{season.key} {seed}")  # noqa: S311 (a play, not a secret)
    count = season.directives
    pool = [form for form in FORMS for _ in range(form[4])]
    forms = random.sample(pool * -(-count // len(pool)), count)
    special = _dealt(random, count)
    numbers = _numbers(random, count)
    days = _days_of_issue(random, season)
    return tuple(
        _directive(random, season, index, days[index], form, next(numbers), special)
        for index, form in enumerate(forms)
    )


def share(usual: int, directives: int) -> int:
    """As many of `directives` as `usual` is of the usual number."""
    return round(usual * directives / USUAL)


def _dealt(random: Random, count: int) -> dict[int, str]:
    """Which directives are classified, of central origin, or address a group; one thing each."""
    specials = [one for kind in (GROUPS, CLASSIFIED, CENTRAL) for one in _spread(kind, count)]
    # The last weeks stay ordinary: a whole group's tasks could not be told any more.
    return dict(
        zip(random.sample(range(count - count // 10), len(specials)), specials, strict=True)
    )


def _spread(usual: Sequence[str], count: int) -> Iterator[str]:
    """The same mix for another number of directives."""
    wanted = share(len(usual), count)
    return (usual[index * len(usual) // wanted] for index in range(wanted))


def _numbers(random: Random, count: int) -> Iterator[int]:
    """Rising through the year, each used once, none that a real directive has."""
    number, taken = 100, {code.split("/")[0] for code in agencies.real_numbers()}
    dense = max(1, round(count / USUAL))
    while True:
        number += random.randint(max(1, 11 // dense), max(1, 60 // dense))
        while str(number) in taken:
            number += 1
        yield number


def _days_of_issue(random: Random, season: Season) -> list[date]:
    """Working days of the season, and a few Sundays: real decisions are dated on Sundays too."""
    working = workdays.between(season.first, season.last)
    sunday = season.first + timedelta(days=6 - season.first.weekday())
    weeks = range(0, (season.settled_by - sunday).days // 7 + 1, 7)
    on_sundays = share(3, season.directives)
    days = [random.choice(working) for _ in range(season.directives - on_sundays)]
    days += random.choices([sunday + timedelta(weeks=n) for n in weeks], k=on_sundays)
    return sorted(days)


def _directive(
    random: Random,
    season: Season,
    index: int,
    issued: date,
    form: tuple[Kind, str, Authority, str, int],
    number: int,
    special: dict[int, str],
) -> GeneratedDirective:
    kind, symbol, authority, subject, _ = form
    mine = special.get(index, "")
    secrecy = Secrecy(mine) if mine in set(Secrecy) else Secrecy.NONE
    origin = Origin(mine) if mine in set(Origin) else Origin.PROVINCE
    group = mine if mine in GROUPS else ""
    plain = secrecy is Secrecy.NONE
    items = tuple(_items(random, index + 1, issued, origin, group))
    return GeneratedDirective(
        key=f"{season.key}-{index + 1:03d}",
        kind=kind,
        number=str(number),
        symbol=symbol,
        issued=issued,
        authority=authority,
        abstract=f"{MARK} Văn bản mẫu {index + 1}: {subject}" if plain else "",
        submitting=random.choice(agencies.of_kind("department")),
        monitoring=agencies.OFFICE,
        secrecy=secrecy,
        urgency=random.choices(("NONE", "URGENT", "VERY_URGENT", "EXPRESS"), (80, 12, 5, 3))[0],
        origin=origin,
        items=items if plain else tuple(_without_content(item) for item in items),
    )


def _items(
    random: Random, document: int, issued: date, origin: Origin, group: str
) -> Iterator[Item]:
    count = 1 if group else random.choices((1, 2, 3, 4, 5, 6), (22, 26, 22, 15, 9, 6))[0]
    for ordinal in range(1, count + 1):
        leads = agencies.members(group) if group else _leads(random)
        others = [name for name in agencies.of_kind("department", "district") if name not in leads]
        purpose = random.choice(list(Purpose))
        item = Item(
            ordinal=ordinal,
            content=f"{MARK} Nhiệm vụ {ordinal} của văn bản mẫu {document}: {PURPOSES[purpose]}",
            leads=leads,
            coordinating=tuple(
                random.sample(others, random.choices((0, 1, 2, 3), (45, 30, 15, 10))[0])
            ),
            group=group,
            purpose=purpose,
            origin=origin,
        )
        chance = random.randrange(100)
        if chance < WITHOUT_LIMIT and not group:
            yield replace(item, with_limit=False)
        elif chance < WITHOUT_LIMIT + IN_WORDS and not group:
            yield replace(item, limit_in_words=LIMIT_IN_WORDS)
        else:
            yield replace(item, due=issued + timedelta(days=random.choice(LIMITS)))


def _leads(random: Random) -> tuple[str, ...]:
    """Mostly departments; now and then a district, another body, the Office or the IT center."""
    kind = random.choices(
        ("department", "district", "other", "office", "it-center"), (60, 18, 16, 3, 3)
    )
    count = random.choices((1, 2, 3), (82, 14, 4))[0]
    names = agencies.of_kind(kind[0])
    return tuple(random.sample(names, min(count, len(names))))


def _without_content(item: Item) -> Item:
    """Of a classified directive only a row is left (khoản 2 Điều 5)."""
    return replace(item, content="", limit_in_words="", group="")
