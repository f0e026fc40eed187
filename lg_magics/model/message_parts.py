"""The rest of a message's payload, without text, calls and attachments: parts, each with its JSON. Pure.

A reader removes what it understands from a copy of the payload. `says` decides whether the rest is for people, `holds`
whether there is any rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["DATA_URL", "Part", "holds", "is_data", "leave", "says", "size_words", "taken_text", "without_data"]

_DETAILS = """
id index call_id tool_use_id tool_call_id item_id caller chunk_position tool_call_chunks lc_source source_type example
signature thought_signature thoughtSignature encrypted_content encrypted_index cache_control
response_metadata usage_metadata usage
"""
DETAILS = frozenset(_DETAILS.split())
"""Keys of technical details."""
WELL = ("completed", "success")
DATA = ("data", "base64", "file_data", "image_data", "bytes")
LONGEST_DATA = 1_000  # characters
DEEPEST = 100
DATA_URL = re.compile(r"data:([^;,]*)[^,]*;base64,")
_BASE64 = re.compile(r"[\w+/=\s-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message without a field of its own: shown as `[type]` with its JSON folded.

    Attributes:
        type: the type of its block, or its key.
        value: its JSON.
    """

    type: str
    value: Any

    @property
    def text(self) -> str:
        """The value: a text unchanged, else JSON on several lines."""
        return self.value if isinstance(self.value, str) else _json(self.value, indent=2)

    @property
    def line(self) -> str:
        """The value on one line: a text unchanged, else JSON."""
        return self.value if isinstance(self.value, str) else _json(self.value)


def leave(rest: dict[str, Any], key: str, left: object) -> None:
    """Keep the rest of a value under its key; remove the key if there is none."""
    if holds(left):
        rest[key] = left
    else:
        rest.pop(key, None)


def taken_text(rest: dict[str, Any], key: str) -> list[str]:
    """Remove and return the text under a key; [] if there is none."""
    return [rest.pop(key)] if isinstance(rest.get(key), str) else []


# -- JSON ---------------------------------------------------------------------------------------------------------


def holds(value: object) -> bool:
    """Return whether a value holds anything but None, zero and False."""
    return any(True for _ in _leaves(value, is_all=True))


def says(value: object) -> bool:
    """Return whether a value holds anything for people to read."""
    return any(True for _ in _leaves(value, is_all=False))


def _leaves(value: object, *, is_all: bool) -> Iterator[object]:
    todo = [value]
    while todo:
        each = todo.pop()
        if isinstance(each, Mapping):
            todo += [held for key, held in each.items() if is_all or not _is_detail(str(key), held)]
        elif isinstance(each, list | tuple):
            todo += each
        elif each:
            yield each


def _is_detail(key: str, value: object) -> bool:
    return key in DETAILS or key == "type" or key.startswith("__") or (key == "status" and value in WELL)


def without_data(value: Any, depth: int = DEEPEST) -> Any:
    """Replace the bytes in a value, which are text in JSON, by their size."""
    if isinstance(value, Mapping) and depth:
        return {key: _short_data(key, held) or without_data(held, depth - 1) for key, held in value.items()}
    if isinstance(value, list | tuple) and depth:
        return [without_data(held, depth - 1) for held in value]
    return value


def _short_data(key: str, value: object) -> str:
    is_long = key in DATA and isinstance(value, str) and len(value) > LONGEST_DATA
    return f"… {size_words(len(str(value)) * 3 // 4)}" if is_long and is_data(str(value)) else ""


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=str)


def is_data(text: str) -> bool:
    """Return whether a text is binary data: base64, or a data URL."""
    return bool(DATA_URL.match(text) or _BASE64.fullmatch(text))


def size_words(count: int) -> str:
    """Return a number of bytes in words: `12 kB`."""
    return f"{count} B" if count < 1000 else f"{count / 1000:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"
