"""What a step did, in a few words: tool calls, texts of tools and models, the keys that were written. Pure.

>>> found = {"type": "tool", "name": "find", "content": "nothing", "status": "error"}
>>> [str(each) for each in effects_from_writes({"messages": [found], "n": 1})]
['find failed nothing', 'wrote n']
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from lg_magics.model.messages import Message, ToolCall, message_from_payload
from lg_magics.model.plain_text import brief, call_words, one_line, reasoning_words, result_words
from lg_magics.model.visible_text import visible_text

__all__ = ["Effect", "agent_from_writes", "calls_from_input", "effects_from_writes"]

WHOLE = 400
"""The maximum characters of a text that a line shows in part."""
MOST = 8
KEYS = 12
RETURNED = ("__return__", "__end__")
"""The channels that hold the writes of the functional API."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of a step.

    Attributes:
        kind: a tool call that a model requested, a tool's result, a model's text, its reasoning, keys of the state, or a returned
            value.
        text: the effect on one line, without hidden characters.
        name: the tool's name, for a call and a result.
        is_failed: whether the tool failed.
        whole: more of the text, if the line has only its beginning.
    """

    kind: Literal["call", "result", "text", "reasoning", "keys", "value"]
    text: str
    name: str = ""
    is_failed: bool = False
    whole: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "result":
                return result_words(self.name, self.text, is_failed=self.is_failed)
            case "reasoning":
                return reasoning_words(self.text)
            case "keys":
                return f"wrote {self.text}"
            case "value":
                return f"→ {self.text}"
            case _:
                return self.text


def effects_from_writes(writes: object) -> tuple[Effect, ...]:
    """Return the effects of a node, from its writes: a mapping, several of them, or pairs of a channel and a value."""
    found: list[Effect] = []
    keys: list[str] = []
    for key, value in _pairs(writes):
        messages = _messages(value)
        spoken = [effect for message in messages for effect in _of_message(message)]
        if spoken:
            found += spoken
        elif key in RETURNED:
            found.append(Effect("value", brief(value), whole=_whole_value(value)))
        elif not key.startswith("__"):
            keys.append(key)
    more = [Effect("keys", one_line(", ".join(dict.fromkeys(keys))))] if keys else []
    return (*found[-MOST:], *more)


def agent_from_writes(writes: object) -> str:
    """Return the name on the messages of an agent's model; "" for none."""
    names = (each.name for _, value in _pairs(writes) for each in _messages(value) if each.role == "ai" and each.name)
    return one_line(next(names, ""), 40)


def calls_from_input(given: object) -> tuple[Effect, ...]:
    """Return the tool calls that a tool node received."""
    payloads = given if isinstance(given, list) else [given]
    calls = [each.get("tool_call", each) for each in payloads[:MOST] if isinstance(each, Mapping)]
    return tuple(
        _call(_call_from(str(call["name"]), call.get("args")))
        for call in calls
        if isinstance(call, Mapping) and call.get("type") == "tool_call" and isinstance(call.get("name"), str)
    )


def _pairs(writes: object) -> Iterator[tuple[str, Any]]:
    if isinstance(writes, Mapping):
        yield from ((str(key), value) for key, value in islice(writes.items(), KEYS))
    elif isinstance(writes, list):
        for each in writes[:KEYS]:
            if isinstance(each, list | tuple) and len(each) == 2 and isinstance(each[0], str):
                yield each[0], each[1]
            else:
                yield from _pairs(each)
    elif writes is not None:
        yield RETURNED[0], writes


def _messages(value: object) -> list[Message]:
    payloads = value[-MOST:] if isinstance(value, list) else [value]
    found = [message_from_payload(each) for each in payloads if isinstance(each, Mapping)]
    return [each for each in found if each is not None]


def _of_message(message: Message) -> Iterator[Effect]:
    if message.role == "tool":
        text = message.text_or_refusal.strip() or message.contents
        yield Effect("result", _first_line(text), one_line(message.name, 60), message.has_failed, _rest(text))
    elif message.role == "ai":
        if text := message.reasoning.strip():
            yield Effect("reasoning", _first_line(text), whole=_rest(text))
        if text := message.text_or_refusal.strip():
            yield Effect("text", _first_line(text), whole=_rest(text))
        yield from map(_call, message.calls)


def _call_from(name: str, args: object) -> ToolCall:
    return ToolCall(name, args if isinstance(args, Mapping) else {}, text=args if isinstance(args, str) else "")


def _call(call: ToolCall) -> Effect:
    line = one_line(call_words(call))
    arguments = call.text or json.dumps(dict(call.args), ensure_ascii=False, default=str)
    is_cut = line.endswith(("…", "…)")) or "…," in line
    return Effect("call", line, one_line(call.name, 60), whole=_cut(arguments) if is_cut else "")


def _first_line(text: str) -> str:
    line, line_break, _ = text.partition("\n")
    return one_line(f"{line} …" if line_break else line)


def _rest(text: str) -> str:
    """Return more of a text than its first line."""
    return _cut(text) if _first_line(text) != text else ""


def _whole_value(value: object) -> str:
    text = value if isinstance(value, str) else brief(value, WHOLE)
    return _cut(text) if len(text) > len(brief(value)) else ""


def _cut(text: str) -> str:
    return visible_text(text if len(text) <= WHOLE else f"{text[:WHOLE]}…")
