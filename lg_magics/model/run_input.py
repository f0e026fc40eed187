"""What a person types → a graph's input. Pure.

A text becomes one human message, `{"messages": [{"role": "user", "content": text}]}`; JSON and objects are sent as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lg_magics.errors import CommandError
from lg_magics.model.json_text import strict_json
from lg_magics.model.messages import TITLE_LENGTH, shortened, title_from_values

__all__ = ["input_from", "json_from_text", "title_of_input"]


def input_from(text: str | None, value: object = None, *, is_json: bool = False) -> Any:
    """The graph's input from what was typed.

    Args:
        text: the rest of the line, or the cell's body.
        value: an object given by `--input`; it wins, and text beside it is an error.
        is_json: read `text` as JSON.

    Returns:
        None (go on without new input) if there is neither.

    Raises:
        CommandError: both were given, or the JSON cannot be read.
    """
    if value is not None:
        if text and text.strip():
            raise CommandError("Both --input and a text were given.", hint="Give one of them.")
        return _plain(value)
    if text is None or not text.strip():
        if is_json:
            raise CommandError("--json wants JSON after it.", hint='%lg_run --json {"messages": []}')
        return None
    if is_json:
        return json_from_text(text)
    return {"messages": [{"role": "user", "content": text}]}


def _plain(value: object) -> object:
    """A text is a message here too; a list of messages is wrapped; anything else goes as it is."""
    if isinstance(value, str):
        return {"messages": [{"role": "user", "content": value}]}
    return value


def json_from_text(text: str) -> object:
    """What a JSON text says.

    Raises:
        CommandError: it is none, and the message says where; or a key stands twice.
    """
    try:
        return strict_json(text)
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise CommandError(
            f"This is not JSON: {problem.msg} at {where}.", hint="Strings need double quotes."
        ) from problem
    except ValueError as problem:
        raise CommandError(f"This JSON cannot be read: {problem}.") from problem


def title_of_input(value: object, length: int = TITLE_LENGTH) -> str:
    """A title of at most `length` characters for what begins with this input; "" if it says nothing."""
    title = title_from_values(_as_payload(value), length)
    if title or value is None:
        return title
    if isinstance(value, Mapping):
        try:
            return shortened(json.dumps(value, ensure_ascii=False, default=str), length) if value else ""
        except (ValueError, RecursionError):  # it holds itself, or is nested too deep: whoever sends it says so
            return ""
    return ""


def _as_payload(value: object) -> object:
    """Message objects (HumanMessage …) as the payloads they will become."""
    if not isinstance(value, Mapping):
        return value
    messages = value.get("messages")
    if not isinstance(messages, list):
        return value
    return {"messages": [m.model_dump() if hasattr(m, "model_dump") else m for m in messages]}
