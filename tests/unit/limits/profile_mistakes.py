"""Edits of a profile file, each a mistake of another kind, and what has to be said of it."""

from __future__ import annotations

from dataclasses import dataclass

from services.kernel.limits.domain.profile import OURS
from tests.fixtures.regulations import FICTITIOUS, THE_REAL_ONE

REAL = THE_REAL_ONE.read_text("utf-8")
OTHER = FICTITIOUS.read_text("utf-8")


def changed(old: str, new: str, text: str = REAL) -> str:
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def line_of(part: str, text: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@dataclass(frozen=True, slots=True)
class Mistake:
    """`old` becomes `new`, the first after the limit `rule` if that is named; the complaint is told at
    the line of `at`, and says `en` and `vi`."""

    old: str
    new: str
    at: str
    en: str
    vi: str
    rule: str = ""

    @property
    def text(self) -> str:
        begin = self._begin
        return REAL[:begin] + changed(self.old, self.new, REAL[begin:])

    @property
    def line(self) -> int:
        text, begin = self.text, self._begin
        return text[:begin].count("\n") + line_of(self.at, text[begin:])

    @property
    def _begin(self) -> int:
        return REAL.index(f"  - id: {self.rule}\n") if self.rule else 0


_VOID = "void: [DIRECTIVE_WITHDRAWN, DIRECTIVE_SUPERSEDED, NO_TASK_RECORDED]"
_FACT = "{when: URGENT, length: 1, name: {vi: khẩn, en: urgent}}"

# What cannot be read.
UNREADABLE = (
    Mistake("    ladder: intake\n", "    laddder: intake\n", "laddder",
            "limit R7.1: laddder: unknown key; known are alternatives, cap, counts_from",
            "thời hạn R7.1: laddder: không có trường này; các trường được dùng: alternatives, cap"),
    Mistake("ladder: task\n", "ladder: task\n    ladder: task\n", "ladder: task\n\n",
            "ladder: is there twice; only one", "ladder: có hai lần; chỉ giữ lại một"),
    Mistake("practice:", "practise:", "practise:", "the profile: practise: unknown key; known are",
            "quy chế: practise: không có trường này"),
    Mistake("practice:\n", "practice: [1]\nunread:\n", "practice:",
            "the profile: practice: must be a mapping of “name: value”",
            "quy chế: practice: cần nhóm trường dạng “tên: giá trị”"),
    Mistake("practice:", "practise:", "id: 69",
            "practice: is missing; needed is a mapping", "practice: còn thiếu; cần nhóm trường"),
    Mistake("version: 1", "version: [1]", "version: [1]",
            "version: must be a single value: needed is a whole number from 1",
            "version: phải là một giá trị đơn: cần số nguyên từ 1 trở lên"),
    Mistake("id: 69/2019/QĐ-UBND\n", "", "version", "id: is missing; needed is a text",
            "id: còn thiếu; cần nội dung bằng chữ"),
    Mistake("length: 2\n", "length: two\n", "length: two",
            "limit R7.1: length: cannot be two; needed is a whole number from 0",
            "thời hạn R7.1: length: không thể là two; cần số nguyên từ 0 trở lên"),
    Mistake("weeks: 2,", "weeks: 0,", "weeks: 0", "a whole number from 1", "số nguyên từ 1"),
    Mistake("results_published: true", "results_published: yes", "results_published",
            "cannot be yes; needed is true or false", "không thể là yes; cần true hoặc false"),
    Mistake("results_published: true", "results_published:", "results_published",
            "is missing; needed is true or false", "còn thiếu; cần true hoặc false"),
    Mistake("valid_from: 2019-12-21", "valid_from: 21/12/2019", "valid_from",
            "cannot be 21/12/2019; needed is the first day of validity, like 2019-12-21",
            "không thể là 21/12/2019; cần ngày đầu tiên áp dụng, dạng 2019-12-21"),
    Mistake("valid_from: 2019-12-21\n", "", "id: 69", "valid_from: is missing; needed is the first",
            "valid_from: còn thiếu; cần ngày đầu tiên"),
    Mistake("valid_from: 2019-12-21", "valid_from: null", "valid_from",
            "valid_from: is missing; needed is the first", "valid_from: còn thiếu; cần ngày đầu tiên"),
    Mistake("valid_to: null\n", "", "id: 69", "valid_to: is missing; needed is a date like 2019-12-21, or",
            "valid_to: còn thiếu; cần ngày dạng 2019-12-21, hoặc null"),
    Mistake("issued_on: 2019-12-11", "issued_on: null", "issued_on",
            "issued_on: is missing; needed is the day on which the regulation was issued",
            "issued_on: còn thiếu; cần ngày ban hành quy chế"),
    Mistake("anchor: 2020-01-10", "anchor: null", "anchor: null",
            "anchor: is missing; needed is the date from which weeks count",
            "anchor: còn thiếu; cần ngày làm mốc để đếm tuần"),
    Mistake(", anchor: 2020-01-10", "", "cadence: WEEKS", "anchor: is missing", "anchor: còn thiếu"),
    Mistake("unit: WORKING_DAYS", "unit: MOONS", "unit: MOONS",
            "cannot be MOONS; needed is one of: WORKING_DAYS, CALENDAR_DAYS, HOURS",
            "không thể là MOONS; cần một trong các giá trị: WORKING_DAYS, CALENDAR_DAYS, HOURS"),
    Mistake("{cadence: QUARTER}", "{cadence: FORTNIGHT}", "cadence: FORTNIGHT",
            "cannot be FORTNIGHT", "không thể là FORTNIGHT"),
    Mistake("{cadence: QUARTER}", "{cadence: QUARTER, weeks: 2}", "cadence: QUARTER",
            "weeks: unknown key", "weeks: không có trường này"),
    Mistake("stop: [DIRECTIVE_FORWARDED]", "stop: [FORWARDED]", "stop: [FORW",
            "stop: cannot be FORWARDED", "stop: không thể là FORWARDED"),
    Mistake("stop: [DIRECTIVE_FORWARDED]", "stop: []", "stop: []",
            "stop: must be a list with entries", "stop: cần danh sách có mục"),
    Mistake("colour: yellow", "colour: pink", "colour: pink",
            "colour: cannot be pink; needed is one of: green, blue, yellow, orange, red",
            "colour: không thể là pink; cần một trong các giá trị: green"),
    Mistake("channels: [IN_APP, EMAIL]", "channels: [IN_APP, WEBHOOK]", "channels: [",
            "channels: cannot be WEBHOOK; needed is one of: IN_APP, EMAIL",
            "channels: không thể là WEBHOOK; cần một trong các giá trị: IN_APP, EMAIL"),
    Mistake("  channels: [IN_APP, EMAIL]\n", "", "  legal_basis: none, ours\n  ladders",
            "channels: is missing; needed is a list with entries", "channels: còn thiếu; cần danh sách"),
    Mistake("levels: [DEPARTMENT, DISTRICT]", "levels: [DISTRICT, DISTRICT]", "levels: [DIS",
            "repeated value; needed is each", "trống, lồng nhau hoặc lặp lại; cần mỗi giá trị"),
    Mistake("legal_basis: khoản 1 Điều 7", "legal_basis:", "legal_basis:\n",
            "legal_basis: is missing; needed is the article that sets it",
            "legal_basis: còn thiếu; cần điều, khoản làm căn cứ"),
    Mistake("reminders:\n  legal_basis: none, ours\n", "reminders:\n", "  channels",
            "legal_basis: is missing; needed is an article, or: none, ours",
            "legal_basis: còn thiếu; cần điều, khoản làm căn cứ, hoặc: none, ours"),
    Mistake("    classified: khoản 2 Điều 5\n", "", "    assigning_authorities: khoản 1",
            "classified: is missing; needed is an article, or: none, ours",
            "classified: còn thiếu; cần điều, khoản làm căn cứ, hoặc: none, ours"),
    *(
        Mistake("before: 06-20", f"before: {day}", f"before: {day}",
                f"{day} is not a date (month-day) of every year; right would be like 06-20",
                f"{day} không phải là ngày (tháng-ngày) của mọi năm; cần dạng 06-20")
        for day in ("06-31", "02-29", "20/6", "02-30")
    ),
)  # fmt: skip

# Values that do not go together.
DISAGREEING = (
    Mistake("legal_basis: khoản 1 Điều 7", f"legal_basis: {OURS}", "legal_basis: none, ours\n    owed",
            "cannot be none, ours; needed is the article",
            "không thể là none, ours; cần điều, khoản làm căn cứ"),
    Mistake("length: 2\n", "length: 0\n", "length: 0\n", "must have a length, from 1",
            "cần độ dài từ 1 trở lên"),
    Mistake("length: 0\n", "length: 4\n", "length: 4\n", "the length must be 0", "độ dài phải là 0"),
    Mistake("valid_to: null", "valid_to: 2019-12-20", "valid_to",
            "ends before it begins; needed is a day from valid_from on",
            "kết thúc trước khi bắt đầu; cần một ngày từ valid_from"),
    Mistake("  - id: R5.1e", "  - id: R7.1", "  - id: R7.1\n    duty: TASK",
            "R7.1 is there twice; once is right", "R7.1 có hai lần; chỉ ghi một lần"),
    Mistake("- level: OTHER", "- level: OFFICE", "- level: OFFICE\n      name: {vi: \"Cá",
            "OFFICE is there twice", "OFFICE có hai lần"),
    Mistake("- level: OTHER", "- level: other", "- level: other",
            "other is no code of a level; capitals", "other không phải là mã cấp; chỉ dùng chữ in hoa"),
    Mistake("duty: TASK", "duty: INTAKE", "duty: INTAKE\n    name: {",
            "another limit is already set on INTAKE; each duty has one",
            "đã có một thời hạn khác cho INTAKE; mỗi việc"),
    Mistake("ladder: task", "ladder: nowhere", "ladder: nowhere",
            "there is no nowhere; needed is one that is declared: task, update",
            "không có nowhere; cần một trong các mục đã khai: task, update"),
    Mistake("levels: [DEPARTMENT, DISTRICT]", "levels: [VILLAGE]", "levels: [VILLAGE]",
            "there is no VILLAGE; needed is one that is declared: OFFICE, DEPARTMENT",
            "không có VILLAGE; cần một trong các mục đã khai: OFFICE, DEPARTMENT"),
    Mistake("    levels: [DEPARTMENT, DISTRICT]\n", "", "    owed_by: EACH_AGENCY",
            "EACH_AGENCY, and nobody else, is said by levels; right would be both",
            "levels chỉ dùng để nêu các cấp của EACH_AGENCY; cần ghi cả hai"),
    Mistake("when: SEVERAL_AGENCIES", "when: SEVERAL_TASKS", "alternatives:",
            "a fact (when) has two alternatives; each", "một trường hợp (when) có hai độ dài khác; mỗi"),
    Mistake("label: year, before", "label: half-year, before", "dates:\n",
            "two dates of a period have the same label; each",
            "hai ngày của kỳ có cùng nhãn (label); mỗi ngày"),
    Mistake("{name: due_soon, before: 5,", "{name: due_soon, before: 5, after: 1,", "{name: due_soon",
            "a step is either before or after", "một bước hoặc trước (before) hoặc sau (after)"),
    Mistake("{name: overdue_5,", "{name: overdue,", "      steps:\n        # Two",
            "two steps of a ladder have the same name", "hai bước của thang nhắc việc trùng tên"),
    Mistake("name: due_soon, before: 5,", "name: due_soon, before: 5, unit: CALENDAR_DAYS,",
            "{name: due_soon", "a step is in WORKING_DAYS or HOURS",
            "một bước được đếm bằng WORKING_DAYS hoặc HOURS"),
    Mistake("    - name: update\n", "    - name: task\n", "  ladders:",
            "two ladders have the same name", "hai thang nhắc việc trùng tên"),
    Mistake("roll: NONE", "roll: NEXT_WORKING_DAY", "roll: NEXT", "counted back does not roll",
            "thời hạn đếm lùi không chuyển", rule="R6.2c"),
    Mistake("roll: NONE", "roll: NONE\n    ladder: task", "ladder: task", "so it has no reminders",
            "không có đồng hồ nên không có nhắc việc", rule="R6.2c"),
    Mistake("LEGAL_END", "START", "direction", "nothing can be counted back from a start",
            "không thể đếm lùi từ thời điểm bắt đầu", rule="R6.2c"),
    Mistake("roll: NONE", "roll: NEXT_WORKING_DAY", "roll: NEXT", "would pass the cap",
            "sẽ vượt mức chặn", rule="R6.1d"),
    Mistake("length: 3", "length: 3\n    cap: DAY_BEFORE_DUE", "cap: ",
            "only a limit that counts from a start has a cap",
            "chỉ thời hạn đếm từ thời điểm bắt đầu mới có mức chặn", rule="R7.2a"),
    Mistake("unit: WORKING_DAYS", "unit: HOURS", "unit: HOURS", "from the instant of a start",
            "giờ được đếm từ thời điểm bắt đầu", rule="R7.2a"),
    Mistake("length: 3", "length: 3\n    period: {cadence: MONTH}", "period: ",
            "counts_from must be STATED_DUE", "counts_from phải là STATED_DUE", rule="R7.3"),
)  # fmt: skip

# What could never have an effect.
WITHOUT_EFFECT = (
    Mistake("    - name: update\n", "    - name: unused\n      steps: [{name: late, after: 0}]\n"
            "    - name: update\n", "    - name: unused", "no limit uses the ladder unused",
            "không thời hạn nào dùng thang unused"),
    Mistake("after: 5, colour: red}", "after: 10, colour: red}", "      steps:\n        # Two",
            "fall on the same moment", "rơi vào cùng một thời điểm"),
    Mistake(_VOID, "void: [DIRECTIVE_FORWARDED]", "void: [DIRECTIVE_FORWARDED]",
            "DIRECTIVE_FORWARDED cannot both stop and void it",
            "DIRECTIVE_FORWARDED không thể vừa làm dừng vừa làm mất thời hạn"),
    Mistake(_VOID, "void: [DIRECTIVE_ISSUED]", "start: DIRECTIVE_ISSUED",
            "DIRECTIVE_ISSUED would end it as it starts", "kết thúc ngay khi bắt đầu"),
    Mistake("start: DIRECTIVE_ISSUED", "start: TASK_FORWARDED", "start: TASK_FORWARDED",
            "start: TASK_FORWARDED never begins INTAKE; needed is DIRECTIVE_ISSUED",
            "start: TASK_FORWARDED không bao giờ làm bắt đầu INTAKE; cần DIRECTIVE_ISSUED"),
    Mistake("owed_by: OFFICE", "owed_by: LEAD", "owed_by: LEAD",
            "owed_by: LEAD cannot owe CONSOLIDATED_REPORT; needed is one of: OFFICE, EACH_AGENCY",
            "owed_by: LEAD không thể chịu trách nhiệm về CONSOLIDATED_REPORT; cần một trong: OFFICE",
            rule="R22.2"),
    Mistake("stop_from_due: [PROGRESS_ENTERED]", "stop_from_due: [RESULT_REPORTED]", "stop_from_due:",
            "RESULT_REPORTED stops it on any day already", "đã làm dừng thời hạn vào bất kỳ ngày nào"),
    Mistake("when: SEVERAL_OPINIONS\n        length: 7", "when: SEVERAL_OPINIONS\n        length: 2",
            "    alternatives:", "SEVERAL_OPINIONS gives the length that applies without it",
            "SEVERAL_OPINIONS cho đúng độ dài vẫn áp dụng"),
    Mistake("    stop: [RESULT_ENTERED]\n",
            f"    stop: [RESULT_ENTERED]\n    alternatives:\n      - {_FACT}\n",
            "    alternatives:\n      - {when: URG", "apply to INTAKE alone, never to ENTER_ON_BEHALF",
            "độ dài khác chỉ dành cho INTAKE, không cho ENTER_ON_BEHALF"),
    Mistake("    period: {cadence: QUARTER}\n", "", "    start: PERIOD_BEGINS",
            "PERIOD_BEGINS and period go together", "PERIOD_BEGINS và period phải đi cùng nhau"),
    Mistake("    start: PERIOD_BEGINS", "    start: TASK_FORWARDED",
            "    start: TASK_FORWARDED\n    stop: [PROGRESS_ENTERED",
            "PERIOD_BEGINS and period go together", "PERIOD_BEGINS và period phải đi cùng nhau"),
    Mistake("{label: year, before: 11-30}", "{label: year, before: 06-20}", "    period:\n",
            "two dates of its period are the same", "hai ngày của kỳ trùng nhau"),
    Mistake("tasks_without_limit_tracked: true", "tasks_without_limit_tracked: false",
            "tasks_without_limit_tracked: false", "PERIODIC_UPDATE is never applied",
            "PERIODIC_UPDATE không bao giờ áp dụng"),
)  # fmt: skip

MISTAKES = (*UNREADABLE, *DISAGREEING, *WITHOUT_EFFECT)
