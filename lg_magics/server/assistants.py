"""Rows of assistants, by id or by graph. A row with another id, or of another graph, is no match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lg_magics.errors import NotFound

if TYPE_CHECKING:
    from lg_magics.server.connection import Connection

__all__ = ["find_assistant", "find_assistant_behind", "find_system_assistant_behind"]

HINT = "%lg_assistants lists them."
MOST = 1000


def find_assistant(connection: Connection, assistant_id: str) -> dict[str, Any]:
    """The row of the assistant that has this id.

    Raises:
        NotFound: no assistant has it. DeploymentError: the deployment does not answer, or refuses.
    """
    with connection.doing("read the assistant", missing=f"assistant '{assistant_id}'", hint=HINT):
        row = connection.sync.assistants.get(assistant_id)
    return _row_if(connection, row, assistant_id)


async def find_assistant_behind(connection: Connection, assistant_id: str) -> dict[str, Any]:
    """The same on the background loop."""
    with connection.doing("read the assistant", missing=f"assistant '{assistant_id}'", hint=HINT):
        row = await connection.polls.assistants.get(assistant_id)
    return _row_if(connection, row, assistant_id)


async def find_system_assistant_behind(connection: Connection, graph: str) -> dict[str, Any]:
    """The row of the assistant that the server made for a graph. On the background loop.

    Raises:
        NotFound: there is none. DeploymentError: the deployment does not answer, or refuses.
    """
    filters: dict[str, Any] = {"graph_id": graph, "metadata": {"created_by": "system"}}
    with connection.doing("read the assistant", missing=f"assistant '{graph}'", hint=HINT):
        found: Any = await connection.polls.assistants.search(**filters, limit=1)
        if found and not _is_system_of(found[0], graph):  # the server ignores the filters
            found = await connection.polls.assistants.search(**filters, limit=MOST)
    row = next((each for each in found if _is_system_of(each, graph)), None)
    if row is None:
        raise _no_assistant(connection, graph)
    return dict(row)


def _is_system_of(row: Mapping[str, Any], graph: str) -> bool:
    metadata = row.get("metadata", {"created_by": "system"})
    is_system = isinstance(metadata, Mapping) and metadata.get("created_by") == "system"
    return row.get("graph_id") == graph and is_system


def _row_if(connection: Connection, row: Mapping[str, Any], assistant_id: str) -> dict[str, Any]:
    if row.get("assistant_id") != assistant_id.lower():
        raise _no_assistant(connection, assistant_id)
    return dict(row)


def _no_assistant(connection: Connection, name: str) -> NotFound:
    return NotFound(f"No assistant '{name}' on {connection.url}.", hint=HINT, status_code=404)
