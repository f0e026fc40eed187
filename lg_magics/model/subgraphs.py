"""The subgraphs of a thread: their paths, and the checkpoint namespaces that a server keeps them under. Pure.

A namespace names the tasks that lead to a subgraph, `team:<task>|mail:<task>`; a path their nodes, `team:mail`. A node's name has
neither sign. Of several tasks of one node in one step, each has a number: `mail#1`, `mail#2`.
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
    "nodes_of_path",
    "subgraphs_from_tasks",
    "tasks_of",
]


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A subgraph that runs, or ran, inside of a thread's graph.

    Attributes:
        path: its nodes, `team:mail`.
        namespace: where its checkpoints are.
        is_pending: whether the thread waits inside of it, or failed there: a run without input goes on in it.
        state: its state as the server gives it, where that was asked for.
    """

    path: str
    namespace: str
    is_pending: bool = False
    state: Mapping[str, Any] | None = None


def tasks_of(payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The tasks of a state or of an entry of the history."""
    tasks = payload.get("tasks")
    return [task for task in tasks if isinstance(task, Mapping)] if isinstance(tasks, list | tuple) else []


def is_cancellation(error: str) -> bool:
    """Whether a task's error says that its run was cancelled, and not that its node failed."""
    return error.startswith(("CancelledError(", "UserInterrupt(", "UserRollback("))


def subgraphs_from_tasks(
    payload: Mapping[str, Any], above: str = "", *, is_pending: bool = False
) -> Iterator[Subgraph]:
    """The subgraphs in a state's tasks, each before those inside of it; one that has not begun is none.

    Args:
        payload: a state, read with those of its subgraphs; or an entry of the history, which has their namespaces alone.
        above: the path of the graph that the state is of.
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
    """Where the checkpoints of a task's subgraph are; "" of a task that is none, or has not begun."""
    state = task.get("state")
    checkpoint = state.get("checkpoint") if isinstance(state, Mapping) else task.get("checkpoint")
    namespace = checkpoint.get("checkpoint_ns") if isinstance(checkpoint, Mapping) else None
    return namespace if isinstance(namespace, str) else ""


def nodes_of_path(path: str) -> Sequence[str]:
    """The nodes of a path: `team:mail` and `team › mail` are `team`, `mail`."""
    return [each.strip() for each in path.replace("›", ":").split(":")]


def is_namespace(text: str) -> bool:
    """Whether a text is a namespace as a server writes it, not a path: each task has its id."""
    return all(len(each.rpartition(":")[2]) == 36 and ":" in each for each in text.split("|"))
