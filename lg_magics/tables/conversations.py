"""The messages of many threads as one table, and conversations as the text of a file. Draws nothing."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lg_magics.model.messages import Message
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.visible_text import visible_text
from lg_magics.tables.conversation import COLUMNS as NAMES
from lg_magics.tables.conversation import Conversation, message_row
from lg_magics.tables.table import Column, Kind, Table

__all__ = ["KINDS", "messages_table", "text_of"]

Talks = Sequence[tuple[ThreadInfo, Conversation]]


def _kind(name: str) -> Kind:
    return "number" if name.endswith("_tokens") else "list" if name == "attachments" else "text"


SHOWN = ("role", "text", "name")
COLUMNS = (
    Column("thread"),
    *(Column(name, _kind(name), "" if name in SHOWN else None) for name in NAMES),
    Column("thread_id", "id", None),
)


def messages_table(talks: Talks, **attrs: Any) -> Table:
    """A row for each message, with its thread; threads in their order, messages oldest first."""
    rows = tuple(
        tuple({"thread": str(thread), "thread_id": thread.id, **message_row(each)}[column.name] for column in COLUMNS)
        for thread, talk in talks
        for each in talk
    )
    return Table(f"message of {len(talks)} thread{'s' * (len(talks) != 1)}", COLUMNS, rows, attrs=attrs)


def text_of(talks: Talks, suffix: str) -> str:
    """The content of a file of this kind: `.md`, `.html`, or `.jsonl` with a line for each message."""
    return KINDS[suffix](talks)


def _markdown(talks: Talks) -> str:
    parts = []
    for thread, talk in talks:
        parts.append(f"# {visible_text(thread.title or thread.id)}\n")
        for each in talk:
            parts.append(f"**{_speaker(each)}**\n\n{visible_text(each.text)}\n")
            parts += [f"```json\n{_json(call)}\n```\n" for call in _calls(each)]
    return "\n".join(parts)


def _html(talks: Talks) -> str:
    parts = ['<!doctype html>\n<meta charset="utf-8">\n<title>Messages</title>']
    for thread, talk in talks:
        parts.append(f"<h1>{html.escape(visible_text(thread.title or thread.id))}</h1>")
        for each in talk:
            parts.append(f"<h2>{html.escape(_speaker(each))}</h2>\n<pre>{html.escape(visible_text(each.text))}</pre>")
            parts += [f"<pre>{html.escape(_json(call))}</pre>" for call in _calls(each)]
    return "\n".join(parts) + "\n"


def _jsonl(talks: Talks) -> str:
    rows = ({"thread_id": thread.id, **message_row(each)} for thread, talk in talks for each in talk)
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows)


def _speaker(message: Message) -> str:
    return visible_text(f"{message.role} {message.name}".strip())


def _calls(message: Message) -> list[dict[str, Any]]:
    return [{call.name: dict(call.args)} for call in message.tool_calls]


def _json(call: Mapping[str, Any]) -> str:
    return visible_text(json.dumps(call, ensure_ascii=False, default=str))


KINDS: Mapping[str, Callable[[Talks], str]] = {".md": _markdown, ".html": _html, ".jsonl": _jsonl}
"""How each kind of file is written, by its ending."""
