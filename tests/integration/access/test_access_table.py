"""Who may call what: every RPC × role × relation to the task, against expectations written by hand.

Letters stand for the caller's relation: Lead, coOrdinating, Monitoring, Submitting, Concerned, superior
(of the lead), stranger. A = allowed (whatever else may then be wrong with the request), D = denied,
H = hidden (NOT_FOUND, or not in the list).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import grpc
import pytest

from services.kernel.runtime.access import Grant, Rule, Scope
from tests.fixtures.world import RELATIONS, World, token
from tests.rpc_requests import REQUESTS, RPCS, stub_of

AGENCIES = ("department", "district", "it-center", "other-agency")
ROLES = ("office", "leadership", "auditor", *AGENCIES, "shared-system", "no-role")

#            LOMSC^-   lead, coordinating, monitoring, submitting, concerned, superior, stranger
ALL = "AAAAAAA"
NONE = "DDDDDDD"
PARTY = "AAAAAAH"  # the parties and the lead's superior
ACTING = "ADDDDDH"  # the lead acts, the others look on
OWN = "AHHHHHH"
OWN_OR_BELOW = "AHHHHAH"
OWN_SEEN_ABOVE = "AHHHHDH"  # its superior looks on
LEAD_OF_OFFICE = "ADDDDDD"  # the Office sees everything, and acts as lead where it is lead


def by_role(office: str, readers: str, agencies: str, shared: str = NONE) -> dict[str, str]:
    """`readers`: leadership and auditor."""
    return {
        "office": office,
        "leadership": readers,
        "auditor": readers,
        **dict.fromkeys(AGENCIES, agencies),
        "shared-system": shared,
        "no-role": NONE,
    }


OPEN_TO_ALL = by_role(ALL, ALL, ALL, ALL)
OFFICE_ONLY = by_role(ALL, NONE, NONE)
OFFICE_AND_READERS = by_role(ALL, ALL, NONE)
OPERATORS = {**OFFICE_ONLY, "it-center": ALL}
READ_TASK = by_role(ALL, ALL, PARTY)
ACT_AS_LEAD = by_role(LEAD_OF_OFFICE, NONE, ACTING)
LEAD_OR_OFFICE = by_role(ALL, NONE, ACTING)  # the Office for an agency without connection
INBOX = by_role(OWN, NONE, OWN)
FIGURES = by_role(ALL, ALL, OWN_OR_BELOW)
READ_INSPECTION = by_role(ALL, ALL, OWN)

EXPECTED: dict[str, Mapping[str, str]] = {
    "CalendarService.ListCalendarDays": OPEN_TO_ALL,
    "CalendarService.GetCalendarState": OPEN_TO_ALL,
    "CalendarService.EditCalendar": OFFICE_ONLY,
    "CalendarService.ListCalendarEdits": OFFICE_AND_READERS,
    "CalendarService.UndoCalendarEdit": OFFICE_ONLY,
    "DirectoryService.GetAgency": OPEN_TO_ALL,
    "DirectoryService.ListAgencies": OPEN_TO_ALL,
    "DirectoryService.EnterAgency": OPERATORS,
    "DirectoryService.AppointOfficer": OPERATORS,
    "DirectoryService.GetOfficersState": {**by_role(ALL, ALL, NONE), "it-center": ALL},
    "DirectoryService.EnterGroup": OPERATORS,
    "DirectoryService.ListGroups": OPEN_TO_ALL,
    "DirectoryService.ResolveAddressees": by_role(ALL, NONE, NONE, ALL),
    "DirectiveService.EnterDirective": by_role(ALL, NONE, NONE, ALL),
    "DirectiveService.GetDirective": OFFICE_AND_READERS,
    "DirectiveService.ListDirectives": OFFICE_AND_READERS,
    "DirectiveService.SupplementDirective": OFFICE_ONLY,
    "DirectiveService.ClassifyItem": OFFICE_ONLY,
    "DirectiveService.RecordConsultation": OFFICE_ONLY,
    "DirectiveService.ForwardDirective": OFFICE_ONLY,
    "DirectiveService.RecordNoTask": OFFICE_ONLY,
    "DirectiveService.WithdrawDirective": OFFICE_ONLY,
    "GoLiveService.LoadDirective": OPERATORS,
    "GoLiveService.LoadTask": OPERATORS,
    "InspectionService.DecideInspection": OFFICE_ONLY,
    "InspectionService.GetInspection": READ_INSPECTION,
    "InspectionService.ListInspections": READ_INSPECTION,
    "ClockControlService.GetTime": OPERATORS,
    "ClockControlService.SetTime": OPERATORS,
    "ClockControlService.RunTimers": OPERATORS,
    "DeadlineService.GetClock": READ_TASK,
    "DeadlineService.ListClocks": READ_TASK,
    "DeadlineService.ExplainDeadline": READ_TASK,
    "DeadlineService.PreviewCalendarEdit": READ_TASK,
    "DeadlineService.GetCompliance": {**FIGURES, "it-center": ALL},
    "DeadlineService.GetTrace": READ_TASK,
    "DeadlineService.SendTrace": OPERATORS,
    "NotifyService.GetNotice": INBOX,
    "NotifyService.ListNotices": INBOX,
    "NotifyService.MarkRead": INBOX,
    "NotifyService.ListDeliveries": {**OPERATORS, "auditor": ALL},
    "NotifyService.RetryDelivery": OPERATORS,
    "ReportingService.GetFigures": FIGURES,
    "ReportingService.ExportFigures": FIGURES,
    "ReportingService.GetClockFigures": FIGURES,
    "ReportingService.GetReport": FIGURES,
    "ReportingService.ListReports": FIGURES,
    "ReportingService.RecordReport": by_role(ALL, NONE, OWN_SEEN_ABOVE),
    "TaskService.GetTask": READ_TASK,
    "TaskService.ListTasks": READ_TASK,
    "TaskService.AcceptTask": ACT_AS_LEAD,
    "TaskService.ReturnTask": ACT_AS_LEAD,
    "TaskService.ReforwardTask": OFFICE_ONLY,
    "TaskService.RecordProgress": ACT_AS_LEAD,
    "TaskService.ReportResult": ACT_AS_LEAD,
    "TaskService.EnterOnBehalf": OFFICE_ONLY,
    "TaskService.ConfirmTask": OFFICE_ONLY,
    "TaskService.SendBackTask": OFFICE_ONLY,
    "TaskService.CloseTask": OFFICE_ONLY,
    "TaskService.WithdrawTask": OFFICE_ONLY,
    "TaskService.AmendDueDate": OFFICE_ONLY,
    "TaskService.RequestExtension": ACT_AS_LEAD,
    "TaskService.AdmitExtension": OFFICE_ONLY,
    "TaskService.AnswerExtension": OFFICE_ONLY,
    "TaskService.SubmitExtension": OFFICE_ONLY,
    "TaskService.WithdrawExtension": LEAD_OR_OFFICE,
}

# Where the object is one of a list: how to look for it in the answer.
LEAD_NAME = f"agencies/{RELATIONS['lead']}"
LOOK_FOR = {
    "InspectionService.ListInspections": lambda w, r: (
        w.inspection in [i.name for i in r.inspections]
    ),
    "DeadlineService.ListClocks": lambda w, r: w.clock in [c.name for c in r.clocks],
    "DeadlineService.PreviewCalendarEdit": lambda w, r: w.clock in [m.clock for m in r.moves],
    "DeadlineService.GetCompliance": lambda w, r: LEAD_NAME in [row.agency for row in r.rows],
    "NotifyService.ListNotices": lambda w, r: w.notice in [n.name for n in r.notices],
    "ReportingService.GetFigures": lambda w, r: LEAD_NAME in [row.agency for row in r.rows],
    "ReportingService.ExportFigures": lambda w, r: (
        f"Cơ quan {RELATIONS['lead']}" in r.data.decode()
    ),
    "ReportingService.GetClockFigures": lambda w, r: LEAD_NAME in [row.agency for row in r.rows],
    "ReportingService.ListReports": lambda w, r: w.report in [x.name for x in r.reports],
    "TaskService.ListTasks": lambda w, r: w.task in [task.name for task in r.tasks],
}


async def outcome(world: World, rpc: str, role: str, relation: str) -> str:
    """One call with a real token; A, D or H."""
    method = RPCS[rpc]
    room = world.room_of(method.containing_service.full_name)
    who = token(RELATIONS[relation], *(() if role == "no-role" else (role, "officer")))
    try:
        response: Any = await room.call(stub_of(method), method.name, REQUESTS[rpc](world), who)
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.PERMISSION_DENIED:
            return "D"
        if error.code() is grpc.StatusCode.NOT_FOUND:
            return "H"
        assert error.code() not in (
            grpc.StatusCode.UNAUTHENTICATED,
            grpc.StatusCode.INTERNAL,
            grpc.StatusCode.UNKNOWN,
            grpc.StatusCode.UNIMPLEMENTED,
        ), f"{rpc}: {error.details()}"
        return "A"
    look = LOOK_FOR.get(rpc)
    return "A" if look is None or look(world, response) else "H"


async def differences(world: World, rpc: str) -> list[str]:
    """Where the services answer otherwise than the table expects."""
    found = []
    for role in ROLES:
        for relation, expected in zip(RELATIONS, EXPECTED[rpc][role], strict=True):
            got = await outcome(world, rpc, role, relation)
            if got != expected:
                found.append(f"{rpc} as {role} of the {relation}: {got}, expected {expected}")
    return found


def test_every_rpc_has_expectations_and_a_request() -> None:
    assert set(EXPECTED) == set(RPCS)
    assert set(REQUESTS) == set(RPCS)


@pytest.mark.rule("R6.3b", "R8.1a", "R21.3")
@pytest.mark.parametrize("rpc", EXPECTED)
async def test_access_is_as_the_table_says(world: World, rpc: str) -> None:
    assert not await differences(world, rpc)


@pytest.mark.parametrize(
    ("rpc", "path"),
    [
        ("TaskService.GetTask", "/dondoc.tasks.v1.TaskService/GetTask"),
        ("TaskService.ConfirmTask", "/dondoc.tasks.v1.TaskService/ConfirmTask"),
        ("NotifyService.GetNotice", "/dondoc.notify.v1.NotifyService/GetNotice"),
    ],
)
async def test_a_rule_that_was_widened_turns_the_table_red(
    world: World, rpc: str, path: str
) -> None:
    room = world.room_of(RPCS[rpc].containing_service.full_name)
    rules = room.running.gate.rules
    kept: Rule = rules[path]
    everything = Grant(frozenset(AGENCIES), "", Scope.ANY)
    rules[path] = replace(
        kept, grants=(*kept.grants, everything), visible=(*kept.visible, everything)
    )
    try:
        assert await differences(world, rpc)
    finally:
        rules[path] = kept
    assert not await differences(world, rpc)
