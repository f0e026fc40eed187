"""Assistants: list them, choose one."""

from __future__ import annotations

from typing import Annotated

from lg_magics.commands.grammar.parameters import Positional
from lg_magics.commands.grammar.registry import command
from lg_magics.commands.which_assistant import assistant_names, which_assistant
from lg_magics.session import Session
from lg_magics.tables.assistants import assistants_table
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Table

__all__ = ["assistants", "use"]


@command("assistants", group="Assistants")
def assistants(session: Session, *, limit: int = 100) -> Table:
    """List the deployment's assistants.

    Args:
        limit: At most so many.

    Returns:
        A table with name, graph, version; `.df` also has config, context and id.

    Example:
        %lg_assistants
    """
    connection = session.connection
    with connection.doing("list the assistants", feature="assistants"):
        found = connection.sync.assistants.search(limit=limit + 1, sort_by="name", sort_order="asc")
    assistant_names(session)
    is_whole = len(found) <= limit
    return assistants_table(
        [dict(row) for row in found[:limit]],
        session.selection.assistant,
        is_whole=is_whole,
        more="" if is_whole else f"--limit {limit * 5}",
        attrs={"deployment": connection.url},
    )


@command("assistant use", group="Assistants")
def use(session: Session, name: Annotated[str, Positional(completes="assistant", value="NAME")]) -> Facts:
    """Make an assistant the current one: runs use it from now on.

    Args:
        name: Its name, its graph's name, or its id.

    Raises:
        ReferenceError: there is no such assistant.

    Example:
        %lg_assistant use agent
    """
    before = session.selection.assistant
    chosen = which_assistant(session, name)
    session.select(assistant=chosen)
    was = f" (was {before})" if before and before != chosen else ""
    return Facts(f"assistant {name}{was}", data={"assistant": chosen})
