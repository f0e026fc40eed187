"""How much of a thing an output holds: a budget in bytes that its parts share fairly. Pure; knows JSON and no view.

The small parts of a thing stay whole, and the large ones are cut to one length, so that no part hides another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["cut", "fair_share", "fitted", "fitting", "saved_size"]

SHORTEST = 200  # bytes that every text keeps


def saved_size(value: object) -> int:
    """How many bytes JSON takes of it in a notebook's file."""
    return len(json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace"))


def fair_share(sizes: Sequence[int], budget: int) -> int:
    """The largest size that each may have so that all together keep to the budget; what is smaller stays whole.

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
    """The beginning of a text that takes about `size` bytes, with how much is left out and what has it.

    >>> cut("abcdef" * 10, 6, "x.value has all")
    'abcdef… 54 more characters: x.value has all'
    """
    whole = len(text.encode("utf-8", "replace"))
    if whole <= size:
        return text
    kept = text[: max(0, len(text) * size // whole)]
    return f"{kept}… {len(text) - len(kept):,} more characters{f': {rest}' if rest else ''}"


def fitted(value: Any, budget: int, rest: str = "") -> Any:
    """A copy of a JSON value that takes about `budget` bytes: its longest texts are cut to one length.

    Args:
        value: any JSON.
        budget: bytes of JSON.
        rest: what has the whole of it, in words that follow a colon.
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
    """How many of the first items fit into a budget of bytes.

    >>> fitting(["aa", "bb", "cc"], 12)
    2
    """
    for place, item in enumerate(items):
        budget -= saved_size(item) + 2
        if budget < 0:
            return place
    return len(items)
