"""Waiting for what comes about on a server, in its own time."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["until"]


def until(is_true: Callable[[], object], seconds: float = 120.0) -> None:
    """Look again and again, until it is so."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)
