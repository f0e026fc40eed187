"""A message, and the messages of a state or an input. Knows payloads and their roles; renders nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lg_magics.model.conversation import conversation_in
from lg_magics.model.message_calls import ToolCall
from lg_magics.model.message_content import content_from_payload, finish_of, refusal_of, text_of
from lg_magics.model.message_parts import Part

__all__ = [
    "Message",
    "Part",
    "ToolCall",
    "Usage",
    "message_from_payload",
    "messages_from_input",
    "messages_from_values",
    "refusal_of",
    "role_of",
    "shortened",
    "text_of",
    "title_from_values",
    "title_of",
    "usage_of",
]

ROLES = {"HumanMessage": "human", "AIMessage": "ai", "ToolMessage": "tool", "SystemMessage": "system"}
ALIASES = {"user": "human", "assistant": "ai", "function": "tool", "developer": "system"}
CHAT = ("chat", "ChatMessage", "ChatMessageChunk")
TITLE_LENGTH = 48


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of a model: `input`, of which `cached` from a cache; `output`, with `reasoning`."""

    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.cached + other.cached,
            self.reasoning + other.reasoning,
        )

    def __bool__(self) -> bool:
        return bool(self.input or self.output)


@dataclass(frozen=True, slots=True)
class Message:
    """One message, in any vendor's format.

    Attributes:
        role: human, ai, tool or system; any other word unchanged.
        text: the text of all its blocks.
        id: its id; "" for none.
        name: its author, or the tool; "" for none.
        reasoning: the model's reasoning.
        refusal: the model's refusal to answer.
        calls: its tool calls: of the graph's tools, of the provider's, and invalid ones.
        tool_call_id: the call that a tool message answers.
        attachments: one line each (`image/png, 12 kB`); their data is not loaded.
        parts: other parts for people, each with its type: unknown blocks, artifacts, annotations.
        details: technical details: ids, signatures, the provider's metadata.
        has_failed: whether a tool message reports an error.
        finish: an unusual finish reason: `max_tokens`.
        usage: the tokens that it reports.
        raw: the payload.
    """

    role: str
    text: str
    id: str = ""
    name: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    attachments: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    details: tuple[Part, ...] = ()
    has_failed: bool = False
    finish: str = ""
    usage: Usage = Usage()
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls of the graph's tools."""
        return tuple(call for call in self.calls if not call.kind)

    @property
    def text_or_refusal(self) -> str:
        """Its text, or, without one, the model's refusal."""
        return self.text if self.text.strip() else self.refusal

    @property
    def contents(self) -> str:
        """Its content, if it has no text: the names of its calls, its attachments, the types of its parts."""
        names = [call.name or "a call" for call in self.calls]
        marked = [*self.attachments, *(part.type for part in self.parts), *(["reasoning"] if self.reasoning else [])]
        return ", ".join([*names, *(f"[{each}]" for each in marked)])


def usage_of(payload: Mapping[str, Any]) -> Usage:
    """Return the tokens that a message reports; zero if it reports none."""
    usage = payload.get("usage_metadata")
    if not isinstance(usage, Mapping):
        return Usage()
    cached, reasoning = (
        _count(details.get(name)) if isinstance(details := usage.get(f"{kind}_token_details"), Mapping) else 0
        for kind, name in (("input", "cache_read"), ("output", "reasoning"))
    )
    return Usage(_count(usage.get("input_tokens")), _count(usage.get("output_tokens")), cached, reasoning)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def role_of(payload: Mapping[str, Any]) -> str:
    """Return human, ai, tool or system; any other word unchanged."""
    kind, role = (payload.get(key) if isinstance(payload.get(key), str) else "" for key in ("type", "role"))
    word = role if role and kind in ("", "message", *CHAT) else kind or ""
    word = ROLES.get(word.removesuffix("Chunk"), word)
    return ALIASES.get(word, word)


def message_from_payload(payload: object) -> Message | None:
    """Return a message from a server's payload, or None if it is not one."""
    if isinstance(payload, str):
        return Message("human", payload)
    if isinstance(payload, Sequence) and len(payload) == 2 and all(isinstance(part, str) for part in payload):
        role, text = map(str, payload)
        return Message(ALIASES.get(role, role), text)
    if not isinstance(payload, Mapping) or not ("content" in payload and ("type" in payload or "role" in payload)):
        return None
    role = role_of(payload)
    own = {key: payload[key] for key in ("id", "name", "tool_call_id") if isinstance(payload.get(key), str)}
    status = payload.get("status")
    is_known = [key for key in ("type", "role") if _is_role(payload.get(key), role)]
    left = {key: value for key, value in payload.items() if key not in own and key not in is_known}
    if status == "error":
        del left["status"]
    found = content_from_payload(left)
    return Message(
        role=role,
        text="".join(found.text),
        reasoning="\n".join(found.reasoning),
        refusal="\n".join(found.refusal),
        calls=tuple(found.calls),
        attachments=tuple(found.attachments),
        parts=tuple(found.parts),
        details=tuple(found.details),
        has_failed=status == "error",
        finish=finish_of(payload.get("response_metadata")),
        usage=usage_of(payload),
        raw=payload,
        **own,
    )


def _is_role(word: object, role: str) -> bool:
    """Return whether a payload's `type` or `role` only repeats its role."""
    return word is None or (isinstance(word, str) and (word in ("message", *CHAT) or role_of({"type": word}) == role))


def messages_from_values(values: object) -> tuple[Message, ...]:
    """Return the messages in a state (found by `conversation_in`); () if there are none."""
    return _messages(conversation_in(values)[1])


def messages_from_input(value: object) -> tuple[Message, ...]:
    """Return the messages in an input, where a text, or a pair of a role and a text, is also a message."""
    if found := messages_from_values(value):
        return found
    payloads = value.get("messages") if isinstance(value, Mapping) else None
    return _messages(payloads) if isinstance(payloads, Sequence) and not isinstance(payloads, str) else ()


def _messages(payloads: Sequence[object]) -> tuple[Message, ...]:
    return tuple(message for message in map(message_from_payload, payloads) if message)


def title_from_values(values: object) -> str:
    """Return a thread's title: the beginning of its first human message, on one line; "" if there is none.

    The title of a message without text is its content: `[image/png, 12 kB]`.
    """
    return title_of(messages_from_values(values))


def title_of(messages: Iterable[Message], length: int = TITLE_LENGTH) -> str:
    """Return the title of a thread that begins with these messages."""
    for message in messages:
        if message.role == "human" and (words := message.text_or_refusal.strip() or message.contents):
            return shortened(words, length)
    return ""


def shortened(text: str, length: int = TITLE_LENGTH) -> str:
    """`text` on one line, cut to `length` characters with an ellipsis."""
    line = " ".join(text[: length * 8].split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
