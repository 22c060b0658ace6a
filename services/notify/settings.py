"""Settings that only this service has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from services.kernel.runtime.settings import Settings


class NotifySettings(Settings):
    smtp_host: Annotated[str, Field(min_length=1, description="Mail server")] = "localhost"
    smtp_port: Annotated[int, Field(ge=1, le=65535, description="Port of the mail server")] = 25
    smtp_tls: Annotated[
        Literal["off", "starttls", "tls"], Field(description="Encryption of the conversation")
    ] = "off"
    smtp_ca_file: Annotated[
        str,
        Field(description="Certificates that the mail server's is checked against; empty: system"),
    ] = ""
    smtp_user: Annotated[str, Field(description="User at the mail server; empty: no login")] = ""
    smtp_password: Annotated[SecretStr, Field(description="Password of that user")] = SecretStr("")
    smtp_from: Annotated[
        str,
        Field(pattern=r"^[^@\s<>]+@[A-Za-z0-9.-]+$", description="Address that e-mails come from"),
    ] = "dondoc@localhost"
    smtp_message_id_domain: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9.-]*$", description="Ends Message-IDs; empty: that of smtp_from"
        ),
    ] = ""
    smtp_timeout_seconds: Annotated[
        float,
        Field(
            gt=0,
            description="For connecting, and for one e-mail from first command to last answer; at most "
            "a quarter of uncertain_after_seconds counts, so that an attempt ends before its lease",
        ),
    ] = 15.0
    smtp_connections: Annotated[
        int, Field(ge=1, le=20, description="Connections to the mail server at once, per replica")
    ] = 2
    uncertain_after_seconds: Annotated[
        float, Field(gt=0, description="An attempt older than this without outcome is made again")
    ] = 60.0
    retry_base_seconds: Annotated[
        float,
        Field(gt=0, description="Before the second attempt; four times as long for each further"),
    ] = 15.0
    delivery_poll_seconds: Annotated[
        float, Field(gt=0, le=60, description="Between two looks at an empty queue of e-mails")
    ] = 0.2

    digest_after_seconds: Annotated[
        float,
        Field(
            ge=0,
            le=86400,
            description="How long a digest collects from its first entry on, on the clock of the law",
        ),
    ] = 300.0

    @property
    def message_id_domain(self) -> str:
        return self.smtp_message_id_domain or self.smtp_from.rpartition("@")[2]
