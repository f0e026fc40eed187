"""A run's input and settings, held against the graph's own schemas before it is sent. Launches nothing.

What is refused is judged by schemas that were read at that moment: those in memory may be of a graph that has changed since.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from lg_magics.commands.schema_cache import PATIENCE, known_schemas, schemas_now, warm_schemas
from lg_magics.errors import CommandError, DeploymentError
from lg_magics.model.assistant_schemas import AssistantSchemas
from lg_magics.model.run_request import RunRequest
from lg_magics.model.schema_check import Problem
from lg_magics.model.visible_text import visible_text
from lg_magics.session import Session

__all__ = ["check_nodes", "check_request"]

TEXT_PATIENCE = 0.5  # seconds; of a text there is less to check, and a person who waits for the answer
SEND = "--no-check sends it all the same."


def check_request(session: Session, request: RunRequest, *, is_text: bool) -> str:
    """Refuse a run whose input or settings are surely wrong; where that cannot be said in a moment, say nothing.

    The first run of an assistant on this connection waits for its schemas, if they are not there yet: 0.1 s of a server nearby.

    Args:
        session: whose run.
        request: what is to be sent.
        is_text: whether the input was typed as a text. Such a run waits less long; one without input waits for nothing.

    Returns:
        A note on what the graph wants and nobody set; "" if there is nothing to note.

    Raises:
        CommandError: the input, or a setting, is surely wrong; the message names the field.
    """
    patience = TEXT_PATIENCE if is_text else PATIENCE
    schemas = known_schemas(session, request.assistant, wait=request.input is not None, patience=patience)
    if schemas is None:
        warm_schemas(session, request.assistant)
        return ""
    if _problem(schemas, request, is_text) is not None:
        schemas = schemas_now(session, request.assistant)
        if schemas is None:
            return ""
        if problem := _problem(schemas, request, is_text):
            raise CommandError(f"{problem.words}.", hint=" ".join(filter(None, (_sentence(problem.hint), SEND))))
    unset = schemas.unset(_given(request))
    return f"not set: {unset.hint}" if unset else ""


def check_nodes(session: Session, request: RunRequest, *, hint: str = SEND) -> None:
    """Refuse to stop at a node that the graph has not: the server would take its name, and never stop.

    The graph is asked for only where a node is named.

    Raises:
        CommandError: there is no such node; `hint` is what to type next.
    """
    if not request.nodes:
        return
    try:
        rows = session.connection.assistants.graph(request.assistant).get("nodes") or []
    except DeploymentError:
        return
    nodes = [str(row.get("id")) for row in rows if isinstance(row, Mapping)]
    if unknown := [name for name in request.nodes if nodes and name not in nodes]:
        near = get_close_matches(unknown[0], nodes, n=1)
        there = ", ".join(visible_text(name) for name in nodes if not name.startswith("__"))
        better = f"Did you mean {visible_text(near[0])}?" if near else f"There are {there}."
        raise CommandError(f"The graph has no node '{unknown[0]}'. {better}", hint=hint)


def _problem(schemas: AssistantSchemas, request: RunRequest, is_text: bool) -> Problem | None:
    is_new = request.makes_thread or request.thread_id is None
    return schemas.problem(request.input, _given(request), is_text=is_text, is_new_thread=is_new)


def _given(request: RunRequest) -> dict[str, object]:
    return {**(request.config.get("configurable") or {}), **request.context}


def _sentence(hint: str) -> str:
    return hint if not hint or hint.endswith((".", "?", "…")) else f"{hint}."
