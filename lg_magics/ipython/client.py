"""`lg.client`: the SDK's own client for this connection. Knows the session alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from lg_magics.ipython.current import current

if TYPE_CHECKING:
    from lg_magics.server.remote import LangGraphClient, SyncLangGraphClient

__all__ = ["client"]


@overload
def client(*, sync: Literal[False] = False) -> LangGraphClient: ...
@overload
def client(*, sync: Literal[True]) -> SyncLangGraphClient: ...
def client(*, sync: bool = False) -> LangGraphClient | SyncLangGraphClient:
    """Give the SDK's own client of the current deployment, for calls that have no magic.

    It sends this connection's key and headers, and the headers of `%lg_set`. Its rows and errors are the SDK's, and what it
    starts has no number and no card: `%lg_attach RUN` follows a run that it has launched.

    Args:
        sync: The client whose calls return at once what the others are awaited for.

    Raises:
        NotConnected: there is no deployment yet.

    Example:
        >>> import lg_magics as lg
        >>> await lg.client().threads.prune([thread_id])  # doctest: +SKIP
        >>> lg.client(sync=True).threads.count()  # doctest: +SKIP
    """
    from lg_magics.server.remote import sdk_clients

    session = current()
    awaited, direct = sdk_clients(session.connection, session.selection.defaults.headers)
    return direct if sync else awaited
