"""Pieces of text about a result, printed as they come. Knows stdout, and which result was told last; draws nothing."""

from __future__ import annotations

import sys

from lg_magics.model.result import Result
from lg_magics.model.visible_text import visible_text

__all__ = ["forget", "tell", "was_told"]

_last: Result | None = None


def tell(result: Result, text: str) -> None:
    """Print a piece of text about `result`, which then counts as shown in this execution."""
    global _last
    _last = result
    sys.stdout.write(visible_text(text))
    sys.stdout.flush()


def was_told(result: object) -> bool:
    """Whether this execution has told of it, and of nothing since."""
    return _last is not None and result is _last


def forget() -> None:
    """A new execution begins."""
    global _last
    _last = None
