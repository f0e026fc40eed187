"""What goes on when a session ends, in words: the crons that it made. Knows sessions; asks no server.

Measured in JupyterLab 4.5: whatever a kernel prints while it shuts down or restarts is on no page, and not in the log console;
what goes to the process's own stderr is in the terminal that JupyterLab runs in. A terminal IPython shows it. So a person in
JupyterLab hears it from the next `%lg_connect` of the notebook, which looks for what its earlier kernels left.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lg_magics.session import Session

__all__ = ["farewell", "say_farewell"]


def farewell(session: Session, *, at_exit: bool = False) -> str:
    """The crons that this session made and that fire after it, in lines; "" if there are none.

    Args:
        session: the one that ends.
        at_exit: this process ends, and an embedded server of its own with it.
    """
    left = session.crons.left(datetime.now(UTC))
    if at_exit and session.local is not None and left:
        from lg_magics import local

        ending = session.local.url if local.ends_with_this_process(session.local) else ""
        left = [made for made in left if made.url != ending]
    if not left:
        return ""
    lines = [f"  {made.shown} on {made.deployment}: {made.words}" for made in left]
    go_on = "1 cron of this session goes on" if len(left) == 1 else f"{len(left)} crons of this session go on"
    return "\n".join([f"lg_magics: {go_on}. %lg_cron delete --mine, once connected again, ends that.", *lines])


def say_farewell(session: Session) -> None:
    """Say it at the end of the process, where the kernel's own streams are closed already."""
    words = farewell(session, at_exit=True)
    if words and sys.__stderr__ is not None:
        print(words, file=sys.__stderr__, flush=True)
