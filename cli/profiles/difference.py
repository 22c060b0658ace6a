"""What changes from one profile to another, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from cli import language
from cli.language import say
from cli.profiles.show import facets
from cli.profiles.words import listed, step, word
from cli.render import NOTHING
from services.kernel.limits.domain.profile import Duty, Level, LimitRule, Practice, Profile


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise; `before` or `after` is empty where it is new or gone."""

    where: str
    what: str
    before: str
    after: str

    def __str__(self) -> str:
        if not self.before:
            return f"+ {self.where}: {self.after}"
        if not self.after:
            return f"- {self.where}: {self.before}"
        told = f"~ {self.where}, {self.what}: {self.before} → {self.after}"
        return told.replace("\n", " / ")


def differences(one: Profile, other: Profile) -> list[Change]:
    """In the order of the file; limits are matched by their duty, as the services ask for them."""
    return [
        *_compared(say("Quy chế", "Regulation"), _head(one), _head(other)),
        *_compared(say("Quy định chung", "Practice"), _practice(one), _practice(other)),
        *_compared(say("Gia hạn", "Extensions"), _extensions(one), _extensions(other)),
        *_limits(one, other),
        *_ladders(one, other),
    ]


def _compared(where: str, one: dict[str, str], other: dict[str, str]) -> Iterator[Change]:
    for what in {**one, **other}:
        before, after = one.get(what, NOTHING), other.get(what, NOTHING)
        if before != after:
            yield Change(where, what, before, after)


def _head(profile: Profile) -> dict[str, str]:
    return {
        say("số", "number"): profile.id,
        say("phiên bản", "version"): str(profile.version),
        say("tên", "name"): profile.name.of(language.current.value),
        say("áp dụng từ", "valid from"): _day(profile.valid_from),
        say("áp dụng đến", "valid to"): _day(profile.valid_to),
    }


def _practice(profile: Profile) -> dict[str, str]:
    found = profile.practice
    settled = {
        field.name: _value(getattr(found, field.name))
        for field in fields(Practice)
        if field.name != "articles"
    }
    article = say("căn cứ của", "article of")
    return settled | {f"{article} {name}": basis for name, basis in found.articles.items()}


def _extensions(profile: Profile) -> dict[str, str]:
    found = profile.extensions
    maximum = NOTHING if found.maximum is None else str(found.maximum)
    return {
        say("căn cứ", "article"): found.article,
        say("số lần tối đa", "maximum"): maximum,
        say("không gia hạn thời hạn của", "not where time is set by"): listed(found.locked_origins),
    }


def _limits(one: Profile, other: Profile) -> Iterator[Change]:
    for duty in Duty:
        before, after = one.limit_on(duty), other.limit_on(duty)
        if before and after:
            old, new = dict(facets(before)), dict(facets(after))
            old[say("số hiệu", "id")], new[say("số hiệu", "id")] = old.pop(""), new.pop("")
            yield from _compared(_named(after), old, new)
        elif after:
            yield Change(_named(after), "", "", _told(after))
        elif before:
            yield Change(_named(before), "", _told(before), "")


def _ladders(one: Profile, other: Profile) -> Iterator[Change]:
    def steps(profile: Profile) -> dict[str, str]:
        return {ladder.name: " · ".join(map(step, ladder.steps)) for ladder in profile.ladders}

    yield from _compared(say("Nhắc việc", "Reminders"), steps(one), steps(other))
    channels = say("kênh", "channels")
    yield from _compared(
        say("Nhắc việc", "Reminders"),
        {channels: listed(one.channels)},
        {channels: listed(other.channels)},
    )


def _named(rule: LimitRule) -> str:
    return f"{rule.id} ({rule.article})"


def _told(rule: LimitRule) -> str:
    return " · ".join(
        value.replace("\n", " / ") for label, value in facets(rule)[2:] if value != NOTHING
    )


def _value(value: Any) -> str:
    """A value of the practice: a flag, a code, or a list of codes or levels."""
    if isinstance(value, bool):
        return say("có", "yes") if value else say("không", "no")
    if isinstance(value, tuple):
        return ", ".join(map(_value, value)) or NOTHING
    return value.name.of(language.current.value) if isinstance(value, Level) else word(value)


def _day(value: date | None) -> str:
    return f"{value:%d/%m/%Y}" if value else NOTHING
