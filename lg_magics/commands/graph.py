"""Draws an assistant's graph, colored by the steps of a run. Depends on the session; renders nothing itself."""

from __future__ import annotations

from typing import Annotated

from lg_magics.actions.graph_run import colored, steps_of, what_is_cut
from lg_magics.errors import LgError
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.grammar.kinds import ASSISTANT
from lg_magics.grammar.parameters import Option
from lg_magics.grammar.registry import command
from lg_magics.model.graph import shape_from_payload
from lg_magics.resolve.assistants import assistant_name, which_assistant
from lg_magics.resolve.threads import which_run
from lg_magics.session import Session
from lg_magics.tables.graph import Graph

__all__ = ["graph"]


@command("graph", group="Assistants")
def graph(
    session: Session,
    assistant: Annotated[str | None, ASSISTANT] = None,
    *,
    xray: bool | int | None = None,
    run: Annotated[object, Option(value="RUN", completes="run")] = None,
) -> Graph:
    """Draw an assistant's graph; conditional edges are dashed.

    Args:
        assistant: Its name, its graph's name, its id or a part of it; the run's, or the current one, otherwise.
        xray: Also draw the inside of subgraphs, as with --run; --xray 1 draws one level of them, --no-xray none.
        run: Color the steps and edges of a run, and show how long each node took: r7, $run, last, an id.

    Returns:
        The graph, with a note on nodes that LangGraph does not connect: `.mermaid` is its source, `.nodes` and `.edges` are
            tables, `.df` a frame of the nodes.

    Raises:
        UnknownReference: no such assistant or run.

    Example:
        %lg_graph agent
    """
    watched = _run_here(session, run) if run is not None else None
    chosen = which_assistant(session, assistant or (watched.info.assistant if watched else None), is_fresh=True)
    name = assistant_name(session, chosen)
    levels = watched is not None if xray is None else xray
    payload = session.connection.assistants.graph(chosen, name, xray=levels)
    shape = shape_from_payload(payload, is_expanded=bool(levels))
    found = Graph(name, shape, raw=payload, note=what_is_cut(shape))
    return colored(found, watched, steps_of(session.connection, watched, shape)) if watched else found


def _run_here(session: Session, reference: object) -> Run:
    run = which_run(session, reference)
    if not tracked(run).is_on(session.connection):
        raise LgError(f"{run.number} is on {run.info.deployment}.", hint="%lg_connect goes there.")
    return run
