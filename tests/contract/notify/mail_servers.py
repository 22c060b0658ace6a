"""What the mail contract is held against: a fake, and a real SMTP server with the real adapter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, Self

from services.notify.application.ports import Mailer
from services.notify.domain.delivery import (
    ACCEPTED,
    Mail,
    Outcome,
    Verdict,
    refused,
)


class MailServer(Protocol):
    """How a test makes a server fail, and what arrived: (Message-ID, address, subject, text)."""

    def mailer(self) -> Mailer: ...
    def refuse_next(self) -> None: ...
    def drop_next(self) -> None: ...
    def go_away(self) -> None: ...
    def come_back(self) -> None: ...
    def arrived(self) -> list[tuple[str, str, str, str]]: ...


@dataclass
class FakeMailServer:
    """In memory, for tests of what stands above the adapter; also counts connections."""

    mails: list[Mail] = field(default_factory=list)
    next_outcomes: list[Callable[[Mail], Outcome]] = field(default_factory=list)
    away: bool = False

    def mailer(self) -> Mailer:
        return self

    def conversation(self) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def send(self, mail: Mail) -> Outcome:
        local, _, domain = mail.address.partition("@")
        if not local or not domain or not mail.address.isascii() or " " in mail.address:
            return Outcome(Verdict.NEVER, "WRONG_ADDRESS")
        if self.away:
            return Outcome(Verdict.NOT_NOW, "CONNECT")
        if self.next_outcomes:
            return self.next_outcomes.pop(0)(mail)
        self.mails.append(mail)
        return ACCEPTED

    def refuse_next(self) -> None:
        self.next_outcomes.append(lambda mail: refused(451))

    def drop_next(self) -> None:
        def keep_silently(mail: Mail) -> Outcome:
            self.mails.append(mail)
            return Outcome(Verdict.NO_ANSWER, "NO_ANSWER")

        self.next_outcomes.append(keep_silently)

    def go_away(self) -> None:
        self.away = True

    def come_back(self) -> None:
        self.away = False

    def arrived(self) -> list[tuple[str, str, str, str]]:
        return [(m.message_id, m.address, m.subject, m.body) for m in self.mails]
