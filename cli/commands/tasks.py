"""`dondoc task`: looking into tasks."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb
from dondoc.tasks.v1.task_pb2 import Task
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub

from cli.commands.running import with_house
from cli.language import say
from cli.options import DEFAULT_DATA, Data, Json, Lang, User
from cli.render import NOTHING, as_dict, day, print_json, row, slug, stamp, stdout, table
from cli.withdrawal import withdrawal_facts
from embedded.users import OFFICE_USER
from services.kernel.runtime.protos import document_code

app = typer.Typer(no_args_is_help=True, help=say("Nhiệm vụ.", "Tasks."))


class State(StrEnum):
    FORWARDED = "forwarded"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    IN_PROGRESS = "in-progress"
    REPORTED = "reported"
    CONFIRMED = "confirmed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"

    @property
    def value_in_api(self) -> int:
        return task_pb2.TaskState.Value(f"TASK_STATE_{self.name}")


def state_words(task: Task) -> str:
    return {
        task_pb2.TASK_STATE_FORWARDED: say("đã chuyển", "forwarded"),
        task_pb2.TASK_STATE_ACCEPTED: say("đã tiếp nhận", "accepted"),
        task_pb2.TASK_STATE_RETURNED: say("chuyển lại", "returned"),
        task_pb2.TASK_STATE_IN_PROGRESS: say("đang thực hiện", "in progress"),
        task_pb2.TASK_STATE_REPORTED: say("đã báo cáo kết quả", "reported"),
        task_pb2.TASK_STATE_CONFIRMED: say("đã xác nhận", "confirmed"),
        task_pb2.TASK_STATE_CLOSED: say("đã kết thúc", "closed"),
        task_pb2.TASK_STATE_WITHDRAWN: say("đã rút", "withdrawn"),
    }.get(task.state, NOTHING)


def timeliness_words(task: Task) -> str:
    return {
        task_pb2.TIMELINESS_WITHIN_LIMIT: say("trong hạn", "within the limit"),
        task_pb2.TIMELINESS_OVERDUE: say("quá hạn", "overdue"),
        task_pb2.TIMELINESS_NO_LIMIT: say("không có ngày hạn", "no due date"),
    }.get(task.timeliness, NOTHING)


@app.command(
    help=say(
        """Một nhiệm vụ với toàn bộ quá trình.

        Ví dụ:

            dondoc task show tasks/9a2c…

            dondoc task show tasks/9a2c… --user so-noi-vu.officer --json
        """,
        """One task with its whole history.

        Examples:

            dondoc task show tasks/9a2c…

            dondoc task show tasks/9a2c… --user so-noi-vu.officer --json
        """,
    )
)
def show(
    name: Annotated[str, typer.Argument(metavar="tasks/UUID")],
    user: User = OFFICE_USER,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    ask = pb.GetTaskRequest(name=name)
    found: Task = with_house(
        data, lambda house: house.call(TaskServiceStub, "GetTask", ask, user=user)
    )
    if as_json:
        print_json(as_dict(found))
    else:
        _show(found)


def _show(task: Task) -> None:
    facts = table(f"{task.directive.document_code} · {task.ordinal}", "", "")
    facts.show_header = False
    due = day(task.limit, "due_date")
    for label, value in (
        (say("Nội dung", "Content"), task.content or NOTHING),
        (say("Chủ trì", "Lead"), slug(task.lead_agency)),
        (say("Phối hợp", "Coordinating"), ", ".join(map(slug, task.coordinating_agencies))),
        (say("Thời hạn", "Due"), task.limit_in_words or NOTHING if due == NOTHING else due),
        (say("Trạng thái", "State"), state_words(task)),
        (say("Tiến độ", "Timeliness"), timeliness_words(task)),
        *withdrawal_facts(task),
        (say("Văn bản", "Directive"), task.directive.name),
        (say("Tên", "Name"), task.name),
    ):
        row(facts, [label, value])
    stdout.print(facts)
    history = table(
        say("Quá trình", "History"),
        say("Lúc", "When"),
        say("Việc", "What"),
        say("Chi tiết", "Details"),
    )
    for cells in _history(task):
        row(history, list(cells[1:]))
    stdout.print(history)


def _history(task: Task) -> list[tuple[int, str, str, str]]:
    """(order, when, what, details) of all that was recorded, in the order of its recording."""
    acts: list[tuple[int, str, str, str]] = []

    def add(owner: object, field: str, what: str, details: str = "") -> None:
        if owner.HasField(field):  # type: ignore[attr-defined]
            acts.append((getattr(owner, field).ToNanoseconds(), stamp(owner, field), what, details))  # type: ignore[arg-type]

    for turn in task.rounds:
        add(turn, "forward_time", say("chuyển", "forwarded"), slug(turn.lead_agency))
        add(turn, "return_time", say("chuyển lại", "returned"), turn.return_words)
    add(task, "accept_time", say("tiếp nhận", "accepted"))
    for entry in task.progress_entries:
        add(entry, "enter_time", say("cập nhật", "progress"), entry.situation)
    for result in task.results:
        what = say("nhập thay kết quả", "result on behalf") if result.on_behalf else ""
        add(result, "enter_time", what or say("báo cáo kết quả", "result"), result.summary)
        add(result, "send_back_time", say("yêu cầu làm lại", "sent back"), result.send_back_words)
    for one in task.extensions:
        until = day(one, "requested_due_date")
        add(one, "ask_time", say("xin gia hạn", "extension asked"), until)
        granted = day(one, "granted_due_date")
        answer = say("từ chối", "refused") if granted == NOTHING else granted
        submitted = day(one, "submit_date")
        add(one, "submit_time", say("trình xin gia hạn", "extension submitted"), submitted)
        add(one, "answer_time", say("trả lời gia hạn", "extension answered"), answer)
        letter = document_code(one.withdraw_document)
        add(one, "withdraw_time", say("rút xin gia hạn", "extension withdrawn"), letter)
    for change in task.amendments:
        dates = f"{day(change, 'previous_due_date')} → {day(change, 'due_date')}"
        what = say("điều chỉnh thời hạn", "due date amended")
        add(change, "enter_time", what, f"{dates} · {document_code(change.document)}")
    add(task, "confirm_time", say("xác nhận", "confirmed"), task.evaluation.words)
    add(task, "close_time", say("kết thúc", "closed"))
    add(task.withdrawal, "withdraw_time", say("rút nhiệm vụ", "withdrawn"), task.withdrawal.reason)
    return sorted(acts, key=lambda act: act[0])


@app.command(
    "list",
    help=say(
        """Các nhiệm vụ theo thứ tự thời hạn.

        Ví dụ:

            dondoc task list --agency so-noi-vu --state in-progress

            dondoc task list --overdue
        """,
        """Tasks in the order of their due dates.

        Examples:

            dondoc task list --agency so-noi-vu --state in-progress

            dondoc task list --overdue
        """,
    ),
)
def list_(
    agency: Annotated[
        str, typer.Option("--agency", help=say("Mã cơ quan chủ trì.", "Slug of the lead agency."))
    ] = "",
    state: Annotated[State | None, typer.Option("--state")] = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help=say("Chỉ nhiệm vụ quá hạn.", "Only overdue ones."))
    ] = False,
    user: User = OFFICE_USER,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    ask = pb.ListTasksRequest(
        lead_agency=f"agencies/{agency.removeprefix('agencies/')}" if agency else "",
        state=state.value_in_api if state else 0,  # type: ignore[arg-type]
        timeliness=task_pb2.TIMELINESS_OVERDUE if overdue else task_pb2.TIMELINESS_UNSPECIFIED,
    )
    found: list[Task] = with_house(
        data, lambda house: house.pages(TaskServiceStub, "ListTasks", ask, "tasks", user=user)
    )
    if as_json:
        print_json([as_dict(task) for task in found])
        return
    shown = table(
        say("Nhiệm vụ", "Tasks"),
        say("Văn bản", "Directive"),
        say("Chủ trì", "Lead"),
        say("Thời hạn", "Due"),
        say("Trạng thái", "State"),
        say("Tiến độ", "Timeliness"),
        say("Tên", "Name"),
    )
    for task in found:
        code = f"{task.directive.document_code} · {task.ordinal}"
        due = day(task.limit, "due_date")
        cells = [slug(task.lead_agency), due, state_words(task), timeliness_words(task)]
        row(shown, [code, *cells, task.name])
    stdout.print(shown)
