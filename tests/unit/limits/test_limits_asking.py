"""Until when more time can be asked for, and what is told of the moves of an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from services.kernel.limits.domain.asking import AskingState, asking_as_text, asking_for_time
from services.kernel.limits.domain.calendar import LOCAL, end_of, start_of
from services.kernel.limits.domain.clock import Cause, MoveGround, start
from services.kernel.limits.domain.duedate import compute
from services.kernel.limits.domain.moves import ground_as_text, moves_as_text
from services.kernel.limits.domain.profile import Act, Duty, Origin, Unit

FRIDAY, TUESDAY = date(2024, 6, 14), date(2024, 6, 11)
FORWARDED = date(2024, 6, 3)


@pytest.fixture
def asking(profile, calendar):
    def of(today=FORWARDED, forwarded_on=FORWARDED, origin="", by=profile):
        return asking_for_time(
            by, calendar, FRIDAY, forwarded_on=forwarded_on, today=today, origin=origin
        )

    return of


@pytest.mark.rule("R6.2c")
def test_more_time_can_be_asked_for_until_the_end_of_the_last_day(asking):
    assert asking(today=TUESDAY).state is AskingState.OPEN
    assert asking(today=TUESDAY).last_day == TUESDAY
    over = asking(today=TUESDAY + timedelta(days=1))
    assert (over.state, over.article) == (AskingState.OVER, "điểm c khoản 2 Điều 6")


@pytest.mark.rule("R6.2c")
def test_a_limit_is_too_short_only_if_the_last_day_was_before_the_forwarding(asking):
    assert asking(TUESDAY, forwarded_on=TUESDAY).state is AskingState.OPEN
    wednesday = TUESDAY + timedelta(days=1)
    short = asking(wednesday, forwarded_on=wednesday)
    assert (short.state, short.last_day) == (AskingState.TOO_SHORT, TUESDAY)
    assert "11/06/2024" in asking_as_text(short)
    assert "before the task was forwarded" in asking_as_text(short, "en")


@pytest.mark.rule("R6.1d", "R6.2c")
@pytest.mark.parametrize(
    ("origin", "named"),
    [
        (Origin.GOVERNMENT, "Chính phủ, Thủ tướng Chính phủ"),
        (Origin.GOVERNMENT_OFFICE, "Văn phòng Chính phủ"),
        (Origin.CENTRAL_MINISTRY, "Bộ, ngành Trung ương"),
        (Origin.PROVINCIAL_PARTY_STANDING_BOARD, "Thường trực Tỉnh ủy"),
    ],
)
def test_each_origin_above_the_province_locks_the_time_and_is_named(asking, origin, named):
    locked = asking(origin=origin)
    assert (locked.state, locked.locked_by) == (AskingState.LOCKED, origin)
    assert locked.article == "điểm d khoản 1 Điều 6"
    assert named in asking_as_text(locked)


@pytest.mark.rule("R6.1d", "R6.2c")
def test_the_provinces_own_time_is_not_locked_nor_one_that_another_regulation_leaves_open(
    asking, profile
):
    assert asking(origin="PROVINCE").state is AskingState.OPEN
    assert asking(origin="UNSPECIFIED").state is AskingState.OPEN
    without = replace(profile, extensions=replace(profile.extensions, locked_origins=()))
    assert asking(origin=Origin.GOVERNMENT, by=without).state is AskingState.OPEN


def test_a_regulation_without_such_a_limit_sets_no_last_day(asking, profile):
    limits = tuple(rule for rule in profile.limits if rule.duty is not Duty.ASK_EXTENSION)
    silent = asking(by=replace(profile, limits=limits))
    assert (silent.state, silent.last_day) == (AskingState.UNLIMITED, None)
    assert asking_as_text(silent, "en").startswith("No last day to ask is set")


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_state_has_a_sentence_with_its_article(asking, lang):
    wednesday = TUESDAY + timedelta(days=1)
    states = [
        asking(),
        asking(today=wednesday),
        asking(wednesday, forwarded_on=wednesday),
        asking(origin=Origin.GOVERNMENT),
    ]
    told = [asking_as_text(one, lang) for one in states]
    assert len(set(told)) == 4
    assert all("Điều 6" in sentence for sentence in told)


def test_the_moves_of_an_end_are_told_with_document_and_who(profile, calendar):
    def due(stated):
        return compute(
            profile.rule("R5.1e"), profile, calendar,
            started_at=start_of(FORWARDED), stated_due=stated,
        )  # fmt: skip

    def because(day, ground="", document="", actor="so-noi-vu.officer"):
        return Cause(datetime(2024, 6, day, 9, tzinfo=LOCAL), ground, actor, document)

    clock, started = start("tasks/x", "so-noi-vu", due(FRIDAY), because(3))
    longer = due(date(2024, 6, 28))
    clock, extended = clock.move(longer, MoveGround.EXTENSION, because(10, document="99/UBND-TH"))
    clock, moved = clock.move(due(date(2024, 6, 27)), MoveGround.CALENDAR, because(11, actor=""))
    clock, stopped = clock.stop(start_of(FRIDAY), because(14, "RESULT_REPORTED"))
    ledger = [started, extended, moved, stopped]
    assert moves_as_text(ledger) == [
        "10/06/2024  gia hạn: 14/06/2024 → 28/06/2024 [99/UBND-TH] (so-noi-vu.officer)",
        "11/06/2024  lịch làm việc thay đổi: 28/06/2024 → 27/06/2024",
        "14/06/2024  đã dừng: báo cáo kết quả (so-noi-vu.officer)",
    ]
    assert (
        moves_as_text(ledger, "en")[-1]
        == "14/06/2024  stopped: result reported (so-noi-vu.officer)"
    )
    assert moves_as_text(ledger, "en")[0].startswith("10/06/2024  extension: 14/06/2024 →")


def test_a_move_within_a_day_is_told_by_the_hour(profile, calendar):
    rule = replace(profile.rule("R7.3"), unit=Unit.HOURS, length=24)
    begun = datetime(2024, 6, 11, 15, 30, tzinfo=LOCAL)
    cause = Cause(begun, "", "")
    end = compute(rule, profile, calendar, started_at=begun)
    clock, _ = start("tasks/x", "van-phong", end, cause)
    to = replace(end, due_at=end_of(date(2024, 6, 12)))
    assert moves_as_text([clock.move(to, MoveGround.FACTS, cause)[1]]) == [
        "11/06/2024  áp dụng thời hạn khác: 12/06/2024 15:30 → 12/06/2024"
    ]


def test_every_act_of_a_profile_is_told_in_words_of_its_own_in_both_languages():
    for lang in ("vi", "en"):
        told = [ground_as_text(act, lang) for act in Act]
        assert len(set(told)) == len(told)
        assert not set(told) & set(Act)
    assert ground_as_text("SENT_BACK", "en") == "result sent back"
    assert ground_as_text("UNHEARD_OF") == "UNHEARD_OF"
