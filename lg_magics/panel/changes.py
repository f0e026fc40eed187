"""Which sections are not what they were: after a command, and after a change of a run. Knows names and statuses; asks nobody."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from lg_magics.follow.batch import Batch
from lg_magics.follow.run import Run

__all__ = ["SECTIONS", "Seen", "touched_by"]

SECTIONS = ("deployment", "waiting", "runs", "threads", "store", "crons")

LOOKS = frozenset({"show", "get", "search", "export", "namespaces", "versions"})
"""Verbs that change nothing."""

TOUCHED: Mapping[str, tuple[str, ...]] = {
    "connect": SECTIONS,
    "disconnect": SECTIONS,
    "set": ("deployment",),
    "assistant": ("deployment",),
    "thread": ("deployment", "threads", "waiting", "crons"),
    "state": ("threads", "waiting"),
    "fork": ("threads", "waiting"),
    "run": ("deployment", "runs", "threads"),
    "stream": ("deployment", "runs", "threads"),
    "resume": ("runs", "threads", "waiting"),
    "attach": ("runs", "deployment"),
    "batch": ("runs", "threads"),
    "serve": SECTIONS,
    "store": ("store",),
    "cron": ("crons",),
}

ENDED = ("runs", "threads", "waiting", "store")
"""What may have changed when a run has ended: it leaves a state, and may have written to the store."""


def touched_by(command: str) -> tuple[str, ...]:
    """The sections that a command may have changed."""
    noun, _, verb = command.partition(" ")
    return () if verb in LOOKS else TOUCHED.get(noun, ())


class Seen:
    """What was seen last of each run and batch, so that only news are told: a run changes with each word that it says."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, object] = {}

    def news_of(self, what: Run | Batch) -> tuple[str, ...]:
        """The sections that this change of a run or batch is seen in; none where it is not."""
        if isinstance(what, Batch):
            identity, now, is_over = what.id, what.counted, what.is_settled
        else:
            identity, is_over = what.run_id, what.is_settled
            now = f"{what.status} {is_over} {what.is_waiting} {what.note}"
        with self._lock:
            if self._seen.get(identity) == now:
                return ()
            self._seen[identity] = now
        return ENDED if is_over else ("runs",)
