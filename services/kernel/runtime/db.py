"""The database of a service: engine, statements with a span each, errors without values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from opentelemetry import trace
from sqlalchemy import Executable, Result, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

tracer = trace.get_tracer("dondoc.sql")

UNIQUE_VIOLATION, CHECK_VIOLATION, FOREIGN_KEY_VIOLATION = "23505", "23514", "23503"
SERIALIZATION = frozenset({"40001", "40P01"})
LOCK_NOT_AVAILABLE = "55P03"
NO_CONNECTION, NO_ROOM = "08001", "53300"


def is_passing(sqlstate: str) -> bool:
    """Whether the same statement may succeed later: no connection (08), no room (53), shutting down (57),
    a deadlock or a lost race (40), a lock not had in time.
    """
    return sqlstate[:2] in ("08", "40", "53", "57") or sqlstate == LOCK_NOT_AVAILABLE


class StorageError(Exception):
    """A statement failed. Carries SQLSTATE and the constraint's name, never a value of a row."""

    def __init__(self, sqlstate: str, constraint: str = "") -> None:
        super().__init__(f"SQLSTATE {sqlstate} {constraint}".strip())
        self.sqlstate, self.constraint = sqlstate, constraint


def engine_for(url: str, pool: int = 10) -> AsyncEngine:
    """`url` is a plain postgresql:// address."""
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=pool,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "server_settings": {
                "timezone": "UTC",
                "jit": "off",
                # A node that is lost must not hold the relay's lock for hours.
                "tcp_keepalives_idle": "30",
                "tcp_keepalives_interval": "10",
                "tcp_keepalives_count": "3",
            }
        },
    )


def storage_error(error: DBAPIError) -> StorageError:
    """Without its cause: the driver's text holds the failing row (classified or not)."""
    original = error.orig
    sqlstate = getattr(original, "sqlstate", None) or "08000"
    constraint = getattr(getattr(original, "__cause__", None), "constraint_name", None) or ""
    return StorageError(str(sqlstate), str(constraint))


async def execute(
    connection: AsyncConnection, statement: Executable, rows: Sequence[dict[str, Any]] | None = None
) -> Result[Any]:
    """Runs one statement inside a span that tells its verb, its table and, on failure, SQLSTATE."""
    table = getattr(getattr(statement, "table", None), "name", "")
    verb = str(getattr(statement, "__visit_name__", "statement"))
    with tracer.start_as_current_span(
        f"{verb} {table}".strip(), record_exception=False, set_status_on_exception=False
    ) as span:
        span.set_attribute("db.system.name", "postgresql")
        try:
            return await connection.execute(statement, rows)
        except DBAPIError as error:
            failure = storage_error(error)
            span.set_attribute("db.response.status_code", failure.sqlstate)
            span.set_status(trace.StatusCode.ERROR)
            raise failure from None


@asynccontextmanager
async def connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """For reading. A server that cannot be reached is a StorageError too, one that passes; and so is a
    pool of which no connection became free in time."""
    async with AsyncExitStack() as stack:
        try:
            made = await stack.enter_async_context(engine.connect())
        except OSError:
            raise StorageError(NO_CONNECTION) from None
        except PoolTimeout:
            raise StorageError(NO_ROOM) from None
        except DBAPIError as error:
            raise storage_error(error) from None
        try:
            yield made
        except DBAPIError as error:
            raise storage_error(error) from None


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Commits at the end, rolls back on any error; the driver's errors come without their values."""
    async with connection(engine) as made, made.begin():
        yield made
