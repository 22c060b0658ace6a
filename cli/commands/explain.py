"""`dondoc explain`: how the limits of a task or directive were counted."""

from __future__ import annotations

from typing import Annotated

import typer
from dondoc.directives.v1.directive_pb2 import Directive
from dondoc.limits.v1 import deadline_service_pb2 as pb
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.tasks.v1.task_pb2 import Task
from rich.markup import escape

from cli import language
from cli.client import House
from cli.commands.running import with_house
from cli.explaining import subject as subjects
from cli.explaining.show import show
from cli.explaining.subject import Subject
from cli.language import say
from cli.options import DEFAULT_DATA, Data, Json, Lang, User
from cli.render import as_dict, print_json, stdout
from embedded.users import OFFICE_USER

Told = tuple[Subject, list[pb.ExplainDeadlineResponse]]


def register(app: typer.Typer) -> None:
    """Adds the command to the top level."""
    app.command(
        help=say(
            """Từng thời hạn được tính như thế nào: ngày nào tính, ngày nào không và vì sao.

            Với mỗi thời hạn: căn cứ, từng ngày với lý do và văn bản, lịch tháng, các lần thay đổi
            (gia hạn, lịch, điều chỉnh), các bước nhắc việc, và ngày cuối cùng để xin gia hạn.

            Ví dụ:

                dondoc explain 374/UBND-VXNV

                dondoc explain tasks/9a2c… --lang en

                dondoc explain 374/UBND-VXNV --tasks --json
            """,
            """How each limit was counted: which day counts, which does not, and why.

            For each limit: its article, each day with ground and document, the months as a picture,
            what moved it (extension, calendar, amendment), its reminders, and the last day to ask
            for more time.

            Examples:

                dondoc explain 374/UBND-VXNV

                dondoc explain tasks/9a2c… --lang en

                dondoc explain 374/UBND-VXNV --tasks --json
            """,
        )
    )(explain)


def explain(
    subject: Annotated[str, typer.Argument(metavar="TASK|DIRECTIVE")],
    tasks: Annotated[
        bool,
        typer.Option(
            "--tasks",
            help=say("Cả các nhiệm vụ của văn bản.", "The tasks of the directive as well."),
        ),
    ] = False,
    user: User = OFFICE_USER,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    async def work(house: House) -> list[Told]:
        found = await subjects.find(house, subject, user)
        if tasks:
            for one in [one for one in found if isinstance(one, Directive)]:
                found += await subjects.tasks_of(house, one, user)
        return [(one, await explained(house, one, user)) for one in found]

    told = with_house(data, work)
    if as_json:
        print_json([{"subject": s.name, "limits": [as_dict(one) for one in t]} for s, t in told])
        return
    for one, limits in told:
        stdout.rule(escape(title_of(one)), align="left")
        if not limits:
            stdout.print(
                say("Không có thời hạn nào được tính.", "No limit is counted for it."), style="dim"
            )
        for limit in limits:
            show(limit)
        if isinstance(one, Directive) and not tasks:
            for name in (name for item in one.items for name in item.tasks):
                stdout.print(f"  dondoc explain {escape(name)}", style="dim")


def title_of(subject: Subject) -> str:
    """`374/UBND-VXNV`, for a task with its ordinal."""
    if isinstance(subject, Task):
        return f"{subject.directive.document_code} · {subject.ordinal} · {subject.name}"
    return f"{subject.document_code} · {subject.name}"


async def explained(house: House, subject: Subject, user: str) -> list[pb.ExplainDeadlineResponse]:
    """Each clock of the subject and of the extensions asked for it, in the order of their starts."""
    service = "tasks" if isinstance(subject, Task) else "directives"
    names = [subject.name]
    if isinstance(subject, Task):
        names += [extension.name for extension in subject.extensions]
    found: list[pb.ExplainDeadlineResponse] = []
    for parent in names:
        ask = pb.ListClocksRequest(parent=parent, page_size=500)
        listed = await house.call(
            DeadlineServiceStub, "ListClocks", ask, user=user, service=service
        )
        for clock in listed.clocks:
            asking = pb.ExplainDeadlineRequest(name=clock.name, language=language.current.value)
            found.append(
                await house.call(
                    DeadlineServiceStub, "ExplainDeadline", asking, user=user, service=service
                )
            )
    return sorted(found, key=lambda told: told.clock.start_time.ToNanoseconds())
