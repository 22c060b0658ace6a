"""The one interceptor through which every call comes, in this order: decode, authenticate, the method's
rule, validate, the wall for classified content, wait for what the caller has written, then the method;
and every error leaves through here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import grpc
import nats.errors
from google.protobuf.message import DecodeError
from opentelemetry import propagate, trace

from services.kernel.runtime import classified, telemetry, validation
from services.kernel.runtime.access import Rule, admit
from services.kernel.runtime.commands import Call, current_call, current_position
from services.kernel.runtime.db import StorageError, is_passing
from services.kernel.runtime.errors import (
    INTERNAL,
    DondocError,
    FieldViolation,
    invalid,
    to_status,
    unavailable,
)
from services.kernel.runtime.identity import Verifier, unauthenticated
from services.kernel.runtime.positions import Positions

Context = grpc.aio.ServicerContext[Any, Any]

logger = logging.getLogger("dondoc.gate")
tracer = trace.get_tracer("dondoc.grpc")


class _Undecodable:
    """Stands for bytes that are no message: the generic server would answer UNKNOWN."""


def _metadata(context: Context) -> dict[str, str]:
    return {
        str(key): value
        for key, value in (context.invocation_metadata() or ())
        if isinstance(value, str)
    }


class Gate(grpc.aio.ServerInterceptor):
    """Wraps each method that has a rule; health and reflection pass as they are."""

    def __init__(self, rules: dict[str, Rule], verifier: Verifier, positions: Positions) -> None:
        self.rules, self._verifier, self._positions = rules, verifier, positions

    async def intercept_service(
        self,
        continuation: Callable[[Any], Awaitable[Any]],
        handler_call_details: Any,
    ) -> Any:
        method = handler_call_details.method
        handler = await continuation(handler_call_details)
        rule = self.rules.get(method)
        if handler is None or rule is None:
            return handler
        decode = handler.request_deserializer

        def deserialize(data: bytes) -> Any:
            try:
                return decode(data)
            except (DecodeError, ValueError):
                return _Undecodable()

        async def invoke(request: Any, context: Context) -> Any:
            return await self._invoke(method, rule, handler.unary_unary, request, context)

        return grpc.unary_unary_rpc_method_handler(  # type: ignore[no-untyped-call]
            invoke,
            request_deserializer=deserialize,
            response_serializer=handler.response_serializer,
        )

    async def _invoke(
        self,
        method: str,
        rule: Rule,
        behaviour: Callable[[Any, Any], Awaitable[Any]],
        request: Any,
        context: Context,
    ) -> Any:
        metadata = _metadata(context)
        positions: list[str] = []
        current_position.set(positions)
        started = time.perf_counter()
        failure: DondocError | None = None
        with tracer.start_as_current_span(
            method.lstrip("/"),
            context=propagate.extract(metadata),
            kind=trace.SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                await self._admit(method, rule, request, metadata, context)
                response = await behaviour(request, context)
            except DondocError as error:
                failure = error
            except StorageError as error:
                failure = _of_storage(error)
            except (nats.errors.Error, ConnectionError):
                failure = unavailable(
                    "EVENTS_UNAVAILABLE",
                    "Máy chủ sự kiện tạm thời không sẵn sàng.",
                    "NATS does not answer in time",
                )
            except Exception as error:
                # The type alone: a message or a traceback may hold what the caller sent.
                logger.error(
                    "unexpected failure",
                    extra={"method": method, "error": type(error).__name__, "at": _where(error)},
                )
                failure = INTERNAL
            code = failure.code.name if failure else "OK"
            span.set_attribute("rpc.grpc.status_code", code)
            if failure:
                span.set_attribute("dondoc.reason", failure.reason)
                span.set_status(trace.StatusCode.ERROR)
            logger.info(
                "call",
                extra={
                    "method": method,
                    "code": code,
                    "reason": failure.reason if failure else "",
                    "milliseconds": round((time.perf_counter() - started) * 1000, 1),
                },
            )
        if positions:
            context.set_trailing_metadata((("dondoc-position", positions[-1]),))
        if failure:
            await context.abort_with_status(to_status(failure))
        return response

    async def _admit(
        self,
        method: str,
        rule: Rule,
        request: Any,
        metadata: Mapping[str, str],
        context: Context,
    ) -> None:
        scheme, _, token = metadata.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthenticated(
                "an access token is needed: metadata `authorization: Bearer …`",
                "Cần có mã truy cập trong `authorization: Bearer …`.",
            )
        access = admit(rule, await self._verifier.verify(token.strip()))
        if isinstance(request, _Undecodable):
            raise invalid(
                FieldViolation(
                    "(request)",
                    "không giải mã được; hãy dùng đúng tệp .proto",
                    "cannot be decoded; use the published .proto",
                    "UNDECODABLE",
                )
            )
        validation.check(request)
        classified.refuse_named_secrecy(request)
        await self._positions.wait_for(metadata.get("dondoc-after", ""), context.time_remaining())
        telemetry.link_to_life(getattr(request, "name", ""))
        current_call.set(Call(access, method))


def _of_storage(error: StorageError) -> DondocError:
    if is_passing(error.sqlstate):
        return unavailable(
            "DATABASE_UNAVAILABLE", "Cơ sở dữ liệu tạm thời không sẵn sàng.", "database unavailable"
        )
    logger.error(
        "statement failed", extra={"sqlstate": error.sqlstate, "name_of": error.constraint}
    )
    return INTERNAL


def _where(error: BaseException) -> str:
    """The innermost line of our own code that failed."""
    place, frame = "", error.__traceback__
    while frame is not None:
        code = frame.tb_frame.f_code
        place = f"{code.co_filename.rsplit('/services/', 1)[-1]}:{frame.tb_lineno}"
        frame = frame.tb_next
    return place
