"""Render a difference as text and as a tree: removed lines with a minus, added ones with a plus, also without colors."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from lg_magics.model.bounds import cut, fitted
from lg_magics.model.changes import ABSENT, Changes, MessageChange
from lg_magics.model.messages import message_from_payload
from lg_magics.model.plain_text import call_words
from lg_magics.model.visible_text import visible_line
from lg_magics.tables.diff import Diff
from lg_magics.views.frame_tree import result, soft
from lg_magics.views.node import Node, node

__all__ = ["change_lines", "change_nodes", "diff_text", "diff_tree"]

LONGEST = 2_000
MOST_LINES = 400
LARGEST = 250_000  # bytes of all lines as JSON
LONGEST_HEADLINE = 20_000
Line = tuple[str, str]  # a mark ("-", "+", " ", "@" for a heading), and the text


def change_lines(changes: Changes) -> Iterator[Line]:
    """Yield every difference as marked lines, under a heading with its place."""
    for message in changes.messages:
        yield "@", f"{message.key}[{message.place}] {message.kind}{_role(message)}"
        yield from _marked(_text_of(message.before), _text_of(message.after))
    for key in changes.keys:
        yield "@", key.shown_path
        yield from _marked(_words(key.before), _words(key.after))


def _role(change: MessageChange) -> str:
    payload = change.after if change.after is not None else change.before
    message = message_from_payload(payload)
    return f" · {message.role}" if message and message.role else ""


def _text_of(payload: Any) -> str | None:
    if payload is None:
        return None
    message = message_from_payload(payload)
    if message is None:
        return _words(payload)
    calls = [call_words(call, is_whole=True) for call in message.calls]
    return "\n".join(filter(None, (message.text, *calls))) or _words(payload)


def _words(value: Any) -> str | None:
    if value is ABSENT:
        return None
    if isinstance(value, str):
        return value
    indent = 2 if isinstance(value, Mapping | list) and value else None
    return json.dumps(value, ensure_ascii=False, indent=indent, default=str)


def _marked(before: str | None, after: str | None) -> Iterator[Line]:
    """Yield the lines of two texts with their marks; unchanged lines far from a change are left out."""
    old, new = (_lines(text) for text in (before, after))
    if not old or not new:
        yield from (("-", line) for line in old)
        yield from (("+", line) for line in new)
        return
    for line in difflib.unified_diff(old, new, lineterm="", n=1):
        if not line.startswith(("---", "+++", "@@")):
            yield line[0], line[1:]


def _lines(text: str | None) -> list[str]:
    if text is None:
        return []
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text) - LONGEST:,} more characters)"
    return shown.splitlines() or [""]


def _cut(changes: Changes) -> tuple[list[Line], int]:
    lines = list(change_lines(changes))
    return lines[:MOST_LINES], max(0, len(lines) - MOST_LINES)


def diff_text(diff: Diff) -> str:
    """Return the headline, then each difference."""
    lines, left = _cut(diff.changes)
    shown = [f"\n{visible_line(words)}" if mark == "@" else f"{mark} {words}" for mark, words in lines]
    more = [f"({left} more lines)"] if left else []
    return "\n".join([visible_line(diff.headline), *shown, *more])


def change_nodes(changes: Changes) -> list[Node]:
    """Return the differences as nodes: a limited number of lines, and a count of the rest."""
    lines, left = _cut(changes)
    more = [soft(f"({left} more lines)")] if left else []
    return [*map(_line, fitted(lines, LARGEST)), *more] or [soft("changes nothing")]


def diff_tree(diff: Diff) -> Node:
    """Return the difference as a tree."""
    changes = change_nodes(diff.changes) if diff.changes else []
    return result(node("div", cut(diff.headline, LONGEST_HEADLINE), class_="lg-name"), changes)


KINDS = {"-": "lg-minus", "+": "lg-plus", " ": "lg-same"}


def _line(line: Line) -> Node:
    mark, words = line
    if mark == "@":
        return node("div", words, class_="lg-where")
    return node("div", f"{mark} {words}", class_=KINDS.get(mark, "lg-same"))
