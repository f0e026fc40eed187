"""Cells of a frame that every file takes: numbers, times, texts, yes and no, lists of one kind of these; other JSON as text.

CSV, JSON lines, Parquet and Excel take such a frame. Parquet has one type for a column, and none for an empty object: a column
in which objects or several kinds of things stand has them as JSON text. Knows values and no frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from lg_magics.model.batch_rows import json_of
from lg_magics.model.template import is_missing

__all__ = ["cells"]

SMALLEST, LARGEST = -(2**63), 2**63 - 1
OTHER = ""


def cells(values: Sequence[Any]) -> list[Any]:
    """A column's values as a file takes them: as they are, or JSON text for all but texts and what is missing.

    >>> cells([{"a": 1}, "text", None])
    ['{"a": 1}', 'text', None]
    >>> cells([["a"], [], None])
    [['a'], [], None]
    """
    kind = _common(_kind(value) for value in values if not is_missing(value))
    return [_text(value) for value in values] if kind == OTHER else [_whole(value) for value in values]


def _kind(value: object) -> str:
    """text, number, yes, time, a list of one of these, or OTHER."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "yes"
    if isinstance(value, float) or (isinstance(value, int) and SMALLEST <= value <= LARGEST):
        return "number"
    if isinstance(value, datetime):
        return "time"
    if isinstance(value, list | tuple):
        kind = _common(map(_kind, value))
        return OTHER if kind == OTHER or kind.startswith("list") else f"list of {kind}"
    return OTHER


def _common(kinds: Iterable[str]) -> str:
    """The one kind of several; OTHER if there is none. A list of nothing is of any kind."""
    found = set(kinds)
    if all(kind.startswith("list") for kind in found) and len(found) > 1:
        found.discard("list of nothing")
    return next(iter(found or ["nothing"])) if len(found) < 2 else OTHER


def _text(value: Any) -> Any:
    if is_missing(value) or isinstance(value, str):
        return _whole(value)
    return value.isoformat() if isinstance(value, datetime) else json_of(value)


def _whole(value: Any) -> Any:
    """The same; half a character, which no file takes, as Python writes it."""
    if isinstance(value, list | tuple):
        return [_whole(each) for each in value]
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
