"""A person at Keycloak's pages: follows links, fills in forms, agrees."""

from __future__ import annotations

from html.parser import HTMLParser
from http.cookiejar import Cookie, CookieJar
from typing import Any

import httpx


class _LoopbackCookies(CookieJar):
    """Keycloak marks its cookies Secure. Browsers send them to the loopback address all the same,
    httpx does not."""

    def set_cookie(self, cookie: Cookie) -> None:
        cookie.secure = False
        super().set_cookie(cookie)


class _Form(HTMLParser):
    """The first form of a page: where it goes, and what stands in its fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found: dict[str, Any] = dict(attrs)
        if tag == "form" and not self.action:
            self.action = found["action"]
        # The page of consent has two buttons: `accept` and `cancel`.
        if tag in ("input", "button") and found.get("name") not in (None, "cancel"):
            self.fields[found["name"]] = found.get("value") or ""


class Browser:
    """Keeps its cookies. Raises AssertionError where a page is no form."""

    def __init__(self) -> None:
        self._http = httpx.Client(
            cookies=_LoopbackCookies(), follow_redirects=True, trust_env=False, timeout=60
        )

    def agree_to_device(self, url: str, username: str, password: str) -> str:
        """Opens the page of a device login, logs in, agrees; what the last page says."""
        login = self._http.get(url)
        consent = self._send(login, username=username, password=password)
        return self._send(consent).text

    def _send(self, page: httpx.Response, **filled: str) -> httpx.Response:
        form = _Form(page.text)
        assert form.action, page.text
        return self._http.post(page.url.join(form.action), data={**form.fields, **filled})
