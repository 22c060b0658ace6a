"""Access tokens by the password grant, kept until shortly before they end (five minutes)."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable

import httpx

from cli.errors import CliError
from cli.language import Words
from cli.people import People

SPARE_SECONDS = 30.0  # a token this near to its end is not handed out any more
RETRY_SECONDS, PAUSE_SECONDS = 60.0, 0.2  # an issuer that died is back before that


class Tokens:
    """Logs users of the house in, with the passwords that were generated for them.

    `provision` is called once for a user who is not there yet: agencies may have been entered since.
    """

    def __init__(self, people: People, provision: Callable[[], Awaitable[object]]) -> None:
        self._people = people
        self._provision = provision
        self._kept: dict[str, tuple[str, float]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        # A connection kept for the next token may be closed by then, which looks like a failure.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(timeout=30, trust_env=False, limits=limits)

    async def token(self, user: str) -> str:
        """Raises CliError for unknown users and when the issuer does not answer."""
        async with self._locks[user]:
            token, ends = self._kept.get(user, ("", 0.0))
            if time.monotonic() > ends - SPARE_SECONDS:
                token, lives = await self._log_in(user)
                self._kept[user] = (token, time.monotonic() + lives)
            return token

    def forget(self, user: str) -> None:
        """The next token is a new one."""
        self._kept.pop(user, None)

    async def close(self) -> None:
        await self._client.aclose()

    async def _log_in(self, user: str) -> tuple[str, float]:
        credentials = self._people.credentials(user)
        if credentials is None:
            await self._provision()
            credentials = self._people.credentials(user)
        if credentials is None:
            raise CliError(
                Words(
                    f"Không có người dùng {user}. Có sẵn: vanphong, lanhdao, kiemtoan, ttcntt và "
                    "<mã cơ quan>.officer, <mã cơ quan>.head của mỗi cơ quan trong danh bạ.",
                    f"There is no user {user}. There are vanphong, lanhdao, kiemtoan, ttcntt, and "
                    "<slug>.officer and <slug>.head of each agency in the directory.",
                )
            )
        form = {"grant_type": "password", **credentials}
        deadline = time.monotonic() + RETRY_SECONDS
        while True:
            try:
                answer = await self._client.post(self._people.token_url, data=form)
                body = answer.raise_for_status().json()
            except httpx.HTTPError as error:
                if isinstance(error, httpx.TransportError) and time.monotonic() < deadline:
                    await asyncio.sleep(PAUSE_SECONDS)
                    continue
                why = type(error).__name__
                raise CliError(
                    Words(
                        f"Máy chủ định danh không cấp mã truy cập cho {user} ({why}).",
                        f"The token issuer gave no token for {user} ({why}).",
                    )
                ) from None
            return str(body["access_token"]), float(body["expires_in"])
