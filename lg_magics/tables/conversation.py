"""A thread's messages as a result and as a frame, and those of many threads as one table. Renders nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lg_magics.errors import CommandError
from lg_magics.model.batch_rows import json_of
from lg_magics.model.messages import Message, ToolCall
from lg_magics.model.result import Result
from lg_magics.model.run_info import ThreadInfo
from lg_magics.tables.cells import cells
from lg_magics.tables.table import Column, Kind, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Conversation", "conversation", "message_row", "messages_table"]

ROLES = ("human", "ai", "tool", "system")
COLUMNS = [
    *("role", "text", "name", "tool_calls", "reasoning", "refusal", "attachments", "status", "finish", "other"),
    *("input_tokens", "output_tokens", "id", "tool_call_id", "details"),
]


@dataclass(frozen=True)
class Conversation(Result):
    """Messages of a thread, oldest first. `total` includes those left out."""

    messages: tuple[Message, ...]
    total: int
    thread: str = ""
    note: str = ""
    is_raw: bool = False

    def __len__(self) -> int:
        return len(self.messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(self.messages)

    def __getitem__(self, index: int) -> Message:
        return self.messages[index]

    def __repr__(self) -> str:
        return f"<{self.counted}>"

    @property
    def counted(self) -> str:
        """How many messages are shown, and of how many."""
        shown = len(self.messages)
        whole = "1 message" if self.total == 1 else f"{self.total or 'no'} messages"
        return whole if shown == self.total else f"{shown} of {whole}"

    @property
    def df(self) -> pd.DataFrame:
        """One row for each message; values other than texts, numbers and lists of texts are JSON text.

        `tool_calls` has the calls of the graph's tools, `other` everything without a column of its own, under its type: unknown
        blocks, artifacts, calls that are invalid or that the provider executes. `details` has technical details.
        """
        import pandas as pd

        rows = [message_row(message) for message in self.messages]
        columns = {name: pd.Series(cells([row[name] for row in rows]), dtype=object) for name in COLUMNS}
        frame = pd.DataFrame(columns).astype({"input_tokens": "int64", "output_tokens": "int64"})
        frame.attrs.update({"thread": self.thread, "total": self.total, "truncated": len(self) != self.total})
        return frame


def message_row(message: Message) -> dict[str, Any]:
    """Return a message as a row of a frame."""
    calls = [_call(call) for call in message.calls if not call.kind]
    other: list[Any] = [_call(call) for call in message.calls if call.kind]
    other += [{"type": part.type, "value": part.value} for part in message.parts]
    details = [{"type": part.type, "value": part.value} for part in message.details]
    return {
        "role": message.role,
        "text": message.text,
        "name": message.name,
        "tool_calls": json_of(calls) if calls else "",
        "reasoning": message.reasoning,
        "refusal": message.refusal,
        "attachments": list(message.attachments),
        "status": "error" if message.has_failed else "",
        "finish": message.finish,
        "other": json_of(other) if other else "",
        "input_tokens": message.usage.input,
        "output_tokens": message.usage.output,
        "id": message.id,
        "tool_call_id": message.tool_call_id,
        "details": json_of(details) if details else "",
    }


def _call(call: ToolCall) -> dict[str, Any]:
    """Return a call with its known fields."""
    more = {"type": call.kind and f"{call.kind}_tool_call", "text": call.text, "error": call.error}
    return {
        "name": call.name,
        "args": dict(call.args),
        "id": call.id,
        **{key: value for key, value in more.items() if value},
    }


def conversation(
    messages: Sequence[Message],
    *,
    last: int | None = None,
    role: str | None = None,
    search: str | None = None,
    thread: str = "",
    note: str = "",
    is_raw: bool = False,
) -> Conversation:
    """Return the requested messages.

    Args:
        messages: all of them, oldest first.
        last: the maximum number, counted from the end after the other filters.
        role: only messages with this role: human, ai, tool or system.
        search: only messages that contain this text, in any case.
        thread: the messages' thread, for the frame.
        note: a line to show above.
        is_raw: whether to show the original payloads.

    Raises:
        CommandError: no such role, or `last` is not positive.
    """
    if last is not None and last < 1:
        raise CommandError(f"--last {last} shows nothing.", hint="Give it a number from 1.")
    known = {*ROLES, *(message.role for message in messages)}
    if role and role not in known:
        raise CommandError(f"No role '{role}'.", hint=f"There are {', '.join(sorted(known))}.")
    chosen = [message for message in messages if (not role or message.role == role) and _says(message, search)]
    chosen = chosen[-last:] if last else chosen
    return Conversation(tuple(chosen), len(messages), thread, note, is_raw)


def _says(message: Message, search: str | None) -> bool:
    if not search:
        return True
    calls = (word for call in message.calls for word in (f"{call.name} {call.text or dict(call.args)}", call.error))
    texts = (message.text, message.name, message.reasoning, message.refusal, *message.attachments, *calls)
    parts = (f"{part.type} {part.line}" for part in message.parts)
    return any(search.casefold() in part.casefold() for part in (*texts, *parts))


# -- many threads -----------------------------------------------------------------------------------------------


def messages_table(talks: Sequence[tuple[ThreadInfo, Conversation]], **attrs: Any) -> Table:
    """Return a row for each message, with its thread; threads in order, messages oldest first."""
    rows = tuple(
        tuple({"thread": str(thread), "thread_id": thread.id, **message_row(each)}[column.name] for column in OF_MANY)
        for thread, talk in talks
        for each in talk
    )
    return Table(f"message of {len(talks)} thread{'s' * (len(talks) != 1)}", OF_MANY, rows, attrs=attrs)


def _kind(name: str) -> Kind:
    return "number" if name.endswith("_tokens") else "list" if name == "attachments" else "text"


SHOWN = ("role", "text", "name")
OF_MANY = (
    Column("thread"),
    *(Column(name, _kind(name), "" if name in SHOWN else None) for name in COLUMNS),
    Column("thread_id", "id", None),
)
