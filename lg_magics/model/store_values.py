"""Values that the store keeps exactly, and their comparison. Pure.

The server silently changes some values: NaN arrives as null, NUL as another character, the key 1 as "1" (measured on
langgraph-api 0.16). Values that would change are rejected here, with their path.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.errors import CommandError, type_phrase
from lg_magics.model.json_text import key_fault, number_fault, strict_json

__all__ = ["DEEPEST", "checked_key", "fingerprint", "kept_json", "kept_value", "text_from_value", "value_from_text"]

DEEPEST = 250  # the SDK's JSON writer stops at 254
SMALLEST, LARGEST = -(2**63), 2**64 - 1
_LOST = re.compile("[\0\ud800-\udfff]")


def kept_value(value: object, name: str = "value") -> dict[str, Any]:
    """Return a plain copy of a value that the store will return unchanged.

    Args:
        value: a mapping of JSON.
        name: its name in messages.

    Raises:
        CommandError: it is not a mapping, or a part of it would change.
    """
    if not isinstance(value, Mapping):
        raise CommandError(
            f"The {name} is {type_phrase(value)}: the store keeps mappings.",
            hint='{"field": …}, k=v pairs, or a $mapping.',
        )
    copy: dict[str, Any] = kept_json(value, name)
    return copy


def kept_json(value: object, name: str) -> Any:
    """Do the same for any JSON value."""
    return _kept(value, name, 0)


def _kept(value: object, path: str, depth: int) -> Any:
    if depth > DEEPEST:
        raise CommandError(f"{path[:60]}… is nested more than {DEEPEST} levels deep.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _kept_text(value, path)
    if isinstance(value, int | float):
        return _kept_number(value, path)
    if isinstance(value, Mapping):
        return {_kept_key(key, path): _kept(inner, f"{path}.{key}", depth + 1) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [_kept(inner, f"{path}[{place}]", depth + 1) for place, inner in enumerate(value)]
    raise CommandError(f"{path} is {type_phrase(value)}, which is no JSON.")


def _kept_text(text: str, path: str) -> str:
    if found := _LOST.search(text):
        raise CommandError(f"{path} holds the character {found[0]!r}, which the store would not give back.")
    return str.__str__(text)


def _kept_key(key: object, path: str) -> str:
    if not isinstance(key, str):
        raise key_fault(path, key)
    return _kept_text(key, f"a key of {path}")


def _kept_number(number: int | float, path: str) -> int | float:
    if isinstance(number, int):
        if not SMALLEST <= number <= LARGEST:
            raise CommandError(f"{path} is a whole number of more than 64 bits.", hint="Keep it as a text.")
        return int(number)
    if not math.isfinite(number):
        raise number_fault(path, number)
    return float(number)


def value_from_text(text: str) -> dict[str, Any]:
    """Parse a value from JSON that a user wrote.

    Raises:
        CommandError: it is not JSON, not a mapping, repeats a key, or would change.
    """
    try:
        value = strict_json(text, allow_nan=True)
    except (ValueError, RecursionError) as problem:
        raise CommandError(f"This is not JSON: {problem}.") from None
    return kept_value(value)


def text_from_value(value: object, longest: int) -> tuple[str, int]:
    """Return a value as JSON for people to read and edit, or its beginning.

    Returns:
        The text, and 0; or its first `longest` characters, and the value's length when written without spaces.
    """
    parts, length = list[str](), 0
    for part in json.JSONEncoder(ensure_ascii=False, indent=2).iterencode(value):
        parts.append(part)
        length += len(part)
        if length > longest:
            return "".join(parts)[:longest], len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return "".join(parts), 0


def fingerprint(value: object) -> str:
    """Return a text that is equal for values that are equal as JSON, where True is not 1 and 1 is not 1.0; "" for no value."""
    if value is None:
        return ""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def checked_key(key: object) -> str:
    """Check a key, and return it.

    Raises:
        CommandError: it is empty, not a text, or would change.
    """
    if not isinstance(key, str) or not key:
        raise CommandError(f"A key is a text that is not empty, not {key!r}.")
    kept_json(key, f"the key {key!r}")
    return key
