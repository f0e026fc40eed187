"""A graph drawn, and coloured by what a run did in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from lg_magics.actions.graph_inside import entries_of, steps_inside
from lg_magics.errors import LgError
from lg_magics.follow.run import Run
from lg_magics.grammar.kinds import ASSISTANT
from lg_magics.grammar.parameters import Option
from lg_magics.grammar.registry import command
from lg_magics.model.graph import Shape, label_from_text, marks_from_steps, shape_from_payload, steps_from_entries
from lg_magics.model.run_steps import Step
from lg_magics.resolve.assistants import assistant_name, which_assistant
from lg_magics.resolve.threads import which_run
from lg_magics.session import Session
from lg_magics.tables.graph import Graph

__all__ = ["coloured", "graph", "what_is_cut"]

MOST_CUT = 3


@command("graph", group="Assistants")
def graph(
    session: Session,
    assistant: Annotated[str | None, ASSISTANT] = None,
    *,
    xray: bool | int = False,
    run: Annotated[object, Option(value="RUN", completes="run")] = None,
) -> Graph:
    """Draw an assistant's graph; conditional edges are dashed.

    Args:
        assistant: Its name, its graph's name, its id or a part of it; the run's, or the current one, otherwise.
        xray: Draw what is inside of subgraphs too; --xray 1 draws one level of them.
        run: Colour what a run did, and say how long each node took: r7, $run, last, an id.

    Returns:
        The graph, with a note on nodes to which LangGraph draws no way: `.mermaid` is its source, `.nodes` and `.edges` are
            tables, `.df` a frame of the nodes.

    Raises:
        UnknownReference: no such assistant or run.

    Example:
        %lg_graph agent
    """
    watched = _run_here(session, run) if run is not None else None
    chosen = which_assistant(session, assistant or (watched.info.assistant if watched else None))
    name = assistant_name(session, chosen)
    payload = session.connection.assistants.graph(chosen, name, xray=xray)
    shape = shape_from_payload(payload, is_expanded=bool(xray))
    found = Graph(name, shape, raw=payload, note=what_is_cut(shape))
    return coloured(found, watched, _steps(session, watched, found.shape)) if watched else found


def coloured(graph: Graph, run: Run, steps: Sequence[Step]) -> Graph:
    """The graph with what a run did in it until now."""
    drawn = set(graph.shape.group_ids)
    steps = [step for step in steps if not step.namespace or ":".join(step.path[:-1]) in drawn]
    return replace(
        graph,
        marks=marks_from_steps(steps),
        run=f"{run.number} {run.status}",
        note=" ".join(filter(None, (what_is_cut(graph.shape), _others(run, steps, graph.shape)))),
        followed=None if run.is_settled else run,
    )


def what_is_cut(shape: Shape) -> str:
    """What LangGraph does not draw: it follows a graph for 250 steps, and knows only the targets that the graph declares."""
    cut = [node.path for node in shape.unreached]
    if not cut:
        return ""
    listed = ", ".join(cut[:MOST_CUT]) + (f" and {len(cut) - MOST_CUT:,} more" if len(cut) > MOST_CUT else "")
    return f"LangGraph gives no way to {listed}: it follows 250 steps, and targets that the graph declares."


def _run_here(session: Session, reference: object) -> Run:
    run = which_run(session, reference)
    if not run.is_on(session.connection):
        raise LgError(f"{run.number} is on {run.info.deployment}.", hint="%lg_connect goes there.")
    return run


def _steps(session: Session, run: Run, shape: Shape) -> list[Step]:
    """What the run did: as it was watched, or else as its checkpoints tell it, and that alone inside of subgraphs.

    A run without a card tells only of nodes that ended well, and of none inside of subgraphs while it goes on.
    """
    seen = list(run.view.steps)
    if run.info.is_stateless or not run.is_settled:
        return seen
    if not run.view.knows_starts:
        seen = steps_from_entries(entries_of(session.connection, run)) or seen
    is_told = any(step.namespace for step in seen)
    return seen if is_told else seen + steps_inside(session.connection, run, shape)


def _others(run: Run, steps: Sequence[Step], shape: Shape) -> str:
    """A word on nodes that the run came to and the graph has not: it has changed since, or is another one."""
    known = {node.id for node in shape.nodes}.union(shape.group_ids)
    others = list(dict.fromkeys(name for step in steps if (name := ":".join(step.path)) not in known))
    if not others:
        return ""
    return f"{run.number} also ran {', '.join(map(label_from_text, others[:5]))}, which this graph has not."
