"""A run's path through a graph: its effect on each node, and the edges that it took. Pure; knows steps and shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from lg_magics.model.duration import duration, seconds_from_iso
from lg_magics.model.events import Namespace
from lg_magics.model.graph import END, START, Edge, Node, Shape
from lg_magics.model.run_steps import Step, StepState
from lg_magics.model.subgraphs import is_cancellation, namespace_of, tasks_of

__all__ = ["Mark", "inner_namespaces", "marks_from_steps", "steps_from_entries", "taken_edges"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A run at a node: its current state there, the number of visits, and their total duration."""

    state: StepState
    times: int = 1
    seconds: float | None = None

    @property
    def words(self) -> str:
        """`done 3×, 1.2 s`."""
        word = "waiting for a person" if self.state == "waiting" else self.state
        took = duration(self.seconds) if self.seconds is not None else ""
        return ", ".join(filter(None, (f"{word}{f' {self.times}×' if self.times > 1 else ''}", took)))


def marks_from_steps(steps: Iterable[Step]) -> dict[str, Mark]:
    """Return a run's marks by node name. Active and failed steps have precedence over finished ones."""
    found: dict[str, list[Step]] = {}
    for step in steps:
        found.setdefault(":".join(step.path), []).append(step)
    return {node: _mark(of_node) for node, of_node in found.items()}


def _mark(steps: Sequence[Step]) -> Mark:
    states = [step.state for step in steps]
    state: StepState = next(
        (each for each in ("running", "waiting", "failed", "cancelled") if each in states), states[-1]
    )
    seconds = [step.seconds for step in steps if step.seconds is not None]
    return Mark(state, len(steps), sum(seconds) if seconds else None)


# -- from checkpoints -------------------------------------------------------------------------------------------


def steps_from_entries(
    entries: Sequence[Mapping[str, Any]], namespace: Namespace = (), *, is_live: bool = False
) -> list[Step]:
    """Return a run's steps from its history entries, newest first, for a run that was not watched.

    The tasks of a checkpoint ran after it, so a node's duration extends to the next checkpoint.

    Args:
        entries: history entries of the run, or of one of its subgraphs.
        namespace: the tasks that contain the subgraph, `("team:<task>",)`.
        is_live: whether the run is active: then tasks without a result are running.
    """
    found: list[Step] = []
    oldest_first = list(reversed(entries))
    superstep = 0
    for entry, following in zip_longest(oldest_first, oldest_first[1:]):
        began = seconds_from_iso(entry.get("created_at"))
        ended = seconds_from_iso(following.get("created_at")) if following else None
        tasks = [task for task in tasks_of(entry) if task.get("name") != START]
        for task in tasks:
            state = _task_state(task, is_over=following is not None, is_live=is_live)
            task_id = str(task.get("id") or "")
            found.append(Step(str(task.get("name")), state, began, ended, task_id, namespace, superstep))
        superstep += bool(tasks)
    return found


def inner_namespaces(entries: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the tasks that were subgraphs with their own checkpoints: the node's name, and the checkpoints' namespace."""
    found: dict[str, str] = {}
    for entry in reversed(entries):
        for task in tasks_of(entry):
            if namespace := namespace_of(task):
                found[namespace] = str(task.get("name"))
    return [(name, namespace) for namespace, name in found.items()]


def _task_state(task: Mapping[str, Any], *, is_over: bool, is_live: bool) -> StepState:
    if error := task.get("error"):
        return "cancelled" if is_cancellation(str(error)) else "failed"
    if task.get("interrupts"):
        return "waiting"
    if is_over or task.get("result"):
        return "done"
    return "running" if is_live else "cancelled"


# -- edges ------------------------------------------------------------------------------------------------------


def taken_edges(shape: Shape, steps: Sequence[Step], *, begins: bool, is_over: bool) -> frozenset[Edge]:
    """Return the edges that a run took, as far as its steps prove it: a server does not report them.

    A node's plain edges are taken once it is done and their target has begun. A conditional one is taken if its target ran in the
    next superstep, and no other edge explains that.

    Args:
        shape: the graph.
        steps: the run's steps.
        begins: whether it began at the graph's start, unlike a resumed run.
        is_over: whether the graph ran to its end.
    """
    walk = _Walk(shape, steps, begins=begins, is_over=is_over)
    return frozenset(edge for edge in shape.edges if walk.took(edge))


class _Walk:
    """The nodes of each superstep, in the whole graph and in each run of a subgraph."""

    def __init__(self, shape: Shape, steps: Sequence[Step], *, begins: bool, is_over: bool) -> None:
        self._begins = begins
        self._is_over = is_over
        self._nodes = {node.id: node for node in shape.nodes}
        self._into: dict[str, list[Edge]] = {}
        self._from: dict[str, list[Edge]] = {}
        for edge in shape.edges:
            self._into.setdefault(edge.target, []).append(edge)
            self._from.setdefault(edge.source, []).append(edge)
        self._graphs: dict[Namespace, dict[int, list[Step]]] = {}
        self._inside: set[tuple[Namespace, tuple[str, ...]]] = set()
        self._done_inside: set[tuple[Namespace, tuple[str, ...]]] = set()
        self._parents = {(*step.namespace, f"{step.node}:{step.task_id}"): step for step in steps if step.task_id}
        for step in steps:
            self._graphs.setdefault(step.namespace, {}).setdefault(step.superstep, []).append(step)
            for depth in range(len(step.namespace)):
                inner = (step.namespace[: depth + 1], step.path[depth + 1 :])
                self._inside.add(inner)
                if step.state == "done":
                    self._done_inside.add(inner)

    def took(self, edge: Edge) -> bool:
        source, target = self._nodes[edge.source], self._nodes[edge.target]
        common = _common(source, target)
        return any(
            self._took(edge, source, target, common, namespace)
            for namespace in self._graphs
            if tuple(each.partition(":")[0] for each in namespace) == source.groups[:common]
        )

    def _took(self, edge: Edge, source: Node, target: Node, common: int, namespace: Namespace) -> bool:
        steps = self._graphs[namespace]
        if source.kind == "start" and len(source.groups) == common:
            return self._started(namespace) and self._enters(steps.get(0, ()), target, common)
        left = [number for number, beside in steps.items() if self._leaves(beside, source, common)]
        if target.kind == "end" and len(target.groups) == common:
            return self._ended(namespace) and any(
                not edge.is_conditional or not self._went_elsewhere(edge, steps.get(number + 1, ())) for number in left
            )
        if not edge.is_conditional:
            return any(
                self._enters(beside, target, common) for number, beside in steps.items() if left and number > min(left)
            )
        return any(
            self._enters(steps.get(number + 1, ()), target, common)
            and not any(self._explains(other, edge, steps.get(number, ()), common) for other in self._into[target.id])
            for number in left
        )

    def _started(self, namespace: Namespace) -> bool:
        parent = self._parents.get(namespace)
        return self._begins or (parent is not None and parent.superstep > 0)

    def _ended(self, namespace: Namespace) -> bool:
        parent = self._parents.get(namespace)
        return parent.state == "done" if parent else self._is_over and not namespace

    def _leaves(self, steps: Iterable[Step], node: Node, common: int) -> bool:
        return any(self._is_in(step, node, common, self._done_inside) for step in steps if step.state == "done")

    def _enters(self, steps: Iterable[Step], node: Node, common: int) -> bool:
        return any(self._is_in(step, node, common, self._inside) for step in steps)

    def _is_in(self, step: Step, node: Node, common: int, inside: set[tuple[Namespace, tuple[str, ...]]]) -> bool:
        """Return whether a step is this node, or the subgraph that contains it, and reached it."""
        first, *rest = (*node.groups[common:], node.id.rpartition(":")[2] if node.groups else node.id)
        if step.node != first:
            return False
        if not rest or (rest == [START] or rest == [END]):
            return True
        return ((*step.namespace, f"{step.node}:{step.task_id}"), tuple(rest)) in inside

    def _explains(self, other: Edge, edge: Edge, steps: Iterable[Step], common: int) -> bool:
        """Return whether another edge to the same node may have been taken instead."""
        source = self._nodes[other.source]
        is_level = source.groups[:common] == self._nodes[edge.source].groups[:common]
        return other != edge and is_level and self._leaves(steps, source, common)

    def _went_elsewhere(self, edge: Edge, steps: Iterable[Step]) -> bool:
        """Return whether a node with this edge to the end continued to another node."""
        source = self._nodes[edge.source]
        others = [self._nodes[other.target] for other in self._from[edge.source] if other != edge]
        return any(self._enters(steps, other, _common(source, other)) for other in others if other.kind != "end")


def _common(one: Node, other: Node) -> int:
    """Return how many subgraphs, from the outermost on, contain both nodes."""
    return next(
        (depth for depth, (a, b) in enumerate(zip(one.groups, other.groups, strict=False)) if a != b),
        min(len(one.groups), len(other.groups)),
    )
