"""The requests of the demonstration: each act of the script as the call that carries it out.

Words are given only where Điều 5 allows them, and say that they are sample data.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dondoc.directives.v1 import directive_pb2
from dondoc.directives.v1 import directive_service_pb2 as directives
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.inspections.v1 import inspection_pb2
from dondoc.inspections.v1 import inspection_service_pb2 as inspections
from dondoc.inspections.v1.inspection_service_pb2_grpc import InspectionServiceStub
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as tasks
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub
from dondoc.type.v1 import document_pb2, limit_pb2
from google.protobuf.message import Message

from sample.acts import Act, TaskKey, What
from sample.documents import MARK, GeneratedDirective, Item
from services.kernel.runtime.protos import to_date

_REQUESTS = uuid.uuid5(uuid.NAMESPACE_URL, "dondoc:play")
# Documents of the demonstration carry a symbol that no real one has.
SYMBOL = "MẪU"

Names = Mapping[str, str]  # display name → "agencies/…"


def request_id(seed: int, key: str) -> str:
    """The same act of the same script is the same request, in every run."""
    return str(uuid.uuid5(_REQUESTS, f"{seed}:{key}"))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call that is ready to be made."""

    stub: type[Any]
    method: str
    request: Message


@dataclass
class Requests:
    """Turns acts into calls. `entered` holds each directive as the house last answered it."""

    seed: int
    agencies: Names
    directives: Mapping[str, GeneratedDirective]
    entered: dict[str, directive_pb2.Directive]

    def of(self, act: Act) -> Prepared:
        """KeyError when what the act is about was never entered."""
        if act.what is What.INSPECT:
            stub: type[Any] = InspectionServiceStub
            request = self._inspection(act)
        elif act.task is None:
            stub, request = DirectiveServiceStub, self._directive(act)
        else:
            stub, request = TaskServiceStub, _TASK_ACTS[act.what](self, act)
            request.name = request.name or self.task(act.task)
        request.request_id = request_id(self.seed, act.key)
        return Prepared(stub, act.what, request)

    def task(self, key: TaskKey) -> str:
        """The resource name that was minted when its directive was forwarded."""
        item = self.entered[key.directive].items[key.ordinal - 1]
        return item.tasks[list(item.lead_agencies).index(self.agencies[key.lead])]

    def says(self, act: Act, words: str) -> str:
        """Words of the demonstration; none for a task of a classified directive."""
        return "" if self.directives[act.directive].classified else f"{MARK} {words}"

    # -- directives ---------------------------------------------------------------------------

    def _directive(self, act: Act) -> Any:
        if act.what is What.ENTER:
            return directives.EnterDirectiveRequest(
                directive=self.directive_message(self.directives[act.directive])
            )
        name = self.entered[act.directive].name
        if act.what is What.CONSULT:
            asked = [self.agencies[agency] for agency in act.others]
            return directives.RecordConsultationRequest(name=name, consulted_agencies=asked)
        return directives.ForwardDirectiveRequest(name=name)

    def directive_message(self, given: GeneratedDirective) -> directive_pb2.Directive:
        return directive_pb2.Directive(
            kind=document_pb2.DocumentKind.Value(f"DOCUMENT_KIND_{given.kind}"),
            number=given.number,
            symbol=given.symbol,
            issue_date=to_date(given.issued),
            issuing_authority=directive_pb2.IssuingAuthority.Value(
                f"ISSUING_AUTHORITY_{given.authority}"
            ),
            abstract=given.abstract,
            submitting_agency=self.agencies[given.submitting],
            monitoring_agency=self.agencies[given.monitoring],
            secrecy=document_pb2.Secrecy.Value(f"SECRECY_{given.secrecy}"),
            urgency=directive_pb2.Urgency.Value(f"URGENCY_{given.urgency}"),
            origin=document_pb2.Origin.Value(f"ORIGIN_{given.origin}"),
            intake=directive_pb2.INTAKE_OFFICE,
            items=[self._item(item) for item in given.items],
            generated=True,
        )

    def _item(self, item: Item) -> directive_pb2.DirectiveItem:
        limit = limit_pb2.TaskLimit(
            limit_class=(
                limit_pb2.LIMIT_CLASS_WITH_LIMIT
                if item.with_limit
                else limit_pb2.LIMIT_CLASS_WITHOUT_LIMIT
            ),
            due_date=to_date(item.due),
            purpose=limit_pb2.LimitPurpose.Value(f"LIMIT_PURPOSE_{item.purpose}"),
            origin=document_pb2.Origin.Value(f"ORIGIN_{item.origin}"),
        )
        return directive_pb2.DirectiveItem(
            content=item.content,
            limit=limit,
            limit_in_words=item.limit_in_words,
            lead_agencies=[self.agencies[name] for name in item.leads],
            coordinating_agencies=[self.agencies[name] for name in item.coordinating],
            addressed_groups=[item.group] if item.group else [],
        )

    # -- inspections --------------------------------------------------------------------------

    def _inspection(self, act: Act) -> inspections.DecideInspectionRequest:
        """On signs that tasks are not done (khoản 2 Điều 14), with all of khoản 3 Điều 15.

        Nobody is invented: the members of the team are called by their parts.
        """
        office = self.agencies[act.who]
        day = act.at.date()
        names = [self.agencies[act.other]]
        return inspections.DecideInspectionRequest(
            inspection=inspection_pb2.Inspection(
                kind=inspection_pb2.INSPECTION_KIND_AD_HOC,
                decided_by=inspection_pb2.DECIDED_BY_CHAIRMAN,
                decision=_document(act, day),
                legal_basis=f"{MARK} Khoản 2 Điều 14 của Quy chế (69/2019/QĐ-UBND)",
                scope=f"{MARK} Các nhiệm vụ quá hạn của {act.other}",
                subject_agencies=names,
                tasks=[self.task(key) for key in act.tasks],
                content=f"{MARK} Việc tổ chức thực hiện và cập nhật kết quả",
                start_date=to_date(day + timedelta(days=7)),
                end_date=to_date(day + timedelta(days=11)),
                team=[
                    inspection_pb2.TeamMember(person="Trưởng đoàn mẫu", agency=office, leader=True),
                    inspection_pb2.TeamMember(person="Thành viên mẫu", agency=office),
                ],
            )
        )


def _document(act: Act, day: date) -> document_pb2.DocumentRef:
    return document_pb2.DocumentRef(number=str(act.n), symbol=SYMBOL, date=to_date(day))


# -- tasks ------------------------------------------------------------------------------------


def _accept(_: Requests, act: Act) -> Any:
    return tasks.AcceptTaskRequest()


def _return(say: Requests, act: Act) -> Any:
    return tasks.ReturnTaskRequest(
        reason=task_pb2.ReturnReason.Value(f"RETURN_REASON_{act.reason}"),
        words=say.says(act, "Nhiệm vụ không thuộc chức năng của cơ quan"),
    )


def _reforward(say: Requests, act: Act) -> Any:
    return tasks.ReforwardTaskRequest(lead_agency=say.agencies[act.other])


def _progress(say: Requests, act: Act) -> Any:
    return tasks.RecordProgressRequest(
        date=to_date(act.at.date()), situation=say.says(act, "Đang thực hiện theo kế hoạch")
    )


def _report(say: Requests, act: Act) -> Any:
    assert act.day
    return tasks.ReportResultRequest(
        done_date=to_date(act.day),
        summary=say.says(act, "Đã thực hiện xong nội dung được giao"),
        quality=task_pb2.GRADE_SATISFACTORY,
        effectiveness=task_pb2.GRADE_SATISFACTORY,
        document=_document(act, act.day),
    )


def _on_behalf(say: Requests, act: Act) -> Any:
    assert act.day
    return tasks.EnterOnBehalfRequest(
        done_date=to_date(act.day),
        receipt_date=to_date(act.received),
        summary=say.says(act, "Theo báo cáo bằng văn bản của cơ quan"),
        quality=task_pb2.GRADE_SATISFACTORY,
        effectiveness=task_pb2.GRADE_SATISFACTORY,
        document=_document(act, act.day),
    )


def _confirm(_: Requests, act: Act) -> Any:
    satisfactory = task_pb2.GRADE_SATISFACTORY
    return tasks.ConfirmTaskRequest(
        evaluation=task_pb2.Evaluation(
            progress=satisfactory, quality=satisfactory, effectiveness=satisfactory
        )
    )


def _send_back(say: Requests, act: Act) -> Any:
    return tasks.SendBackTaskRequest(
        reason=task_pb2.SendBackReason.Value(f"SEND_BACK_REASON_{act.reason}"),
        words=say.says(act, "Báo cáo chưa đủ nội dung"),
    )


def _close(_: Requests, act: Act) -> Any:
    return tasks.CloseTaskRequest()


def _ask(say: Requests, act: Act) -> Any:
    return tasks.RequestExtensionRequest(
        requested_due_date=to_date(act.day),
        reason=task_pb2.ExtensionReason.Value(f"EXTENSION_REASON_{act.reason}"),
        reason_words=say.says(act, "Cần thêm thời gian"),
        request_document=_document(act, act.at.date()),
    )


def _admit(say: Requests, act: Act) -> Any:
    return tasks.AdmitExtensionRequest(
        requested_due_date=to_date(act.day),
        reason=task_pb2.ExtensionReason.Value(f"EXTENSION_REASON_{act.reason}"),
        reason_words=say.says(act, "Cần thêm thời gian"),
        request_document=_document(act, act.at.date()),
        ask_date=to_date(act.received),
        admission_words=say.says(act, "Văn phòng tiếp nhận vì lý do bất khả kháng"),
    )


def _answer(say: Requests, act: Act) -> Any:
    assert act.task
    return tasks.AnswerExtensionRequest(
        name=f"{say.task(act.task)}/extensions/{act.n}",
        granted=act.granted,
        granted_due_date=to_date(act.day) if act.granted else None,
        answer_document=_document(act, act.at.date()),
    )


_TASK_ACTS: Mapping[What, Callable[[Requests, Act], Any]] = {
    What.ACCEPT: _accept,
    What.RETURN: _return,
    What.REFORWARD: _reforward,
    What.PROGRESS: _progress,
    What.REPORT: _report,
    What.ON_BEHALF: _on_behalf,
    What.CONFIRM: _confirm,
    What.SEND_BACK: _send_back,
    What.CLOSE: _close,
    What.ASK: _ask,
    What.ADMIT: _admit,
    What.ANSWER: _answer,
}
