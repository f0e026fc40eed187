"""A thread's state at a checkpoint. Knows the server's answer to get_state; asks for none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from lg_magics.model.interrupts import Interrupt, interrupts_from_state
from lg_magics.model.messages import Message, messages_from_values
from lg_magics.model.result import Result
from lg_magics.model.subgraphs import subgraphs_from_tasks, tasks_of
from lg_magics.tables.table import time_from_iso

__all__ = ["State", "state_from_payload"]


@dataclass(frozen=True)
class State(Result):
    """What a thread holds at one checkpoint.

    Attributes:
        values: the graph's state: mostly a dict, but whatever the graph keeps.
        next: the nodes that would run next.
        errors: (node, error) of the tasks that failed.
        interrupts: what is asked of a person.
        step: the checkpoint's step; None on a thread that never ran.
        checkpoint_id: its id; "" on a thread that never ran.
        created_at: when, UTC.
        thread: whose it is.
        note: a line to show above.
        subgraph: the path of the subgraph that it is the state of; "" of the graph's own.
        subgraphs: the states of the subgraphs that the thread waits in, by their paths (`mail`, `team:mail`), where asked for.
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
        """Whether anything has happened on the thread yet."""
        return bool(self.checkpoint_id)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation in it."""
        return messages_from_values(self.values)


def state_from_payload(payload: Mapping[str, Any], *, thread: str = "", note: str = "", subgraph: str = "") -> State:
    """A state from what get_state answers, with those of subgraphs if they are in it; nothing in it is taken for granted."""
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
