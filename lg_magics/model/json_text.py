"""Parse JSON that a user typed, strictly: a repeated key is an error. Pure.

Python's parser silently keeps the last of two, and the other value would be lost.
"""

from __future__ import annotations

import json
from typing import Any

from lg_magics.errors import CommandError

__all__ = ["strict_json"]


def strict_json(text: str) -> Any:
    """Parse a JSON text.

    >>> strict_json('{"n": [1, 2]}')
    {'n': [1, 2]}

    Raises:
        ValueError: it is not JSON, or nested too deep. CommandError: a key is repeated within one mapping.
    """
    try:
        return json.loads(text, object_pairs_hook=_without_duplicates)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise CommandError(f"The key {twice!r} stands twice in one mapping.")
    return value
