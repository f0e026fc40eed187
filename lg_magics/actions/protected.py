"""Refuses writes to a deployment marked `protect = true` without --yes. Depends on the session; sends no request."""

from __future__ import annotations

from collections.abc import Iterable

from lg_magics.errors import LgError
from lg_magics.server.connection import Connection
from lg_magics.session import Session

__all__ = ["HINT", "refuse_if_protected"]

HINT = "Add --yes to do it all the same."


def refuse_if_protected(
    session: Session,
    what_is_not_done: str,
    *,
    yes: bool,
    hint: str = HINT,
    written: Iterable[Connection] | None = None,
) -> None:
    """Refuse to write to a protected deployment without --yes.

    Args:
        session: the session.
        what_is_not_done: a whole clause: "thread t2 is not deleted".
        yes: whether --yes was given.
        hint: how to do it all the same, where --yes cannot be added, as with a button.
        written: the connections that are written to, if they may be others than the session's. A deployment that the session
            is connected to under a protected name is protected, whichever name such a connection has.

    Raises:
        LgError: a deployment that is written to is protected, and --yes was not given.
    """
    connections = [session.connection] if written is None else list(written)
    if session.is_connected and any(each.url == session.connection.url for each in connections):
        connections.append(session.connection)
    protected = next((each.deployment for each in connections if each.deployment.protect), None)
    if protected is not None and not yes:
        raise LgError(f"{protected.name} is protected: {what_is_not_done}.", hint=hint)
