"""Convert a thread's history to the supersteps that create an equal thread elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lg_magics.errors import CommandError, type_phrase
from lg_magics.model.records import StateRecord

SHAPE = '[{"updates": [{"values": …, "as_node": "__start__"}]}]'

__all__ = ["checked_supersteps", "supersteps_from"]


def checked_supersteps(given: object) -> list[dict[str, Any]]:
    """Check a history that a user gave, and return it in the SDK's format.

    Raises:
        CommandError: it has another shape; the message states where.
    """
    steps = []
    for place, step in enumerate(_listed(given, "the history")):
        updates = step.get("updates") if isinstance(step, Mapping) else None
        steps.append({"updates": [_update(each, place) for each in _listed(updates, f"'updates' of step {place}")]})
    return steps


def _listed(given: object, name: str) -> Sequence[object]:
    if isinstance(given, Sequence) and not isinstance(given, str | bytes):
        return given
    raise CommandError(f"--supersteps: {name} must be a list, got {type_phrase(given)}.", hint=SHAPE)


def _update(given: object, place: int) -> dict[str, Any]:
    if isinstance(given, Mapping) and "as_node" in given and {"values", "command"} & given.keys():
        return dict(given)
    raise CommandError(f"--supersteps: an update of step {place} needs 'as_node' and 'values'.", hint=SHAPE)


def supersteps_from(entries: Iterable[StateRecord]) -> list[dict[str, Any]]:
    """Return the argument of `threads.create(supersteps=…)`, from a history's checkpoints, newest first.

    Only the branch that leads to the head is used. Each step has the writes of its nodes; a task that failed or waits has
    none, and would run next on the copy too. What a user wrote into the state (`%lg_state update`) belongs to no task.
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
            if begins_with := entry.get("values"):  # it was made with a history of its own: no task wrote these
                steps.append({"updates": [{"values": begins_with, "as_node": "__start__"}]})
            break
    return steps[::-1]


def _parent_of(entry: StateRecord) -> str:
    parent: Mapping[str, Any] = entry.mapping("parent_checkpoint")
    return str(parent.get("checkpoint_id") or "")
