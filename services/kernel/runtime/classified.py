"""The wall for content of classified directives (khoản 2 Điều 5): the second one is the database's."""

from __future__ import annotations

from dondoc.type.v1.document_pb2 import Secrecy
from google.protobuf.message import Message

from services.kernel.runtime.errors import DondocError, FieldViolation, invalid
from services.kernel.runtime.protos import content_paths

REDACTED = (Secrecy.SECRECY_CONFIDENTIAL, Secrecy.SECRECY_SECRET, Secrecy.SECRECY_TOP_SECRET)


def is_classified(secrecy: int) -> bool:
    """mật, tối mật, tuyệt mật; a level that is not known counts as classified."""
    return secrecy not in (Secrecy.SECRECY_NONE, Secrecy.SECRECY_UNSPECIFIED)


def refusal(*paths: str) -> DondocError:
    """Names the fields; their values are never repeated."""
    return invalid(
        *(
            FieldViolation(
                path,
                "văn bản mật không được cập nhật nội dung (khoản 2 Điều 5); hãy bỏ trống",
                "content of a classified directive may not be entered (khoản 2 Điều 5); leave it empty",
                "CLASSIFIED_CONTENT",
            )
            for path in paths
        ),
        reason="CLASSIFIED_CONTENT",
    )


def refuse_content(request: Message, secrecy: int) -> None:
    """To be called right after the scoped load of an object, before anything is written."""
    if is_classified(secrecy):
        paths = list(content_paths(request))
        if paths:
            raise refusal(*paths)


def refuse_named_secrecy(request: Message) -> None:
    """Where a message of the request itself names a secrecy: before anything is looked up."""
    for field, value in request.ListFields():
        if field.message_type is None or field.is_repeated:
            continue
        named = value.DESCRIPTOR.fields_by_name.get("secrecy")
        if named is not None and is_classified(value.secrecy):
            paths = list(content_paths(value, f"{field.name}."))
            if paths:
                raise refusal(*paths)
