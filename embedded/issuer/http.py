"""The issuer over HTTP, on Keycloak's paths: forms in, Keycloak's answers out.

Nothing of a request is logged, because all of them carry secrets. Forms are parsed strictly and
are small: a field given twice, too many fields or a body above 64 KiB are refused.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from embedded.issuer.discovery import discovery_document, realm_page
from embedded.issuer.realm import Client
from embedded.issuer.tokens import OAuthError, TokenIssuer

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_NO_CACHE = {"Cache-Control": "no-cache"}
_DISCOVERY_CACHE = {"Cache-Control": "no-cache, must-revalidate, no-transform, no-store"}
_FORM = "application/x-www-form-urlencoded"
_LARGEST_BODY = 64 * 1024
_MOST_FIELDS = 50

Handler = Callable[[Request], Awaitable[Response]]
Form = Mapping[str, str]


def create_app(issuer: TokenIssuer) -> Starlette:
    """The ASGI application of one issuer."""
    endpoints = _Endpoints(issuer)
    realm = "/realms/{realm}"
    protocol = f"{realm}/protocol/openid-connect"
    routes: list[tuple[str, Handler, list[str]]] = [
        (realm, endpoints.realm, ["GET"]),
        (f"{realm}/.well-known/openid-configuration", endpoints.discovery, ["GET"]),
        (f"/.well-known/oauth-authorization-server{realm}", endpoints.discovery, ["GET"]),
        (f"{protocol}/certs", endpoints.certs, ["GET"]),
        (f"{protocol}/token", endpoints.token, ["POST"]),
        (f"{protocol}/token/introspect", endpoints.introspect, ["POST"]),
        (f"{protocol}/userinfo", endpoints.userinfo, ["GET", "POST"]),
        (f"{protocol}/revoke", endpoints.revoke, ["POST"]),
        (f"{protocol}/logout", endpoints.logout, ["POST"]),
    ]
    return Starlette(
        routes=[
            Route(path, _in_realm(issuer, handler), methods=methods)
            for path, handler, methods in routes
        ],
        exception_handlers={HTTPException: _http_error, OAuthError: _oauth_error},
    )


class _Endpoints:
    def __init__(self, issuer: TokenIssuer) -> None:
        self._issuer = issuer

    async def realm(self, request: Request) -> Response:
        media_type = "application/json;charset=UTF-8"
        return JSONResponse(realm_page(self._issuer), headers=_NO_CACHE, media_type=media_type)

    async def discovery(self, request: Request) -> Response:
        return JSONResponse(discovery_document(self._issuer), headers=_DISCOVERY_CACHE)

    async def certs(self, request: Request) -> Response:
        return JSONResponse(self._issuer.keys.jwks(), headers=_NO_CACHE)

    async def token(self, request: Request) -> Response:
        try:
            form = await _form(request)
            return JSONResponse(await self._grant(request, form), headers=_NO_STORE)
        except OAuthError as error:
            return _refusal(error, _NO_STORE)

    async def _grant(self, request: Request, form: Form) -> dict[str, Any]:
        issuer, scope = self._issuer, form.get("scope", "")
        grant = form.get("grant_type")
        if grant is None:
            raise OAuthError(400, "invalid_request", "Missing form parameter: grant_type")
        if grant not in ("password", "client_credentials", "refresh_token"):
            raise OAuthError(400, "unsupported_grant_type", "Unsupported grant_type")
        client = self._client(request, form)
        if grant == "client_credentials":
            return issuer.client_credentials_grant(client, scope)
        if grant == "refresh_token":
            return issuer.refresh_grant(client, form.get("refresh_token"))
        # The password's hash is computed off the event loop.
        return await run_in_threadpool(
            issuer.password_grant, client, form.get("username"), form.get("password"), scope
        )

    async def introspect(self, request: Request) -> Response:
        form = await _form(request)
        client = self._client(request, form)
        token = _needed(form, "token", "Token not provided.")
        return JSONResponse(self._issuer.introspect(client, token), headers=_NO_CACHE)

    async def userinfo(self, request: Request) -> Response:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        challenge = f'Bearer realm="{self._issuer.realm.name}"'
        if kind.lower() != "bearer" or not token:
            return _challenge(401, challenge)
        try:
            told = self._issuer.userinfo(token.strip())
        except OAuthError as error:
            reason = f'error="{error.error}", error_description="{error.description}"'
            return _challenge(error.status, f"{challenge}, {reason}")
        headers = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
        return JSONResponse(told, headers=headers)

    async def revoke(self, request: Request) -> Response:
        form = await _form(request)
        client = self._client(request, form)
        self._issuer.revoke(client, _needed(form, "token", "Token not provided"))
        return Response(status_code=200)

    async def logout(self, request: Request) -> Response:
        form = await _form(request)
        client = self._client(request, form)
        # Without the token Keycloak shows a page that asks the user; this issuer has no pages.
        missing = "Missing form parameter: refresh_token"
        refresh_token = _needed(form, "refresh_token", missing)
        self._issuer.log_out(client, refresh_token)
        return Response(status_code=204, headers=_NO_CACHE)

    def _client(self, request: Request, form: Form) -> Client:
        client_id, secret = _basic(request) or (form.get("client_id"), form.get("client_secret"))
        return self._issuer.authenticate_client(client_id, secret)


def _in_realm(issuer: TokenIssuer, handler: Handler) -> Handler:
    async def checked(request: Request) -> Response:
        if request.path_params["realm"] != issuer.realm.name:
            return JSONResponse({"error": "Realm does not exist"}, status_code=404)
        return await handler(request)

    return checked


async def _form(request: Request) -> Form:
    """The form's fields; empty for any other kind of body. Raises OAuthError."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise OAuthError(413, "invalid_request", "The body is too large")
    if request.headers.get("Content-Type", "").split(";")[0].strip().lower() != _FORM:
        return {}
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(
            text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError:
        raise OAuthError(400, "invalid_request", "Malformed form") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise OAuthError(400, "invalid_request", "duplicated parameter")
    return form


def _needed(form: Form, name: str, otherwise: str) -> str:
    if name not in form:
        raise OAuthError(400, "invalid_request", otherwise)
    return form[name]


def _basic(request: Request) -> tuple[str, str] | None:
    """Client id and secret of an Authorization header, URL-decoded as RFC 6749 2.3.1 asks."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ("", "")
    return unquote_plus(client_id), unquote_plus(secret)


def _challenge(status: int, value: str) -> Response:
    headers = {**_NO_STORE, "WWW-Authenticate": value}
    media_type = "text/plain;charset=utf-8"
    return Response(status_code=status, headers=headers, media_type=media_type)


def _refusal(error: OAuthError, headers: Mapping[str, str] | None = None) -> Response:
    body = {"error": error.error, "error_description": error.description}
    return JSONResponse(body, status_code=error.status, headers=headers)


async def _oauth_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, OAuthError)
    return _refusal(error)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = f"HTTP {error.status_code} {error.detail}"
    return JSONResponse({"error": text}, status_code=error.status_code, headers=error.headers)
