"""The report of an import on the terminal, or as JSON for programs."""

from __future__ import annotations

from cli.importing.report import KINDS, OUTCOMES, Outcome, Report
from cli.language import say
from cli.render import print_json, row, stdout, table

LONGEST_LABEL = 70


def show(report: Report, as_json: bool = False) -> None:
    if as_json:
        print_json(report.as_json())
        return
    shown = table(
        say("Kết quả từng dòng", "Row by row"),
        say("Dòng", "Row"),
        say("Nội dung", "What"),
        say("Kết quả", "Outcome"),
        say("Lý do, lưu ý", "Reasons, notes"),
    )
    for one in report.rows:
        label = one.label if len(one.label) <= LONGEST_LABEL else one.label[:LONGEST_LABEL] + "…"
        said = "\n".join(str(words) for words in (*one.reasons, *one.notes))
        row(shown, [one.id, label, str(OUTCOMES[one.outcome]), said])
    stdout.print(shown)
    for kind in report.kinds():
        totals = report.totals(kind)
        parts = [f"{totals[outcome]} {OUTCOMES[outcome]}" for outcome in Outcome if totals[outcome]]
        given = say("trong tệp", "given")
        stdout.print(
            f"[bold]{KINDS[kind]}[/bold]: {report.given(kind)} {given} = " + " + ".join(parts)
        )
