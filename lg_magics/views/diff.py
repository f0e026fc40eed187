"""Render a difference as text and as a tree: removed lines with a minus, added ones with a plus, also without colors."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
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

KINDS = {"-": "lg-minus", "+": "lg-plus", " ": "lg-same"}
LONGEST = 2_000  # characters of the lines of one value that have the same mark
BEFORE = 100  # characters before the first difference of two long lines
MOST_COMPARED = 1_000  # lines of one text
MOST_LINES = 400
LARGEST = 250_000  # bytes of all lines as JSON
LONGEST_HEADLINE = 20_000
Line = tuple[str, str]  # a mark ("-", "+", " ", "@" for a heading), and the text


def change_lines(changes: Changes) -> Iterator[Line]:
    """Yield every difference as marked lines, under a heading with its place. Lines that nobody is shown are not compared."""
    count = 0
    for heading, before, after in _texts(changes):
        yield "@", heading
        for line in _marked(before, after, compares=count < MOST_LINES):
            count += 1
            yield line


def _texts(changes: Changes) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield a heading for each difference, and its texts before and after; None where there is no value."""
    for message in changes.messages:
        heading = f"{message.key}[{message.place}] {message.kind}{_role(message)}"
        yield heading, _text_of(message.before), _text_of(message.after)
    for key in changes.keys:
        yield key.shown_path, _words(key.before), _words(key.after)


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


def _marked(before: str | None, after: str | None, *, compares: bool = True) -> Iterator[Line]:
    """Yield the lines of two texts with their marks, cut; unchanged lines far from a change are left out."""
    old, new = ([] if text is None else text.split("\n") for text in (before, after))
    if not (compares and old and new):
        yield from _shortened([*(("-", line) for line in old), *(("+", line) for line in new)])
        return
    old, new = _middle(old, new)
    yield from _shortened(list(_differences(old[:MOST_COMPARED], new[:MOST_COMPARED])))
    left = max(len(old), len(new)) - MOST_COMPARED
    if left > 0:
        yield " ", f"({left:,} more lines are not compared)"


def _middle(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Return the lines of both texts without those that they share at the begin and at the end, except for one on each side."""
    first = max(0, _shared(old, new) - 1)
    old, new = old[first:], new[first:]
    last = max(0, _shared(old[::-1], new[::-1]) - 1)
    return old[: len(old) - last], new[: len(new) - last]


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many items two sequences, or texts, share at their begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (mine, its) in pairs if mine != its), min(len(one), len(other)))


def _differences(old: list[str], new: list[str]) -> Iterator[Line]:
    for group in difflib.SequenceMatcher(None, old, new).get_grouped_opcodes(1):
        for kind, begin, end, new_begin, new_end in group:
            removed, added = old[begin:end], new[new_begin:new_end]
            if kind == "equal":
                yield from ((" ", line) for line in removed)
                continue
            starts = [_start(*pair) for pair in zip(removed, added, strict=False)]
            yield from (("-", line) for line in _from(starts, removed))
            yield from (("+", line) for line in _from(starts, added))


def _start(removed: str, added: str) -> int:
    """Return where to begin to show two long lines, so that what differs is not cut off."""
    if max(len(removed), len(added)) <= LONGEST:
        return 0
    return max(0, _shared(removed, added) - BEFORE)


def _from(starts: list[int], lines: list[str]) -> Iterator[str]:
    for line, start in zip(lines, [*starts, *[0] * len(lines)], strict=False):
        yield f"…{line[start:]}" if start else line


def _shortened(lines: list[Line]) -> Iterator[Line]:
    """Yield LONGEST characters of the lines with each mark, and how many characters more there are."""
    sizes = {kind: sum(len(words) + 1 for mark, words in lines if mark == kind) - 1 for kind in KINDS}
    used = dict.fromkeys(KINDS, 0)
    for mark, words in lines:
        left = LONGEST - used[mark]
        if sizes[mark] <= LONGEST or len(words) < left:
            yield mark, words
        elif left >= 0:
            yield mark, f"{words[:left]}… ({sizes[mark] - LONGEST:,} more characters)"
        used[mark] += len(words) + 1


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


def _line(line: Line) -> Node:
    mark, words = line
    if mark == "@":
        return node("div", words, class_="lg-where")
    return node("div", f"{mark} {words}", class_=KINDS.get(mark, "lg-same"))
