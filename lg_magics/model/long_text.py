"""Long texts of a very large state, stored as beginning and digest: enough to compare and to show. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

__all__ = ["LongText", "is_same_text", "with_long_texts"]

LARGE = 16_000_000  # characters of a state above which its long texts are shortened
LONG = 10_000
SHOWN = 2_000
DEEPEST = 200


class LongText(str):
    """The beginning of a long text; `digest` identifies all of it."""

    __slots__ = ("digest",)
    digest: bytes


def with_long_texts(values: Any) -> Any:
    """Return the values; if they are very large, with long texts shortened to LongText. The argument is not changed."""
    return _short(values, DEEPEST) if _size(values, DEEPEST) > LARGE else values


def is_same_text(one: str, other: str) -> bool:
    """Return whether two texts are equal, one of which is a LongText."""
    return _digest(one) == _digest(other)


def _digest(text: str) -> bytes:
    return text.digest if isinstance(text, LongText) else hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _size(value: Any, depth: int) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping) and depth:
        return sum(_size(each, depth - 1) for each in value.values())
    if isinstance(value, list) and depth:
        return sum(_size(each, depth - 1) for each in value)
    return 8


def _short(value: Any, depth: int) -> Any:
    if isinstance(value, str) and len(value) > LONG:
        short = LongText(f"{value[:SHOWN]}… ({len(value):,} characters)")
        short.digest = _digest(value)
        return short
    if isinstance(value, Mapping) and depth:
        return {name: _short(each, depth - 1) for name, each in value.items()}
    if isinstance(value, list) and depth:
        return [_short(each, depth - 1) for each in value]
    return value
