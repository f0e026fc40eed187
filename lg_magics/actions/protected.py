"""Deployments that are marked `protect = true`: what writes to them wants --yes. Knows the session's deployment; asks nobody."""

from __future__ import annotations

from lg_magics.errors import LgError
from lg_magics.session import Session

__all__ = ["HINT", "refuse_if_protected"]

HINT = "Add --yes to do it all the same."


def refuse_if_protected(session: Session, what_is_not_done: str, *, yes: bool, hint: str = HINT) -> None:
    """Refuse to write to a protected deployment unless the person said --yes.

    Args:
        session: whose deployment.
        what_is_not_done: a whole clause: "thread t2 is not deleted".
        yes: whether the person said so.
        hint: how to do it all the same, where --yes cannot be added to what was done, as to a button.

    Raises:
        LgError: the deployment is protected, and nobody said --yes.
    """
    deployment = session.connection.deployment
    if deployment.protect and not yes:
        raise LgError(f"{deployment.name} is protected: {what_is_not_done}.", hint=hint)
