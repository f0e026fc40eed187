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
        return {"values": None, **given}  # the SDK requires values, also beside a command
    raise CommandError(f"--supersteps: an update of step {place} needs 'as_node' and 'values'.", hint=SHAPE)


def supersteps_from(entries: Iterable[StateRecord]) -> list[dict[str, Any]]:
    """Return the argument of `threads.create(supersteps=…)`, from a history's checkpoints, newest first.

    Only the branch that leads to the head is used. Each step has the writes of its nodes; a task that failed or waits has
    none, and would run next on the copy too. What a user wrote into the state (`%lg_state update`) belongs to no task.
    """
    steps: list[dict[str, Any]] = []
    waiting: list[str] | None = None
    child: StateRecord | None = None
    for entry in entries:
        if child is not None and entry.checkpoint_id != _parent_of(child):
            continue
        if waiting is None:
            waiting = _waiting_nodes(entry.tasks)
        updates = [
            {"values": task["result"], "as_node": str(task["name"])}
            for task in entry.tasks
            if task.get("result") is not None and task.get("name")
        ]
        if updates and not _is_replay(child, entry):
            steps.append({"updates": updates})
        child = entry
        if not _parent_of(entry):
            if begins_with := entry.get("values"):  # it was made with a history of its own: no task wrote these
                steps.append({"updates": [{"values": begins_with, "as_node": "__start__"}]})
            break
    if waiting and steps:
        _go_to(waiting, steps[0]["updates"])
    return steps[::-1]


def _waiting_nodes(tasks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the nodes that wait at the head, without those that a Send started: only its node knows their input."""
    names = [str(task.get("name")) for task in tasks]
    return [
        name
        for name, task in zip(names, tasks, strict=True)
        if task.get("result") is None and "__pregel_push" not in (task.get("path") or ()) and names.count(name) == 1
    ]


def _go_to(nodes: Sequence[str], updates: list[dict[str, Any]]) -> None:
    """Let the last step name the nodes that run next, as a Command may have. Where an edge leads to them, this adds nothing."""
    first = updates[0]
    if first["as_node"] != "__start__":  # an input, which is no Command
        updates[0] = {**first, "values": None, "command": {"update": first["values"], "goto": list(nodes)}}


def _is_replay(child: StateRecord | None, entry: StateRecord) -> bool:
    """Return whether a run forked the child from this checkpoint, whose tasks it runs again.

    A copy of another checkpoint is a fork too, but two steps behind their parent.
    """
    if child is None or child.metadata.get("source") != "fork":
        return False
    step, before = child.metadata.get("step"), entry.metadata.get("step")
    return not (isinstance(step, int) and isinstance(before, int) and step > before + 1)


def _parent_of(entry: StateRecord) -> str:
    parent: Mapping[str, Any] = entry.mapping("parent_checkpoint")
    return str(parent.get("checkpoint_id") or "")
