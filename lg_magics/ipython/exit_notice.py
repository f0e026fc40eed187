"""What goes on when a session ends, in words: the crons that it made. Knows sessions; asks no server.

Measured in JupyterLab 4.5: whatever a kernel prints while it shuts down or restarts is on no page, and not in the log console;
what goes to the process's own stderr is in the terminal that JupyterLab runs in. A terminal IPython shows it. A person in
JupyterLab hears it from the page, which the panel has told before (panel.sections.known), and in any notebook from its next
`%lg_connect`, which looks for what its earlier kernels left.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lg_magics.model.visible_text import visible_text

if TYPE_CHECKING:
    from lg_magics.session import Session

__all__ = ["farewell", "say_farewell"]


def farewell(session: Session, *, at_exit: bool = False) -> str:
    """The crons that this session made and that fire after it, in lines; "" if there are none.

    Args:
        session: the one that ends.
        at_exit: this process ends, and an embedded server of its own with it.
    """
    from lg_magics.actions.crons import crons_that_go_on, ways_to_end

    left = crons_that_go_on(session, at_exit=at_exit)
    if not left:
        return ""
    go_on = "1 cron of this session goes on" if len(left) == 1 else f"{len(left)} crons of this session go on"
    ways = ways_to_end(left)
    lines = [f"  {made.shown} on {made.deployment}: {made.words}" for made in left]
    if len(ways) == 1:
        return "\n".join([f"lg_magics: {go_on}. {ways[0]}, once connected again, ends that.", *lines])
    each = [f"{line}\n    {way}" for line, way in zip(lines, ways, strict=True)]
    return "\n".join([f"lg_magics: {go_on}. Once connected again, these lines end that:", *each])


def say_farewell(session: Session) -> None:
    """Say it at the end of the process, where the kernel's own streams are closed already."""
    words = farewell(session, at_exit=True)
    if words and sys.__stderr__ is not None:
        print(visible_text(words), file=sys.__stderr__, flush=True)
