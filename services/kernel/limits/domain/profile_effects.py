"""What stands in a profile and could never have an effect: a mistake of its writer, so it is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from services.kernel.limits.domain.profile import (
    Act,
    Alternative,
    Duty,
    Ladder,
    LimitRule,
    Owner,
    Period,
    Practice,
    Text,
)

# The one act with which the services begin each duty, and whom they can bind to it.
BEGUN_BY: Mapping[Duty, Act] = {
    Duty.INTAKE: Act.DIRECTIVE_ISSUED,
    Duty.TASK: Act.TASK_FORWARDED,
    Duty.UPDATE_AFTER_DUE: Act.TASK_FORWARDED,
    Duty.PERIODIC_UPDATE: Act.PERIOD_BEGINS,
    Duty.ASK_EXTENSION: Act.TASK_FORWARDED,
    Duty.ANSWER_EXTENSION: Act.EXTENSION_REQUEST_RECEIVED,
    Duty.ENTER_ON_BEHALF: Act.WRITTEN_REPORT_RECEIVED,
    Duty.SUPPLY_SITUATION: Act.PERIOD_BEGINS,
    Duty.AGENCY_REPORT: Act.PERIOD_BEGINS,
    Duty.CONSOLIDATED_REPORT: Act.PERIOD_BEGINS,
    Duty.INSPECTION_REPORT: Act.PERIOD_BEGINS,
}
_OF_A_TASK, _OF_A_REPORT = (Owner.LEAD, Owner.OFFICE), (Owner.OFFICE, Owner.EACH_AGENCY)
OWED_BY: Mapping[Duty, tuple[Owner, ...]] = {
    Duty.INTAKE: (Owner.OFFICE,),
    Duty.TASK: _OF_A_TASK,
    Duty.UPDATE_AFTER_DUE: _OF_A_TASK,
    Duty.PERIODIC_UPDATE: _OF_A_TASK,
    Duty.ASK_EXTENSION: (Owner.LEAD,),
    Duty.ANSWER_EXTENSION: _OF_A_TASK,
    Duty.ENTER_ON_BEHALF: _OF_A_TASK,
    Duty.SUPPLY_SITUATION: _OF_A_REPORT,
    Duty.AGENCY_REPORT: _OF_A_REPORT,
    Duty.CONSOLIDATED_REPORT: _OF_A_REPORT,
    Duty.INSPECTION_REPORT: _OF_A_REPORT,
}


def of_limit(rule: LimitRule) -> Iterator[tuple[str, Text]]:
    """(key, complaint) for each entry of a limit that nothing would follow from."""
    stops = {*rule.stop, *rule.stop_from_due}
    for act in rule.stop_from_due:
        if act in rule.stop:
            yield (
                "stop_from_due",
                Text(
                    f"{act} đã làm dừng thời hạn vào bất kỳ ngày nào (stop); chỉ ghi ở một nơi",
                    f"{act} stops it on any day already (stop); it is to be in one of the two",
                ),
            )
    for act in rule.void:
        if act in stops:
            yield (
                "void",
                Text(
                    f"{act} không thể vừa làm dừng vừa làm mất thời hạn; chỉ ghi ở một nơi",
                    f"{act} cannot both stop and void it; it is to be in one of the two",
                ),
            )
    if rule.start in {*stops, *rule.void}:
        yield (
            "start",
            Text(
                f"{rule.start} làm thời hạn kết thúc ngay khi bắt đầu; cần việc khác với stop, void",
                f"{rule.start} would end it as it starts; needed is another act than those of stop and void",
            ),
        )
    if rule.start is not BEGUN_BY[rule.duty]:
        right = BEGUN_BY[rule.duty]
        yield (
            "start",
            Text(
                f"{rule.start} không bao giờ làm bắt đầu {rule.duty}; cần {right}",
                f"{rule.start} never begins {rule.duty}; needed is {right}",
            ),
        )
    if rule.owed_by not in OWED_BY[rule.duty]:
        known = ", ".join(OWED_BY[rule.duty])
        yield (
            "owed_by",
            Text(
                f"{rule.owed_by} không thể chịu trách nhiệm về {rule.duty}; cần một trong: {known}",
                f"{rule.owed_by} cannot owe {rule.duty}; needed is one of: {known}",
            ),
        )
    if (rule.start is Act.PERIOD_BEGINS) != (rule.period is not None):
        yield (
            "start",
            Text(
                f"{Act.PERIOD_BEGINS} và period phải đi cùng nhau; cần ghi cả hai hoặc không ghi",
                f"{Act.PERIOD_BEGINS} and period go together; right would be both or neither",
            ),
        )
    if rule.alternatives and rule.duty is not Duty.INTAKE:
        yield (
            "alternatives",
            Text(
                f"độ dài khác chỉ dành cho {Duty.INTAKE}, không cho {rule.duty}; cần bỏ trường này",
                f"other lengths apply to {Duty.INTAKE} alone, never to {rule.duty}; the field is to be left "
                "out",
            ),
        )
    for alternative in _same_as_the_rest(rule):
        yield (
            "alternatives",
            Text(
                f"{alternative.fact} cho đúng độ dài vẫn áp dụng khi không có mục này; cần bỏ mục "
                "hoặc ghi độ dài khác",
                f"{alternative.fact} gives the length that applies without it; it is to be left out, or "
                "to have another length",
            ),
        )
    if rule.period and _repeats(rule.period):
        yield (
            "period",
            Text(
                "hai ngày của kỳ trùng nhau; mỗi ngày chỉ ghi một lần",
                "two dates of its period are the same; each is to be there once",
            ),
        )


def of_ladder(ladder: Ladder, rules: Iterable[LimitRule]) -> Iterator[tuple[str, Text]]:
    """(key, complaint) for a ladder that no limit climbs, or that says two things at one moment."""
    if all(rule.ladder != ladder.name for rule in rules):
        yield (
            "name",
            Text(
                f"không thời hạn nào dùng thang {ladder.name}; cần một thời hạn dùng đến, hoặc bỏ thang",
                f"no limit uses the ladder {ladder.name}; needed is a limit that does, or no such ladder",
            ),
        )
    moments = [(step.direction, step.length, step.unit) for step in ladder.steps]
    if len(set(moments)) < len(moments):
        yield (
            "steps",
            Text(
                f"hai bước của thang {ladder.name} rơi vào cùng một thời điểm; mỗi bước cần thời điểm riêng",
                f"two steps of the ladder {ladder.name} fall on the same moment; each needs its own",
            ),
        )


def of_practice(practice: Practice, rules: Iterable[LimitRule]) -> Iterator[tuple[str, Text]]:
    """(key, complaint) where tracking tasks without limit and its limit do not go together."""
    limited = any(rule.duty is Duty.PERIODIC_UPDATE for rule in rules)
    tracked = practice.tasks_without_limit_tracked
    if limited and not tracked:
        yield (
            "tasks_without_limit_tracked",
            Text(
                f"thời hạn {Duty.PERIODIC_UPDATE} không bao giờ áp dụng; cần true, hoặc bỏ thời hạn",
                f"the limit on {Duty.PERIODIC_UPDATE} is never applied; right is true, or no such limit",
            ),
        )
    if tracked and not limited:
        yield (
            "tasks_without_limit_tracked",
            Text(
                f"thiếu thời hạn {Duty.PERIODIC_UPDATE}; cần false, hoặc thêm thời hạn đó",
                f"the limit on {Duty.PERIODIC_UPDATE} is missing; right is false, or such a limit",
            ),
        )


def _same_as_the_rest(rule: LimitRule) -> Iterator[Alternative]:
    """Those after which no other length follows, with the rule's own length."""
    for alternative in reversed(rule.alternatives):
        if (alternative.length, alternative.unit) != (rule.length, rule.unit):
            return
        yield alternative


def _repeats(period: Period) -> bool:
    days = [(entry.month, entry.day) for entry in period.dates]
    return len(set(days)) < len(days)
