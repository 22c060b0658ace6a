"""Why an act is refused. The words are for people, reason and metadata for programs."""

from __future__ import annotations

from collections.abc import Mapping


class Refused(Exception):
    """Right in form, not possible now. `metadata` holds states, dates and agencies only."""

    def __init__(
        self, reason: str, vi: str, en: str, metadata: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{reason}: {en}")
        self.reason, self.vi, self.en = reason, vi, en
        self.metadata = dict(metadata or {})


class WrongState(Refused):
    """The state of the task does not allow the action; names the state and what it allows."""

    def __init__(self, state: str, action: str, allowed: tuple[str, ...]) -> None:
        names = ", ".join(allowed)
        self.state, self.allowed = state, allowed
        super().__init__(
            "WRONG_STATE",
            f"Nhiệm vụ đang ở trạng thái {state}, không thực hiện được {action}; "
            f"thực hiện được: {names or 'không có việc nào'}.",
            f"the task is {state}: {action} is not allowed, allowed is {names or 'nothing'}",
            {"state": state, "action": action, "allowed": ",".join(allowed)},
        )


class BadField(Exception):
    """A field of the command is wrong; `field` is its path in the request."""

    def __init__(self, field: str, reason: str, vi: str, en: str) -> None:
        super().__init__(f"{field}: {en}")
        self.field, self.reason, self.vi, self.en = field, reason, vi, en
