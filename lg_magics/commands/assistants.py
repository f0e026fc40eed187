"""Assistants: list them, choose one, look at one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from lg_magics.actions.schema_cache import warm_schemas
from lg_magics.grammar.kinds import ASSISTANT, Limit, Offset
from lg_magics.grammar.parameters import KeyValues, Option
from lg_magics.grammar.registry import command
from lg_magics.model.assistant_settings import pairs_words, settings_from_row
from lg_magics.model.secrets import row_without_secrets
from lg_magics.resolve.assistant_on_thread import use_assistant
from lg_magics.resolve.assistants import (
    MOST,
    assistant_name,
    assistant_rows,
    which_assistant,
    which_assistant_row,
)
from lg_magics.session import Session
from lg_magics.tables.assistants import assistants_table, is_current, is_system, name_of_row
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Table, time_from_iso

__all__ = ["assistants", "show", "use"]


@command("assistants", group="Assistants")
def assistants(
    session: Session,
    *,
    graph: Annotated[str | None, Option(value="GRAPH")] = None,
    name: Annotated[str | None, Option(value="TEXT")] = None,
    metadata: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    limit: Limit = 100,
    offset: Offset = 0,
    all: bool = False,
) -> Table:
    """List the deployment's assistants.

    Args:
        graph: Only those of this graph.
        name: Only those with this text in their name.
        metadata: Only those that carry this, as k=v; may be repeated.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is.

    Returns:
        A table with name, graph, version, config and context; `.df` also has metadata and id.

    Example:
        %lg_assistants
    """
    is_filtered = bool(graph or name or metadata)
    search = session.connection.assistants.search
    found = search(graph=graph, name=name, metadata=metadata) if is_filtered else assistant_rows(session)
    shown = found[offset:] if all else found[offset : offset + limit]
    is_whole = len(shown) == len(found)
    table = assistants_table(
        shown,
        session.selection.assistant,
        total=len(found) if len(found) < MOST else None,
        is_whole=is_whole,
        more="" if offset + len(shown) >= len(found) else f"--limit {len(found)} or --all",
        attrs={"deployment": session.connection.url},
    )
    return replace(table, offset=offset)


@command("assistant use", group="Assistants")
def use(session: Session, name: Annotated[str, ASSISTANT]) -> Facts:
    """Make an assistant the current one: runs use it from now on.

    A thread keeps its graph: if the current thread has another one, the next run begins a new thread.

    Args:
        name: Its name, its graph's name, or its id.

    Raises:
        ReferenceError: there is no such assistant.

    Example:
        %lg_assistant use agent
    """
    before = session.selection.assistant
    chosen = which_assistant(session, name)
    begins = use_assistant(session, chosen)
    warm_schemas(session, chosen)
    was = f" (was {assistant_name(session, before)})" if before and before != chosen else ""
    facts = (("next run", begins),) if begins else ()
    return Facts(f"assistant {assistant_name(session, chosen)}{was}", facts, data={"assistant": chosen})


@command("assistant show", group="Assistants")
def show(session: Session, assistant: Annotated[str | None, ASSISTANT] = None) -> Facts:
    """Say what is known of an assistant.

    Args:
        assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.

    Returns:
        Facts; `.data` is the server's row.

    Example:
        %lg_assistant show agent
    """
    row = which_assistant_row(session, assistant)
    name = name_of_row(row)
    settings = settings_from_row(row)
    made_by = "system: one for each graph, which answers to the graph's name" if is_system(row) else "a person"
    facts = [
        ("assistant", f"{name}{' (current)' if is_current(row, session.selection.assistant) else ''}"),
        ("graph", str(row["graph_id"])),
        ("id", str(row["assistant_id"])),
        ("version", str(row.get("version") or "unknown")),
        ("description", str(row.get("description") or "none")),
        ("config and context", settings.words() or "none"),
        ("metadata", pairs_words(row.get("metadata") or {}) or "none"),
        ("made by", made_by),
        ("updated", _local(row.get("updated_at"))),
    ]
    shown = f'"{name}"' if " " in name else name
    lines = (
        (f"%lg_schemas {shown}", "what it takes and gives"),
        (f"%lg_graph {shown}", "its graph"),
        (f"%lg_assistant versions {shown}", "how it came to be"),
    )
    return Facts(f"assistant {name}", tuple(facts), lines, warning=_torn(row), data=row_without_secrets(row))


def _torn(row: Mapping[str, Any]) -> str:
    """A word on an assistant whose context is another version's than its config: what `set_latest` of the server leaves."""
    configurable = (row.get("config") or {}).get("configurable") or {}
    context = row.get("context") or {}
    if not configurable or not context or configurable == context:
        return ""
    return (
        f"Its context ({pairs_words(context)}) is not that of its config ({pairs_words(configurable)}): "
        f"%lg_assistant use-version {row.get('version')} mends that."
    )


def _local(text: object) -> str:
    time = time_from_iso(text)
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}" if time else "unknown"
