"""Writes conversations as Markdown, a web page, or JSON lines, with everything that `%lg_messages` shows. Knows no session."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from lg_magics.model.messages import Message
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.visible_text import visible_line, visible_text
from lg_magics.tables.conversation import Conversation, message_row
from lg_magics.views.conversation import LONGEST, about_message, message_tree, parts_of_message
from lg_magics.views.frame_tree import result
from lg_magics.views.node import html as html_of
from lg_magics.views.saved import style_of

__all__ = ["KINDS", "file_text"]

Talks = Sequence[tuple[ThreadInfo, Conversation]]


def file_text(talks: Talks, suffix: str) -> str:
    """The content of a file of this kind: `.md`, `.html`, or `.jsonl` with a line for each message."""
    return KINDS[suffix](talks)


def _title(thread: ThreadInfo) -> str:
    return visible_line(thread.title or thread.id)


def _markdown(talks: Talks) -> str:
    parts = []
    for thread, talk in talks:
        parts.append(f"# {_title(thread)}\n")
        for message in talk:
            parts.append(f"**{visible_line(' · '.join(about_message(message)))}**\n")
            parts += _markdown_parts(message)
    return "\n".join(parts)


def _markdown_parts(message: Message) -> Iterator[str]:
    """Text is written as it is, since models write Markdown; other parts as a code block."""
    for kind, text in parts_of_message(message):
        shown = visible_text(text)
        if kind == "text" and message.role != "tool":
            yield f"{shown}\n"
        else:
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", shown)), default=0))
            name = "" if kind in ("text", "call") else f"{visible_line(kind)}\n\n"
            yield f"{name}{fence}\n{shown}\n{fence}\n"


def _page(talks: Talks) -> str:
    trees = [result(message_tree(message)) for _, talk in talks for message in talk]
    drawn = iter(trees)
    parts = [f'<!doctype html>\n<meta charset="utf-8">\n<title>Messages</title>\n{style_of(trees)}']
    for thread, talk in talks:
        parts.append(f"<h1>{html.escape(_title(thread))}</h1>")
        for message in talk:
            tree = next(drawn)
            whole = "\n".join(f"{kind} {text}" for kind, text in parts_of_message(message))
            parts.append(html_of(tree) if len(whole) <= LONGEST else f"<pre>{html.escape(visible_text(whole))}</pre>")
    return "\n".join(parts) + "\n"


def _jsonl(talks: Talks) -> str:
    rows = ({"thread_id": thread.id, **message_row(each)} for thread, talk in talks for each in talk)
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows)


KINDS: Mapping[str, Callable[[Talks], str]] = {".md": _markdown, ".html": _page, ".jsonl": _jsonl}
"""The writer of each kind of file, by its suffix."""
