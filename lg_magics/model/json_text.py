"""JSON that a person typed, read strictly: a key that stands twice is refused. Pure.

Python's reader keeps the last of two silently, and what somebody wrote would be lost without a word.
"""

from __future__ import annotations

import json
from typing import Any

from lg_magics.errors import CommandError

__all__ = ["strict_json"]


def strict_json(text: str) -> Any:
    """What a JSON text says.

    >>> strict_json('{"n": [1, 2]}')
    {'n': [1, 2]}

    Raises:
        ValueError: it is no JSON, or nested too deep. CommandError: a key stands twice in one mapping.
    """
    try:
        return json.loads(text, object_pairs_hook=_without_twins)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise CommandError(f"The key {twice!r} stands twice in one mapping.")
    return value
