"""How long one can wait for a run. Knows what Python's locks take; waits for nothing."""

from __future__ import annotations

import threading
from numbers import Real

from lg_magics.errors import CommandError, type_phrase

__all__ = ["seconds_to_wait"]


def seconds_to_wait(timeout: object) -> float | None:
    """A time limit as Python's locks take it: what is longer than they can wait is as long as they can.

    Raises:
        CommandError: it is no number of seconds, or below 0.

    >>> seconds_to_wait(None), seconds_to_wait(2), seconds_to_wait(float("inf")) == threading.TIMEOUT_MAX
    (None, 2.0, True)
    """
    if timeout is None:
        return None
    if not isinstance(timeout, Real) or isinstance(timeout, bool):
        got = repr(timeout) if isinstance(timeout, str) else type_phrase(timeout)
        raise CommandError(f"timeout must be a number of seconds, got {got}.", hint="timeout=30")
    seconds = float(timeout)
    if not seconds >= 0:  # nor is what is no number
        raise CommandError(f"timeout must be >= 0 seconds, got {seconds:g}.")
    return min(seconds, threading.TIMEOUT_MAX)
