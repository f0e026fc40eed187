"""How times and ids read in a view. Pure; says the same as labextension/shared/words.ts."""

from __future__ import annotations

import math

__all__ = ["duration", "short_id"]


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


def short_id(number: str, id: str, tail: int) -> str:
    """The number and the id's tail; ids are time-ordered, so their beginnings are all the same.

    >>> short_id("r7", "1f0c2b9e-aaaa-6bff-07bb-0000000bff07", 5)
    'r7 ·bff07'
    """
    return f"{number} {'·' + id[-tail:] if id else ''}".strip()
