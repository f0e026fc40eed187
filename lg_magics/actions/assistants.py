"""Operations on assistants: create, change and restore one. Draws nothing."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from lg_magics.actions.schema_cache import forget_schemas
from lg_magics.errors import CommandError, Conflict, NotFound
from lg_magics.grammar.words import word_from_text
from lg_magics.model.assistant_settings import Settings, pairs_words, settings_from_row
from lg_magics.model.json_equality import same_json
from lg_magics.model.json_text import plain_json
from lg_magics.model.records import AssistantRecord
from lg_magics.model.references import is_full_id
from lg_magics.model.secrets import row_without_secrets
from lg_magics.resolve.assistants import MOST, assistant_rows, which_assistant_row
from lg_magics.session import Session
from lg_magics.tables.assistants import is_system, name_of_row
from lg_magics.tables.facts import Facts

__all__ = [
    "check_name",
    "check_name_is_free",
    "create_assistant",
    "given_details",
    "mixed_versions",
    "refresh_names",
    "restore_version",
    "update_assistant",
]


def create_assistant(
    session: Session,
    graph: str,
    name: str,
    given: Settings | None,
    details: Mapping[str, Any],
    *,
    id: str | None = None,
    or_update: bool = False,
    if_exists: Literal["raise", "do_nothing"] | None = None,
) -> Facts:
    """Create an assistant; with `or_update`, change the one that has the name already.

    With `if_exists="do_nothing"`, one that has the name or the id is left as it is.

    Raises:
        Conflict: an assistant has the name. NotFound: no such graph.
    """
    rows = assistant_rows(session)
    known = _named(name, rows)
    if known and or_update and not is_system(known[0]):
        _check_same_graph(known[0], graph)
        return update_assistant(session, which_assistant_row(session, name), given, details)
    if known and if_exists == "do_nothing":
        _check_same_graph(known[0], graph)
        return _left_as_it_is(known[0])
    if known:
        raise Conflict(f"There is an assistant '{name}' already.", hint=_way_to_change(known[0]))
    settings = Settings().merged(given).arguments() if given else {}
    own = {**({"assistant_id": id} if id else {}), **({"if_exists": if_exists} if if_exists else {})}
    row = _created(session, graph, rows, name=name, **own, **settings, **details)
    if row["assistant_id"] in {each["assistant_id"] for each in rows}:
        return _left_as_it_is(row)
    refresh_names(session)
    facts = _graph_and_settings(row)
    lines = ((f"%lg_assistant use {word_from_text(name)}", "make it current"),)
    return Facts(f"Made assistant {name}.", tuple(facts), lines, data=row_without_secrets(row))


def _way_to_change(row: Mapping[str, Any]) -> str:
    """The line that changes an assistant: `--or-update` never changes the one that the graph's name runs."""
    if is_system(row):
        return f"%lg_assistant update {word_from_text(str(row.get('graph_id')))} -c k=v changes it."
    return "--or-update makes a new version of it."


def _graph_and_settings(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    words = settings_from_row(row).words()
    return [("graph", str(row.get("graph_id"))), *([("config and context", words)] if words else [])]


def _left_as_it_is(row: Mapping[str, Any]) -> Facts:
    title = f"There is an assistant {name_of_row(row)} already: nothing was changed."
    return Facts(title, tuple(_graph_and_settings(row)), data=row_without_secrets(row))


def _check_same_graph(row: Mapping[str, Any], graph: str) -> None:
    """Refuse to update an assistant that has another graph than the one that was named."""
    if (held := row.get("graph_id")) and held != graph:
        raise Conflict(
            f"The assistant '{name_of_row(row)}' has the graph {held}, and not {graph}.",
            hint=f"%lg_assistant update {row.get('assistant_id')} --graph {graph} changes it.",
        )


def check_name(name: str | None) -> None:
    """Raise if an assistant cannot have this name.

    Raises:
        CommandError: it is empty, or an id.
    """
    if name is not None and not name.strip():
        raise CommandError("An assistant cannot have an empty name.")
    if name is not None and is_full_id(name):
        raise CommandError("An assistant cannot have an id for its name.", hint="--id gives it an id of your own.")


def check_name_is_free(session: Session, row: AssistantRecord, name: str) -> None:
    """Raise if another assistant than that of `row` has this name.

    Raises:
        Conflict: one has it.
    """
    if any(row["assistant_id"] != each["assistant_id"] for each in _named(name, assistant_rows(session))):
        raise Conflict(f"There is an assistant '{name}' already.", hint="%lg_assistants lists them.")


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


def update_assistant(
    session: Session,
    row: AssistantRecord,
    given: Settings | None,
    details: Mapping[str, Any],
    *,
    is_replaced: bool = False,
) -> Facts:
    """Change an assistant, which makes a new version, unless it has all that already.

    Args:
        session: the session.
        row: the assistant.
        given: settings to merge into its own; None to keep them.
        details: name, description, metadata and graph_id, if they change.
        is_replaced: whether `given` replaces all of its settings.
    """
    before = settings_from_row(row)
    wanted = before if given is None else Settings().merged(given) if is_replaced else before.merged(given)
    kept = {key: {**(row.get(key) or {}), **value} if key == "metadata" else value for key, value in details.items()}
    if wanted.is_same(before) and not _not_held(row, kept):
        return Facts(
            f"Assistant {name_of_row(row)} has all that already: it stays version {row.get('version')}.",
            data=row_without_secrets(row),
        )
    after = _send_update(session, row, **({} if wanted.is_same(before) else wanted.arguments()), **details)
    refresh_names(session)
    facts = [*before.changes(settings_from_row(after)), *_changed_details(row, after)]
    if given is not None:
        how = "replaced: nothing else is in them now" if is_replaced else "merged: what you did not name stayed"
        facts.append(("config and context", how))
    title = f"Assistant {name_of_row(after)} is now version {after.get('version')} (was {row.get('version')})."
    warnings = (_not_taken(_not_held(after, kept)), _shared_by_all(after))
    return Facts(title, tuple(facts), warning=" ".join(filter(None, warnings)), data=row_without_secrets(after))


def _not_held(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """The details in which a row differs; no text and no metadata are the same as empty ones."""
    return [key for key, value in wanted.items() if not same_json(row.get(key) or type(value)(), value, exact=True)]


def _not_taken(names: Sequence[str]) -> str:
    shown = " and ".join(name.removesuffix("_id") for name in names)
    return f"The deployment did not take the given {shown}." if names else ""


def _send_update(session: Session, row: AssistantRecord, **what: Any) -> AssistantRecord:
    """Create a new version of an assistant on the server; returns the assistant's new row."""
    return session.connection.assistants.update(row.assistant_id, name_of_row(row), what)


def _changed_details(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for key, label in (("name", "name"), ("graph_id", "graph"), ("description", "description")):
        if (before.get(key) or "") != (after.get(key) or ""):
            found.append((label, f"{after.get(key) or 'none'} (was {before.get(key) or 'none'})"))
    if not same_json(before.get("metadata") or {}, after.get("metadata") or {}, exact=True):
        found.append(("metadata", pairs_words(after.get("metadata") or {})))
    return found


def refresh_names(session: Session) -> None:
    """Read the names of all assistants again, for completion, and clear the schema cache."""
    forget_schemas(session)
    assistant_rows(session)


def given_details(**details: Any) -> dict[str, Any]:
    """The details that were given.

    Raises:
        CommandError: the metadata has the mark of the server's own assistants.
    """
    if (details.get("metadata") or {}).get("created_by") == "system":
        raise CommandError(
            "created_by=system is the mark of the assistants that the server made: such a one is not deleted.",
            hint="Name another.",
        )
    return {key: plain_json(value) for key, value in details.items() if value is not None}


def _shared_by_all(row: Mapping[str, Any]) -> str:
    """A warning if the change concerns every user of the graph."""
    return f"Every run that names the graph {row.get('graph_id')} begins with this now." if is_system(row) else ""


def restore_version(session: Session, row: AssistantRecord, version: int) -> Facts:
    """Put a version in force. If the server restores its config but not its context or graph, save its whole content again.

    Raises:
        NotFound: the assistant has no such version.
    """
    known = session.connection.assistants.versions(row.assistant_id, name_of_row(row), limit=MOST)
    wanted = next((each for each in known if each.get("version") == version), None)
    if wanted is None:
        numbers = sorted(int(each.get("version") or 0) for each in known)
        has = f"it has {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else "it has only one"
        raise NotFound(
            f"{name_of_row(row)} has no version {version}: {has}.", hint="%lg_assistant versions lists them."
        )
    after = session.connection.assistants.set_latest(row.assistant_id, name_of_row(row), version)
    parts = ("config", "context", "graph_id")
    is_whole = all(same_json(after.get(key) or {}, wanted.get(key) or {}, exact=True) for key in parts)
    if not is_whole:
        arguments = settings_from_row(wanted).arguments()
        after = _send_update(session, row, graph_id=str(wanted.get("graph_id") or row["graph_id"]), **arguments)
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
    return Facts(title, tuple(facts), warning=_shared_by_all(after), data=row_without_secrets(after))


def mixed_versions(row: Mapping[str, Any]) -> str:
    """A warning for an assistant whose context and config are of different versions, as the server's `set_latest` leaves it."""
    configurable, context = (row.get("config") or {}).get("configurable") or {}, row.get("context")
    if context is None or same_json(configurable, context, exact=True):  # an older server has no context
        return ""
    return (
        f"Its context ({pairs_words(context) or 'none'}) is not that of its config ({pairs_words(configurable) or 'none'}): "
        f"%lg_assistant use-version {row.get('version')} repairs that."
    )
