"""Settings that only this service has."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from services.kernel.runtime.settings import Settings


class ReportingSettings(Settings):
    reports_from: Annotated[
        date | None,
        Field(
            description="Day from which periodic reports are watched (khoản 1 Điều 19, Điều 22 …); "
            "empty: that of the first start"
        ),
    ] = None
