"""The one mapping of what is known of officers in charge to a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dondoc.directory.v1 import directory_service_pb2 as pb

from services.directives.domain.officers import Gap
from services.kernel.directory.copy import resource
from services.kernel.runtime.protos import to_timestamp


def officers_message(
    source: str, reading: Any | None, without: Mapping[str, Gap], several: Sequence[str]
) -> pb.OfficersState:
    """`reading`: the row of officer_reading; None before the first attempt and where nothing is read."""
    message = pb.OfficersState(
        source=source,
        read_time=to_timestamp(reading.read_at) if reading else None,
        attempt_time=to_timestamp(reading.attempt_at) if reading else None,
        next_attempt_time=to_timestamp(reading.next_at) if reading else None,
        failed_attempts=reading.failed_attempts if reading else 0,
        gaps=[
            pb.OfficerGap(
                agency=resource(slug),
                reason=pb.OfficerGapReason.Value(f"OFFICER_GAP_REASON_{gap}"),
            )
            for slug, gap in without.items()
        ],
        several=[resource(slug) for slug in several],
    )
    if reading and reading.failure:
        message.failure = pb.OfficersFailure.Value(f"OFFICERS_FAILURE_{reading.failure}")
    return message
