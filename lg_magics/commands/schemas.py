"""What an assistant takes and gives, as its graph's schemas say."""

from __future__ import annotations

from typing import Annotated, Literal, overload

from lg_magics.actions.schema_cache import read_schemas
from lg_magics.errors import DeploymentError
from lg_magics.grammar.kinds import ASSISTANT
from lg_magics.grammar.registry import command
from lg_magics.resolve.assistants import assistant_name, which_assistant, which_assistant_row
from lg_magics.session import Session
from lg_magics.tables.schemas import Schemas, schemas_from_payload, subgraphs_table
from lg_magics.tables.table import Table

__all__ = ["schemas"]


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
    """Say what an assistant takes and gives: input, output, state, config and context, field by field.

    Args:
        assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
        subgraphs: Those of the subgraphs of its graph, by their namespace.

    Returns:
        Tables `.input`, `.output`, `.state`, `.config`, `.context`; `.df` has all, `.raw` the JSON Schemas themselves.

    Raises:
        ReferenceError: no such assistant.

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
    """The server says nothing of why it failed; its commonest reason is worth a word."""
    return (
        f"the deployment failed with a bare {problem.status_code}, as it does where a type of the graph has no JSON Schema "
        "(typing.TypedDict on Python before 3.12: import it from typing_extensions)."
    )
