"""Errors that reach a caller: code, reason, both languages, fields. Nothing else ever does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import grpc
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

DOMAIN = "dondoc"


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One wrong field: its path in the request, and what would be right."""

    field: str
    vi: str
    en: str
    reason: str = ""


@dataclass
class DondocError(Exception):
    """An answer in place of a result.

    `reason` is UPPER_SNAKE and stable; `metadata` carries only values that may be told to everybody who
    may see the object (field paths, rule ids, states, dates).
    """

    code: grpc.StatusCode
    reason: str
    vi: str
    en: str
    fields: Sequence[FieldViolation] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code.name} {self.reason}: {self.en}"


def invalid(*fields: FieldViolation, reason: str = "INVALID_FIELD") -> DondocError:
    """INVALID_ARGUMENT naming each wrong field."""
    return DondocError(
        grpc.StatusCode.INVALID_ARGUMENT,
        reason,
        "Yêu cầu không hợp lệ: " + "; ".join(f"{f.field}: {f.vi}" for f in fields),
        "invalid request: " + "; ".join(f"{f.field}: {f.en}" for f in fields),
        fields,
    )


def not_found(name: str) -> DondocError:
    """The same for what is absent and for what the caller may not see."""
    return DondocError(
        grpc.StatusCode.NOT_FOUND,
        "NOT_FOUND",
        f"Không tìm thấy {name}.",
        f"{name} was not found",
        metadata={"name": name},
    )


def permission_denied(vi: str, en: str, reason: str = "PERMISSION_DENIED") -> DondocError:
    return DondocError(grpc.StatusCode.PERMISSION_DENIED, reason, vi, en)


def precondition(
    reason: str, vi: str, en: str, metadata: Mapping[str, str] | None = None
) -> DondocError:
    """FAILED_PRECONDITION: right in form, not possible now."""
    return DondocError(
        grpc.StatusCode.FAILED_PRECONDITION, reason, vi, en, metadata=dict(metadata or {})
    )


def stale(name: str) -> DondocError:
    """Somebody else changed the object since the caller read it."""
    return DondocError(
        grpc.StatusCode.ABORTED,
        "STALE",
        f"{name} đã được thay đổi; hãy đọc lại rồi thử lại.",
        f"{name} was changed meanwhile; read it again and retry",
        metadata={"name": name},
    )


def unavailable(reason: str, vi: str, en: str) -> DondocError:
    return DondocError(grpc.StatusCode.UNAVAILABLE, reason, vi, en)


INTERNAL = DondocError(
    grpc.StatusCode.INTERNAL,
    "INTERNAL",
    "Lỗi hệ thống; đã được ghi lại.",
    "internal error, recorded",
)


def to_status(error: DondocError) -> grpc.Status:
    """The rich status: ErrorInfo, LocalizedMessage in vi-VN, BadRequest for wrong fields."""
    details: list[any_pb2.Any] = []

    def add(message: object) -> None:
        packed = any_pb2.Any()
        packed.Pack(message)  # type: ignore[arg-type]
        details.append(packed)

    add(
        error_details_pb2.ErrorInfo(
            reason=error.reason, domain=DOMAIN, metadata=dict(error.metadata)
        )
    )
    add(error_details_pb2.LocalizedMessage(locale="vi-VN", message=error.vi))
    if error.fields:
        add(
            error_details_pb2.BadRequest(
                field_violations=[
                    error_details_pb2.BadRequest.FieldViolation(
                        field=f.field,
                        description=f.en,
                        reason=f.reason or error.reason,
                        localized_message=error_details_pb2.LocalizedMessage(
                            locale="vi-VN", message=f.vi
                        ),
                    )
                    for f in error.fields
                ]
            )
        )
    code = getattr(code_pb2, error.code.name)
    status: grpc.Status = rpc_status.to_status(  # type: ignore[no-untyped-call]
        status_pb2.Status(code=code, message=error.en, details=details)
    )
    return status
