"""How a length of time reads. Pure; labextension/runtime/duration.ts says the same."""

from __future__ import annotations

import math

__all__ = ["duration"]


def duration(seconds: float) -> str:
    """A length of time; tenths are cut, not rounded.

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
