"""Selects the version of a graph for a run, where the embedded server keeps versions. Launches nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lg_magics.errors import CommandError, LgError, LocalServerError
from lg_magics.model.run_info import ThreadInfo
from lg_magics.session import Session

if TYPE_CHECKING:
    from lg_magics.local.serving import VersionInUse

__all__ = ["not_reloaded", "refuse_lost_node", "version_for_launch"]


def version_for_launch(session: Session, graph: str, mark: str, number: int | None) -> VersionInUse | None:
    """The version that a run will use, kept for the run that is launched with `mark`; None if there are no versions.

    Raises:
        CommandError: There is no such version, or the deployment keeps none.
    """
    if session.local is None:
        if number is not None:
            raise CommandError("This deployment keeps no versions of a graph.", hint="Leave --version out.")
        return None
    from lg_magics.local.serving import Refusal, pin_version

    try:
        used = pin_version(session.local, graph, mark, number)
    except Refusal as refusal:
        raise CommandError(refusal.message, hint="%lg_serve --diff shows what changed.") from refusal
    except LocalServerError:
        if number is not None:
            raise
        return None  # the launch itself reports the server's problem
    if number is not None and not used.number:
        raise CommandError(f"{graph} has no versions: it was not served from a notebook.", hint="Leave --version out.")
    return used if used.number else None


def not_reloaded(used: VersionInUse | None) -> str:
    """The note on an edited file that cannot be imported: the run uses the version before."""
    return f"the edited file is not in use: {used.problem}" if used is not None and used.problem else ""


def refuse_lost_node(session: Session, thread: ThreadInfo, graph: str, number: int | None) -> None:
    """Raise if a waiting thread would go on with a version that lacks the node that asked.

    Args:
        session: The session that resumes it.
        thread: The thread.
        graph: The name of its graph.
        number: The requested version; None for the current one.
    """
    if session.local is None or number is not None:
        return
    from lg_magics.local.serving import served_version

    current = served_version(session.local, graph)
    if current is None or not current.nodes:
        return
    state = session.connection.states.get(thread.id, shown=thread.shown)
    asked_on = state.metadata.get("lg_graph_version")
    lost = [node for node in state.next if node not in current.nodes]
    if isinstance(asked_on, int) and asked_on != current.number and lost:
        raise LgError(
            f"{thread} stopped at {lost[0]} of {graph} v{asked_on}, and v{current.number} has no such node. Nothing was sent.",
            hint=f"%lg_resume --version {asked_on} ANSWER goes on with v{asked_on}.",
        )
