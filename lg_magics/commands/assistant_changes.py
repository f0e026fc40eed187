"""Assistants: make one, change it, delete it. Says what the server made of it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from lg_magics.actions.protected import refuse_if_protected
from lg_magics.actions.schema_cache import forget_schemas
from lg_magics.errors import CommandError, Conflict, LgError, NotFound
from lg_magics.grammar.kinds import ASSISTANT
from lg_magics.grammar.parameters import KeyValues, Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.model.assistant_settings import Settings, given_settings, pairs_words, settings_from_row
from lg_magics.model.records import AssistantRecord
from lg_magics.model.secrets import row_without_secrets
from lg_magics.resolve.assistants import assistant_rows, which_assistant_row
from lg_magics.session import Session
from lg_magics.tables.assistants import is_current, is_system, name_of_row
from lg_magics.tables.facts import Facts

__all__ = ["create", "delete", "look_again", "send_update", "shared_by_all", "update"]

Values = Annotated[Mapping[str, object] | None, KeyValues("-c")]
Pairs = Annotated[Mapping[str, object] | None, KeyValues()]
Config = Annotated[Mapping[str, object] | None, Option(value="$config", completes="python")]
Name = Annotated[str | None, ASSISTANT]


@command("assistant create", group="Assistants")
def create(
    session: Session,
    graph: Annotated[str, Positional(completes="assistant", value="GRAPH")],
    *,
    name: str,
    configurable: Values = None,
    context: Pairs = None,
    config: Config = None,
    description: str | None = None,
    metadata: Pairs = None,
    id: Annotated[str | None, Option(value="UUID", everyday=False)] = None,
    or_update: bool = False,
    yes: bool = False,
) -> Facts:
    """Make an assistant: a graph under a name of its own, with settings that each of its runs begins with.

    Args:
        graph: Which graph.
        name: What to call it; no other assistant may have this name.
        configurable: A configurable value, as user_id=Test or n:=3; may be repeated.
        context: A value of the context, K=V or $mapping; the server keeps it for configurable values too.
        config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
        description: What it is for.
        metadata: Metadata to keep with it, K=V; may be repeated.
        id: An id of your own, a UUID.
        or_update: If there is one of this name, merge this into it: so that "Run all" may come back to the line.
        yes: Do it on a protected deployment too.

    Returns:
        What was made; `.data` is the server's row.

    Raises:
        Conflict: there is one of this name. NotFound: no such graph.

    Example:
        %lg_assistant create agent --name german -c language=de
    """
    _check_not_empty(name)
    refuse_if_protected(session, f"assistant {name} is not made", yes=yes)
    given = given_settings(config, configurable, context)
    details = _given(description=description, metadata=metadata)
    own = {"assistant_id": id} if id else {}
    rows = assistant_rows(session)
    known = _named(name, rows)
    if known and or_update and not is_system(known[0]):
        _check_same_graph(known[0], graph)
        return _updated(session, which_assistant_row(session, name), given, details)
    if known:
        raise Conflict(f"There is an assistant '{name}' already.", hint="--or-update makes a new version of it.")
    row = _created(session, graph, rows, name=name, **own, **(given.arguments() if given else {}), **details)
    look_again(session)
    facts = [("graph", str(row.get("graph_id"))), *_settings_fact(row)]
    shown = f'"{name}"' if " " in name else name
    return Facts(
        f"Made assistant {name}.",
        tuple(facts),
        ((f"%lg_assistant use {shown}", "make it current"),),
        data=row_without_secrets(row),
    )


def _check_same_graph(row: Mapping[str, Any], graph: str) -> None:
    """Refuse to update an assistant that has another graph than the one that was named."""
    if (held := row.get("graph_id")) and held != graph:
        raise Conflict(
            f"The assistant '{name_of_row(row)}' has the graph {held}, and not {graph}.",
            hint=f"%lg_assistant update {row.get('assistant_id')} --graph {graph} changes it.",
        )


def _check_not_empty(name: str | None) -> None:
    if name is not None and not name.strip():
        raise CommandError("An assistant cannot have an empty name.")


def _named(name: str, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that already go by this name."""
    return [row for row in rows if name in (row.get("name"), row["graph_id"] if is_system(row) else None)]


def _created(session: Session, graph: str, rows: Sequence[Mapping[str, Any]], **what: Any) -> AssistantRecord:
    connection = session.connection
    try:
        return connection.assistants.create(graph, what)
    except NotFound as problem:
        graphs = sorted({str(row["graph_id"]) for row in rows})
        near = difflib.get_close_matches(graph, graphs, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(graphs[:10])}."
        raise NotFound(f"No graph '{graph}' on {connection.url}.", hint=hint, status_code=404) from problem


@command("assistant update", group="Assistants")
def update(
    session: Session,
    assistant: Name = None,
    *,
    configurable: Values = None,
    context: Pairs = None,
    config: Config = None,
    name: str | None = None,
    description: str | None = None,
    metadata: Pairs = None,
    graph: Annotated[str | None, Option(value="GRAPH", everyday=False)] = None,
    merge: bool = False,
    replace: bool = False,
    yes: bool = False,
) -> Facts:
    """Change an assistant: this makes a new version of it.

    What you give is merged into its config and context (the server alone would replace them); --replace leaves nothing else
    in them. Metadata is always merged, by the server.

    Args:
        assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
        configurable: A configurable value, as user_id=Test or n:=3; an empty one, user_id=, is taken away.
        context: A value of the context, K=V or $mapping; the server keeps it for configurable values too.
        config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
        name: A new name.
        description: A new description.
        metadata: Metadata to add, K=V; may be repeated.
        graph: Another graph.
        merge: Keep what is not named of its config and context; so it is anyway.
        replace: Let its config and context be what is given here and nothing else.
        yes: Do it on a protected deployment too.

    Returns:
        What changed, and from which version to which; `.data` is the server's row.

    Raises:
        ReferenceError: no such assistant. CommandError: nothing to change, or values that cannot go together.

    Example:
        %lg_assistant update german -c language=fr --merge
    """
    given = given_settings(config, configurable, context)
    details = _given(name=name, description=description, metadata=metadata, graph_id=graph)
    if merge and replace:
        raise CommandError("Both --merge and --replace were given.", hint="--merge is what happens without either.")
    if replace and given is None:
        raise CommandError(
            "Replace by what?", hint="--replace wants -c, --context or --config; --config {} empties all."
        )
    if given is None and not details:
        raise CommandError("Update what?", hint="%lg_assistant update NAME -c k=v")
    _check_not_empty(name)
    row = which_assistant_row(session, assistant)
    if name is not None and any(
        row["assistant_id"] != each["assistant_id"] for each in _named(name, assistant_rows(session))
    ):
        raise Conflict(f"There is an assistant '{name}' already.", hint="%lg_assistants lists them.")
    refuse_if_protected(session, f"assistant {name_of_row(row)} is not changed", yes=yes)
    return _updated(session, row, given, details, is_replaced=replace)


def _updated(
    session: Session,
    row: AssistantRecord,
    given: Settings | None,
    details: Mapping[str, Any],
    *,
    is_replaced: bool = False,
) -> Facts:
    before = settings_from_row(row)
    wanted = before if given is None else Settings().merged(given) if is_replaced else before.merged(given)
    kept = {key: {**(row.get(key) or {}), **value} if key == "metadata" else value for key, value in details.items()}
    if wanted == before and all((row.get(key) or "") == value for key, value in kept.items()):
        return Facts(
            f"Assistant {name_of_row(row)} has all that already: it stays version {row.get('version')}.",
            data=row_without_secrets(row),
        )
    after = send_update(session, row, **({} if wanted == before else wanted.arguments()), **details)
    look_again(session)
    facts = [*before.changes(settings_from_row(after)), *_changed_details(row, after)]
    if given is not None:
        how = "replaced: nothing else is in them now" if is_replaced else "merged: what you did not name stayed"
        facts.append(("config and context", how))
    title = f"Assistant {name_of_row(after)} is now version {after.get('version')} (was {row.get('version')})."
    return Facts(title, tuple(facts), warning=shared_by_all(after), data=row_without_secrets(after))


def send_update(session: Session, row: AssistantRecord, **what: Any) -> AssistantRecord:
    """Have the server make a new version of an assistant; the assistant's new row."""
    return session.connection.assistants.update(row.assistant_id, name_of_row(row), what)


def _changed_details(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for key, label in (("name", "name"), ("graph_id", "graph"), ("description", "description")):
        if (before.get(key) or "") != (after.get(key) or ""):
            found.append((label, f"{after.get(key)} (was {before.get(key) or 'none'})"))
    if (before.get("metadata") or {}) != (after.get("metadata") or {}):
        found.append(("metadata", pairs_words(after.get("metadata") or {})))
    return found


@command("assistant delete", group="Assistants")
def delete(
    session: Session,
    assistant: Annotated[str, ASSISTANT],
    *,
    force: bool = False,
    delete_threads: Annotated[bool, Option(everyday=False)] = False,
    yes: bool = False,
) -> Facts:
    """Delete an assistant with all its versions. Its threads and their runs stay, unless --delete-threads names them too.

    Args:
        assistant: Its name or id, or a part of the id.
        delete_threads: Delete its threads with all that they hold, too.
        force: Delete the one that the system made, too: nothing answers to its graph's name then.
        yes: Do it on a protected deployment too.

    Raises:
        ReferenceError: no such assistant. LgError: it is the system's own.

    Example:
        %lg_assistant delete german
    """
    row = which_assistant_row(session, assistant)
    if is_system(row) and not force:
        raise LgError(
            f"{name_of_row(row)} is the system's own assistant: without it, no run can name the graph {row['graph_id']}, "
            "and the server makes it anew only when it starts again.",
            hint="--force deletes it all the same.",
        )
    refuse_if_protected(session, f"assistant {name_of_row(row)} is not deleted", yes=yes)
    session.connection.assistants.delete(row.assistant_id, name_of_row(row), with_threads=delete_threads)
    was_current = is_current(row, session.selection.assistant)
    if was_current:
        session.select(assistant=None)
    look_again(session)
    also = " and its threads" if delete_threads else ""
    return Facts(
        f"Deleted assistant {name_of_row(row)}{also}.{' No assistant is current now.' if was_current else ''}",
        data=row_without_secrets(row),
    )


def look_again(session: Session) -> None:
    """Know the names of all assistants anew, for completion, and nothing more of what they take."""
    forget_schemas(session)
    assistant_rows(session)


def _given(**details: Any) -> dict[str, Any]:
    if (details.get("metadata") or {}).get("created_by") == "system":
        raise CommandError(
            "created_by=system is the mark of the assistants that the server made: such a one is not deleted.",
            hint="Name another.",
        )
    return {key: value for key, value in details.items() if value is not None}


def _settings_fact(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    words = settings_from_row(row).words()
    return [("config and context", words)] if words else []


def shared_by_all(row: Mapping[str, Any]) -> str:
    """A word of warning where everybody is concerned."""
    return f"Every run that names the graph {row.get('graph_id')} begins with this now." if is_system(row) else ""
