"""The values of a state that a card shows: todos, names of files, and a result without messages. Pure.

>>> kept_from_writes({"todos": [{"content": "tell the others", "status": "pending"}]}).todos
(Todo(content='tell the others', status='pending'),)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lg_magics.model.messages import message_from_payload
from lg_magics.model.plain_text import brief_lines, one_line
from lg_magics.model.visible_text import visible_json

__all__ = ["Kept", "Todo", "kept_from_writes", "result_text", "todos_of"]

MOST = 30
LONGEST_NAME = 100
LARGEST = 3_000
TODO_KEYS = {"content", "status"}
CONVERSATION = ("messages", "todos", "files")
STRUCTURED = "structured_response"


@dataclass(frozen=True, slots=True)
class Todo:
    """One todo: `content` is its text; `status` is pending, in_progress, completed or another word."""

    content: str
    status: str = "pending"

    @property
    def is_done(self) -> bool:
        """Whether it is done."""
        return self.status in ("completed", "done")

    @property
    def line(self) -> str:
        """`☑ check the weather`, `☐ look at Friday (in_progress)`."""
        status = f" ({self.status})" if not self.is_done and self.status != "pending" else ""
        return f"{'☑' if self.is_done else '☐'} {self.content}{status}"


@dataclass(frozen=True, slots=True)
class Kept:
    """The values known so far.

    Attributes:
        todos: the newest todos; None if none were written.
        files: the names of files.
        result: what a graph of the functional API returned, or an agent's structured response; "" for none.
        written: what the last node wrote; "" for none, and in a graph that writes messages.
        is_conversation: whether the graph writes messages.
    """

    todos: tuple[Todo, ...] | None = None
    files: tuple[str, ...] = ()
    result: str = ""
    written: str = ""
    is_conversation: bool = False

    def __bool__(self) -> bool:
        return self.todos is not None or bool(self.files or self.result or self.written or self.is_conversation)

    def then(self, later: Kept) -> Kept:
        """Merge later writes: todos are replaced as a whole, files one by one."""
        files = dict.fromkeys((*self.files, *later.files))
        todos = self.todos if later.todos is None else later.todos
        is_conversation = self.is_conversation or later.is_conversation
        written = "" if is_conversation else later.written or self.written
        return Kept(todos, tuple(files)[-MOST:], later.result or self.result, written, is_conversation)


def kept_from_writes(writes: object) -> Kept:
    """Read a node's writes. `__end__` is the return value of a graph of the functional API."""
    if not isinstance(writes, Mapping):
        return Kept()
    todos, files = writes.get("todos"), writes.get("files")
    ended, structured = writes.get("__end__"), writes.get(STRUCTURED)
    is_conversation = "messages" in writes or any(map(_is_conversation, writes.values()))
    return Kept(
        tuple(_todos(todos)) if isinstance(todos, list) else None,
        tuple(one_line(str(name), LONGEST_NAME) for name in files)[:MOST] if isinstance(files, Mapping) else (),
        result_text(structured if ended is None else ended) if structured or ended is not None else "",
        "" if "__end__" in writes or is_conversation else "\n".join(_written(writes)),
        is_conversation,
    )


def _written(writes: Mapping[str, Any]) -> list[str]:
    held = {
        key: value
        for key, value in writes.items()
        if key not in CONVERSATION and not str(key).startswith("__") and value not in (None, [], {})
    }
    return brief_lines(held) if held else []


def _is_conversation(value: object) -> bool:
    last = value[-1] if isinstance(value, list) and value else value
    return isinstance(last, Mapping) and message_from_payload(last) is not None


def todos_of(value: object) -> tuple[Todo, ...]:
    """Return a state's value as todos, all of them; () if any of it would be lost."""
    if not isinstance(value, list) or len(value) > MOST:
        return ()
    found = tuple(_todos(value))
    is_whole = all(isinstance(each, Mapping) and each.keys() == TODO_KEYS for each in value)
    return found if is_whole and len(found) == len(value) else ()


def _todos(payload: list[Any]) -> Iterator[Todo]:
    for each in payload[:MOST]:
        if isinstance(each, str):
            yield Todo(one_line(each))
        elif isinstance(each, Mapping) and (content := each.get("content") or each.get("title") or each.get("task")):
            yield Todo(one_line(str(content)), one_line(str(each.get("status") or "pending"), 20))


def result_text(values: object) -> str:
    """Return a result without messages as JSON, within a limit; "" if it has messages, or is empty."""
    if isinstance(values, Mapping):
        values = {
            key: value for key, value in values.items() if key not in CONVERSATION and value not in (None, [], {})
        }
        if not values:
            return ""
    if message_from_payload(values) and not isinstance(values, str):
        return ""
    text = values if isinstance(values, str) else json.dumps(values, ensure_ascii=False, indent=1, default=str)
    shown = text if len(text) <= LARGEST else f"{text[:LARGEST]}\n… {len(text) - LARGEST:,} more characters"
    return visible_json(shown)
