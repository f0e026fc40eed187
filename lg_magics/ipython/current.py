"""The session of this process, created on first use, and the notice of crons that outlive it. Commands get the session passed.

Measured in JupyterLab 4.5: output that a kernel prints while it shuts down or restarts appears on no page and not in the log
console. Output to the process's own stderr appears in the terminal that JupyterLab runs in; a terminal IPython shows it too.
JupyterLab's page shows the notice itself, from data that the panel has sent before (panel.notices.known). In any notebook
the next `%lg_connect` lists the crons that its earlier kernels left.
"""

from __future__ import annotations

import atexit
import sys
import threading
from typing import TYPE_CHECKING

from lg_magics.ipython.display import write
from lg_magics.ipython.host import CellCounter, Host, current_shell, host_of
from lg_magics.model.visible_text import visible_text

if TYPE_CHECKING:
    from lg_magics.follow.run import PickledRun, Run
    from lg_magics.follow.tracked_run import TrackedRun
    from lg_magics.local.notebook.record import Record
    from lg_magics.model.environment import Environment
    from lg_magics.session import Session

__all__ = ["close_session", "current", "exit_notice"]

_lock = threading.Lock()
_session: Session | None = None


def current() -> Session:
    """The current session: its connection, its selected assistant and thread, its runs and threads.

    Example:
        >>> import lg_magics as lg
        >>> lg.current()
        <Session, not connected>
    """
    global _session
    with _lock:
        if _session is None:
            from lg_magics.follow.run import continue_unpickled_with
            from lg_magics.session import Session

            _session = Session(is_attended=lambda: host_of(current_shell()).is_attended)
            _session.shows_notes = lambda: host_of(current_shell()) is not Host.HEADLESS
            counter = CellCounter()
            _session.cell, _session.notebook = counter, counter.notebook
            _session.write = write
            _session.record = _record
            _session.environment = _environment
            continue_unpickled_with(_continue)
            atexit.register(_at_exit)
        return _session


def _environment() -> Environment:
    from lg_magics.ipython.environment import environment

    return environment()


def _continue(handle: Run, pickled: PickledRun) -> TrackedRun:
    from lg_magics.actions.attached import continued

    return continued(current(), handle, pickled)


def _record() -> Record | None:
    from lg_magics.ipython.extension import record_of

    return record_of(current_shell())


def close_session() -> str:
    """Close the session, if there is one. The next call of `current` creates a new one.

    Returns:
        The crons that go on without it, in lines; "" if there are none.
    """
    global _session
    with _lock:
        closed, _session = _session, None
    atexit.unregister(_at_exit)
    if closed is None:
        return ""
    words = exit_notice(closed)
    closed.close()
    return words


def _at_exit() -> None:
    if _session is not None:
        _print_exit_notice(_session)


def exit_notice(session: Session, *, at_exit: bool = False) -> str:
    """The crons that this session made and that fire after it, in lines; "" if there are none.

    Args:
        session: the session that ends.
        at_exit: whether this process ends, and an embedded server of its own with it.
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


def _print_exit_notice(session: Session) -> None:
    """Print the notice to the process's stderr: at exit the kernel's own streams are closed already."""
    words = exit_notice(session, at_exit=True)
    if words and sys.__stderr__ is not None:
        print(visible_text(words), file=sys.__stderr__, flush=True)
