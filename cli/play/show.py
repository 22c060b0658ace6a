"""The summary as people read it, in either language."""

from __future__ import annotations

import os
import shutil
import sys
from collections import defaultdict
from pathlib import Path

from dondoc.reporting.v1 import reporting_service_pb2 as reporting
from rich import box
from rich.markup import escape

from cli.errors import stderr
from cli.importing.report import KINDS, OUTCOMES, Report
from cli.language import Words, say
from cli.play import end as play_end
from cli.play.notices import CHANNELS, NOTICES, STATES
from cli.play.summary import Summary
from cli.render import row, stdout, table
from embedded.run_file import RunFile
from sample.seasons import STAGES, Stage

PERIODS = {
    "2024": Words("năm 2024", "2024"),
    "2025-Q1": Words("quý I năm 2025", "the first quarter of 2025"),
    "2025-Q2": Words("quý II năm 2025", "the second quarter of 2025"),
}


def announce(stage: Stage | None) -> None:
    """What a run is about to play; None: nothing is left."""
    if stage is None:
        stderr.print(say("Phần trình diễn đã đến điểm cuối.", "The play is at its end."))
    elif stage is not STAGES[0]:
        period = PERIODS[stage.key]
        stderr.print(
            say(
                f"Chạy tiếp {period.vi} (dữ liệu mẫu), không nhập lại văn bản của lần trước …",
                f"Playing on with {period.en} (sample data), entering none of the earlier "
                "directives …",
            )
        )


def show(summary: Summary, data: Path, found: RunFile, stays_up: bool) -> None:
    """Prints the whole summary. `stays_up`: the house goes on running after the command."""
    _figures(summary)
    _real(summary)
    _breaches(summary)
    _notices(summary)
    _imports(summary)
    _scripted(summary)
    play_end.show(summary)
    _files(summary)
    _how_to_go_on(data, found, stays_up)


def _figures(summary: Summary) -> None:
    period, told = PERIODS[summary.stage.key], summary.figures[summary.stage.key]
    title = say(
        f"Tình hình thực hiện nhiệm vụ được chuyển trong {period.vi} (dữ liệu mẫu),\n"
        f"tính đến {summary.now} (điểm g khoản 1 Điều 5 Quy chế)",
        f"Tasks forwarded in {period.en} (sample data), as of {summary.now}\n"
        "(điểm g khoản 1 Điều 5)",
    )
    made = table(
        title,
        say("Đơn vị", "Agency"),
        say("Tổng số", "All"),
        say("Đã xong", "Done"),
        say("đúng hạn", "on time"),
        say("quá hạn", "late"),
        say("Chưa xong", "Open"),
        say("trong hạn", "within"),
        say("quá hạn", "over due"),
        say("đang làm", "begun"),
        say("chưa làm", "not yet"),
        say("chờ xác nhận", "to confirm"),
    )
    # Narrow, so that names keep room on a terminal of 80 columns.
    made.box, made.padding, made.pad_edge = box.SIMPLE_HEAD, (0, 1, 0, 0), False
    for column in made.columns[1:]:
        column.justify, column.width = "right", 5
    for figures in (*told.rows, told.total):
        name = figures.display_name or figures.agency or say("Tổng cộng", "Total")
        row(made, [name, *_cells(figures)])
    stdout.print(made)
    total = told.total
    stdout.print(
        say(
            f"Đúng hạn {_share(total.on_time)} nhiệm vụ có hạn đã xong; "
            f"quá hạn {_share(total.overdue)} nhiệm vụ có hạn; không có hạn hoặc chưa rõ ngày: "
            f"{total.done_no_limit} đã xong, {total.open_no_limit} chưa xong.",
            f"On time: {_share(total.on_time)} of the done tasks with a limit; overdue: "
            f"{_share(total.overdue)} of all with a limit; without a limit or without a date: "
            f"{total.done_no_limit} done, {total.open_no_limit} open.",
        )
    )
    for key in list(summary.figures)[:-1]:
        period, before = PERIODS[key], summary.figures[key].total
        stdout.print(
            say(
                f"Chuyển trong {period.vi}: {before.total} nhiệm vụ, nay đã xong {before.done}, "
                f"còn mở {before.open}.",
                f"Forwarded in {period.en}: {before.total} tasks, by now {before.done} done, "
                f"{before.open} open.",
            )
        )


def _cells(figures: reporting.FiguresRow) -> list[str]:
    return [
        str(count)
        for count in (
            figures.total,
            figures.done,
            figures.done_within_limit,
            figures.done_overdue,
            figures.open,
            figures.open_within_limit,
            figures.open_overdue,
            figures.in_progress,
            figures.not_started,
            figures.awaiting_confirmation,
        )
    ]


def _share(share: reporting.Share) -> str:
    """A share never goes without its denominator."""
    if not share.denominator:
        return "0/0"
    percent = 100 * share.numerator / share.denominator
    return f"{share.numerator}/{share.denominator} ({percent:.1f} %)"


def _real(summary: Summary) -> None:
    total = summary.real.total
    stdout.print(
        say(
            f"\nVăn bản thật 2020-2023: {total.total} nhiệm vụ đã chuyển và được tiếp nhận. Kết quả "
            f"thật không được biết nên không bịa ra: cả {total.open} vẫn để ngỏ, trong đó "
            f"{total.open_overdue} quá hạn theo ngày ghi trong văn bản.",
            f"\nReal directives 2020-2023: {total.total} tasks were forwarded and accepted. What "
            f"became of them is not known and not invented: all {total.open} stay open, "
            f"{total.open_overdue} of them past the date in their document.",
        )
    )


def _breaches(summary: Summary) -> None:
    late: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in summary.breaches:
        counts = late[one.rule, one.article]
        counts[0] += one.late
        counts[1] += one.met_late
        counts[2] += 1
    made = table(
        "\n" + say("Thời hạn bị vi phạm, theo điều khoản", "Breached limits, by article"),
        say("Quy định", "Rule"),
        say("Căn cứ", "Article"),
        say("còn chưa làm", "still running"),
        say("làm muộn", "met late"),
        say("số cơ quan", "agencies"),
    )
    for (rule, article), counts in sorted(late.items()):
        row(made, [rule, article, *map(str, counts)])
    stdout.print(made)


def _notices(summary: Summary) -> None:
    kinds = ", ".join(f"{NOTICES[kind]} {count}" for kind, count in summary.notices.most_common())
    ways = ", ".join(
        f"{CHANNELS[channel]} {STATES[state]} {count}"
        for (channel, state), count in sorted(summary.deliveries.items())
    )
    stdout.print(say(f"\nThông báo: {kinds}.", f"\nNotices: {kinds}."))
    stdout.print(say(f"Đường gửi: {ways}.", f"Deliveries: {ways}."))
    stdout.print(
        say(f"Kiểm tra: {summary.inspections} quyết định (Điều 15).",
            f"Inspections: {summary.inspections} decided (Điều 15).")
    )  # fmt: skip


def _imports(summary: Summary) -> None:
    played = summary.played
    stdout.print("\n" + say("Nhập dữ liệu thật:", "Real data entered:"))
    _totals(summary.agencies)
    _totals(summary.directives)
    stdout.print(
        say(
            f"Văn bản mẫu từ năm 2024: nhập mới {played.entered}, đã có từ trước "
            f"{played.already_there}.",
            f"Generated directives since 2024: {played.entered} entered, {played.already_there} "
            "already there.",
        )
    )


def _totals(report: Report) -> None:
    for kind in report.kinds():
        totals = report.totals(kind)
        parts = ", ".join(f"{OUTCOMES[outcome]} {count}" for outcome, count in totals.items())
        stdout.print(
            say(f"  {KINDS[kind]}: {report.given(kind)} dòng; {parts}.",
                f"  {KINDS[kind]}: {report.given(kind)} rows; {parts}.")
        )  # fmt: skip


def _scripted(summary: Summary) -> None:
    stdout.print(
        say(
            "\nHành vi của các cơ quan từ năm 2024 là kịch bản (thư mục sample), không phải sự thật; "
            "cán bộ là hộp thư chức danh tạm thời.",
            "\nHow agencies behave from 2024 on is a script (folder sample), not the truth; officers are "
            "role mailboxes that stand in.",
        )
    )
    if refused := sum(summary.played.refused_as_scripted.values()):
        stdout.print(
            say(
                f"Hệ thống đã từ chối {refused} việc đúng như kịch bản (xin gia hạn muộn, thời hạn "
                "do cấp trên ấn định).",
                f"The house refused {refused} acts as the script expects (extension asked too late, "
                "limit set above the province).",
            )
        )
    if summary.played.already_there and not summary.played.entered:
        stdout.print(
            say(
                "Phần trình diễn đã chạy trước đó: lần này không nhập thêm văn bản nào.",
                "This was played before: no directive was entered this time.",
            )
        )


def _files(summary: Summary) -> None:
    stdout.print("\n" + say("Báo cáo nằm ở:", "The report lies in:"))
    for file in summary.files:
        stdout.print(f"  {escape(str(file))}", soft_wrap=True)


def _program() -> str:
    """How the reader calls this program: by name if it is on the path, else by where it lies."""
    if shutil.which("dondoc"):
        return "dondoc"
    return os.path.relpath(sys.argv[0])


def _how_to_go_on(data: Path, found: RunFile, stays_up: bool) -> None:
    dondoc = _program()
    option = "" if data == Path(".dondoc") else f" --data {data}"
    lines = [
        (f"up{option}", Words("bật các dịch vụ và giữ chạy", "start the services and stay up")),
        (f"status{option}", Words("xem tình trạng", "look in")),
        (f"task list{option}", Words("danh sách nhiệm vụ", "list tasks")),
        (f"task show{option} tasks/…", Words("một nhiệm vụ, có đồng hồ", "one task with its clocks")),
        (f"down{option}", Words("dừng", "stop")),
    ]  # fmt: skip
    if stays_up:
        lines = lines[1:]
    stdout.print("\n" + say("Làm gì tiếp:", "How to go on:"))
    for command, words in lines:
        stdout.print(f"  {escape(f'{dondoc} {command}'):<44} {words}", soft_wrap=True)
    address = found.services["tasks"].address
    stdout.print(
        say("gRPC (có reflection, ví dụ bằng grpcurl, khi các dịch vụ đang chạy; địa chỉ trong run.json):",
            "gRPC (with reflection, for instance by grpcurl, while the services run; addresses in run.json):")
    )  # fmt: skip
    stdout.print(
        f'  grpcurl -plaintext -H "authorization: Bearer $({dondoc} token{option} --user vanphong)" '
        f"{address} list",
        soft_wrap=True,
        markup=False,
    )
    for name, service in found.services.items():
        stdout.print(f"  {name:<12} {service.address}")
