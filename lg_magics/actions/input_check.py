"""Checks a run's input and settings against the graph's own schemas before it is sent. Launches nothing.

Every launch uses this check: runs, streams, batches, comparisons, crons and forks. It also finds the key under which the graph
takes a text. Before it refuses, it reads the schemas again: the graph may have changed since the cached ones were read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from lg_magics.actions.request import resolved_again
from lg_magics.actions.schema_cache import (
    WAIT_SECONDS,
    awaited_schemas,
    is_gone,
    known_schemas,
    schemas_now,
    warm_schemas,
)
from lg_magics.errors import CommandError, DeploymentError
from lg_magics.model.assistant_schemas import AssistantSchemas
from lg_magics.model.conversation import MESSAGES, text_as_input, with_text_under
from lg_magics.model.run_request import RunRequest
from lg_magics.model.schema_check import Problem
from lg_magics.model.visible_text import visible_text
from lg_magics.session import Session

__all__ = ["check_nodes", "check_values", "checked_request", "next_line", "way_to_send"]

SEND = "--no-check sends it all the same."
RUN = "%lg_run"


def way_to_send(command: str, assistant: str | None, *more: str) -> str:
    """The beginning of a line that sends JSON with this command; an example follows it."""
    name = f'"{assistant}"' if assistant and " " in assistant else assistant
    return " ".join([command, *([f"-a {name}"] if name else []), *more, "--json"])


def checked_request(
    session: Session,
    request: RunRequest,
    *,
    is_text: bool,
    key: str | None = None,
    check: bool = True,
    way: str = f"{RUN} --json",
) -> tuple[RunRequest, str]:
    """Refuse a run whose input or settings are surely wrong.

    The first run of an assistant on this connection waits for its schemas, if they are not there yet: 0.1 s of a server nearby. A
    text waits as long as it takes, since it would be lost under a wrong key; other input is sent unchecked after 2 s.

    Args:
        session: the session.
        request: the request to send. One without input waits for nothing.
        is_text: whether the input was made from a text.
        key: the key under which the text is sent; the schemas name it otherwise.
        check: whether to refuse anything.
        way: the beginning of a line that would send JSON, shown with an example.

    Returns:
        The request, whose text is under the key that the graph takes it by; and a note on what the graph wants and nobody set, ""
        if there is nothing to note.

    Raises:
        CommandError: the input, or a setting, is surely wrong; the message names the field.
        Unreachable: the deployment does not describe the assistant that a text is for.
    """
    if key is not None and not is_text:
        raise CommandError("--key belongs to a text.", hint=f"{RUN} --key chat_history TEXT")
    if not check and (key is not None or not is_text):
        return _keyed(request, None, key), ""
    needs_key = is_text and key is None and check
    schemas = _schemas(session, request, needs_key)
    if (moved := _moved(session, request, schemas)) is not None:
        request, schemas = moved, _schemas(session, moved, needs_key)
    if schemas is None:
        warm_schemas(session, request.assistant)
        return _keyed(request, None, key), ""
    judged_as_text = is_text and key is None
    keyed = _keyed(request, schemas if is_text else None, key)
    if not check:
        return keyed, ""
    if _problem(schemas, keyed, judged_as_text) is not None:
        schemas = schemas_now(session, request.assistant, waits=needs_key)
        keyed = _keyed(request, schemas if is_text else None, key)
        if schemas is None:
            return keyed, ""
        if problem := _problem(schemas, keyed, judged_as_text):
            raise _refusal(problem, way)
    unset = schemas.unset(_given(request))
    return keyed, f"not set: {unset.hint}" if unset else ""


def _schemas(session: Session, request: RunRequest, needs_key: bool) -> AssistantSchemas | None:
    if needs_key:
        return awaited_schemas(session, request.assistant, WAIT_SECONDS)
    return known_schemas(session, request.assistant, wait=request.input is not None, wait_seconds=WAIT_SECONDS)


def _moved(session: Session, request: RunRequest, schemas: AssistantSchemas | None) -> RunRequest | None:
    """The request with another assistant if the row that came with the schemas has another name, or is gone; else None."""
    if not request.named:
        return None
    is_there = schemas.name == request.named if schemas else not is_gone(session, request.assistant)
    if is_there:
        return None
    session.schemas.pop(request.assistant, None)  # its row is as old as its name
    return resolved_again(session, request)


def _keyed(request: RunRequest, schemas: AssistantSchemas | None, key: str | None) -> RunRequest:
    """The request with its text under this key, or the one that the schemas name."""
    name = key or (schemas.conversation_key if schemas else "")
    return replace(request, input=with_text_under(request.input, name)) if name else request


def _refusal(problem: Problem, way: str) -> CommandError:
    line = f"{way} {problem.example}" if problem.example else _sentence(problem.hint)
    return CommandError(f"{problem.words}.", hint=" ".join(filter(None, (line, *([] if problem.example else [SEND])))))


def check_values(session: Session, assistant: str, values: Any) -> None:
    """Refuse to write values into a state that surely cannot take them: the server would drop them silently.

    Raises:
        CommandError: such a value; the message names it.
    """
    schemas = known_schemas(session, assistant, wait=values is not None, wait_seconds=WAIT_SECONDS)
    if schemas is None or schemas.values_problem(values) is None:
        return
    schemas = schemas_now(session, assistant)
    if schemas is not None and (problem := schemas.values_problem(values)):
        raise _refusal(problem, "")


def next_line(session: Session, *, wait_seconds: float = 0.0) -> tuple[str, str]:
    """A line that the current assistant accepts, and what the line does. `%lg_schemas` if the assistant's input is not known.

    Args:
        session: the session with the assistant.
        wait_seconds: seconds to wait for its schemas.
    """
    assistant, defaults = session.selection.assistant, session.selection.defaults
    if assistant is None:
        return "%lg_assistants", "which assistants there are"
    schemas = known_schemas(session, assistant, wait=wait_seconds > 0, wait_seconds=wait_seconds, gives_up=False)
    if schemas is None:
        return "%lg_schemas", "what the assistant takes"
    hello = text_as_input("hello", schemas.conversation_key or MESSAGES)
    problem = schemas.problem(hello, {**defaults.configurable, **defaults.context}, is_text=True, is_new_thread=True)
    if problem is None:
        return f"{RUN} hello", "launch a run"
    if problem.example:
        return f"{RUN} --json {problem.example}", "launch a run"
    return (
        (problem.hint, "what the graph wants first")
        if problem.hint.startswith("%")
        else ("%lg_schemas", "what it takes")
    )


def check_nodes(session: Session, request: RunRequest, *, hint: str = SEND) -> None:
    """Refuse a breakpoint at a node that the graph lacks: the server would accept the name, and never stop.

    The graph is requested only if a node is named.

    Raises:
        CommandError: there is no such node; `hint` is the hint of the error.
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
