"""Format times and ids for a view. Pure."""

from __future__ import annotations

from lg_magics.model.duration import duration

__all__ = ["duration", "short_id"]


def short_id(number: str, id: str, tail: int) -> str:
    """Return the number and the id's tail; ids are time-ordered, so their beginnings are all the same.

    >>> short_id("r7", "1f0c2b9e-aaaa-6bff-07bb-0000000bff07", 5)
    'r7 ·bff07'
    """
    return f"{number} {'·' + id[-tail:] if id else ''}".strip()
