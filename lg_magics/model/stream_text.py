"""How a run's stream reads as plain text. Pure: parts in, pieces of text out; the pieces together are the whole text.

- Without modes: what models say, as they say it, and the tools that they call. With modes: each part under a header.
- Several nodes may speak at once, a word each in turn. One has the floor; what another says is held until the first has
  ended its message, or until so much is held that it is the other's turn. A new speaker gets a new line and its name.
- Everything comes from a server: every character of it is made visible, and there is a limit to how much of it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lg_magics.model.answers import how_to_answer
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.messages import message_from_payload, refusal_of, role_of, text_of
from lg_magics.model.part_text import shown_part, way_to
from lg_magics.model.plain_text import call_line, contents_lines, one_line
from lg_magics.model.question_numbers import numbers_of
from lg_magics.model.stream_parts import Mode, StreamPart
from lg_magics.model.visible_text import open_end, visible_line, visible_text

__all__ = ["HELD", "MOST", "StreamText", "text_of_questions"]

HELD = 400
MOST = 150_000  # bytes: a notebook saves them


@dataclass(eq=False, slots=True)
class _Voice:
    """One message as it comes: who speaks ("" for a tool), all that was said, and what of it is not printed yet.

    Of a part that is neither words nor a call only its type is printed, at the message's end: its pieces are no JSON. What a
    model thinks aloud is printed as `(reasoning) …`, and is no part of what it said.
    """

    speaker: str
    said: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    calls: dict[object, list[str]] = field(default_factory=dict)
    parts: dict[str, None] = field(default_factory=dict)
    has_ended: bool = False
    thinks: bool = False
    is_mid_line: bool = False

    def say(self, text: str) -> None:
        if text:
            begin = "\n" if self.thinks and self.is_mid_line else ""
            self.thinks = False
            self.said.append(text)
            self._hold(begin + text)

    def think(self, text: str) -> None:
        if text:
            begin = "" if self.thinks else "\n(reasoning) " if self.is_mid_line else "(reasoning) "
            self.thinks = True
            self._hold(begin + text)

    def say_line(self, line: str) -> None:
        begin = "\n" if self.is_mid_line and not self.thinks else ""
        self.say(f"{begin}{line}\n")

    def _hold(self, text: str) -> None:
        self.held.append(text)
        self.is_mid_line = not text.endswith("\n")

    def end(self) -> None:
        self.has_ended = True
        for name, args in self.calls.values():
            self.say_line(f"→ {call_line(name, args)}")
        for part in self.parts:
            self.say_line(f"[{one_line(part)}]")
        self.calls.clear()
        self.parts.clear()


class StreamText:
    """Makes the text of one run's stream."""

    def __init__(self, modes: Sequence[Mode] = ()) -> None:
        self._modes = modes
        self._voices: dict[tuple[str, str], _Voice] = {}
        self._floor: _Voice | None = None
        self._told_last: _Voice | None = None
        self._speaker = ""
        self._last_message: dict[str, str] = {}
        self._is_at_start = True
        self._left = MOST

    def told(self, parts: Iterable[StreamPart]) -> str:
        """The text that these parts add."""
        return self._bounded(piece for part in parts for piece in self._pieces(part))

    def rest(self) -> str:
        """What is still held, and the end of the last line."""
        for voice in self._voices.values():
            voice.end()
        return self._bounded([*self._next_floor(), self._new_line()])

    def _bounded(self, pieces: Iterable[str]) -> str:
        text = "".join(pieces)
        if not self._left:
            return ""
        size = len(text.encode())
        if size < self._left:
            self._left -= size
            return text
        told, self._left = text.encode()[: self._left].decode(errors="ignore"), 0
        return f"{told}\n… the rest is not shown: it has more than {MOST:,} bytes. %lg_messages and %lg_state have it\n"

    def _new_line(self) -> str:
        begin, self._is_at_start = "" if self._is_at_start else "\n", True
        return begin

    def _pieces(self, part: StreamPart) -> Iterator[str]:
        if part.mode == "messages" and "messages" in (self._modes or ("messages",)):
            yield from self._hear(part)
            return
        if part.mode == "updates" and isinstance(part.data, Mapping):
            yield from self._end_nodes({way_to(part.namespace, node) for node in part.data})
        if part.mode in self._modes:
            self._told_last = None
            yield self._new_line() + shown_part(part)

    # -- who speaks ---------------------------------------------------------------------------------------------

    def _hear(self, part: StreamPart) -> Iterator[str]:
        chunk = part.data[0] if isinstance(part.data, list) and part.data else None
        if not isinstance(chunk, Mapping) or (role := role_of(chunk)) not in ("ai", "tool"):
            return
        speaker = way_to(part.namespace, part.node)
        key = speaker, str(chunk.get("id") or "")
        voice = self._voices.setdefault(key, _Voice(speaker if role == "ai" else ""))
        if role == "tool":
            _say_result(voice, chunk)
        elif str(chunk.get("type")).endswith("Chunk"):
            _say_chunk(voice, chunk)
        else:
            self._say_whole(voice, chunk)
        yield from self._give_floor(voice)

    def _say_whole(self, voice: _Voice, payload: Mapping[str, Any]) -> None:
        """A message in one piece; a node that puts what its model said into a message of its own says it twice."""
        message = message_from_payload(payload)
        if message and message.said != self._last_message.get(voice.speaker):
            voice.think(message.reasoning)
            voice.say(message.said)
        for call in message.calls if message else ():
            voice.say_line(f"→ {call_line(call.name, call.given)}")
        for line in contents_lines(message) if message else ():
            voice.say_line(line)
        voice.end()

    def _end_nodes(self, speakers: set[str]) -> Iterator[str]:
        for voice in self._voices.values():
            if voice.speaker in speakers:
                voice.end()
        if self._floor is None or self._floor.has_ended:
            yield from self._next_floor()

    def _give_floor(self, voice: _Voice) -> Iterator[str]:
        """To whoever speaks first, or has waited for long."""
        if self._floor is None or sum(map(len, voice.held)) >= HELD:
            self._floor = voice
        if voice is self._floor:
            yield from self._tell(voice)
            if voice.has_ended:
                yield from self._next_floor()

    def _next_floor(self) -> Iterator[str]:
        """The floor is free: tell what is held, in the order in which they began, until one goes on."""
        self._floor = None
        for key, voice in list(self._voices.items()):
            if self._floor is None and voice.held:
                yield from self._tell(voice)
                self._floor = None if voice.has_ended else voice
            if voice.has_ended and not voice.held:
                self._last_message[voice.speaker] = "".join(voice.said)
                del self._voices[key]

    def _tell(self, voice: _Voice) -> Iterator[str]:
        said = "".join(voice.held)
        waits = "" if voice.has_ended else open_end(said)
        voice.held = [waits] if waits else []
        text = visible_text(said.removesuffix(waits))
        if not text:
            return
        if voice is not self._told_last:
            yield self._new_line() + self._header(voice)
            self._told_last = voice
        yield text
        self._is_at_start = text.endswith("\n")

    def _header(self, voice: _Voice) -> str:
        if self._modes:
            return f"messages · {voice.speaker or 'tool'}\n"
        before, self._speaker = self._speaker, voice.speaker or self._speaker
        return f"{voice.speaker}: " if before and self._speaker != before else ""


def _say_result(voice: _Voice, payload: Mapping[str, Any]) -> None:
    message = message_from_payload(payload)
    words = "" if message is None else " ".join(filter(None, (one_line(message.said), *contents_lines(message))))
    failed = " failed" if message and message.has_failed else ""
    voice.say_line(f"← {_name_of(payload)}{failed}: {words}")
    voice.end()


def _say_chunk(voice: _Voice, chunk: Mapping[str, Any]) -> None:
    is_plain = not isinstance(chunk.get("content"), list) and not chunk.get("additional_kwargs")
    message = None if is_plain else message_from_payload(chunk)
    voice.think(message.reasoning if message else "")
    voice.say(text_of(chunk.get("content")) or refusal_of(chunk))
    if isinstance(chunk.get("content"), list) and message:
        voice.parts |= dict.fromkeys([*message.attachments, *(part.type for part in message.parts)])
    pieces = chunk.get("tool_call_chunks")
    for piece in pieces if isinstance(pieces, list) else ():
        if isinstance(piece, Mapping):
            call = voice.calls.setdefault(piece.get("index"), ["", ""])
            call[0] += str(piece.get("name") or "")
            call[1] += str(piece.get("args") or "")
    if chunk.get("chunk_position") == "last":
        voice.end()


def _name_of(chunk: Mapping[str, Any]) -> str:
    return visible_line(str(chunk.get("name") or "tool")[:60])


def text_of_questions(interrupts: Sequence[Interrupt]) -> str:
    """What a graph asks of a person, and what to type; no ids."""
    asked = [
        f"{f'{number}  ' if number else ''}{visible_line(each.node) or 'the graph'} asks: {each.question}\n{each.detail}".rstrip()
        for number, each in zip(numbers_of(interrupts), interrupts, strict=True)
    ]
    return visible_text("\n".join([*asked, how_to_answer(interrupts)])) + "\n"
