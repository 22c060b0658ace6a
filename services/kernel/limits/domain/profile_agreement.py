"""What each value of a limit allows of the others."""

from __future__ import annotations

from collections.abc import Iterator

from services.kernel.limits.domain.profile import (
    OURS,
    CountsFrom,
    Direction,
    LimitRule,
    Owner,
    Roll,
    Text,
    Unit,
)

NO_LIMIT_WITHOUT_AN_ARTICLE = Text(
    "điều, khoản làm căn cứ, vì không có thời hạn nào không có căn cứ",
    "the article that sets it, since there is no limit without an article",
)


def of_limit(rule: LimitRule) -> Iterator[tuple[str, Text]]:
    """(key, complaint) for each value that does not go together with another one."""
    units = {rule.unit, *(alternative.unit for alternative in rule.alternatives)}
    facts = [alternative.fact for alternative in rule.alternatives]
    stated = rule.counts_from is CountsFrom.STATED_DUE
    from_start = rule.counts_from is CountsFrom.START
    back = rule.direction is Direction.BEFORE
    checks = (
        (
            rule.article == OURS,
            "legal_basis",
            Text(
                f"không thể là {OURS}; cần {NO_LIMIT_WITHOUT_AN_ARTICLE.vi}",
                f"cannot be {OURS}; needed is {NO_LIMIT_WITHOUT_AN_ARTICLE.en}",
            ),
        ),
        (
            rule.length == 0 and not stated,
            "length",
            Text(
                "thời hạn phải đếm thì cần độ dài từ 1 trở lên",
                "a limit that counts must have a length, from 1",
            ),
        ),
        (
            rule.length > 0 and stated,
            "length",
            Text(
                "ngày đã nêu chính là ngày cuối (counts_from là STATED_DUE), nên độ dài phải là 0",
                "a stated date is the end itself (counts_from is STATED_DUE), so the length must be 0",
            ),
        ),
        (
            Unit.HOURS in units and not from_start,
            "unit",
            Text(
                "giờ được đếm từ thời điểm bắt đầu, không đếm từ một ngày; cần counts_from là START, "
                "hoặc đơn vị là ngày",
                "hours count from the instant of a start, not from a date; right would be START as "
                "counts_from, or a unit of days",
            ),
        ),
        (
            back and from_start,
            "direction",
            Text(
                "không thể đếm lùi từ thời điểm bắt đầu; cần AFTER, hoặc counts_from khác START",
                "nothing can be counted back from a start; right would be AFTER, or another "
                "counts_from than START",
            ),
        ),
        (
            back and rule.roll is not Roll.NONE,
            "roll",
            Text(
                "thời hạn đếm lùi không chuyển sang ngày làm việc sau, vì như vậy sẽ sát hạn hơn; cần NONE",
                "a limit counted back does not roll, that would shorten the lead; right would be NONE",
            ),
        ),
        (
            back and rule.ladder != "",
            "ladder",
            Text(
                "thời hạn đếm lùi không có đồng hồ nên không có nhắc việc; cần bỏ trường này",
                "no clock runs for a limit that is counted back, so it has no reminders; the field is "
                "to be left out",
            ),
        ),
        (
            rule.cap is not None and not from_start,
            "cap",
            Text(
                "chỉ thời hạn đếm từ thời điểm bắt đầu mới có mức chặn; cần counts_from là START, "
                "hoặc bỏ trường này",
                "only a limit that counts from a start has a cap; right would be START as "
                "counts_from, or no cap",
            ),
        ),
        (
            rule.cap is not None and rule.roll is not Roll.NONE,
            "roll",
            Text(
                "thời hạn có mức chặn không chuyển sang ngày làm việc sau, vì sẽ vượt mức chặn; cần NONE",
                "a limit with a cap does not roll, that would pass the cap; right would be NONE",
            ),
        ),
        (
            rule.period is not None and not stated,
            "period",
            Text(
                "ngày cuối kỳ là ngày đã nêu, nên counts_from phải là STATED_DUE",
                "the end of a period is a stated date, so counts_from must be STATED_DUE",
            ),
        ),
        (
            (rule.owed_by is Owner.EACH_AGENCY) != bool(rule.levels),
            "levels" if rule.levels else "owed_by",
            Text(
                "levels chỉ dùng để nêu các cấp của EACH_AGENCY; cần ghi cả hai, hoặc không ghi levels",
                "EACH_AGENCY, and nobody else, is said by levels; right would be both, or no levels",
            ),
        ),
        (
            len(set(facts)) < len(facts),
            "alternatives",
            Text(
                "một trường hợp (when) có hai độ dài khác; mỗi trường hợp chỉ ghi một lần",
                "a fact (when) has two alternatives; each fact is to be there once",
            ),
        ),
    )
    return ((key, told) for wrong, key, told in checks if wrong)
