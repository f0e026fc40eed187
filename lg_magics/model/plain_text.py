"""Values and foreign text as plain text of a limited size, for a page, a log and a terminal. Pure; knows no run.

>>> brief({"step": 1, "messages": ["a", "b"]})
'{"step": 1, "messages": ["a", "b"]}'
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from lg_magics.model.message_calls import CallKind
from lg_magics.model.messages import Message, ToolCall, message_from_payload
from lg_magics.model.visible_text import visible_text

__all__ = [
    "REASONING",
    "WIDTH",
    "brief",
    "brief_lines",
    "call_line",
    "call_words",
    "contents_lines",
    "one_line",
    "reasoning_words",
    "result_words",
]

WIDTH = 140
REASONING = "(reasoning)"
CALL_ENDS: Mapping[CallKind, str] = {"": "", "server": " by the provider", "invalid": " could not be read"}
LINES = 12
NAME = 60


def one_line(text: str, width: int = WIDTH) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text[: 8 * width].split())
    return visible_text(line if len(line) <= width else f"{line[: width - 1]}…")


def brief(value: object, width: int = WIDTH) -> str:
    """Return a value on one line of at most `width` characters: JSON, and messages as `ai: their text`."""
    line, length = [], 0
    for piece in _pieces(value, width):
        line.append(piece)
        length += len(piece)
        if length > width:
            size = f" ({len(value):,})" if isinstance(value, list | Mapping) and len(value) > 1 else ""
            return visible_text("".join(line)[: width - 1 - len(size)]) + "…" + size
    return visible_text("".join(line))


def brief_lines(value: object) -> list[str]:
    """Return a value on a few lines: one for each key of a mapping, and the last message of a list of messages."""
    if not isinstance(value, Mapping) or message_from_payload(value):
        return [brief(value)]
    lines = [f"{visible_text(str(key)[:WIDTH])}: {_brief_item(held)}" for key, held in islice(value.items(), LINES)]
    return lines if len(value) <= LINES else [*lines, f"… {len(value) - LINES:,} more"]


def _brief_item(value: object) -> str:
    if isinstance(value, list) and len(value) > 1 and (last := message_from_payload(value[-1])):
        return f"{len(value):,} messages, the last {brief(last.raw)}" if last.raw else brief(value)
    return brief(value)


def call_line(name: str, args: Mapping[str, Any] | str) -> str:
    """Return a tool call on one line, `weather_search(query="weather in San Francisco")`; `args` may be JSON, complete or not."""
    arguments = args if isinstance(args, str) else ""
    if (known := _mapping(args) if isinstance(args, str) else args) is not None:
        arguments = ", ".join(f"{key}={brief(held)}" for key, held in islice(known.items(), LINES))
    return visible_text(f"{name}({arguments[:WIDTH]}{'…' if len(arguments) > WIDTH else ''})".replace("\n", " "))


def call_words(call: ToolCall, *, is_whole: bool = False) -> str:
    """Return a call as every view shows it: `find(q="a")`, `search(q="a") by the provider`, `find({"q) could not be read: why`.

    Args:
        call: the call.
        is_whole: all of its arguments, as JSON and not made visible; else on one line of limited size.
    """
    end = f"{CALL_ENDS[call.kind]}{f': {call.error}' if call.error else ''}"
    if not is_whole:
        return call_line(call.name, call.given) + (f" {one_line(end)}" if end else "")
    given = call.text or ", ".join(
        f"{key}={json.dumps(value, ensure_ascii=False, default=str)}" for key, value in call.args.items()
    )
    return f"{call.name}({given}){end}"


def result_words(name: str, text: str, *, is_failed: bool) -> str:
    """Return a tool's result as every view shows it: `find → nothing`, `find failed no such day`."""
    return f"{name or 'tool'} {'failed' if is_failed else '→'} {text}".rstrip()


def reasoning_words(text: str) -> str:
    """Return a model's reasoning as every view shows it: `(reasoning) Let me see.`."""
    return f"{REASONING} {text}"


def _mapping(text: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, Mapping) else None


def _pieces(value: object, width: int) -> Iterator[str]:
    """Yield a value as JSON in pieces of limited length, so that a caller can stop early."""
    if isinstance(value, str):
        yield _text(value, width)
    elif isinstance(value, Mapping) and (message := message_from_payload(value)):
        yield _message(message, width)
    elif isinstance(value, Mapping):
        yield "{"
        for place, (key, held) in enumerate(value.items()):
            yield f"{', ' if place else ''}{_text(str(key), width)}: "
            yield from _pieces(held, width)
        yield "}"
    elif isinstance(value, Sequence):
        yield "["
        for place, held in enumerate(value):
            yield ", " if place else ""
            yield from _pieces(held, width)
        yield "]"
    else:
        yield json.dumps(value, default=str)[: width + 1]


def _text(text: str, width: int) -> str:
    return json.dumps(text[: width + 1], ensure_ascii=False)


def _message(message: Message, width: int) -> str:
    thought = (
        reasoning_words(one_line(message.reasoning, width))
        if message.reasoning.strip() and not message.text_or_refusal.strip()
        else ""
    )
    words = [
        one_line(message.text_or_refusal, width) or thought,
        *map(call_words, message.calls),
        *contents_lines(message),
    ]
    said = " ".join(filter(None, words))
    if message.role == "tool":
        return result_words(one_line(message.name, NAME), said, is_failed=message.has_failed)
    return f"{message.role}: {said}".rstrip()


def contents_lines(message: Message) -> Iterator[str]:
    """Yield a message's other content, a line each: `[image/png, 12 kB]`, `[artifact] {"a": 1}`."""
    yield from (f"[{one_line(attachment)}]" for attachment in message.attachments)
    yield from (f"[{one_line(part.type)}] {brief(part.value)}" for part in message.parts)
