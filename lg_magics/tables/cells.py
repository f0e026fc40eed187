"""Cells that every file format accepts: numbers, times, texts, booleans, lists of one type of these; other JSON as text.

CSV, JSON lines, Parquet and Excel accept such a frame. Parquet has one type per column, and none for an empty object: a column
with objects or mixed types becomes JSON text. Knows values and no frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from lg_magics.model.batch_rows import json_of
from lg_magics.model.template import is_missing

__all__ = ["cells"]

SMALLEST, LARGEST = -(2**63), 2**63 - 1
EXACT = 2**53
"""The largest integer up to which a float has each."""
OTHER, NOTHING, LIST = "", "nothing", "list of "


def cells(values: Sequence[Any]) -> list[Any]:
    """Return a column's values for a file: unchanged, or as JSON text, except texts and missing values.

    >>> cells([{"a": 1}, "text", None])
    ['{"a": 1}', 'text', None]
    >>> cells([["a"], [], None])
    [['a'], [], None]
    """
    types = set(map(type, values)) - {type(None)}
    if types <= {str}:
        return [_whole(value) for value in values]
    if types == {list} and {type(each) for value in values if value for each in value} <= {str}:
        return [None if value is None else [_whole(each) for each in value] for value in values]
    kind = _common(_kind(value) for value in values if not is_missing(value))
    return [_text(value) for value in values] if kind == OTHER else [_whole(value) for value in values]


def _kind(value: object) -> str:
    """Return text, integer, large (an integer that no float has), float, yes, time, a list of one of these, or OTHER."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "yes"
    if isinstance(value, float):
        return "float"
    if isinstance(value, int) and SMALLEST <= value <= LARGEST:
        return "integer" if abs(value) <= EXACT else "large"
    if isinstance(value, datetime):
        return "time"
    if isinstance(value, list | tuple):
        kind = _common(map(_kind, value))
        return OTHER if kind == OTHER or kind.startswith(LIST) else LIST + kind
    return OTHER


def _common(kinds: Iterable[str]) -> str:
    """Return the one kind of several; OTHER if there is none. An empty list is of any kind."""
    found = set(kinds)
    if found and all(kind.startswith(LIST) for kind in found):
        inner = _common({kind.removeprefix(LIST) for kind in found} - {NOTHING})
        return OTHER if inner == OTHER else LIST + inner
    for joined in ("float", "large"):
        if found == {"integer", joined}:
            return joined
    return next(iter(found or [NOTHING])) if len(found) < 2 else OTHER


def _text(value: Any) -> Any:
    if is_missing(value) or isinstance(value, str):
        return _whole(value)
    return value.isoformat() if isinstance(value, datetime) else json_of(value)


def _whole(value: Any) -> Any:
    """Return the same value; a lone surrogate, which no file format accepts, is escaped as in Python."""
    if isinstance(value, list | tuple):
        return [_whole(each) for each in value]
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-8", "backslashreplace").decode()
