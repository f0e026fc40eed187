"""Clients of other packages that use a connection's settings: the SDK's clients, and langgraph's RemoteGraph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from lg_magics.errors import LgError

if TYPE_CHECKING:
    from langgraph.pregel.remote import RemoteGraph
    from langgraph_sdk.client import LangGraphClient as LangGraphClient
    from langgraph_sdk.client import SyncLangGraphClient as SyncLangGraphClient

    from lg_magics.server.connection import Connection

__all__ = ["awaited_sdk_client", "remote_graph", "sdk_client"]


def sdk_client(connection: Connection, headers: Mapping[str, str]) -> SyncLangGraphClient:
    """Return the SDK's sync client, which sends the connection's headers and `headers`."""
    return connection.lent(headers)


def awaited_sdk_client(connection: Connection, headers: Mapping[str, str]) -> LangGraphClient:
    """Return the SDK's async client, which sends the same."""
    return connection.lent_awaited(headers)


def remote_graph(
    connection: Connection, assistant: str, *, name: str, config: Mapping[str, Any], headers: Mapping[str, str]
) -> RemoteGraph:
    """Return a RemoteGraph that sends the connection's headers.

    By default, RemoteGraph reads a key from the environment and sends it to any deployment.

    Args:
        connection: to the deployment.
        assistant: the graph's name, or the assistant's id.
        name: its name as a node of another graph.
        config: the base config of each of its calls.
        headers: sent with each of its calls.

    Raises:
        LgError: langgraph is not installed.
    """
    try:
        from langgraph.pregel.remote import RemoteGraph
    except ImportError as problem:
        raise LgError("lg.remote_graph needs langgraph.", hint="pip install 'lg-magics[remote]'") from problem
    client, sync_client = connection.lent_awaited(headers), connection.lent(headers)
    return RemoteGraph(assistant, client=client, sync_client=sync_client, config=cast("Any", dict(config)), name=name)
