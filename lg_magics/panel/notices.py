"""What a page shows outside the panel: counts, notifications of runs, and the crons that outlive the kernel.

JupyterLab shows the notifications. The page decides which of them a person needs: it knows which cards are in sight.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from lg_magics.actions.crons import crons_that_go_on, ways_to_end
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.model.crons import MadeCron
from lg_magics.model.duration import duration
from lg_magics.model.messages import shortened
from lg_magics.model.run_view import LIVE
from lg_magics.model.visible_text import visible_text
from lg_magics.panel.sections import cell_of, counts
from lg_magics.session import Session

__all__ = ["RunNews", "known"]

LONGEST_TITLE = 60
LONGEST_NAME = 24
FEW_PLACES = 2
KINDS = {"success": "success", "waiting": "warning", "error": "error", "timeout": "error"}
"""The kinds of JupyterLab's notifications, by the status of a run; "info" for others."""
ENDS = {"success": "Finished in", "error": "Failed after", "timeout": "Stopped at its time limit after"}


def known(session: Session) -> dict[str, Any]:
    """Return what a page needs beyond the panel: counts, and the crons that continue without the kernel.

    `left` has an entry for each moment at which crons end, the earliest first: their `ids`; `until` when, in seconds since the
    epoch; and for the time until then `words`, the warning of all crons that are left, and `line`, which stops them or helps to
    stop them. The page shows the warning when the kernel ends, since the kernel cannot.
    """
    live, waiting = counts(session)
    found = sorted(crons_that_go_on(session, at_exit=True), key=lambda cron: _until(cron) or math.inf)
    left = [_warning(found, until) for until in dict.fromkeys(map(_until, found))]
    return {"connected": session.is_connected, "live": live, "waiting": waiting, "left": left}


def _warning(found: Sequence[MadeCron], until: float | None) -> dict[str, Any]:
    crons = found[[_until(cron) for cron in found].index(until) :]
    ways = ways_to_end(crons)
    line = ways[0] if len(ways) == 1 else "%lg_crons"
    go_on = "1 cron goes on" if len(crons) == 1 else f"{len(crons)} crons go on"
    words = f"{go_on} firing on {_places(cron.deployment for cron in crons)}. Once connected again: {line}"
    ids = [cron.id for cron in crons if _until(cron) == until]
    return {"ids": ids, "until": until, "words": words, "line": line}


def _until(cron: MadeCron) -> float | None:
    return cron.end.timestamp() if cron.end else None


def _places(names: Iterable[str]) -> str:
    """`local`, or `local (2), prod (1) and 2 more`: the deployments with the most crons first."""
    (first, _), *others = most = Counter(names).most_common()
    if not others:
        return _cut(first)
    named = ", ".join(f"{_cut(name)} ({count})" for name, count in most[:FEW_PLACES])
    return f"{named} and {len(most) - FEW_PLACES} more" if len(most) > FEW_PLACES else named


def _cut(name: str) -> str:
    return shortened(visible_text(name), LONGEST_NAME)


class RunNews:
    """The changes of a session's runs that a page may notify of, from now on.

    A run that this session launches after now was active before `since` sees it. Cancelled runs are no news, nor are runs that a
    cell waited for.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._statuses: dict[str, str] = {run.run_id: run.status for run in session.tracker.runs()}

    def since(self) -> dict[str, Any]:
        """Return the `runs` that have ended or wait since the last call, and the ids of those that wait no more: `answered`."""
        runs, answered = [], []
        for run in self._session.tracker.runs():
            status = run.status
            before = self._statuses.get(run.run_id, status if run.info.launch is None else "running")
            self._statuses[run.run_id] = status
            if before == "waiting" != status:
                answered.append(run.run_id)
            if before in LIVE and status not in LIVE and status != "cancelled" and not tracked(run).is_awaited:
                runs.append(_news_of(run, status))
        return {"runs": runs, "answered": answered} if runs or answered else {}


def _news_of(run: Run, status: str) -> dict[str, Any]:
    """Return a run's notification: its kind and words, its cell, and what leads to its questions in the panel."""
    title = shortened(run.info.title, LONGEST_TITLE)
    is_waiting = status == "waiting"
    return {
        "id": run.run_id,
        "kind": KINDS.get(status, "info"),
        "words": "Waiting for you" if is_waiting else _end_of(run, status),
        "about": f"“{title}”" if title else "",
        "cell": cell_of(run),
        "leads": ["waiting", run.thread_id] if is_waiting and not run.info.is_stateless else [],
    }


def _end_of(run: Run, status: str) -> str:
    words, seconds = ENDS.get(status, f"Ended as {status} after"), run.view.elapsed()
    return words.rpartition(" ")[0] if seconds is None else f"{words} {duration(seconds)}"
