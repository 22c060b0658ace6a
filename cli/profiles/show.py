"""A profile for people to read."""

from __future__ import annotations

from rich.table import Table

from cli import language
from cli.language import say
from cli.profiles.words import listed, measure, step, word
from cli.render import NOTHING, row, stdout, table
from services.kernel.limits.domain.profile import LimitRule, Profile


def show(profile: Profile) -> None:
    until = f"{profile.valid_to:%d/%m/%Y}" if profile.valid_to else say("nay", "further notice")
    facts = table(f"{profile.id} · {say('phiên bản', 'version')} {profile.version}", "", "")
    facts.show_header = False
    for label, value in (
        (say("Tên", "Name"), profile.name.of(language.current.value)),
        (say("Áp dụng", "Valid"), f"{profile.valid_from:%d/%m/%Y} – {until}"),
        (say("Không gia hạn", "Not extended"), listed(profile.extensions.locked_origins)),
        (say("Căn cứ nhắc việc", "Basis of reminders"), profile.ladders_basis),
        (say("Kênh nhắc việc", "Channels of reminders"), listed(profile.channels)),
        ("sha256", profile.digest),
    ):
        row(facts, [label, value])
    stdout.print(facts)
    stdout.print(limits(profile))
    ladders = table(say("Nhắc việc", "Reminders"), say("Thang", "Ladder"), say("Bước", "Steps"))
    for ladder in profile.ladders:
        row(ladders, [ladder.name, " · ".join(map(step, ladder.steps))])
    stdout.print(ladders)


def limits(profile: Profile) -> Table:
    """A line for each limit."""
    titles = [label for label, _ in facets(profile.limits[0])]
    shown = table(say("Thời hạn", "Limits"), *titles)
    shown.show_lines = True
    for rule in profile.limits:
        row(shown, [value for _, value in facets(rule)])
    return shown


def facets(rule: LimitRule) -> list[tuple[str, str]]:
    """(label, words) of all that a limit says; the same for showing and for comparing."""
    stops = [word(act) for act in rule.stop]
    from_due = say("từ ngày đến hạn", "from the due day on")
    stops += [f"{word(act)} ({from_due})" for act in rule.stop_from_due]
    roll = word(rule.roll) + (f"; {word(rule.cap)}" if rule.cap else "")
    owes = f"{word(rule.owed_by)} {', '.join(rule.levels)}".strip()
    return [
        ("", rule.id),
        (say("Căn cứ", "Article"), rule.article),
        (say("Việc", "What"), rule.name.of(language.current.value)),
        (say("Trách nhiệm", "Owed by"), owes),
        (say("Thời hạn", "Length"), measure(rule)),
        (say("Bắt đầu", "Start"), word(rule.start)),
        (say("Dừng", "Stop"), ", ".join(stops)),
        (say("Không còn tính", "Void"), listed(rule.void)),
        (say("Ngày nghỉ", "Day off"), roll),
        (say("Nhắc việc", "Ladder"), rule.ladder or NOTHING),
    ]
