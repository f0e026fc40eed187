"""Turn a run's stream into plain text. Pure: parts in, pieces of text out; the pieces together are the whole text.

- Without modes: the models' output as it streams, and their tool calls. With modes: each part under a header.
- Several nodes may stream at once, a word each in turn. One reply is printed; the text of others is held until its message
  has ended, or until so much is held that another one is printed. A change of node starts a new line with its name.
- Everything comes from a server: every character of it is made visible, and the size of the text is limited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lg_magics.model.answer_words import how_to_answer
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.messages import ToolCall, message_from_payload, refusal_of, role_of, text_of
from lg_magics.model.part_text import shown_part, way_to
from lg_magics.model.plain_text import REASONING, call_words, contents_lines, one_line, result_words
from lg_magics.model.question_numbers import numbers_of
from lg_magics.model.stream_parts import Mode, StreamPart
from lg_magics.model.visible_text import open_end, visible_line, visible_text

__all__ = ["HELD", "MOST", "StreamText", "text_of_questions"]

HELD = 400
MOST = 150_000  # bytes: a notebook saves them


@dataclass(eq=False, slots=True)
class _Reply:
    """A streamed message: its node ("" for a tool), its full text, and the text that is not printed yet.

    For a part that is neither text nor a call, only the type is printed, at the message's end: its pieces are not JSON. A
    model's reasoning is not part of `full`. Calls, results and reasoning have the words of the card (see `model.plain_text`).
    """

    speaker: str
    full: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    calls: dict[object, list[str]] = field(default_factory=dict)
    parts: dict[str, None] = field(default_factory=dict)
    has_ended: bool = False
    is_reasoning: bool = False
    is_mid_line: bool = False

    def write(self, text: str) -> None:
        if text:
            begin = "\n" if self.is_reasoning and self.is_mid_line else ""
            self.is_reasoning = False
            self.full.append(text)
            self._append(begin + text)

    def write_reasoning(self, text: str) -> None:
        if text:
            begin = "" if self.is_reasoning else f"\n{REASONING} " if self.is_mid_line else f"{REASONING} "
            self.is_reasoning = True
            self._append(begin + text)

    def write_line(self, line: str) -> None:
        begin = "\n" if self.is_mid_line and not self.is_reasoning else ""
        self.write(f"{begin}{line}\n")

    def _append(self, text: str) -> None:
        self.pending.append(text)
        self.is_mid_line = not text.endswith("\n")

    def end(self) -> None:
        self.has_ended = True
        for name, args in self.calls.values():
            self.write_line(call_words(ToolCall(name, {}, text=args)))
        for part in self.parts:
            self.write_line(f"[{one_line(part)}]")
        self.calls.clear()
        self.parts.clear()


class StreamText:
    """Makes the text of one run's stream."""

    def __init__(self, modes: Sequence[Mode] = ()) -> None:
        self._modes = modes
        self._replies: dict[tuple[str, str], _Reply] = {}
        self._current: _Reply | None = None
        self._last_printed: _Reply | None = None
        self._speaker = ""
        self._last_message: dict[str, str] = {}
        self._is_at_start = True
        self._left = MOST

    def add(self, parts: Iterable[StreamPart]) -> str:
        """Return the text that these parts add."""
        return self._bounded(piece for part in parts for piece in self._pieces(part))

    def rest(self) -> str:
        """Return the text that is still pending, and the end of the last line."""
        for reply in self._replies.values():
            reply.end()
        return self._bounded([*self._print_pending(), self._new_line()])

    def _bounded(self, pieces: Iterable[str]) -> str:
        text = "".join(pieces)
        if not self._left:
            return ""
        size = len(text.encode())
        if size < self._left:
            self._left -= size
            return text
        shown, self._left = text.encode()[: self._left].decode(errors="ignore"), 0
        return (
            f"{shown}\n… the rest is not shown: it has more than {MOST:,} bytes. %lg_messages and %lg_state have it\n"
        )

    def _new_line(self) -> str:
        begin, self._is_at_start = "" if self._is_at_start else "\n", True
        return begin

    def _pieces(self, part: StreamPart) -> Iterator[str]:
        if part.mode == "messages" and "messages" in (self._modes or ("messages",)):
            yield from self._add_message(part)
            return
        if part.mode == "updates" and isinstance(part.data, Mapping):
            yield from self._end_nodes({way_to(part.namespace, node) for node in part.data})
        if part.mode in self._modes:
            self._last_printed = None
            yield self._new_line() + shown_part(part)

    # -- replies ------------------------------------------------------------------------------------------------

    def _add_message(self, part: StreamPart) -> Iterator[str]:
        chunk = part.data[0] if isinstance(part.data, list) and part.data else None
        if not isinstance(chunk, Mapping) or (role := role_of(chunk)) not in ("ai", "tool"):
            return
        speaker = way_to(part.namespace, part.node)
        key = speaker, str(chunk.get("id") or "")
        reply = self._replies.setdefault(key, _Reply(speaker if role == "ai" else ""))
        if role == "tool":
            _add_result(reply, chunk)
        elif str(chunk.get("type")).endswith("Chunk"):
            _add_chunk(reply, chunk)
        else:
            self._add_whole(reply, chunk)
        yield from self._print_or_wait(reply)

    def _add_whole(self, reply: _Reply, payload: Mapping[str, Any]) -> None:
        """Add a complete message, unless its node only repeats the text of its model."""
        message = message_from_payload(payload)
        if message and message.text_or_refusal != self._last_message.get(reply.speaker):
            reply.write_reasoning(message.reasoning)
            reply.write(message.text_or_refusal)
        for call in message.calls if message else ():
            reply.write_line(call_words(call))
        for line in contents_lines(message) if message else ():
            reply.write_line(line)
        reply.end()

    def _end_nodes(self, speakers: set[str]) -> Iterator[str]:
        for reply in self._replies.values():
            if reply.speaker in speakers:
                reply.end()
        if self._current is None or self._current.has_ended:
            yield from self._print_pending()

    def _print_or_wait(self, reply: _Reply) -> Iterator[str]:
        """Print a reply if it is the current one, or has much pending text; else hold it."""
        if self._current is None or sum(map(len, reply.pending)) >= HELD:
            self._current = reply
        if reply is self._current:
            yield from self._print(reply)
            if reply.has_ended:
                yield from self._print_pending()

    def _print_pending(self) -> Iterator[str]:
        """Print pending replies in the order of their beginning, up to the first that has not ended."""
        self._current = None
        for key, reply in list(self._replies.items()):
            if self._current is None and reply.pending:
                yield from self._print(reply)
                self._current = None if reply.has_ended else reply
            if reply.has_ended and not reply.pending:
                self._last_message[reply.speaker] = "".join(reply.full)
                del self._replies[key]

    def _print(self, reply: _Reply) -> Iterator[str]:
        text = "".join(reply.pending)
        waits = "" if reply.has_ended else open_end(text)
        reply.pending = [waits] if waits else []
        text = visible_text(text.removesuffix(waits))
        if not text:
            return
        if reply is not self._last_printed:
            yield self._new_line() + self._header(reply)
            self._last_printed = reply
        yield text
        self._is_at_start = text.endswith("\n")

    def _header(self, reply: _Reply) -> str:
        if self._modes:
            return f"messages · {reply.speaker or 'tool'}\n"
        before, self._speaker = self._speaker, reply.speaker or self._speaker
        return f"{reply.speaker}: " if before and self._speaker != before else ""


def _add_result(reply: _Reply, payload: Mapping[str, Any]) -> None:
    message = message_from_payload(payload)
    words = (
        "" if message is None else " ".join(filter(None, (one_line(message.text_or_refusal), *contents_lines(message))))
    )
    reply.write_line(result_words(_name_of(payload), words, is_failed=bool(message and message.has_failed)))
    reply.end()


def _add_chunk(reply: _Reply, chunk: Mapping[str, Any]) -> None:
    is_plain = not isinstance(chunk.get("content"), list) and not chunk.get("additional_kwargs")
    message = None if is_plain else message_from_payload(chunk)
    reply.write_reasoning(message.reasoning if message else "")
    reply.write(text_of(chunk.get("content")) or refusal_of(chunk))
    if isinstance(chunk.get("content"), list) and message:
        reply.parts |= dict.fromkeys([*message.attachments, *(part.type for part in message.parts)])
    pieces = chunk.get("tool_call_chunks")
    for piece in pieces if isinstance(pieces, list) else ():
        if isinstance(piece, Mapping):
            call = reply.calls.setdefault(piece.get("index"), ["", ""])
            call[0] += str(piece.get("name") or "")
            call[1] += str(piece.get("args") or "")
    if chunk.get("chunk_position") == "last":
        reply.end()


def _name_of(chunk: Mapping[str, Any]) -> str:
    return visible_line(str(chunk.get("name") or "tool")[:60])


def text_of_questions(interrupts: Sequence[Interrupt]) -> str:
    """Return the interrupts of a graph, and what to type, without ids."""
    asked = []
    for number, each in zip(numbers_of(interrupts), interrupts, strict=True):
        who = f"{f'{number}  ' if number else ''}{visible_line(each.asker) or 'the graph'}"
        asked.append(f"{who} asks: {each.question}\n{each.detail}".rstrip())
    return visible_text("\n".join([*asked, how_to_answer(interrupts)])) + "\n"
