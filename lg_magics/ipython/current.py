"""The one session of this process, made when it is first asked for. Commands get it passed; only doors look it up here."""

from __future__ import annotations

import atexit
import sys
import threading
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from lg_magics.ipython.exit_notice import farewell, say_farewell
from lg_magics.ipython.host import Host, current_shell, host_of
from lg_magics.ipython.stream_output import tell
from lg_magics.model.visible_text import visible_text

if TYPE_CHECKING:
    from lg_magics.local.notebook.record import Record
    from lg_magics.session import Session
    from lg_magics.tables.crons import Cron

__all__ = ["close_session", "current", "temporary_cron"]

_lock = threading.Lock()
_session: Session | None = None


def current() -> Session:
    """The current session: what is connected, which assistant and thread are selected, what was met.

    Example:
        >>> import lg_magics as lg
        >>> lg.current()
        <Session, not connected>
    """
    global _session
    with _lock:
        if _session is None:
            from lg_magics.ipython.cell import CellCounter
            from lg_magics.session import Session

            _session = Session(is_attended=lambda: host_of(current_shell()).is_attended)
            _session.shows_notes = lambda: host_of(current_shell()) is not Host.HEADLESS
            counter = CellCounter()
            _session.cell, _session.notebook = counter, counter.notebook
            _session.tell = tell
            _session.record = _record
            atexit.register(_at_exit)
        return _session


def _record() -> Record | None:
    from lg_magics.ipython.extension import record_of

    return record_of(current_shell())


def close_session() -> str:
    """Close the session, if there is one; the next to ask gets a new one.

    Returns:
        What goes on without it, in lines; "" if nothing does.
    """
    global _session
    with _lock:
        closed, _session = _session, None
    atexit.unregister(_at_exit)
    if closed is None:
        return ""
    words = farewell(closed)
    closed.close()
    return words


def _at_exit() -> None:
    if _session is not None:
        say_farewell(_session)


def temporary_cron(schedule: str, text: str | None = None, **options: Any) -> AbstractContextManager[Cron]:
    """Make a cron that is deleted at the end of a `with` block, also on an error or a kernel interrupt.

    If it cannot be deleted, that is an error; if the block has one of its own, that one is raised, and the other printed.

    Args:
        schedule: Minute, hour, day of the month, month, day of the week: "*/5 * * * *".
        text: What to say each time.
        options: Those of `%lg_cron create`: `assistant`, `thread`, `timezone`, `keep`, `input`, `yes`, …

    Example:
        >>> import lg_magics as lg
        >>> with lg.temporary_cron("*/5 * * * *", "hello", assistant="agent") as cron:  # doctest: +SKIP
        ...     lg.cron.runs(cron)
    """
    from lg_magics.actions.crons import temporary_cron as on_session

    return on_session(current(), lambda words: print(visible_text(words), file=sys.stderr), schedule, text, **options)
