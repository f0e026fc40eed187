"""`lg.temporary_cron`: a cron on the current session for as long as a block runs. Knows the session and stderr alone."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from lg_magics.ipython.current import current
from lg_magics.model.visible_text import visible_text

if TYPE_CHECKING:
    from lg_magics.tables.crons import Cron

__all__ = ["temporary_cron"]


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
    from lg_magics.actions.temporary_cron import temporary_cron as on_session

    return on_session(current(), lambda words: print(visible_text(words), file=sys.stderr), schedule, text, **options)
