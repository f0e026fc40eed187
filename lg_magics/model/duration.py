"""How a length of time reads, and how long one can wait. Pure; says the same as labextension/shared/words.ts."""

from __future__ import annotations

import math
import threading
from numbers import Real

from lg_magics.errors import CommandError, kind_of

__all__ = ["duration", "seconds_to_wait"]


def duration(seconds: float) -> str:
    """A length of time; tenths are cut, not rounded.

    >>> duration(4.29), duration(187), duration(7512)
    ('4.2 s', '3 min 07 s', '2 h 05 min')
    """
    whole = math.floor(seconds)
    if whole < 60:
        return f"{math.floor(seconds * 10) / 10:.1f} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


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
        raise CommandError(f"timeout wants seconds, got {kind_of(timeout)}.", hint="timeout=30")
    seconds = float(timeout)
    if not seconds >= 0:  # nor is what is no number
        raise CommandError(f"timeout={timeout} is no time to wait.", hint="Give it seconds, from 0.")
    return min(seconds, threading.TIMEOUT_MAX)
