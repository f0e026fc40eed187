"""Convert what a user types to a graph's input. Pure.

A text becomes one human message, `{"messages": [{"role": "user", "content": text}]}`; JSON and objects, including a text given
by `--input`, are sent unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lg_magics.errors import CommandError
from lg_magics.model.conversation import text_as_input
from lg_magics.model.json_text import strict_json
from lg_magics.model.messages import TITLE_LENGTH, messages_from_input, shortened, title_of

__all__ = ["input_from", "json_from_text", "title_of_input"]


def input_from(text: str | None, value: object = None, *, is_json: bool = False) -> Any:
    """Return the graph's input for the typed text or the given object.

    Args:
        text: the rest of the line, or the cell's body.
        value: an object given by `--input`; text beside it is an error.
        is_json: whether to parse `text` as JSON.

    Returns:
        None (continue without new input) if there is neither.

    Raises:
        CommandError: both were given, the text is blank, or the JSON is invalid.
    """
    if value is not None:
        if text and text.strip():
            raise CommandError("Both --input and a text were given.", hint="Give one of them.")
        return value
    if text is None or not text.strip():
        if is_json:
            raise CommandError("--json needs JSON after it.", hint='%lg_run --json {"messages": []}')
        if text is not None:  # a name that was filled in; the run would go on past a breakpoint
            raise CommandError("The text is empty.", hint="Leave it out to go on without new input.")
        return None
    if is_json:
        return json_from_text(text)
    return text_as_input(text)


def json_from_text(text: str) -> object:
    """Parse a JSON text.

    Raises:
        CommandError: it is not JSON, and the message states where; or a key is repeated.
    """
    try:
        return strict_json(text)
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        is_name = text[problem.pos : problem.pos + 1] == "$"
        hint = "A $name is filled in only in an option: -i {…}." if is_name else "Strings need double quotes."
        raise CommandError(f"This is not JSON: {problem.msg} at {where}.", hint=hint) from problem
    except ValueError as problem:
        raise CommandError(f"This JSON cannot be read: {problem}.") from problem


def title_of_input(value: object, length: int = TITLE_LENGTH) -> str:
    """Return a title of at most `length` characters for an input; "" if the input has no text."""
    title = title_of(messages_from_input(_as_payload(value)), length)
    if title or value is None:
        return title
    if isinstance(value, str):
        return shortened(value, length)
    if isinstance(value, Mapping):
        try:
            return shortened(json.dumps(value, ensure_ascii=False, default=str), length) if value else ""
        except (ValueError, RecursionError):  # a cycle, or nested too deep: the error comes when it is sent
            return ""
    return ""


def _as_payload(value: object) -> object:
    """Return message objects (HumanMessage …) as their payloads."""
    if not isinstance(value, Mapping):
        return value
    return {key: [*map(_dumped, held)] if isinstance(held, list) else held for key, held in value.items()}


def _dumped(message: Any) -> Any:
    return message.model_dump() if hasattr(message, "model_dump") else message
