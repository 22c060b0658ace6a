"""How a directive or a task was withdrawn, as its facts show it."""

from __future__ import annotations

from dondoc.directives.v1.directive_pb2 import Directive
from dondoc.tasks.v1.task_pb2 import Task

from cli.language import say
from cli.render import NOTHING, day, stamp
from services.kernel.runtime.protos import document_code


def withdrawal_facts(found: Directive | Task) -> list[tuple[str, str]]:
    """Label and value of each fact; none of what stands."""
    if not found.HasField("withdrawal"):
        return []
    withdrawal = found.withdrawal
    document = withdrawal.document
    facts = [
        (
            say("Văn bản thu hồi", "Withdrawn by"),
            f"{document_code(document)}, {day(document, 'date')}",
        ),
        (say("Lý do", "Reason"), withdrawal.reason or NOTHING),
        (say("Thu hồi lúc", "Withdrawn"), stamp(withdrawal, "withdraw_time")),
        (say("Người ghi nhận", "Recorded by"), withdrawal.recorded_by),
    ]
    if withdrawal.superseded_by:
        facts.append((say("Được thay thế bởi", "Superseded by"), withdrawal.superseded_by))
    return facts
