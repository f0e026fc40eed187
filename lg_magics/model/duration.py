"""How a length of time reads. Pure; says the same as labextension/shared/words.ts."""

from __future__ import annotations

import math

__all__ = ["duration"]


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
