"""A thread's history as the supersteps that make the same thread elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lg_magics.model.records import StateRecord

__all__ = ["supersteps_from"]


def supersteps_from(entries: Iterable[StateRecord]) -> list[dict[str, Any]]:
    """What `threads.create(supersteps=…)` wants, from the checkpoints of a history, the newest first.

    Only the branch that leads to the head is taken. Of each step there is what its nodes wrote; a task that failed or waits has
    written nothing, and would run next on the copy too. What a person wrote into the state (`%lg_state update`) is no task's.
    """
    steps: list[dict[str, Any]] = []
    wanted: str | None = None
    for entry in entries:
        if wanted is not None and entry.checkpoint_id != wanted:
            continue
        updates = [
            {"values": task["result"], "as_node": str(task["name"])}
            for task in entry.tasks
            if task.get("result") is not None and task.get("name")
        ]
        if updates:
            steps.append({"updates": updates})
        wanted = _parent_of(entry)
        if not wanted:
            break
    return steps[::-1]


def _parent_of(entry: StateRecord) -> str:
    parent: Mapping[str, Any] = entry.mapping("parent_checkpoint")
    return str(parent.get("checkpoint_id") or "")
