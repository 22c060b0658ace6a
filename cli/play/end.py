"""The end of the play: which bodies end with 30 June 2025, and what is said of their open tasks.

Nothing is invented: a successor is told as the directory of the demonstration names it, and where it
names none, or no single one, no task goes anywhere.
"""

from __future__ import annotations

from cli.language import say
from cli.play.summary import Summary
from cli.render import row, stdout, table
from sample.agencies import change_of_2025


def show(summary: Summary) -> None:
    """Nothing before the end."""
    if not summary.endings:
        return
    last = summary.endings[0][0].last
    made = table(
        "\n"
        + say(
            f"Các cơ quan chấm dứt sau ngày {last:%d/%m/%Y}",
            f"Bodies that end with {last:%d/%m/%Y}",
        ),
        say("Cơ quan", "Body"),
        say("Cơ quan kế thừa theo danh bạ", "Successor by the directory"),
        say("nhiệm vụ còn mở", "open tasks"),
    )
    for ending, count in summary.endings:
        row(made, [ending.name, ending.successor or say("(không nêu)", "(none named)"), str(count)])
    stdout.print(made)
    words, sources = change_of_2025()
    stdout.print(say(f"Căn cứ: {words} Nguồn:", f"Ground: {words} Sources:"), markup=False)
    for source in sources:
        stdout.print(f"  {source}", soft_wrap=True, markup=False)
    count = sum(count for _, count in summary.endings)
    stdout.print(
        say(
            f"Còn mở {summary.open} nhiệm vụ, trong đó {count} ở các huyện, thành phố trên. Kết quả "
            "không được biết nên không bịa ra. Danh bạ không nêu xã, phường nào nhận việc nào, cũng "
            "không nêu ai thay Chủ tịch UBND tỉnh với tư cách người giao, nên không chuyển cho ai: "
            "mỗi nhiệm vụ vẫn để mở ở cơ quan đang giữ.",
            f"{summary.open} tasks are open, {count} of them at the districts above. What became of them "
            "is not known and not invented. The directory does not say which commune takes which over, "
            "nor who follows the Chairman as their giver, so none goes anywhere: each stays open with "
            "the agency that has it.",
        )
    )
    stdout.print(
        say(
            "Phần trình diễn kết thúc ở đây; chạy nữa cũng không nhập thêm gì.",
            "The play is at its end; another run enters nothing.",
        )
    )
