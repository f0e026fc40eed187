"""A thread's state at a checkpoint, and the states of many threads as one table. Parses get_state; sends nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from lg_magics.model.conversation import conversation_in
from lg_magics.model.interrupts import Interrupt, interrupts_from_state
from lg_magics.model.messages import Message, messages_from_values
from lg_magics.model.result import Result
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.subgraphs import subgraphs_from_tasks, tasks_of
from lg_magics.tables.table import Column, Table, time_from_iso

__all__ = ["State", "state_from_payload", "states_table"]

HEAD = (
    Column("thread"),
    Column("step", "number"),
    Column("next"),
    Column("waits_for", "text", "waits for"),
    Column("error"),
    Column("messages", "number"),
)
FOOT = (Column("created_at", "time", "since"), Column("checkpoint_id", "id", None), Column("thread_id", "id", None))
MOST_SHOWN = 8  # values that have a column in views; the frame has all


@dataclass(frozen=True)
class State(Result):
    """A thread's state at one checkpoint.

    Attributes:
        values: the graph's state: mostly a dict, but of any type.
        next: the nodes that would run next.
        errors: (node, error) of the tasks that failed.
        interrupts: the open interrupts.
        step: the checkpoint's step; None on a thread that never ran.
        checkpoint_id: its id; "" on a thread that never ran.
        created_at: when, UTC.
        thread: its thread, in words.
        note: a line to show above.
        subgraph: the path of its subgraph; "" for the graph itself.
        subgraphs: the states of the subgraphs that the thread waits in, by path (`mail`, `team:mail`), if requested.
    """

    values: Any
    next: tuple[str, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    interrupts: tuple[Interrupt, ...] = ()
    step: int | None = None
    checkpoint_id: str = ""
    created_at: datetime | None = None
    thread: str = ""
    note: str = ""
    subgraph: str = ""
    subgraphs: Mapping[str, State] = field(default_factory=dict)

    def __repr__(self) -> str:
        where = "never run" if self.step is None else f"step {self.step}"
        return f"<State of {f'{self.subgraph} of ' if self.subgraph else ''}{self.thread}, {where}>"

    def __getitem__(self, key: Any) -> Any:
        return self.values[key]

    @property
    def has_run(self) -> bool:
        """Whether the thread has run yet."""
        return bool(self.checkpoint_id)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages in it."""
        return messages_from_values(self.values)


def state_from_payload(payload: Mapping[str, Any], *, thread: str = "", note: str = "", subgraph: str = "") -> State:
    """Return a state from a response of get_state, including subgraphs; the payload may have any shape."""
    metadata = payload.get("metadata")
    step = metadata.get("step") if isinstance(metadata, Mapping) else None
    tasks = tasks_of(payload)
    inner = [each for each in subgraphs_from_tasks(payload, subgraph) if each.state is not None]
    return State(
        values=payload.get("values"),
        next=tuple(str(node) for node in payload.get("next") or ()),
        errors=tuple((str(task.get("name") or ""), str(task["error"])) for task in tasks if task.get("error")),
        interrupts=interrupts_from_state(payload),
        step=step if isinstance(step, int) else None,
        checkpoint_id=_checkpoint_id(payload),
        created_at=time_from_iso(payload.get("created_at")),
        thread=thread,
        note=note,
        subgraph=subgraph,
        subgraphs={
            each.path: replace(state_from_payload(each.state or {}, thread=thread, subgraph=each.path), subgraphs={})
            for each in inner
        },
    )


def _checkpoint_id(payload: Mapping[str, Any]) -> str:
    checkpoint = payload.get("checkpoint")
    inner = checkpoint.get("checkpoint_id") if isinstance(checkpoint, Mapping) else None
    return str(inner or payload.get("checkpoint_id") or "")


def states_table(states: Sequence[tuple[ThreadInfo, State]], note: str = "", **attrs: Any) -> Table:
    """Return a row for each thread, with a column for each key of the states; messages are counted."""
    found = [(thread, state, _values(state)) for thread, state in states]
    keys = list(dict.fromkeys(key for _, _, values in found for key in values))
    names = [column.name for column in (*HEAD, *FOOT)]
    columns = []
    for place, key in enumerate(keys):
        name = key
        while name in names:
            name = f"values.{name}"
        names.append(name)
        columns.append(Column(name, "value", "" if place < MOST_SHOWN else None))
    rows = tuple(
        (
            str(thread),
            state.step,
            ", ".join(state.next),
            " · ".join(each.summary for each in state.interrupts),
            " · ".join(f"{node}: {error}" for node, error in state.errors),
            len(state.messages),
            *(values.get(key) for key in keys),
            state.created_at,
            state.checkpoint_id,
            thread.id,
        )
        for thread, state, values in found
    )
    noun = f"state of {len(found)} thread{'s' * (len(found) != 1)}"
    return Table(noun, (*HEAD, *columns, *FOOT), rows, note=note, attrs=attrs)


def _values(state: State) -> dict[str, Any]:
    """Return a state's values without its messages; a value that is not a mapping is under `values`."""
    if not isinstance(state.values, Mapping):
        return {} if state.values is None else {"values": state.values}
    conversation, _ = conversation_in(state.values)
    return {str(key): value for key, value in state.values.items() if key != conversation}
