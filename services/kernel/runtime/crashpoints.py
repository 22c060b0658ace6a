"""Named points at which a test kills the process, to see that nothing is lost between two steps."""

from __future__ import annotations

import os
import signal

_name, _countdown = "", 0


def arm(setting: str) -> None:
    """`name` or `name:nth`: the process is killed when it reaches the point for the nth time."""
    global _name, _countdown
    name, _, nth = setting.partition(":")
    _name, _countdown = name, int(nth or 1)


def reached(name: str) -> None:
    """Does nothing unless a test armed this point."""
    global _countdown
    if name != _name:
        return
    _countdown -= 1
    if _countdown == 0:
        os.kill(os.getpid(), signal.SIGKILL)
