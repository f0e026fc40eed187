"""Fit a value into a budget of bytes that its parts share fairly. Pure; knows JSON and no view.

Small parts stay complete and large ones are cut to one length, so that no part hides another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["cut", "fair_share", "fitted", "fitting", "saved_size"]

SHORTEST = 200  # bytes that every text keeps


def saved_size(value: object) -> int:
    """Return how many bytes a value takes as JSON in a notebook's file."""
    return len(json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace"))


def fair_share(sizes: Sequence[int], budget: int) -> int:
    """Return the largest size per item so that all together fit the budget; smaller items stay complete.

    >>> fair_share([10, 1000, 2000], 610)
    300
    """
    left, ordered = budget, sorted(sizes)
    for place, size in enumerate(ordered):
        share = left // (len(ordered) - place)
        if size > share:
            return max(0, share)
        left -= size
    return budget


def cut(text: str, size: int, rest: str = "") -> str:
    """Cut a text to about `size` bytes, with a note on the rest and where to find it.

    >>> cut("abcdef" * 10, 6, "x.value has all")
    'abcdef… 54 more characters: x.value has all'
    """
    whole = len(text.encode("utf-8", "replace"))
    if whole <= size:
        return text
    kept = text[: max(0, len(text) * size // whole)]
    return f"{kept}… {len(text) - len(kept):,} more characters{f': {rest}' if rest else ''}"


def fitted(value: Any, budget: int, rest: str = "") -> Any:
    """Return a copy of a JSON value of about `budget` bytes: its longest texts are cut to one length.

    Args:
        value: any JSON.
        budget: bytes of JSON.
        rest: the line that shows all of it, after a colon.
    """
    size = saved_size(value)
    if size <= budget:
        return value
    texts = [saved_size(text) for text in _texts(value)]
    share = max(SHORTEST, fair_share(texts, budget - (size - sum(texts))) - len(rest) - 40)
    return _cut_texts(value, share, rest)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _cut_texts(value: Any, size: int, rest: str) -> Any:
    if isinstance(value, str):
        quotes = saved_size(value)
        return cut(value, size * len(value.encode("utf-8", "replace")) // quotes, rest) if quotes > size else value
    if isinstance(value, Mapping):
        return {key: _cut_texts(inner, size, rest) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cut_texts(inner, size, rest) for inner in value]
    return value


def fitting(items: Sequence[Any], budget: int) -> int:
    """Return how many of the first items fit into a budget of bytes.

    >>> fitting(["aa", "bb", "cc"], 12)
    2
    """
    for place, item in enumerate(items):
        budget -= saved_size(item) + 2
        if budget < 0:
            return place
    return len(items)
