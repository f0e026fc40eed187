"""Resolves references to assistants. Depends on the session and its deployment; changes only the session's known names.

Requests for a run or a graph take the value of `which_assistant`: a graph's name for the assistant that the system made, an id
for any other. All other requests about an assistant need its id, which is in its row.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from lg_magics.errors import DeploymentError, UnknownReference, Unsupported
from lg_magics.model.plain_text import one_line
from lg_magics.model.records import AssistantRecord
from lg_magics.model.references import is_full_id, is_part_of_id
from lg_magics.model.visible_text import visible_line
from lg_magics.session import Session
from lg_magics.tables.assistants import is_system

__all__ = [
    "MOST",
    "PREFERRED",
    "assistant_name",
    "assistant_names",
    "assistant_rows",
    "assistant_that_ran",
    "which_assistant",
    "which_assistant_row",
    "which_assistants",
    "which_now",
]

PREFERRED = "agent"
MOST = 1000
LONGEST = 60


def assistant_rows(session: Session) -> list[AssistantRecord]:
    """The rows of all assistants, by name. One call; their names are remembered, and offered by completion."""
    rows = session.connection.assistants.all()
    session.assistants = _names_of(rows)
    session.graphs.saw_assistants({row.assistant_id: row.text("graph_id") for row in rows})
    session.remember_words("assistant", [name for name in session.assistants if not is_full_id(name)])
    return rows


def assistant_names(session: Session) -> Mapping[str, str]:
    """From every assistant's name, graph name and id to the value to send for it. One call; remembered for completion."""
    assistant_rows(session)
    return session.assistants


def _names_of(rows: Sequence[AssistantRecord]) -> dict[str, str]:
    """The names of assistants: a graph's name for a system assistant. A name that two others share is left out."""
    names = {row.text("graph_id"): row.text("graph_id") for row in rows if is_system(row)}
    given = Counter(row.name for row in rows if not is_system(row))
    for row in rows:
        if not is_system(row) and row.name and given[row.name] == 1:
            names.setdefault(row.name, row.assistant_id)
        names[row.assistant_id] = row.assistant_id
    return names


def assistant_name(session: Session, assistant: str | None) -> str:
    """The name of an assistant from the value to send, if the session knows the name; "" for None."""
    if not assistant or not is_full_id(assistant):
        return assistant or ""
    return next((name for name, sent in session.assistants.items() if sent == assistant != name), assistant)


def assistant_that_ran(session: Session, assistant_id: str, graph: str = "") -> str:
    """The name of a run's assistant by its id. For the graph's own assistant, or one that is gone, the graph's name.

    Lists the assistants once more if the session does not know this one.
    """
    name = assistant_name(session, assistant_id)
    is_known = assistant_id in session.assistants or assistant_id in session.gone_assistants
    if name == assistant_id and is_full_id(assistant_id) and not is_known:
        session.gone_assistants.add(assistant_id)
        with suppress(DeploymentError):
            assistant_rows(session)
            name = assistant_name(session, assistant_id)
    return graph or name if name == assistant_id else name


def which_assistant_row(session: Session, name: str | None = None) -> AssistantRecord:
    """The row of the assistant with this name, graph, id or part of an id; of the current one otherwise.

    Raises:
        UnknownReference: no match, or more than one match, for this name.
        NotFound: no assistant has this id.
    """
    name = name or which_assistant(session)
    if not is_full_id(name):
        return _row_named(session, name, assistant_rows(session))
    return session.connection.assistants.find(name)


def which_assistant(session: Session, name: str | None = None, *, is_fresh: bool = False) -> str:
    """The value to send for an assistant: the named one, else the current one.

    Args:
        session: the session.
        name: its name, its graph's name, its id or a part of it.
        is_fresh: read the names again, since another client may have renamed it. A launch trusts the known names: it checks them
            without a request of its own (`resolved_again`).

    Raises:
        UnknownReference: no such assistant, or none is chosen and there are several.
        NotFound: no assistant has this id.
    """
    chosen = name or session.selection.assistant
    if chosen is None:
        return _default_assistant(session)
    if chosen == session.selection.assistant:
        return chosen
    if is_full_id(chosen):
        return chosen if chosen in session.assistants else session.connection.assistants.find(chosen).assistant_id
    known = session.assistants.get(chosen)
    if known is None or (is_fresh and is_full_id(known)):
        try:
            rows = assistant_rows(session)
        except Unsupported:
            return known or chosen  # a run takes a graph's name; the server raises an error if it has none
        row = _row_named(session, chosen, rows)
        return row.text("graph_id") if is_system(row) else row.assistant_id
    return known


def which_assistants(session: Session, names: Sequence[str | None]) -> dict[str | None, str]:
    """The values to send for several assistants. Reads the names again, in one call, if one of them may have moved."""
    if any(name and not is_full_id(name) and is_full_id(session.assistants.get(name, "")) for name in names):
        with suppress(Unsupported):
            assistant_rows(session)
    return {name: which_assistant(session, name) for name in names}


def which_now(session: Session, name: str, sent: str) -> str:
    """The value to send for a name which may belong to another assistant than `sent` by now. Lists the assistants.

    Raises:
        UnknownReference: no assistant has the name any more, or one of another graph has it.
    """
    graph = session.graphs.of_assistant(sent)
    row = _row_named(session, name, assistant_rows(session))
    now = row.text("graph_id") if is_system(row) else row.assistant_id
    if graph and row.graph_id != graph:
        raise UnknownReference(
            f"'{one_line(name, LONGEST)}' is another assistant by now: its graph is {one_line(row.graph_id, LONGEST)}.",
            hint="Type the line again to run that one.",
        )
    return now


def _row_named(session: Session, name: str, rows: Sequence[AssistantRecord]) -> AssistantRecord:
    ways: tuple[Callable[[AssistantRecord], bool], ...] = (
        lambda row: name == row.text("graph_id") and is_system(row),
        lambda row: name in (row.assistant_id, row.name),
        lambda row: is_part_of_id(name, row.assistant_id),
    )
    for fits in ways:
        found = [row for row in rows if fits(row)]
        if len(found) == 1:
            return found[0]
        if found:
            listed = "\n".join(
                f"  {row.assistant_id}  {visible_line(row.name)} of {row.text('graph_id')}" for row in found[:10]
            )
            raise UnknownReference(
                f"{len(found)} assistants go by '{name}':", listing=listed, hint="Give an id, or its end."
            )
    raise _no_assistant(session, name)


def _no_assistant(session: Session, name: str) -> UnknownReference:
    shown = [each for each in session.assistants if not is_full_id(each)]
    close = difflib.get_close_matches(name, shown, 1)
    better = f"Did you mean {_listed(close)}?" if close else f"There are {_listed(shown)}."
    return UnknownReference(
        f"No assistant '{name}' on {session.connection.url}. {better}", hint="%lg_assistants lists them."
    )


def _listed(names: Sequence[str]) -> str:
    """The first ten names, each cut to LONGEST characters: a server accepts names of any length."""
    return ", ".join(one_line(name, LONGEST) for name in names[:10])


def _default_assistant(session: Session) -> str:
    try:
        names = [name for name in assistant_names(session) if not is_full_id(name)]
    except Unsupported as problem:
        raise UnknownReference(
            f"Which assistant? {problem.message}", hint="%lg_assistant use NAME chooses one."
        ) from None
    if len(names) == 1:
        return names[0]
    if PREFERRED in names:
        return PREFERRED
    listed = _listed(names) or "none at all"
    raise UnknownReference(f"Which assistant? There are {listed}.", hint="%lg_assistant use NAME chooses one.")
