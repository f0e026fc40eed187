"""Format and parse durations. Pure; labextension/runtime/text.ts formats them in the same way."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import timedelta

__all__ = ["duration", "length_from_text"]

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d|w)\Z")
_SECONDS: Mapping[str, int] = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}


def duration(seconds: float) -> str:
    """Return a duration in words; tenths are cut, not rounded.

    >>> duration(0.04), duration(4.29), duration(187), duration(7512)
    ('<0.1 s', '4.2 s', '3 min 07 s', '2 h 05 min')
    """
    if seconds < 0.1:
        return "<0.1 s"
    whole = math.floor(seconds)
    if whole < 60:
        return f"{math.floor(seconds * 10) / 10:.1f} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def length_from_text(text: str) -> timedelta | None:
    """Parse a duration that a user typed; None if it is not one.

    Raises:
        OverflowError: it exceeds Python's calendar.

    >>> length_from_text("7d"), length_from_text("1.5 h"), length_from_text("soon")
    (datetime.timedelta(days=7), datetime.timedelta(seconds=5400), None)
    """
    match = _LENGTH.match(text.strip().lower())
    return timedelta(seconds=float(match[1]) * _SECONDS[match[2]]) if match else None
