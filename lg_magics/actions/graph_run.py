"""Marks the steps of a run in a drawn graph, from its stream or else its checkpoints. Draws nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from lg_magics.errors import NotFound
from lg_magics.follow.run import Run
from lg_magics.model.graph import Shape, label_from_text
from lg_magics.model.records import StateRecord
from lg_magics.model.run_in_graph import inner_namespaces, marks_from_steps, steps_from_entries, taken_edges
from lg_magics.model.run_steps import Step
from lg_magics.server.connection import Connection
from lg_magics.tables.graph import Graph

__all__ = ["colored", "steps_of", "what_is_cut"]

MOST_ENTRIES, MOST_READS = 50, 20
MOST_CUT = 3


def colored(graph: Graph, run: Run, steps: Sequence[Step]) -> Graph:
    """The graph with the steps of a run until now."""
    drawn = set(graph.shape.group_ids)
    steps = [step for step in steps if not step.namespace or ":".join(step.path[:-1]) in drawn]
    request = run.info.launch.request if run.info.launch else None
    begins = request is not None and request.input is not None
    return replace(
        graph,
        marks=marks_from_steps(steps),
        taken=taken_edges(graph.shape, steps, begins=begins, is_over=run.status == "success"),
        run=f"{run.number} {run.status}",
        note=" ".join(filter(None, (what_is_cut(graph.shape), _others(run, steps, graph.shape)))),
        followed=None if run.is_settled else run,
    )


def what_is_cut(shape: Shape) -> str:
    """The nodes that LangGraph does not connect: it follows a graph for 250 steps, and only to targets that it declares."""
    cut = [node.path for node in shape.unreached]
    if not cut:
        return ""
    listed = ", ".join(cut[:MOST_CUT]) + (f" and {len(cut) - MOST_CUT:,} more" if len(cut) > MOST_CUT else "")
    return f"LangGraph gives no way to {listed}: it follows 250 steps, and targets that the graph declares."


def _others(run: Run, steps: Sequence[Step], shape: Shape) -> str:
    """A sentence on nodes that the run reached and the graph lacks: the graph has changed, or is another one."""
    known = {node.id for node in shape.nodes}.union(shape.group_ids)
    others = list(dict.fromkeys(name for step in steps if (name := ":".join(step.path)) not in known))
    if not others:
        return ""
    return f"{run.number} also ran {', '.join(map(label_from_text, others[:5]))}, which this graph has not."


def steps_of(connection: Connection, run: Run, shape: Shape) -> list[Step]:
    """The steps of a run until now, from its stream or else its checkpoints, also inside of drawn subgraphs.

    The stream of a run without a card has only nodes that ended well, and none inside of subgraphs.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    seen = list(run.view.steps)
    if run.info.is_stateless or (run.view.knows_starts and (not run.is_settled or _has_inner(seen))):
        return seen
    is_live = not run.is_settled
    if not run.view.knows_starts:
        try:
            seen = steps_from_entries(_entries(connection, run), is_live=is_live) or seen
        except NotFound:  # the run has not made its thread yet
            return seen
    return seen if _has_inner(seen) else seen + _steps_inside(connection, run, shape, is_live=is_live)


def _has_inner(steps: Sequence[Step]) -> bool:
    return any(step.namespace for step in steps)


def _entries(connection: Connection, run: Run, namespace: str = "") -> list[StateRecord]:
    """The checkpoints that a run left on its thread, newest first; those of a subgraph by its namespace."""
    return connection.history.of_run(run.thread_id, run.run_id, limit=MOST_ENTRIES, namespace=namespace)


def _steps_inside(connection: Connection, run: Run, shape: Shape, *, is_live: bool) -> list[Step]:
    """The steps of a run inside of drawn subgraphs. One request for each time that a subgraph ran."""
    drawn, found = set(shape.group_ids), list[Step]()
    ahead = deque([("", "")] if drawn else [])
    for _ in range(MOST_READS):
        if not ahead:
            break
        within, namespace = ahead.popleft()
        entries = _entries(connection, run, namespace)
        found += steps_from_entries(entries, tuple(namespace.split("|")), is_live=is_live) if within else []
        inner = [(f"{within}:{name}" if within else name, where) for name, where in inner_namespaces(entries)]
        ahead += [each for each in inner if each[0] in drawn]
    return found
