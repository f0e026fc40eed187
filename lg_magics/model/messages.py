"""What a message says, in every vendor's shape. Knows payloads; knows nothing of drawing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "Message",
    "ToolCall",
    "Usage",
    "messages_from_values",
    "reasoning_of",
    "text_of",
    "title_from_values",
]

ROLES = {"HumanMessage": "human", "AIMessage": "ai", "ToolMessage": "tool", "SystemMessage": "system"}
ALIASES = {"user": "human", "assistant": "ai", "function": "tool", "developer": "system"}
TITLE_LENGTH = 48


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens a model counted: `input` that it read, `output` that it wrote."""

    input: int = 0
    output: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.input + other.input, self.output + other.output)

    def __bool__(self) -> bool:
        return bool(self.input or self.output)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to call a tool."""

    name: str
    args: Mapping[str, Any]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation, whatever vendor's shape it came in.

    `attachments` are one line each (`image/png, 12 kB`); nothing of theirs is loaded.
    """

    role: str
    text: str
    id: str = ""
    name: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    attachments: tuple[str, ...] = ()
    usage: Usage = Usage()
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


def text_of(content: object) -> str:
    """The words in a message's content: a text, or a list of texts and content blocks."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        return _block_text(content)
    if isinstance(content, Sequence):
        return "".join(part if isinstance(part, str) else _block_text(part) for part in content)
    return ""


def _block_text(block: object) -> str:
    if not isinstance(block, Mapping):
        return ""
    if block.get("type") not in ("text", "output_text", "input_text", "text-plain", None):
        return ""
    text = block.get("text")
    if isinstance(text, Mapping):  # {"text": {"value": …}}
        text = text.get("value")
    return text if isinstance(text, str) else ""


def reasoning_of(content: object) -> str:
    """What a model thought aloud, in the blocks that vendors keep apart for it."""
    return "\n".join(filter(None, map(_block_reasoning, _blocks(content))))


def _block_reasoning(block: Mapping[str, Any]) -> str:
    if block.get("type") not in ("thinking", "reasoning", "reasoning_content"):
        return ""
    for key in ("thinking", "reasoning", "text"):
        if isinstance(block.get(key), str):
            return str(block[key])
    summary = block.get("summary")
    return text_of(summary) if isinstance(summary, list) else ""


def _blocks(content: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(content, Sequence) and not isinstance(content, str):
        yield from (block for block in content if isinstance(block, Mapping))


def _attachment(block: Mapping[str, Any]) -> str | None:
    kind = block.get("type")
    if kind not in ("image", "image_url", "input_image", "audio", "video", "file", "document", "media"):
        return None
    source = block.get("source") if isinstance(block.get("source"), Mapping) else block
    assert isinstance(source, Mapping)
    mime = source.get("media_type") or source.get("mime_type") or kind
    data = source.get("data") or source.get("base64")
    if isinstance(data, str):
        return f"{mime}, {_size(len(data) * 3 // 4)}"
    url = source.get("url") or block.get("image_url")
    if isinstance(url, Mapping):
        url = url.get("url")
    if isinstance(url, str) and url.startswith("data:"):
        head, _, body = url.partition(",")
        return f"{head[5:].split(';')[0] or mime}, {_size(len(body) * 3 // 4)}"
    return f"{mime} at {url}" if isinstance(url, str) else str(mime)


def _size(count: int) -> str:
    return f"{count} B" if count < 1000 else f"{count / 1000:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def usage_of(payload: Mapping[str, Any]) -> Usage:
    """The tokens that a message reports; none is zero."""
    usage = payload.get("usage_metadata")
    if not isinstance(usage, Mapping):
        return Usage()
    return Usage(_count(usage.get("input_tokens")), _count(usage.get("output_tokens")))


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def role_of(payload: Mapping[str, Any]) -> str:
    """human, ai, tool or system; any other word is kept as it is."""
    word = payload.get("type") or payload.get("role") or ""
    word = word if isinstance(word, str) else ""
    word = ROLES.get(word.removesuffix("Chunk"), word)
    return ALIASES.get(word, word)


def message_from_payload(payload: object) -> Message | None:
    """A message from what a server sent, or None if it is none."""
    if isinstance(payload, str):
        return Message("human", payload)
    if isinstance(payload, Sequence) and len(payload) == 2 and all(isinstance(part, str) for part in payload):
        role, text = map(str, payload)
        return Message(ALIASES.get(role, role), text)
    if not isinstance(payload, Mapping) or not ("content" in payload and ("type" in payload or "role" in payload)):
        return None
    content = payload["content"]
    return Message(
        role=role_of(payload),
        text=text_of(content),
        id=_text(payload.get("id")),
        name=_text(payload.get("name")),
        reasoning=reasoning_of(content),
        tool_calls=tuple(_tool_calls(payload)),
        tool_call_id=_text(payload.get("tool_call_id")),
        attachments=tuple(filter(None, map(_attachment, _blocks(content)))),
        usage=usage_of(payload),
        raw=payload,
    )


def _tool_calls(payload: Mapping[str, Any]) -> Iterator[ToolCall]:
    calls = payload.get("tool_calls")
    for call in calls if isinstance(calls, Sequence) else ():
        if isinstance(call, Mapping):
            args = call.get("args")
            yield ToolCall(_text(call.get("name")), args if isinstance(args, Mapping) else {}, _text(call.get("id")))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def messages_from_values(values: object) -> tuple[Message, ...]:
    """The conversation in a state: its `messages` key, or the state itself where that is a list of messages."""
    payloads = values.get("messages") if isinstance(values, Mapping) else values
    if isinstance(payloads, Mapping):
        payloads = [payloads]
    if not isinstance(payloads, Sequence) or isinstance(payloads, str):
        return ()
    return tuple(message for message in map(message_from_payload, payloads) if message)


def title_from_values(values: object, length: int = TITLE_LENGTH) -> str:
    """A thread's title: the beginning of its first human message, on one line; "" if there is none."""
    for message in messages_from_values(values):
        if message.role == "human" and message.text.strip():
            return shortened(message.text, length)
    return ""


def shortened(text: str, length: int = TITLE_LENGTH) -> str:
    """`text` on one line, cut to `length` characters with an ellipsis."""
    line = " ".join(text[: length * 8].split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
