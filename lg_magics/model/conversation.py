"""Recognize messages in a state: the one place that decides it. Pure; depends on nothing.

A conversation is a list that holds only messages. A list of texts, or of documents, is a value like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["MESSAGES", "conversation_in", "is_conversation", "is_text_input", "text_as_input", "with_text_under"]

MESSAGES = "messages"
ROLES = frozenset(
    [
        *("human", "ai", "tool", "system", "function", "chat", "user", "assistant", "developer"),
        *("HumanMessage", "AIMessage", "ToolMessage", "SystemMessage", "FunctionMessage", "ChatMessage"),
    ]
)


def is_conversation(value: object, key: str = MESSAGES) -> bool:
    """Return whether a state's value is a list of messages. Under another key than `messages`, roles must be well known.

    >>> is_conversation([{"type": "human", "content": "hi"}]), is_conversation(["hi"])
    (True, False)
    """
    if not isinstance(value, Sequence) or isinstance(value, str | bytes) or not value:
        return False
    return all(_is_message(each, is_known=key != MESSAGES) for each in value)


def _is_message(payload: object, *, is_known: bool) -> bool:
    if not isinstance(payload, Mapping) or "content" not in payload or not ("type" in payload or "role" in payload):
        return False
    roles = (payload.get("type"), payload.get("role"))
    return not is_known or any(isinstance(role, str) and role.removesuffix("Chunk") in ROLES for role in roles)


def conversation_in(values: object) -> tuple[str, Sequence[Any]]:
    """Return the key of the messages in a state, and the messages; ("", []) if there are none.

    `messages` has precedence over other keys. If the state itself is a list of messages, the key is "".
    """
    if not isinstance(values, Mapping):
        return "", values if isinstance(values, Sequence) and is_conversation(values) else []
    held = values.get(MESSAGES)
    if isinstance(held, Mapping):
        held = [held]
    if isinstance(held, Sequence) and is_conversation(held):
        return MESSAGES, held
    found = (key for key, value in values.items() if key != MESSAGES and is_conversation(value, str(key)))
    key = next(found, None)
    return ("", []) if key is None else (str(key), values[key])


def text_as_input(text: str, key: str = MESSAGES) -> dict[str, Any]:
    """Return a text as a graph's input: one human message under this key."""
    return {key: [{"role": "user", "content": text}]}


def is_text_input(value: Any) -> bool:
    """Return whether an input has the form that a text is converted to."""
    return bool(with_text_under(value, "") != value)


def with_text_under(value: Any, key: str) -> Any:
    """Move the message of a text input to another key; return any other input unchanged."""
    match value:
        case {"messages": [{"role": "user", "content": str(text), **more}], **others} if not more and not others:
            return text_as_input(text, key)
    return value
