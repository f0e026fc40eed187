"""Assistants: list, choose, create, change and delete them, and show their schemas. Draws nothing."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, overload

from lg_magics.actions.protected import refuse_if_protected
from lg_magics.actions.schema_cache import forget_schemas, read_schemas, warm_schemas
from lg_magics.errors import CommandError, Conflict, DeploymentError, LgError, NotFound
from lg_magics.grammar.kinds import ASSISTANT, Limit, Offset
from lg_magics.grammar.parameters import KeyValues, Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.grammar.words import word_from_text
from lg_magics.model.assistant_settings import Settings, given_settings, pairs_words, settings_from_row
from lg_magics.model.records import AssistantRecord
from lg_magics.model.references import is_full_id
from lg_magics.model.secrets import row_without_secrets
from lg_magics.resolve.assistant_on_thread import assistant_on, use_assistant
from lg_magics.resolve.assistants import (
    MOST,
    assistant_name,
    assistant_rows,
    which_assistant,
    which_assistant_row,
)
from lg_magics.resolve.threads import which_thread
from lg_magics.session import Session
from lg_magics.tables.assistants import assistants_table, is_current, is_system, name_of_row, versions_table
from lg_magics.tables.facts import Facts
from lg_magics.tables.schemas import Schemas, schemas_from_payload, subgraphs_table
from lg_magics.tables.table import Table, local_words, time_from_iso

__all__ = [
    "assistants",
    "create",
    "delete",
    "refresh_names",
    "remote_graph",
    "schemas",
    "send_update",
    "shared_by_all",
    "show",
    "update",
    "use",
    "use_version",
    "versions",
]


Values = Annotated[Mapping[str, object] | None, KeyValues("-c")]
Pairs = Annotated[Mapping[str, object] | None, KeyValues()]
Config = Annotated[Mapping[str, object] | None, Option(value="$config", completes="python")]
Name = Annotated[str | None, ASSISTANT]


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
        metadata: Only those with this metadata, as k=v; may be repeated.
        limit: Show at most so many.
        offset: Skip so many first.
        all: All of them, regardless of --limit.

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
        UnknownReference: there is no such assistant.

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
    """Show an assistant's details.

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
        ("updated", local_words(time_from_iso(row.get("updated_at")))),
    ]
    shown = word_from_text(name)
    lines = (
        (f"%lg_schemas {shown}", "what it takes and gives"),
        (f"%lg_graph {shown}", "its graph"),
        (f"%lg_assistant versions {shown}", "how it came to be"),
    )
    return Facts(f"assistant {name}", tuple(facts), lines, warning=_torn(row), data=row_without_secrets(row))


def _torn(row: Mapping[str, Any]) -> str:
    """A warning for an assistant whose context and config are of different versions, as the server's `set_latest` leaves it."""
    configurable = (row.get("config") or {}).get("configurable") or {}
    context = row.get("context") or {}
    if not configurable or not context or configurable == context:
        return ""
    return (
        f"Its context ({pairs_words(context)}) is not that of its config ({pairs_words(configurable)}): "
        f"%lg_assistant use-version {row.get('version')} repairs that."
    )


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
    """Create an assistant: a graph under a name of its own, with settings for each of its runs.

    Args:
        graph: Which graph.
        name: Its name; no other assistant may have it.
        configurable: A configurable value, as user_id=Test or n:=3; may be repeated.
        context: A value of the context, K=V or $mapping; the server keeps it for configurable values too.
        config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
        description: A description.
        metadata: Metadata of it, K=V; may be repeated.
        id: An id of your own, a UUID.
        or_update: If an assistant has this name, merge these settings into it, so that "Run all" can run the line again.
        yes: Also allow it on a protected deployment.

    Returns:
        The new assistant; `.data` is the server's row.

    Raises:
        Conflict: an assistant has this name. NotFound: no such graph.

    Example:
        %lg_assistant create agent --name german -c language=de
    """
    _check_name(name)
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
    refresh_names(session)
    facts = [("graph", str(row.get("graph_id"))), *_settings_fact(row)]
    shown = word_from_text(name)
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


def _check_name(name: str | None) -> None:
    if name is not None and not name.strip():
        raise CommandError("An assistant cannot have an empty name.")
    if name is not None and is_full_id(name):
        raise CommandError("An assistant cannot have an id for its name.", hint="--id gives it an id of your own.")


def _named(name: str, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The assistants that have this name already."""
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

    The given values are merged into its config and context (the server alone would replace them). --replace replaces both
    instead. The server always merges metadata.

    Args:
        assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
        configurable: A configurable value, as user_id=Test or n:=3; an empty one, user_id=, is removed.
        context: A value of the context, K=V or $mapping; the server keeps it for configurable values too.
        config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
        name: A new name.
        description: A new description.
        metadata: Metadata to add, K=V; may be repeated.
        graph: Another graph.
        merge: Keep the other values of its config and context; this is the default.
        replace: Replace its whole config and context by the given values.
        yes: Also allow it on a protected deployment.

    Returns:
        What changed, and from which version to which; `.data` is the server's row.

    Raises:
        UnknownReference: no such assistant. CommandError: nothing to change, or values that cannot go together.

    Example:
        %lg_assistant update german -c language=fr --merge
    """
    given = given_settings(config, configurable, context)
    details = _given(name=name, description=description, metadata=metadata, graph_id=graph)
    if merge and replace:
        raise CommandError("Both --merge and --replace were given.", hint="--merge is what happens without either.")
    if replace and given is None:
        raise CommandError(
            "Replace by what?", hint="--replace needs -c, --context or --config; --config {} empties all."
        )
    if given is None and not details:
        raise CommandError("Update what?", hint="%lg_assistant update NAME -c k=v")
    _check_name(name)
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
    refresh_names(session)
    facts = [*before.changes(settings_from_row(after)), *_changed_details(row, after)]
    if given is not None:
        how = "replaced: nothing else is in them now" if is_replaced else "merged: what you did not name stayed"
        facts.append(("config and context", how))
    title = f"Assistant {name_of_row(after)} is now version {after.get('version')} (was {row.get('version')})."
    return Facts(title, tuple(facts), warning=shared_by_all(after), data=row_without_secrets(after))


def send_update(session: Session, row: AssistantRecord, **what: Any) -> AssistantRecord:
    """Create a new version of an assistant on the server; returns the assistant's new row."""
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
        delete_threads: Also delete its threads with everything on them.
        force: Also delete the system's own assistant; then no assistant has its graph's name.
        yes: Also allow it on a protected deployment.

    Raises:
        UnknownReference: no such assistant. LgError: it is the system's own.

    Example:
        %lg_assistant delete german
    """
    row = which_assistant_row(session, assistant)
    if is_system(row) and not force:
        raise LgError(
            f"{name_of_row(row)} is the system's own assistant: without it, no run can name the graph {row['graph_id']}, "
            "and the server creates it again only when it restarts.",
            hint="--force deletes it all the same.",
        )
    refuse_if_protected(session, f"assistant {name_of_row(row)} is not deleted", yes=yes)
    session.connection.assistants.delete(row.assistant_id, name_of_row(row), with_threads=delete_threads)
    was_current = is_current(row, session.selection.assistant)
    if was_current:
        session.select(assistant=None)
    refresh_names(session)
    also = " and its threads" if delete_threads else ""
    return Facts(
        f"Deleted assistant {name_of_row(row)}{also}.{' No assistant is current now.' if was_current else ''}",
        data=row_without_secrets(row),
    )


def refresh_names(session: Session) -> None:
    """Read the names of all assistants again, for completion, and clear the schema cache."""
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
    """A warning if the change concerns every user of the graph."""
    return f"Every run that names the graph {row.get('graph_id')} begins with this now." if is_system(row) else ""


@command("assistant versions", group="Assistants")
def versions(
    session: Session, assistant: Name = None, *, limit: Limit = 20, offset: Offset = 0, all: bool = False
) -> Table:
    """List an assistant's versions, newest first, each with what it changed.

    Args:
        assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
        limit: Show at most so many.
        offset: Skip so many first.
        all: All of them, regardless of --limit.

    Returns:
        A table with version, config and context, what changed and when; the version in force is marked.

    Example:
        %lg_assistant versions agent
    """
    row = which_assistant_row(session, assistant)
    end = MOST if all else min(MOST, offset + limit + 1)
    found = _read_versions(session, row, end)
    is_last = all or len(found) <= offset + limit
    table = versions_table(
        found,
        name_of_row(row),
        row.get("version"),
        is_whole=is_last and not offset,
        more="" if is_last else f"--limit {limit * 5} or --all",
        attrs={"deployment": session.connection.url, "assistant_id": row["assistant_id"]},
    )
    rows = table.rows[offset:] if all else table.rows[offset : offset + limit]
    return replace(
        table, rows=rows, offset=offset
    )  # the version after the last row was read for the last row's changes


def _read_versions(session: Session, row: AssistantRecord, limit: int) -> list[AssistantRecord]:
    """The versions of an assistant, newest first."""
    return session.connection.assistants.versions(row.assistant_id, name_of_row(row), limit=limit)


@command("assistant use-version", group="Assistants")
def use_version(session: Session, version: int, assistant: Name = None, *, yes: bool = False) -> Facts:
    """Activate another version of an assistant.

    The server alone restores a version's config but not its context or graph, so that runs mix two versions. If these differ,
    the version's whole content is saved again, as the newest version.

    Args:
        version: Its number.
        assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
        yes: Also allow it on a protected deployment.

    Returns:
        Which version is in force now; `.data` is the server's row.

    Raises:
        NotFound: the assistant has no such version.

    Example:
        %lg_assistant use-version 1 agent
    """
    row = which_assistant_row(session, assistant)
    refuse_if_protected(session, f"assistant {name_of_row(row)} stays version {row.get('version')}", yes=yes)
    known = _read_versions(session, row, MOST)
    wanted = next((each for each in known if each.get("version") == version), None)
    if wanted is None:
        numbers = sorted(int(each.get("version") or 0) for each in known)
        has = f"it has {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else "it has only one"
        raise NotFound(
            f"{name_of_row(row)} has no version {version}: {has}.", hint="%lg_assistant versions lists them."
        )
    after = session.connection.assistants.set_latest(row.assistant_id, name_of_row(row), version)
    is_whole = all((after.get(key) or {}) == (wanted.get(key) or {}) for key in ("config", "context", "graph_id"))
    if not is_whole:
        arguments = settings_from_row(wanted).arguments()
        after = send_update(session, row, graph_id=str(wanted.get("graph_id") or row["graph_id"]), **arguments)
    refresh_names(session)
    return _version_facts(row, after, version, is_whole=is_whole)


def _version_facts(row: Mapping[str, Any], after: Mapping[str, Any], version: int, *, is_whole: bool) -> Facts:
    facts = [("config and context", settings_from_row(after).words() or "none")]
    if is_whole:
        title = f"Assistant {name_of_row(after)} is version {version} again (was {row.get('version')})."
    else:
        title = (
            f"Assistant {name_of_row(after)} is what version {version} was, saved as version {after.get('version')}."
        )
        facts.append(("saved again", "the server alone brings back a version's config, but not its context or graph"))
    return Facts(title, tuple(facts), warning=shared_by_all(after), data=row_without_secrets(after))


@overload
def schemas(session: Session, assistant: str | None = None, *, subgraphs: Literal[False] = False) -> Schemas: ...


@overload
def schemas(session: Session, assistant: str | None = None, *, subgraphs: Literal[True]) -> Table: ...


@overload
def schemas(session: Session, assistant: str | None = None, *, subgraphs: bool = False) -> Schemas | Table: ...


@command("schemas", group="Assistants")
def schemas(
    session: Session, assistant: Annotated[str | None, ASSISTANT] = None, *, subgraphs: bool = False
) -> Schemas | Table:
    """Show the schemas of an assistant: input, output, state, config and context, field by field.

    Args:
        assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
        subgraphs: The schemas of its graph's subgraphs, by their namespace.

    Returns:
        Tables `.input`, `.output`, `.state`, `.config`, `.context`; `.df` has all, `.raw` the JSON Schemas themselves.

    Raises:
        UnknownReference: no such assistant.

    Example:
        %lg_schemas agent
    """
    chosen = which_assistant(session, assistant)
    name = assistant_name(session, chosen)
    if subgraphs:
        row = which_assistant_row(session, assistant)
        return subgraphs_table(name, session.connection.assistants.subgraphs(row.assistant_id, name))
    try:
        found = read_schemas(session, chosen)
    except DeploymentError as problem:
        if problem.status_code != 500:
            raise
        return Schemas(name, {}, note=f"{name} cannot be described: {_why(problem)}")
    defaults = session.selection.defaults
    unset = found.unset({**defaults.configurable, **defaults.context})
    note = f"{unset.words}: {unset.hint}" if unset else ""
    return schemas_from_payload(found.name, found.payload, note)


def _why(problem: DeploymentError) -> str:
    """The most common reason of a failure that the server does not explain."""
    return (
        f"the deployment failed with a bare {problem.status_code}, as it does where a type of the graph has no JSON Schema "
        "(typing.TypedDict on Python before 3.12: import it from typing_extensions)."
    )


if TYPE_CHECKING:
    from langgraph.pregel.remote import RemoteGraph


@command("remote_graph", group="Assistants")
def remote_graph(
    session: Session,
    assistant: Annotated[str | None, ASSISTANT] = None,
    *,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    stateless: bool = False,
) -> RemoteGraph:
    """Return langgraph's RemoteGraph of an assistant, to call it like a graph of your own, or to use it as a node.

    It runs on the current thread, with this session's defaults and the key and headers of this connection. Its runs are not
    followed: they have no number and no card, and its errors are langgraph's.

    Args:
        assistant: Its name, its graph's name, its id or a part of it. Otherwise the current one; on a thread, one of the
            thread's graph, as with %lg_run.
        thread: The thread that it runs on; the current one otherwise, and none if there is none.
        stateless: Without a thread.

    Returns:
        `.invoke(…)`, `.stream(…)`, `.get_state(…)`, `.get_graph().draw_mermaid()`; async with an `a` before the name.

    Raises:
        LgError: langgraph is not installed. UnknownReference: no such assistant or thread.

    Example:
        %lg_remote_graph agent --stateless -o remote
    """
    from lg_magics.server.remote import remote_graph as remote_graph_over

    if stateless and thread:
        raise CommandError("A stateless graph has no thread.", hint="Leave out --thread or --stateless.")
    where = None
    if not stateless and (thread or session.selection.thread):
        where = which_thread(session, thread)
    chosen = assistant_on(session, where, assistant).sent
    defaults = session.selection.defaults
    values: dict[str, Any] = {**defaults.context, **defaults.configurable}
    if where:
        values["thread_id"] = where.id
        session.graphs.share_thread(where.id)
    config = {"configurable": values, **({"metadata": dict(defaults.metadata)} if defaults.metadata else {})}
    name = assistant_name(session, chosen)
    return remote_graph_over(session.connection, chosen, name=name, config=config, headers=defaults.headers)
