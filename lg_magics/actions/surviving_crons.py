"""The crons that go on when a session ends, and what ends them then. Knows what the session remembers; asks no server."""

from __future__ import annotations

from collections.abc import Sequence

from lg_magics.model.cron_memory import MadeCron
from lg_magics.resolve.crons import now_utc
from lg_magics.session import Session

__all__ = ["crons_that_go_on", "ways_to_end"]


def crons_that_go_on(session: Session, *, at_exit: bool) -> list[MadeCron]:
    """The crons that this session made and that fire after it, oldest first.

    Args:
        session: the one that ends.
        at_exit: this process ends, and an embedded server of its own with it.
    """
    left = [made for made in session.crons.left(now_utc()) if made.is_enabled]
    if at_exit and session.local is not None and left:
        from lg_magics import local

        ending = session.local.url if local.ends_with_this_process(session.local) else ""
        left = [made for made in left if made.url != ending]
    return left


def ways_to_end(left: Sequence[MadeCron]) -> list[str]:
    """The lines that delete them in a later session, once that is connected.

    Only those of a notebook are known again as its own; others are deleted by their ids, of which the tail will do.
    """
    if all(made.notebook for made in left):
        return ["%lg_cron delete --mine"]
    return [f"%lg_cron delete {made.shown.rpartition('·')[2]}" for made in left]
