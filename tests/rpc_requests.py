"""One right request for each RPC, and the RPCs that are served: what tests over all RPCs start from.

Commands carry a stale etag: whoever may do it is told ABORTED, and nothing is changed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from dondoc.calendar.v1 import calendar_pb2, calendar_service_pb2
from dondoc.directives.v1 import directive_service_pb2
from dondoc.directives.v1 import golive_service_pb2 as directives_golive_pb2
from dondoc.directory.v1 import agency_pb2, directory_service_pb2
from dondoc.inspections.v1 import inspection_service_pb2
from dondoc.limits.v1 import clock_control_service_pb2, deadline_service_pb2
from dondoc.notify.v1 import notify_service_pb2
from dondoc.reporting.v1 import reporting_service_pb2
from dondoc.tasks.v1 import golive_service_pb2 as tasks_golive_pb2
from dondoc.tasks.v1 import task_pb2, task_service_pb2
from dondoc.type.v1 import document_pb2, limit_pb2
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message

from services.kernel.runtime.protos import to_date, to_timestamp
from tests.fixtures.world import NOW, RELATIONS, World, directive, inspection, new_id

MODULES = [
    calendar_service_pb2,
    directive_service_pb2,
    directives_golive_pb2,
    directory_service_pb2,
    inspection_service_pb2,
    clock_control_service_pb2,
    deadline_service_pb2,
    notify_service_pb2,
    reporting_service_pb2,
    task_service_pb2,
    tasks_golive_pb2,
]

# "TaskService.GetTask" → its descriptor, of every service.
RPCS: dict[str, MethodDescriptor] = {
    f"{service.name}.{method.name}": method
    for module in MODULES
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}

STALE = "999999"
DOCUMENT = document_pb2.DocumentRef(number="1", symbol="CV", date=to_date(NOW.date()))
LATER = to_date(date(2024, 6, 28))


def stub_of(method: MethodDescriptor) -> Any:
    service = method.containing_service
    module = service.file.name.removesuffix(".proto").replace("/", ".") + "_pb2_grpc"
    return getattr(importlib.import_module(module), f"{service.name}Stub")


def _task(message: Callable[..., Message], **fields: Any) -> Callable[[World], Message]:
    return lambda w: message(request_id=new_id(), name=w.task, etag=STALE, **fields)


def _directive(message: Callable[..., Message], **fields: Any) -> Callable[[World], Message]:
    return lambda w: message(request_id=new_id(), name=w.directive, etag=STALE, **fields)


t, d = task_service_pb2, directive_service_pb2
REQUESTS: dict[str, Callable[[World], Message]] = {
    "CalendarService.ListCalendarDays": lambda w: calendar_service_pb2.ListCalendarDaysRequest(),
    "CalendarService.EditCalendar": lambda w: calendar_service_pb2.EditCalendarRequest(
        request_id=new_id(),
        base_version=999,
        days=[
            calendar_pb2.CalendarDay(
                day=to_date(date(2026, 11, 24)),
                kind=calendar_pb2.DAY_KIND_HOLIDAY,
                status=calendar_pb2.DAY_STATUS_ESTIMATED,
            )
        ],
    ),
    "CalendarService.GetCalendarState": lambda w: calendar_service_pb2.GetCalendarStateRequest(),
    "CalendarService.ListCalendarEdits": lambda w: calendar_service_pb2.ListCalendarEditsRequest(),
    "CalendarService.UndoCalendarEdit": lambda w: calendar_service_pb2.UndoCalendarEditRequest(
        request_id=new_id(), name="calendar/edits/2", base_version=999, reason="nhập nhầm"
    ),
    "DirectoryService.GetAgency": lambda w: directory_service_pb2.GetAgencyRequest(
        name=f"agencies/{RELATIONS['lead']}"
    ),
    "DirectoryService.ListAgencies": lambda w: directory_service_pb2.ListAgenciesRequest(),
    # The same as it stands: entered again, nothing changes.
    "DirectoryService.EnterAgency": lambda w: directory_service_pb2.EnterAgencyRequest(
        request_id=new_id(),
        agency=agency_pb2.Agency(
            name=f"agencies/{RELATIONS['stranger']}",
            display_name=f"Cơ quan {RELATIONS['stranger']}",
            kind=agency_pb2.AGENCY_KIND_DEPARTMENT,
            assignable=True,
            connected=True,
        ),
    ),
    "DirectoryService.AppointOfficer": lambda w: directory_service_pb2.AppointOfficerRequest(
        request_id=new_id(),
        name=f"agencies/{RELATIONS['lead']}",
        officer=agency_pb2.Officer(email="a@dondoc.example"),
        etag=STALE,
    ),
    "DirectoryService.GetOfficersState": lambda w: directory_service_pb2.GetOfficersStateRequest(),
    # No letter in the name: refused by the handler, for whoever gets that far.
    "DirectoryService.EnterGroup": lambda w: directory_service_pb2.EnterGroupRequest(
        request_id=new_id(), group=agency_pb2.AgencyGroup(display_name="…")
    ),
    "DirectoryService.ListGroups": lambda w: directory_service_pb2.ListGroupsRequest(),
    "DirectoryService.ResolveAddressees": lambda w: directory_service_pb2.ResolveAddresseesRequest(
        phrases=["các sở, ban, ngành"]
    ),
    # The directive as it stands: the same document twice gives the first.
    "DirectiveService.EnterDirective": lambda w: d.EnterDirectiveRequest(
        request_id=new_id(), directive=directive("1")
    ),
    "DirectiveService.GetDirective": lambda w: d.GetDirectiveRequest(name=w.directive),
    "DirectiveService.ListDirectives": lambda w: d.ListDirectivesRequest(),
    "DirectiveService.SupplementDirective": _directive(d.SupplementDirectiveRequest, signer="A"),
    "DirectiveService.ClassifyItem": _directive(
        d.ClassifyItemRequest,
        ordinal=1,
        limit=limit_pb2.TaskLimit(limit_class=limit_pb2.LIMIT_CLASS_WITHOUT_LIMIT),
    ),
    "DirectiveService.RecordConsultation": _directive(
        d.RecordConsultationRequest, consulted_agencies=[f"agencies/{RELATIONS['stranger']}"]
    ),
    "DirectiveService.ForwardDirective": _directive(d.ForwardDirectiveRequest),
    "DirectiveService.RecordNoTask": _directive(d.RecordNoTaskRequest),
    "DirectiveService.WithdrawDirective": _directive(
        d.WithdrawDirectiveRequest, document=DOCUMENT, reason="không còn phù hợp"
    ),
    "InspectionService.DecideInspection": lambda w: inspection_service_pb2.DecideInspectionRequest(
        request_id=new_id(), inspection=inspection("tasks/00000000-0000-0000-0000-000000000000")
    ),
    "InspectionService.GetInspection": lambda w: inspection_service_pb2.GetInspectionRequest(
        name=w.inspection
    ),
    "InspectionService.ListInspections": lambda w: inspection_service_pb2.ListInspectionsRequest(),
    "ClockControlService.GetTime": lambda w: clock_control_service_pb2.GetTimeRequest(),
    # Backwards: refused by the handler.
    "ClockControlService.SetTime": lambda w: clock_control_service_pb2.SetTimeRequest(
        time=to_timestamp(datetime(2021, 1, 1, tzinfo=UTC))
    ),
    "ClockControlService.RunTimers": lambda w: clock_control_service_pb2.RunTimersRequest(),
    "DeadlineService.GetClock": lambda w: deadline_service_pb2.GetClockRequest(name=w.clock),
    "DeadlineService.ListClocks": lambda w: deadline_service_pb2.ListClocksRequest(parent=w.task),
    "DeadlineService.ExplainDeadline": lambda w: deadline_service_pb2.ExplainDeadlineRequest(
        name=w.clock
    ),
    # The due date becomes a day off: whoever sees the clock sees it move.
    "DeadlineService.PreviewCalendarEdit": lambda w: (
        deadline_service_pb2.PreviewCalendarEditRequest(
            days=[
                calendar_pb2.CalendarDay(
                    day=to_date(date(2024, 4, 26)),
                    kind=calendar_pb2.DAY_KIND_HOLIDAY,
                    status=calendar_pb2.DAY_STATUS_ESTIMATED,
                )
            ]
        )
    ),
    "DeadlineService.GetCompliance": lambda w: deadline_service_pb2.GetComplianceRequest(),
    "DeadlineService.GetTrace": lambda w: deadline_service_pb2.GetTraceRequest(name=w.task),
    # No receiver is set: FAILED_PRECONDITION for whoever gets that far.
    "DeadlineService.SendTrace": lambda w: deadline_service_pb2.SendTraceRequest(
        request_id=new_id(), name=w.task
    ),
    "NotifyService.GetNotice": lambda w: notify_service_pb2.GetNoticeRequest(name=w.notice),
    "NotifyService.ListNotices": lambda w: notify_service_pb2.ListNoticesRequest(),
    "NotifyService.MarkRead": lambda w: notify_service_pb2.MarkReadRequest(
        request_id=new_id(), name=w.notice
    ),
    "NotifyService.ListDeliveries": lambda w: notify_service_pb2.ListDeliveriesRequest(),
    # The inbox has been reached: FAILED_PRECONDITION for whoever gets that far.
    "NotifyService.RetryDelivery": lambda w: notify_service_pb2.RetryDeliveryRequest(
        request_id=new_id(), name=f"{w.notice}/deliveries/inbox"
    ),
    "ReportingService.GetFigures": lambda w: reporting_service_pb2.GetFiguresRequest(),
    "ReportingService.ExportFigures": lambda w: reporting_service_pb2.ExportFiguresRequest(),
    "ReportingService.GetClockFigures": lambda w: reporting_service_pb2.GetClockFiguresRequest(),
    "ReportingService.GetReport": lambda w: reporting_service_pb2.GetReportRequest(name=w.report),
    "ReportingService.ListReports": lambda w: reporting_service_pb2.ListReportsRequest(),
    "ReportingService.RecordReport": lambda w: reporting_service_pb2.RecordReportRequest(
        request_id=new_id(),
        name=w.report,
        etag=STALE,
        sent_date=to_date(NOW.date()),
        document=DOCUMENT,
    ),
    # Forwarded on the day of its cut-over: refused by the handler.
    "GoLiveService.LoadDirective": lambda w: directives_golive_pb2.LoadDirectiveRequest(
        request_id=new_id(),
        directive=directive("970"),
        forward_date=to_date(NOW.date()),
        cut_over_date=to_date(NOW.date()),
    ),
    # Its directive was not loaded: refused by the handler.
    "GoLiveService.LoadTask": lambda w: tasks_golive_pb2.LoadTaskRequest(
        request_id=new_id(), name=w.task
    ),
    "TaskService.GetTask": lambda w: t.GetTaskRequest(name=w.task),
    "TaskService.ListTasks": lambda w: t.ListTasksRequest(),
    "TaskService.AcceptTask": _task(t.AcceptTaskRequest),
    "TaskService.ReturnTask": _task(
        t.ReturnTaskRequest, reason=task_pb2.RETURN_REASON_CONTENT_INACCURATE, words="sai"
    ),
    "TaskService.ReforwardTask": _task(t.ReforwardTaskRequest),
    "TaskService.RecordProgress": _task(t.RecordProgressRequest, situation="đang làm"),
    "TaskService.ReportResult": _task(
        t.ReportResultRequest, done_date=to_date(NOW.date()), summary="xong"
    ),
    "TaskService.EnterOnBehalf": _task(
        t.EnterOnBehalfRequest,
        done_date=to_date(NOW.date()),
        summary="xong",
        document=DOCUMENT,
        receipt_date=to_date(NOW.date()),
    ),
    "TaskService.ConfirmTask": _task(
        t.ConfirmTaskRequest, evaluation=task_pb2.Evaluation(progress=task_pb2.GRADE_GOOD)
    ),
    "TaskService.SendBackTask": _task(
        t.SendBackTaskRequest, reason=task_pb2.SEND_BACK_REASON_QUALITY, words="chưa đạt"
    ),
    "TaskService.CloseTask": _task(t.CloseTaskRequest),
    "TaskService.WithdrawTask": _task(
        t.WithdrawTaskRequest, document=DOCUMENT, reason="không còn phù hợp"
    ),
    "TaskService.AmendDueDate": _task(
        t.AmendDueDateRequest,
        due_date=LATER,
        origin=document_pb2.ORIGIN_PROVINCE,
        document=DOCUMENT,
    ),
    "TaskService.RequestExtension": _task(
        t.RequestExtensionRequest,
        requested_due_date=LATER,
        reason=task_pb2.EXTENSION_REASON_OTHER,
        reason_words="cần thêm thời gian",
        request_document=DOCUMENT,
    ),
    "TaskService.AdmitExtension": _task(
        t.AdmitExtensionRequest,
        requested_due_date=LATER,
        reason=task_pb2.EXTENSION_REASON_OTHER,
        reason_words="cần thêm thời gian",
        request_document=DOCUMENT,
        ask_date=to_date(NOW.date()),
        admission_words="thiên tai",
    ),
    "TaskService.AnswerExtension": lambda w: t.AnswerExtensionRequest(
        request_id=new_id(),
        name=f"{w.task}/extensions/1",
        etag=STALE,
        granted=True,
        granted_due_date=LATER,
        answer_document=DOCUMENT,
    ),
    "TaskService.SubmitExtension": lambda w: t.SubmitExtensionRequest(
        request_id=new_id(), name=f"{w.task}/extensions/1", etag=STALE, document=DOCUMENT
    ),
    "TaskService.WithdrawExtension": lambda w: t.WithdrawExtensionRequest(
        request_id=new_id(), name=f"{w.task}/extensions/1", etag=STALE, document=DOCUMENT
    ),
}
