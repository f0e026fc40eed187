"""The subgraphs of a thread: their paths, and their checkpoint namespaces. Pure.

A namespace names the tasks that contain a subgraph, `team:<task>|mail:<task>`; a path their nodes, `team:mail`. A node's name
contains neither sign. Several tasks of one node in one step are numbered: `mail#1`, `mail#2`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "Subgraph",
    "is_cancellation",
    "is_namespace",
    "namespace_of",
    "namespace_of_called",
    "nodes_of_path",
    "subgraphs_from_tasks",
    "tasks_of",
]


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A subgraph that runs, or ran, inside a thread's graph.

    Attributes:
        path: its nodes, `team:mail`.
        namespace: the namespace of its checkpoints.
        is_pending: whether the thread waits inside it, or failed there: a run without input continues in it.
        state: its state in the server's format, if requested.
    """

    path: str
    namespace: str
    is_pending: bool = False
    state: Mapping[str, Any] | None = None


def tasks_of(payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the tasks of a state or of a history entry."""
    tasks = payload.get("tasks")
    return [task for task in tasks if isinstance(task, Mapping)] if isinstance(tasks, list | tuple) else []


def is_cancellation(error: str) -> bool:
    """Return whether a task's error reports a cancelled run, and not a failed node."""
    return error.startswith(("CancelledError(", "UserInterrupt(", "UserRollback("))


def subgraphs_from_tasks(
    payload: Mapping[str, Any], above: str = "", *, is_pending: bool = False
) -> Iterator[Subgraph]:
    """Yield the subgraphs in a state's tasks, each before nested ones, without those that have not begun.

    Args:
        payload: a state that includes its subgraphs; or a history entry, which has only their namespaces.
        above: the path of the state's graph.
        is_pending: whether it is the newest state of its graph.
    """
    tasks = [(task, namespace) for task in tasks_of(payload) if (namespace := namespace_of(task))]
    times = Counter(str(task.get("name")) for task, _ in tasks)
    seen = Counter[str]()
    for task, namespace in tasks:
        name = str(task.get("name"))
        seen[name] += 1
        own = f"{name}#{seen[name]}" if times[name] > 1 else name
        path = f"{above}:{own}" if above else own
        state = task.get("state")
        state = state if isinstance(state, Mapping) else None
        yield Subgraph(path, namespace, is_pending, state)
        if state is not None:
            yield from subgraphs_from_tasks(state, path, is_pending=is_pending)


def namespace_of(task: Mapping[str, Any]) -> str:
    """Return the namespace of a task's subgraph; "" if the task is not a subgraph, or has not begun."""
    state = task.get("state")
    checkpoint = state.get("checkpoint") if isinstance(state, Mapping) else task.get("checkpoint")
    namespace = checkpoint.get("checkpoint_ns") if isinstance(checkpoint, Mapping) else None
    return namespace if isinstance(namespace, str) else ""


def namespace_of_called(task: Mapping[str, Any], above: str = "") -> str:
    """Return the namespace of a graph that a task's own code calls. `above` is the namespace of the task's graph."""
    own = f"{task.get('name')}:{task.get('id')}"
    return f"{above}|{own}" if above else own


def nodes_of_path(path: str) -> Sequence[str]:
    """Return the nodes of a path: `team:mail` and `team › mail` are `team`, `mail`."""
    return [each.strip() for each in path.replace("›", ":").split(":")]


def is_namespace(text: str) -> bool:
    """Return whether a text is a namespace in the server's format, and not a path: each task has its id."""
    return all(len(each.rpartition(":")[2]) == 36 and ":" in each for each in text.split("|"))
