"""Records the decision on an inspection (khoản 3 Điều 15)."""

from __future__ import annotations

from dondoc.inspections.v1 import inspection_pb2
from dondoc.inspections.v1 import inspection_service_pb2 as pb
from dondoc.type.v1 import document_pb2

from services.inspections.adapters import inspection_store, task_headers
from services.inspections.adapters.inspection_messages import event_data, from_message, to_message
from services.inspections.domain.inspection import Inspection, Secrecy, flaws, highest
from services.kernel.directory.copy import find, resource
from services.kernel.limits.domain.calendar import local_date
from services.kernel.runtime.access import Part
from services.kernel.runtime.classified import refuse_content
from services.kernel.runtime.errors import FieldViolation, invalid
from services.kernel.runtime.ids import derived
from services.kernel.runtime.unit_of_work import UnitOfWork


async def decide(
    work: UnitOfWork, request: pb.DecideInspectionRequest, caller: str
) -> inspection_pb2.Inspection:
    """INVALID_ARGUMENT names everything that is missing, wrong or not known, in one answer."""
    secrecy = await _secrecy(work, request.inspection)
    refuse_content(request, document_pb2.Secrecy.Value(f"SECRECY_{secrecy}"))
    new = from_message(
        request.inspection, derived("inspection", caller, request.request_id), secrecy, work.now
    )
    wrong = [
        FieldViolation(f"inspection.{flaw.field}", flaw.vi, flaw.en, flaw.reason)
        for flaw in flaws(new, local_date(work.now))
    ]
    wrong += await _strangers(work, new)
    if wrong:
        raise invalid(*wrong)
    inspection_store.add(work, new)
    # The inspected see it, and it concerns them (khoản 3 Điều 16).
    await work.set_parties(new.name, [(agency, Part.CONCERNED) for agency in new.subjects])
    work.record("InspectionDecided", new.name, new.version, event_data(new))
    document = f"{new.decision.number}/{new.decision.symbol}"
    work.audit("DecideInspection", new.name, {"decision": document})
    return to_message(new)


async def _secrecy(work: UnitOfWork, message: inspection_pb2.Inspection) -> Secrecy:
    """The highest of the tasks inspected; INVALID_ARGUMENT for one that is not known here."""
    known = await task_headers.secrecy_of(work, set(message.tasks))
    unknown = [
        FieldViolation(
            f"inspection.tasks[{index}]",
            "chưa có nhiệm vụ này; hãy dùng tên của một nhiệm vụ đã chuyển",
            "is not known; use the name of a task that was forwarded",
            "UNKNOWN_TASK",
        )
        for index, name in enumerate(message.tasks)
        if name not in known
    ]
    if unknown:
        raise invalid(*unknown)
    return highest(known.values())


async def _strangers(work: UnitOfWork, new: Inspection) -> list[FieldViolation]:
    named = {f"subject_agencies[{i}]": agency for i, agency in enumerate(new.subjects)}
    named |= {f"team[{i}].agency": member.agency for i, member in enumerate(new.team)}
    known = await find(work, set(named.values()))
    return [
        FieldViolation(
            f"inspection.{field}",
            f"{resource(agency)} chưa có trong danh bạ",
            f"{resource(agency)} is not in the directory",
            "UNKNOWN_AGENCY",
        )
        for field, agency in named.items()
        if agency not in known
    ]
