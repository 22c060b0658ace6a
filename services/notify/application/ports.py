"""What the application asks of the outside: somebody who carries e-mails."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from services.notify.domain.delivery import Mail, Outcome


class Conversation(Protocol):
    """With one mail server, over as few connections as it allows."""

    async def send(self, mail: Mail) -> Outcome:
        """Hands one mail over. Whatever goes wrong is the outcome, never an exception."""
        ...


class Mailer(Protocol):
    def conversation(self) -> AbstractAsyncContextManager[Conversation]:
        """Connects with the first mail, and says goodbye at the end."""
        ...
