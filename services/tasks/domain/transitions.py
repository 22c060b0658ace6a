"""What may be done to a task in which state, as data. The words are those of TaskService."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.tasks.domain import guards
from services.tasks.domain.guards import Facts, Guard
from services.tasks.domain.refusals import WrongState
from services.tasks.domain.task import Task
from services.tasks.domain.values import TaskState


class Action(StrEnum):
    """Named like the methods of TaskService, so that a refusal tells a caller what to call."""

    ACCEPT = "AcceptTask"
    RETURN = "ReturnTask"
    REFORWARD = "ReforwardTask"
    RECORD_PROGRESS = "RecordProgress"
    REPORT_RESULT = "ReportResult"
    ENTER_ON_BEHALF = "EnterOnBehalf"
    CONFIRM = "ConfirmTask"
    SEND_BACK = "SendBackTask"
    CLOSE = "CloseTask"
    WITHDRAW = "WithdrawTask"
    AMEND_DUE_DATE = "AmendDueDate"
    REQUEST_EXTENSION = "RequestExtension"
    ADMIT_EXTENSION = "AdmitExtension"
    SUBMIT_EXTENSION = "SubmitExtension"
    ANSWER_EXTENSION = "AnswerExtension"
    WITHDRAW_EXTENSION = "WithdrawExtension"


class Who(StrEnum):
    """Who does it; the grants in the .proto enforce it, a test holds the two together."""

    LEAD = "LEAD"
    OFFICE = "OFFICE"
    EITHER = "EITHER"  # a guard tells when it is for the Office


@dataclass(frozen=True, slots=True)
class Transition:
    """`to` is None where the state stays."""

    action: Action
    sources: tuple[TaskState, ...]
    to: TaskState | None
    who: Who
    guards: tuple[Guard, ...] = ()


_S = TaskState
_WITH_AGENCY = (_S.FORWARDED, _S.ACCEPTED, _S.IN_PROGRESS)
# A result reported meanwhile does not undo a request: its answer can still move the due date.
_ASKED = (*_WITH_AGENCY, _S.REPORTED, _S.CONFIRMED)

TRANSITIONS: tuple[Transition, ...] = (
    Transition(Action.ACCEPT, (_S.FORWARDED,), _S.ACCEPTED, Who.LEAD),
    Transition(Action.RETURN, (_S.FORWARDED, _S.ACCEPTED), _S.RETURNED, Who.LEAD),
    Transition(Action.REFORWARD, (_S.RETURNED,), _S.FORWARDED, Who.OFFICE),
    Transition(
        Action.RECORD_PROGRESS, (_S.ACCEPTED, _S.IN_PROGRESS), _S.IN_PROGRESS, Who.LEAD
    ),
    Transition(Action.REPORT_RESULT, (_S.ACCEPTED, _S.IN_PROGRESS), _S.REPORTED, Who.LEAD),
    Transition(
        Action.ENTER_ON_BEHALF, _WITH_AGENCY, _S.REPORTED, Who.OFFICE, (guards.lead_unconnected,)
    ),
    Transition(Action.CONFIRM, (_S.REPORTED,), _S.CONFIRMED, Who.OFFICE),
    Transition(Action.SEND_BACK, (_S.REPORTED,), _S.IN_PROGRESS, Who.OFFICE),
    # An agency's request is answered before its task is closed (điểm d khoản 1 Điều 6).
    Transition(
        Action.CLOSE, (_S.CONFIRMED,), _S.CLOSED, Who.OFFICE, (guards.no_open_extension,)
    ),
    # With its directive or alone. What was done and confirmed is history, not withdrawn any more.
    Transition(
        Action.WITHDRAW, (*_WITH_AGENCY, _S.RETURNED, _S.REPORTED), _S.WITHDRAWN, Who.OFFICE
    ),
    # Of a returned task the date is stated when it is forwarded again, of a confirmed one it is history.
    Transition(Action.AMEND_DUE_DATE, (*_WITH_AGENCY, _S.REPORTED), None, Who.OFFICE),
    Transition(
        Action.REQUEST_EXTENSION, _WITH_AGENCY, None, Who.LEAD,
        (guards.due_date_known, guards.origin_open, guards.no_open_extension,
         guards.extensions_left, guards.still_in_time),
    ),
    Transition(
        Action.ADMIT_EXTENSION, _WITH_AGENCY, None, Who.OFFICE,
        (guards.due_date_known, guards.origin_open, guards.no_open_extension,
         guards.extensions_left),
    ),
    Transition(Action.SUBMIT_EXTENSION, _ASKED, None, Who.OFFICE),
    Transition(Action.ANSWER_EXTENSION, _ASKED, None, Who.OFFICE),
    Transition(
        Action.WITHDRAW_EXTENSION, _ASKED, None, Who.EITHER, (guards.for_itself_or_unconnected,)
    ),
)  # fmt: skip

BY_ACTION = {transition.action: transition for transition in TRANSITIONS}


def allowed(state: TaskState) -> tuple[Action, ...]:
    """The actions that this state allows, guards aside."""
    return tuple(found.action for found in TRANSITIONS if state in found.sources)


def target(task: Task, action: Action, facts: Facts) -> TaskState:
    """The state after the action; WrongState, or what a guard refuses."""
    transition = BY_ACTION[action]
    if task.state not in transition.sources:
        raise WrongState(task.state, action, allowed(task.state))
    for guard in transition.guards:
        guard(task, facts)
    return transition.to or task.state
