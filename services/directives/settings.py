"""Settings that only this service has: where officers in charge are read."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from services.kernel.runtime.settings import Settings


class DirectivesSettings(Settings):
    officers_url: Annotated[
        str,
        Field(
            pattern=r"^(https?://[^\s/]+(/\S+)*/realms/[^\s/]+)?$",
            description="Keycloak's realm, as this service reaches it, from which officers in charge are "
            "read: https://host/realms/dondoc; empty: AppointOfficer alone names them",
        ),
    ] = ""
    officers_client_id: Annotated[
        str, Field(min_length=1, description="Client that may view users, and nothing else")
    ] = "dondoc-directory"
    officers_client_secret: Annotated[SecretStr, Field(description="Secret of that client")] = (
        SecretStr("")
    )
    officers_interval_seconds: Annotated[
        float, Field(gt=0, le=86400, description="Between two readings of officers, seconds")
    ] = 60.0

    @model_validator(mode="after")
    def _whoever_reads_needs_a_secret(self) -> Self:
        if self.officers_url and not self.officers_client_secret.get_secret_value():
            raise ValueError("DONDOC_OFFICERS_URL is set, DONDOC_OFFICERS_CLIENT_SECRET is not")
        return self
