"""JSON on its way to the server: it is refused where it would silently arrive as something else. Pure.

Python's parser keeps the last of two equal keys. The SDK writes NaN and infinity as null, and the key 1 as "1". Its error about
an object that it cannot write names no key, and comes with the first request.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from numbers import Real
from typing import Any
from uuid import UUID

from lg_magics.errors import CommandError, type_phrase

__all__ = ["check_json", "json_fault", "key_fault", "number_fault", "plain_json", "strict_json"]

LONGEST = 60
DEEPEST = 255  # the SDK itself refuses what is nested deeper
PLAIN = (str, int, type(None))
WRITTEN = (date, time, UUID, Enum)
"""Other types that the SDK writes."""


def strict_json(text: str, *, allow_nan: bool = False) -> Any:
    """Parse a JSON text.

    >>> strict_json('{"n": [1, 2]}')
    {'n': [1, 2]}

    Args:
        text: the text.
        allow_nan: read NaN and infinity as numbers, as in files that Python's `json` writes.

    Raises:
        ValueError: it is not JSON, or nested too deep.
        CommandError: a key is repeated within one mapping; or a number is NaN or infinity.
    """
    constant, number = (None, None) if allow_nan else (_refused_constant, _finite)
    try:
        return json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=constant, parse_float=number)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise CommandError(f"The key {twice!r} stands twice in one mapping.")
    return value


def _finite(text: str) -> float:
    """Parse a number; Python reads `1e400` as infinity, which would arrive as null."""
    number = float(text)
    if not math.isfinite(number):
        raise CommandError(f"{text[:LONGEST]} is too large a number. Write it as a text.")
    return number


def _refused_constant(name: str) -> Any:
    raise CommandError(f"{name} is not JSON.", hint="Leave it out, or write null.")


def check_json(value: object, name: str) -> None:
    """Raise if a Python value would arrive at the server as another one.

    Args:
        value: any value; objects that the SDK converts are checked as it converts them.
        name: its name in the message.

    Raises:
        CommandError: a number is NaN or infinity, a key is not text, or an object has no form in JSON; the message has its path.
    """
    if problem := json_fault(value, name):
        raise problem


def json_fault(value: object, name: str) -> CommandError | None:
    """Return the error that `check_json` raises; None if the value arrives unchanged.

    >>> json_fault({"n": [1, float("nan")]}, "input").message
    'input.n[1] is nan, which JSON has no word for.'
    """
    if isinstance(value, PLAIN):  # a large input has many
        return None
    try:
        return _fault(value, name, 0)
    except RecursionError:  # the SDK refuses it
        return None


def number_fault(path: str, number: object) -> CommandError:
    """Return the error of a number that JSON does not have."""
    return CommandError(f"{path} is {number}, which JSON has no word for.", hint="Leave it out, or make it null.")


def key_fault(path: str, key: object) -> CommandError:
    """Return the error of a key that is not text."""
    return CommandError(f"{path} has the key {key!r}: keys are texts.", hint="str(key)")


def object_fault(path: str, value: object) -> CommandError:
    """Return the error of an object that JSON cannot hold. The message does not show it: it may hold a secret."""
    words = f"{path} cannot be sent as JSON: it is {type_phrase(value)}."
    return CommandError(words, hint="Give a text, a number, a list or a mapping.")


def _fault(value: Any, path: str, depth: int) -> CommandError | None:
    if depth > DEEPEST or isinstance(value, PLAIN):
        return None
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                return key_fault(path, key)
            if not isinstance(inner, PLAIN) and (problem := _fault(inner, f"{path}.{key}", depth + 1)):
                return problem
        return None
    if isinstance(value, list | tuple | set | frozenset):
        for place, inner in enumerate(value):
            if not isinstance(inner, PLAIN) and (problem := _fault(inner, f"{path}[{place}]", depth + 1)):
                return problem
        return None
    if isinstance(value, Real):
        return None if math.isfinite(value) else number_fault(path, value)
    converted = _converted(value)
    if converted is not value:
        return _fault(converted, path, depth + 1)
    return None if isinstance(value, WRITTEN) or _has_form(value) else object_fault(path, value)


def _has_form(value: Any) -> bool:
    """Whether an object has a method by which it is written; a class has none."""
    return not isinstance(value, type) and any(callable(getattr(value, name, None)) for name in ("dict", "isoformat"))


def plain_json(value: Any) -> Any:
    """Return a value as the server returns it after the SDK has sent it: a tuple is a list, a set a list in a fixed order.

    >>> plain_json({"tags": {"b", "a"}, "pair": (1, 2.0)})
    {'tags': ['a', 'b'], 'pair': [1, 2.0]}
    """
    return _plain(value, 0)


def _plain(value: Any, depth: int) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value, depth + 1)
    if depth > DEEPEST or isinstance(value, PLAIN):
        return value
    if isinstance(value, Mapping):
        return {key: _plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, set | frozenset):  # Python orders texts differently in each process
        return sorted((_plain(inner, depth + 1) for inner in value), key=lambda inner: json.dumps(inner, default=str))
    if isinstance(value, list | tuple):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    converted = _converted(value)
    return value if converted is value else _plain(converted, depth + 1)


def _converted(value: Any) -> Any:
    """Return the data of a message, a dataclass or an array, as the SDK writes it; other values as they are."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    for name in ("model_dump", "tolist"):
        if callable(method := getattr(value, name, None)) and not isinstance(value, type):
            return method()
    return value
