"""A message's content in every vendor's format: text, reasoning, refusal, calls, attachments, and the rest as parts. Pure.

Nothing is lost. A reader removes what it understands from a copy of the payload. The rest is a `Part`, with its type and its
JSON, or a detail that is not for people (ids, signatures, the provider's metadata). Only the bytes of attachments are replaced
by their size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lg_magics.model.message_calls import CALLS, ToolCall, message_calls, repeats, taken_call
from lg_magics.model.message_parts import (
    DATA_URL,
    Part,
    holds,
    is_data,
    leave,
    says,
    size_words,
    taken_text,
    without_data,
)

__all__ = ["Content", "content_from_payload", "content_with_text", "finish_of", "refusal_of", "text_of"]

TEXTS = ("text", "output_text", "input_text", "text-plain", "summary_text", "reasoning_text")
KINDS = (*TEXTS, None)
REASONING = ("thinking", "reasoning", "reasoning_content")
_USUAL_ENDS = """
stop end_turn tool_calls tool_use function_call stop_sequence eos eos_token completed complete unknown
"""
USUAL_ENDS = frozenset(_USUAL_ENDS.split())
_ATTACHED = "image image_url input_image audio input_audio video video_url file input_file document media"
ATTACHED = frozenset(_ATTACHED.split())
"""The types of blocks that are attachments."""
FACTS: Mapping[str, str] = {
    **dict.fromkeys(("mime_type", "media_type", "format"), "mime"),
    **dict.fromkeys(("data", "base64", "file_data", "image_data"), "data"),
    **dict.fromkeys(("url", "image_url", "video_url", "file_url", "file_uri", "uri"), "url"),
    **dict.fromkeys(("file_id", "image_id"), "file_id"),
    **dict.fromkeys(("filename", "file_name", "name", "title"), "name"),
}
"""The meaning of an attachment's keys."""
INSIDE = ("source", "image_url", "file", "input_audio", "audio", "video", "video_url", "document", "image")


@dataclass(slots=True)
class Content:
    """The content found in one message; `messages.Message` documents the fields."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    details: list[Part] = field(default_factory=list)

    def add_rest(self, rest: Mapping[str, Any]) -> None:
        """Keep the rest of an understood block, each key separately."""
        for key, value in rest.items():
            if says({key: value}):
                self.parts.append(Part(str(key), without_data(value)))
            elif holds(value):
                self.details.append(Part(str(key), without_data(value)))

    def add_calls(self, calls: Sequence[ToolCall]) -> None:
        """Add calls of one source, except those that an earlier source had: a block and the wire format beside it repeat them."""
        known = tuple(self.calls)
        self.calls += [call for call in calls if not any(repeats(call, earlier) for earlier in known)]


def text_of(content: object) -> str:
    """Return the text of a message's content: a text, or a list of texts and content blocks."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        return _block_text(content)[0]
    if isinstance(content, Sequence):
        return "".join(part if isinstance(part, str) else _block_text(part)[0] for part in content)
    return ""


def content_with_text(content: object, text: str) -> Any:
    """Return a message's content with a new text. In a list, one block takes the place of its texts, and the other blocks stay.

    >>> content_with_text([{"type": "text", "text": "old"}, {"type": "image", "url": "…"}], "new")
    [{'type': 'text', 'text': 'new'}, {'type': 'image', 'url': '…'}]
    """
    if not isinstance(content, list):
        return text
    texts = [block for block in content if _is_text(block)]
    place = content.index(texts[0]) if texts else 0
    kind = texts[0].get("type") if texts and isinstance(texts[0], Mapping) else None
    others = [block for block in content if not _is_text(block)]
    return [*others[:place], {"type": kind or "text", "text": text}, *others[place:]]


def _is_text(block: object) -> bool:
    return isinstance(block, str) or (isinstance(block, Mapping) and "text" in block and block.get("type") in KINDS)


def refusal_of(payload: Mapping[str, Any]) -> str:
    """Return a model's refusal, from a message or a piece of one; "" for none."""
    content, beside = payload.get("content"), payload.get("additional_kwargs")
    blocks = content if isinstance(content, list) else []
    places = [block for block in blocks if isinstance(block, Mapping) and block.get("type") == "refusal"]
    places += [each for each in (payload, beside) if isinstance(each, Mapping)]
    return "".join(each["refusal"] for each in places if isinstance(each.get("refusal"), str))


def _block_text(block: object) -> tuple[str, Any]:
    """Return a block's text, and the rest under its key; "" if it has none."""
    if not isinstance(block, Mapping) or block.get("type") not in KINDS:
        return "", None
    text = block.get("text")
    if isinstance(text, Mapping) and isinstance(text.get("value"), str):  # {"text": {"value": …}}
        return text["value"], {key: value for key, value in text.items() if key != "value"}
    return (text, None) if isinstance(text, str) else ("", text)


def content_from_payload(payload: Mapping[str, Any]) -> Content:
    """Return the content of a message's payload, without role, id, name and tool call id."""
    found = Content()
    rest = {key: value for key, value in payload.items() if key not in ("type", "content")}
    found.add_calls(message_calls(rest))
    beside = rest.pop("additional_kwargs", None)
    _read_beside(rest, found)
    content = payload.get("content")
    if isinstance(content, str):
        found.text.append(content)
    else:
        _read_content(content, found)
    if isinstance(beside, Mapping):
        more = dict(beside)
        found.add_calls(message_calls(more))
        _read_beside(more, found)
        found.add_rest(more)
    elif beside is not None:
        rest["additional_kwargs"] = beside
    found.add_rest(rest)
    return found


def finish_of(metadata: object) -> str:
    """Return an unusual finish reason: `max_tokens`, `content_filter`; "" otherwise."""
    if not isinstance(metadata, Mapping):
        return ""
    for key in ("finish_reason", "stop_reason", "stopReason", "done_reason"):
        word = metadata.get(key)
        if isinstance(word, str) and word:
            return "" if word.lower() in USUAL_ENDS else word
    return ""


# -- the content's blocks ---------------------------------------------------------------------------------------


def _read_content(content: object, found: Content) -> None:
    blocks = content if isinstance(content, list | tuple) else [content]
    calls: list[ToolCall] = []
    for block in blocks:
        if isinstance(block, str):
            found.text.append(block)
        elif isinstance(block, Mapping):
            _read_block(block, found, calls)
        elif block is not None:
            found.parts.append(Part("content", without_data(block)))
    found.add_calls(calls)


def _read_block(block: Mapping[str, Any], found: Content, calls: list[ToolCall]) -> None:
    rest, kind = dict(block), block.get("type")
    if isinstance(kind, str):
        del rest["type"]
    if _is_understood(kind if isinstance(kind, str) else "", rest, found, calls):
        found.add_rest(rest)
    elif kind or holds(rest):
        name = kind if isinstance(kind, str) and kind else "content"
        found.parts.append(Part(name, without_data(rest[name] if [*rest] == [name] else rest)))


def _is_understood(kind: str, rest: dict[str, Any], found: Content, calls: list[ToolCall]) -> bool:
    """Remove the known content from a block; return whether there was any."""
    if kind in TEXTS or not kind:
        text, left = _block_text(rest)
        if text or (kind and not rest.get("text")):
            found.text.append(text)
            leave(rest, "text", left)
            return True
        return False
    if kind == "refusal":
        found.refusal += taken_text(rest, "refusal")
        return True
    if kind in REASONING:
        found.reasoning += _taken_reasoning(rest)
        return True
    if kind in CALLS:
        taken = taken_call(rest, CALLS[kind])
        calls += taken
        return bool(taken)
    if kind in ATTACHED:
        found.attachments.append(_taken_attachment(kind, rest))
        return True
    if kind == "tool_result" and isinstance(rest.get("content"), str | list):
        found.parts += _taken_result(rest)
        return True
    return False


def _taken_reasoning(rest: dict[str, Any]) -> list[str]:
    """Remove and return a model's reasoning, from one of the places that vendors use."""
    found = [text for key in ("thinking", "reasoning", "text") for text in taken_text(rest, key)]
    inner = rest.get("reasoning_content")
    if isinstance(inner, Mapping):  # Bedrock
        more = dict(inner)
        found += taken_text(more, "text")
        leave(rest, "reasoning_content", more)
    else:
        found += taken_text(rest, "reasoning_content")
    for key in ("summary", "content"):
        found += _taken_texts(rest, key)
    return [text for text in found if text]


def _taken_texts(rest: dict[str, Any], key: str) -> list[str]:
    """Return the texts of a list that holds nothing else."""
    blocks = rest.get(key)
    inner = Content()
    if not isinstance(blocks, list):
        return []
    _read_content(blocks, inner)
    if not inner.text or inner != Content(text=inner.text):
        return []
    del rest[key]
    return ["".join(inner.text)]


def _taken_result(rest: dict[str, Any]) -> Iterator[Part]:
    """Yield a tool's result among a human's blocks: its text, or its JSON."""
    word = "tool_result, error" if rest.pop("is_error", None) is True else "tool_result"
    content = rest.get("content")
    texts = taken_text(rest, "content") or _taken_texts(rest, "content")
    if texts:
        yield Part(word, texts[0])
    else:
        yield Part(word, without_data(content))
        del rest["content"]


# -- beside the content -------------------------------------------------------------------------------------------


def _read_beside(rest: dict[str, Any], found: Content) -> None:
    """Read reasoning and a refusal beside the content."""
    found.refusal += [text for text in taken_text(rest, "refusal") if text]
    found.reasoning += [text for key in ("reasoning_content", "thinking") for text in taken_text(rest, key) if text]
    reasoning = rest.get("reasoning")
    if isinstance(reasoning, Mapping):  # OpenAI's Responses
        more = dict(reasoning)
        found.reasoning += _taken_reasoning(more)
        if isinstance(more.get("type"), str):
            del more["type"]
        leave(rest, "reasoning", more)
    else:
        found.reasoning += [text for text in taken_text(rest, "reasoning") if text]


# -- attachments ------------------------------------------------------------------------------------------------


def _taken_attachment(kind: str, rest: dict[str, Any]) -> str:
    """Return an attachment in one line, `image/png, 12 kB`, and remove it from `rest`; nothing of it is loaded."""
    facts: dict[str, str] = {}
    _take_facts(rest, facts)
    for key in INSIDE:
        inner = rest.get(key)
        if isinstance(inner, Mapping) and inner.get("type") not in ("text", "content"):
            more = dict(inner)
            _take_facts(more, facts)
            if isinstance(more.get("type"), str):
                del more["type"]
            leave(rest, key, more)
    mime, data, url = facts.get("mime", ""), facts.get("data", ""), facts.get("url", "")
    for given in (data, url):
        if found := DATA_URL.match(given):
            mime, data = mime or found[1], given[found.end() :]
    size = size_words(len(data) * 3 // 4) if data else ""
    words = ", ".join(filter(None, [mime or kind, facts.get("name"), facts.get("file_id"), size]))
    return f"{words} at {url}" if url and not DATA_URL.match(url) else words


def _take_facts(place: dict[str, Any], facts: dict[str, str]) -> None:
    for key, fact in FACTS.items():
        value = place.get(key)
        if isinstance(value, str) and fact not in facts and (fact != "data" or is_data(value)):
            facts[fact] = place.pop(key)
