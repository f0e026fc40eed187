"""Refuses writes to a deployment marked `protect = true` without --yes. Depends on the session; sends no request."""

from __future__ import annotations

from lg_magics.errors import LgError
from lg_magics.session import Session

__all__ = ["HINT", "refuse_if_protected"]

HINT = "Add --yes to do it all the same."


def refuse_if_protected(session: Session, what_is_not_done: str, *, yes: bool, hint: str = HINT) -> None:
    """Refuse to write to a protected deployment without --yes.

    Args:
        session: the session with the deployment.
        what_is_not_done: a whole clause: "thread t2 is not deleted".
        yes: whether --yes was given.
        hint: how to do it all the same, where --yes cannot be added, as with a button.

    Raises:
        LgError: the deployment is protected, and --yes was not given.
    """
    deployment = session.connection.deployment
    if deployment.protect and not yes:
        raise LgError(f"{deployment.name} is protected: {what_is_not_done}.", hint=hint)
