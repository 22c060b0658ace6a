"""Every action in every state: what is allowed happens, what is not names the state and the allowed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from dondoc.authz.v1 import authz_pb2
from dondoc.tasks.v1 import task_pb2, task_service_pb2

from services.tasks.domain import acts, amendments, extensions, values
from services.tasks.domain.refusals import WrongState
from services.tasks.domain.task import Task
from services.tasks.domain.transitions import BY_ACTION, Action, Who, allowed
from services.tasks.domain.values import TaskState
from tests.unit.tasks.task_builders import (
    ANSWER,
    GOOD,
    LETTER,
    WITHDRAWING,
    amended,
    asked,
    facts,
    in_state,
    with_open_extension,
)

S = TaskState

ACTS: dict[Action, Callable[[Task], Task]] = {
    Action.ACCEPT: lambda t: acts.accept(t, facts()),
    Action.RETURN: lambda t: acts.return_to_office(t, facts(), "TASK_MISSING", "Thiếu nhiệm vụ"),
    Action.REFORWARD: lambda t: acts.reforward(t, facts(), "", "", None),
    Action.RECORD_PROGRESS: lambda t: acts.record_progress(t, facts(), None, "Đang làm"),
    Action.REPORT_RESULT: lambda t: acts.report_result(
        t, facts(), date(2026, 1, 7), "Đã xong", "GOOD", "GOOD", None
    ),
    Action.ENTER_ON_BEHALF: lambda t: acts.enter_on_behalf(
        t, facts(), date(2026, 1, 7), "Đã xong", "GOOD", "GOOD", LETTER, date(2026, 1, 8)
    ),
    Action.CONFIRM: lambda t: acts.confirm(t, facts(), GOOD),
    Action.SEND_BACK: lambda t: acts.send_back(t, facts(), "INCOMPLETE", "Còn thiếu"),
    Action.CLOSE: lambda t: acts.close(t, facts()),
    Action.WITHDRAW: lambda t: acts.withdraw(t, facts(), WITHDRAWING, "Không còn cần", "chi-do"),
    Action.AMEND_DUE_DATE: lambda t: amendments.amend(t, facts(), amended(), "chi-do"),
    Action.REQUEST_EXTENSION: lambda t: extensions.request(t, facts(), asked()),
    Action.ADMIT_EXTENSION: lambda t: extensions.admit(
        t, facts(), asked(), date(2026, 1, 8), "Có lý do chính đáng"
    ),
    Action.SUBMIT_EXTENSION: lambda t: extensions.submit(
        with_open_extension(t), facts(), 1, date(2026, 1, 8), None
    ),
    Action.ANSWER_EXTENSION: lambda t: extensions.answer(
        with_open_extension(t), facts(), 1, True, date(2026, 1, 20), ANSWER
    ),
    Action.WITHDRAW_EXTENSION: lambda t: extensions.withdraw(
        with_open_extension(t), facts(), 1, None
    ),
}

# Written by hand from the comments of task_service.proto; the code has a table of its own.
EXPECTED: dict[tuple[Action, TaskState], TaskState] = {
    (Action.ACCEPT, S.FORWARDED): S.ACCEPTED,
    (Action.RETURN, S.FORWARDED): S.RETURNED,
    (Action.RETURN, S.ACCEPTED): S.RETURNED,
    (Action.REFORWARD, S.RETURNED): S.FORWARDED,
    (Action.RECORD_PROGRESS, S.ACCEPTED): S.IN_PROGRESS,
    (Action.RECORD_PROGRESS, S.IN_PROGRESS): S.IN_PROGRESS,
    (Action.REPORT_RESULT, S.ACCEPTED): S.REPORTED,
    (Action.REPORT_RESULT, S.IN_PROGRESS): S.REPORTED,
    (Action.ENTER_ON_BEHALF, S.FORWARDED): S.REPORTED,
    (Action.ENTER_ON_BEHALF, S.ACCEPTED): S.REPORTED,
    (Action.ENTER_ON_BEHALF, S.IN_PROGRESS): S.REPORTED,
    (Action.CONFIRM, S.REPORTED): S.CONFIRMED,
    (Action.SEND_BACK, S.REPORTED): S.IN_PROGRESS,
    (Action.CLOSE, S.CONFIRMED): S.CLOSED,
    **{
        (Action.WITHDRAW, state): S.WITHDRAWN
        for state in (S.FORWARDED, S.ACCEPTED, S.RETURNED, S.IN_PROGRESS, S.REPORTED)
    },
    **{
        (Action.AMEND_DUE_DATE, state): state
        for state in (S.FORWARDED, S.ACCEPTED, S.IN_PROGRESS, S.REPORTED)
    },
    **{
        (action, state): state
        for action in (Action.REQUEST_EXTENSION, Action.ADMIT_EXTENSION)
        for state in (S.FORWARDED, S.ACCEPTED, S.IN_PROGRESS)
    },
    **{
        (action, state): state
        for action in (
            Action.SUBMIT_EXTENSION, Action.ANSWER_EXTENSION, Action.WITHDRAW_EXTENSION,
        )
        for state in (S.FORWARDED, S.ACCEPTED, S.IN_PROGRESS, S.REPORTED, S.CONFIRMED)
    },
}  # fmt: skip


@pytest.mark.rule("R6.2a", "R6.2b", "R6.1c", "R8.2", "R23.1")
@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("action", list(Action))
def test_each_action_in_each_state_happens_or_names_what_is_allowed(
    action: Action, state: TaskState
) -> None:
    before = in_state(state)
    expected = EXPECTED.get((action, state))
    if expected is not None:
        after = ACTS[action](before)
        assert after.state is expected
        assert after.version > before.version
        return
    with pytest.raises(WrongState) as refused:
        ACTS[action](before)
    possible = {name for name, source in EXPECTED if source is state}
    assert refused.value.reason == "WRONG_STATE"
    assert refused.value.metadata["state"] == state
    assert set(refused.value.metadata["allowed"].split(",")) - {""} == possible
    assert set(allowed(state)) == possible


def test_every_method_that_writes_is_an_action_and_its_grants_say_who() -> None:
    methods = task_service_pb2.DESCRIPTOR.services_by_name["TaskService"].methods_by_name
    assert {*methods} == {"GetTask", "ListTasks", *Action}
    for action, transition in BY_ACTION.items():
        grants = methods[action].GetOptions().Extensions[authz_pb2.rule].grants
        scopes = [grant.scope for grant in grants]
        assert (
            scopes
            == {
                Who.LEAD: [authz_pb2.SCOPE_LEAD],
                Who.OFFICE: [authz_pb2.SCOPE_ANY],
                Who.EITHER: [authz_pb2.SCOPE_LEAD, authz_pb2.SCOPE_ANY],
            }[transition.who]
        ), action
        assert all(g.roles == ["office"] for g in grants if g.scope == authz_pb2.SCOPE_ANY)


def test_the_codes_of_the_domain_are_those_of_the_messages() -> None:
    for kind, enum, prefix in (
        (values.TaskState, task_pb2.TaskState, "TASK_STATE_"),
        (values.Progress, task_pb2.TaskProgress, "TASK_PROGRESS_"),
        (values.Timeliness, task_pb2.Timeliness, "TIMELINESS_"),
        (values.ExtensionState, task_pb2.ExtensionState, "EXTENSION_STATE_"),
    ):
        named = {name.removeprefix(prefix) for name, _ in enum.items()} - {"UNSPECIFIED"}  # type: ignore[attr-defined]
        assert {*kind} == named
