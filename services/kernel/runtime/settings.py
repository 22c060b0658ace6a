"""Settings of a service: from the environment, validated at start, listed by `--help`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "DONDOC_"


class SettingsError(Exception):
    """The environment does not make a valid set of settings; the text names each variable."""


class Settings(BaseSettings):
    """What every service needs. A service with more derives from it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    database_url: Annotated[
        SecretStr,
        Field(description="PostgreSQL of this service: postgresql://user:password@host/db"),
    ]
    nats_url: Annotated[
        SecretStr, Field(description="NATS with JetStream: nats://user:password@host")
    ]
    issuer_url: Annotated[
        str,
        Field(description="Issuer of the tokens, as in their `iss`: https://host/realms/dondoc"),
    ]
    issuer_keys_url: Annotated[
        str, Field(description="Where the issuer's keys are; by discovery when empty")
    ] = ""
    audience: Annotated[str, Field(description="`aud` that a token must carry")] = "dondoc"
    listen: Annotated[
        str, Field(description="host:port of the gRPC server; port 0 takes a free one")
    ] = "127.0.0.1:0"
    page_token_key: Annotated[
        SecretStr, Field(min_length=16, description="Seals page tokens; the same in all replicas")
    ]
    clock: Annotated[
        Literal["real", "simulated"],
        Field(description="`simulated`: time moves by ClockControlService"),
    ] = "real"
    database_pool: Annotated[int, Field(ge=2, le=100, description="Connections to PostgreSQL")] = 10
    poll_seconds: Annotated[
        float, Field(gt=0, le=60, description="Fallback poll of relay and timers, seconds")
    ] = 1.0
    drain_seconds: Annotated[
        float, Field(ge=0, le=600, description="Grace for running calls at shutdown, seconds")
    ] = 10.0
    start_timeout_seconds: Annotated[
        float, Field(gt=0, description="How long to wait for database, NATS and issuer at start")
    ] = 60.0
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(description="Of logs")
    ] = "INFO"
    otlp_endpoint: Annotated[
        str, Field(description="OTLP receiver, http://host:4317 (gRPC); empty: none")
    ] = ""
    otlp_protocol: Annotated[
        Literal["grpc", "http"], Field(description="How to speak to the OTLP receiver")
    ] = "grpc"
    trace_ratio: Annotated[
        float,
        Field(ge=0, le=1, description="Share of requests traced; legal traces are always whole"),
    ] = 1.0
    due_soon_days: Annotated[
        int, Field(ge=1, le=60, description="A limit is due soon within so many working days")
    ] = 5
    metrics_seconds: Annotated[
        float, Field(gt=0, le=3600, description="How often metrics are read and sent, seconds")
    ] = 30.0
    profile_path: Annotated[
        str, Field(description="Folder of regulation profiles; empty: those of the package")
    ] = ""
    crash_at: Annotated[
        str,
        Field(description="For tests: kill the process at this named point, `name` or `name:nth`"),
    ] = ""


S = TypeVar("S", bound=Settings)


def load(kind: type[S], environment: dict[str, Any] | None = None) -> S:
    """The settings of the environment; SettingsError names what is missing or wrong, never values."""
    try:
        return kind(**(environment or {}))
    except ValidationError as error:
        lines = [
            f"  {PREFIX}{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}"
            for item in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsError("settings are missing or wrong:\n" + "\n".join(lines)) from None


def describe(kind: type[Settings]) -> str:
    """One line for each setting, for `--help`."""
    lines = []
    for name, field in kind.model_fields.items():
        default = "required" if field.is_required() else f"default {field.default!r}"
        lines.append(f"  {PREFIX}{name.upper():<24} {field.description} ({default})")
    return "\n".join(lines)
