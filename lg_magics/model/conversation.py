"""What is a conversation in a state: the one place that decides it. Pure; depends on nothing.

A conversation is a list of messages and of nothing else. A list of texts, or of documents, is a value like any other.
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
    """Whether a state's value is a conversation. Under another key than `messages` its roles must be well-known ones.

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
    """The key of the conversation in a state, and its messages; ("", []) if there is none.

    `messages` counts before other keys. The key of a state that is a conversation itself is "".
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
    """A text as a graph's input: one human message under this key."""
    return {key: [{"role": "user", "content": text}]}


def is_text_input(value: Any) -> bool:
    """Whether an input is what a text becomes."""
    return bool(with_text_under(value, "") != value)


def with_text_under(value: Any, key: str) -> Any:
    """An input that was made from a text, with its message under another key; any other input as it is."""
    match value:
        case {"messages": [{"role": "user", "content": str(text), **more}], **others} if not more and not others:
            return text_as_input(text, key)
    return value
