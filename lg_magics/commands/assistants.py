"""Assistants: list, choose, create, change and delete them, and show their schemas. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, overload

from lg_magics.actions.assistants import (
    check_name,
    check_name_is_free,
    create_assistant,
    given_details,
    mixed_versions,
    refresh_names,
    restore_version,
    update_assistant,
)
from lg_magics.actions.many_writes import counted, unconfirmed
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.actions.schema_cache import read_schemas, warm_schemas
from lg_magics.actions.threads import delete_threads as delete_many
from lg_magics.errors import CommandError, DeploymentError, LgError
from lg_magics.grammar.kinds import ASSISTANT, Limit, Offset
from lg_magics.grammar.parameters import KeyValues, Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.grammar.words import word_from_text
from lg_magics.model.assistant_settings import given_settings, pairs_words, settings_from_row
from lg_magics.model.records import AssistantRecord
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.secrets import row_without_secrets
from lg_magics.model.thread_query import ThreadQuery
from lg_magics.resolve.assistant_on_thread import assistant_on, use_assistant
from lg_magics.resolve.assistants import MOST, assistant_name, assistant_rows, which_assistant, which_assistant_row
from lg_magics.resolve.threads import thread_info, which_thread
from lg_magics.session import Session
from lg_magics.tables.assistants import assistants_table, is_current, is_system, name_of_row, versions_table
from lg_magics.tables.facts import Facts
from lg_magics.tables.schemas import Schemas, schemas_from_payload, subgraphs_table
from lg_magics.tables.table import Table, local_words, time_from_iso

if TYPE_CHECKING:
    from langgraph.pregel.remote import RemoteGraph

__all__ = [
    "assistants",
    "create",
    "delete",
    "remote_graph",
    "schemas",
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
    chosen = which_assistant(session, name, is_fresh=True)
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
    return Facts(f"assistant {name}", tuple(facts), lines, warning=mixed_versions(row), data=row_without_secrets(row))


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
    if_exists: Annotated[Literal["raise", "do_nothing"] | None, Option(everyday=False)] = None,
    yes: bool = False,
) -> Facts:
    """Create an assistant: a graph under a name of its own, with settings for each of its runs.

    Args:
        graph: Which graph.
        name: Its name; no other assistant may have it.
        configurable: A configurable value, as user_id=Test or n:=3; may be repeated. An empty one, user_id=, is left out.
        context: A value of the context, K=V or $mapping; the server keeps it for configurable values too.
        config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
        description: A description.
        metadata: Metadata of it, K=V; may be repeated.
        id: An id of your own, a UUID.
        or_update: If an assistant has this name, merge these settings into it, so that "Run all" can run the line again.
        if_exists: What to do if an assistant has this name or id: raise an error, or do_nothing, which leaves it as it is.
        yes: Also allow it on a protected deployment.

    Returns:
        The new assistant; `.data` is the server's row.

    Raises:
        Conflict: an assistant has this name. NotFound: no such graph.

    Example:
        %lg_assistant create agent --name german -c language=de
    """
    check_name(name)
    if or_update and if_exists:
        raise CommandError("Both --or-update and --if-exists were given.", hint="Give one of them.")
    refuse_if_protected(session, f"assistant {name} is not made", yes=yes)
    given = given_settings(config, configurable, context)
    details = given_details(description=description, metadata=metadata)
    return create_assistant(session, graph, name, given, details, id=id, or_update=or_update, if_exists=if_exists)


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
        description: A new description; "" removes it.
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
    details = given_details(name=name, description=description, metadata=metadata, graph_id=graph)
    if merge and replace:
        raise CommandError("Both --merge and --replace were given.", hint="--merge is what happens without either.")
    if replace and given is None:
        raise CommandError(
            "--replace needs the new settings.",
            hint="--replace needs -c, --context or --config; --config {} empties all.",
        )
    if given is None and not details:
        raise CommandError("%lg_assistant update needs what to change.", hint="%lg_assistant update NAME -c k=v")
    check_name(name)
    row = which_assistant_row(session, assistant)
    if name is not None:
        check_name_is_free(session, row, name)
    refuse_if_protected(session, f"assistant {name_of_row(row)} is not changed", yes=yes)
    return update_assistant(session, row, given, details, is_replaced=replace)


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

    With --delete-threads, it shows the number of threads, and deletes them and the assistant with --yes.

    Args:
        assistant: Its name or id, or a part of the id.
        delete_threads: Also delete the threads that it ran on last, with everything on them. Their live runs are cancelled.
        force: Also delete the system's own assistant; then no assistant has its graph's name.
        yes: Delete the threads; also allow it on a protected deployment.

    Returns:
        What was deleted; `.data` is the server's row. Before --yes, `.data["thread_ids"]` are the threads.

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
    current, name, also = session.selection.thread, name_of_row(row), ""
    if delete_threads and (chosen := _threads_of(session, row)):
        names, ids = [str(each) for each in chosen], {"thread_ids": [each.id for each in chosen]}
        line = "%lg_assistant delete"
        preview = unconfirmed(session, names, line, noun="thread", done="deleted", data=ids, yes=yes)
        if preview is not None:
            return preview
        cancelled, count = delete_many(session, chosen)
        live = f" ({counted(cancelled, 'live run')} cancelled)" if cancelled else ""
        also = f" and {counted(count, 'thread')}{live}"
    session.connection.assistants.delete(row.assistant_id, name)
    was_current = is_current(row, session.selection.assistant)
    if was_current:
        session.select(assistant=None)
    refresh_names(session)
    lost = [" No assistant is current now."] if was_current else []
    lost += [" No thread is current now."] if current is not None and session.selection.thread is None else []
    return Facts(f"Deleted assistant {name}{also}.{''.join(lost)}", data=row_without_secrets(row))


def _threads_of(session: Session, row: AssistantRecord) -> list[ThreadInfo]:
    """The threads that this assistant ran on last: the server writes its id into their metadata."""
    query = ThreadQuery(metadata={"assistant_id": row.assistant_id})
    return [thread_info(session, each) for each in session.connection.threads.find_all(query).rows]


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
    found = session.connection.assistants.versions(row.assistant_id, name_of_row(row), limit=end)
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
    return restore_version(session, row, version)


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
    chosen = which_assistant(session, assistant, is_fresh=True)
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
    if assistant:
        which_assistant(session, assistant, is_fresh=True)
    chosen = assistant_on(session, where, assistant).sent
    defaults = session.selection.defaults
    values: dict[str, Any] = {**defaults.context, **defaults.configurable}
    if where:
        values["thread_id"] = where.id
        session.graphs.share_thread(where.id)
    config = {"configurable": values, **({"metadata": dict(defaults.metadata)} if defaults.metadata else {})}
    name = assistant_name(session, chosen)
    return remote_graph_over(session.connection, chosen, name=name, config=config, headers=defaults.headers)
