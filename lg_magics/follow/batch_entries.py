"""The runs of a batch at this moment: each is frozen and swapped, and they are counted as they change. Asks nobody."""

from __future__ import annotations

import bisect
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from lg_magics.model.batch import FAILED, LIVE, NOT_STARTED, Entry
from lg_magics.model.batch_plan import BatchPlan

__all__ = ["BatchEntries"]

MOST_NEWEST = 500


class BatchEntries:
    """The entries of a batch.

    Attributes:
        all: one for each run, in the order of the rows.
        counts: how many are in which status.
        failed: the places of those that failed, in order.
        newest: the places of those that changed last, the last one last.
    """

    def __init__(self, entries: Sequence[Entry], changed: Callable[[], None]) -> None:
        self.all = list(entries)
        self.counts = Counter(entry.status for entry in entries)
        self.failed = [place for place, entry in enumerate(entries) if entry.status in FAILED]
        self.newest = deque((place for place, entry in enumerate(entries) if entry.has_ended), MOST_NEWEST)
        self._changed = changed

    def set(self, place: int, **changes: Any) -> None:
        """Change what is known of one."""
        before = self.all[place]
        after = self.all[place] = replace(before, **changes)
        self.newest.append(place)
        if before.status != after.status:
            self.counts[before.status] -= 1
            self.counts[after.status] += 1
            was, has = before.status in FAILED, after.status in FAILED
            if has and not was:
                bisect.insort(self.failed, place)
            elif was and not has:
                self.failed.remove(place)
        self._changed()

    def shown(self, most: int) -> list[int]:
        """The places of the runs that a card shows: the failed ones, then those that changed last."""
        found = dict.fromkeys(self.failed[:most])
        for place in reversed(self.newest):
            if len(found) >= most:
                break
            if self.all[place].status != NOT_STARTED:
                found.setdefault(place)
        return list(found)

    def chosen(self, plan: BatchPlan, statuses: Collection[str]) -> list[int]:
        """The places of those in one of these statuses that can be done again: what cannot be sent is none of them."""
        may_be = self.failed if set(statuses) <= set(FAILED) else range(len(self.all))
        return [
            place for place in may_be if (entry := self.all[place]).status in statuses and not plan.problems[entry.row]
        ]

    def again(self, places: Iterable[int]) -> None:
        """Make these ready to be done again."""
        for place in list(places):
            self.set(place, **_afresh(self.all[place]))


def _afresh(entry: Entry) -> dict[str, Any]:
    """What changes for an entry that is done again. One whose end is not known is looked at; a new attempt has a new thread."""
    if entry.status == "unknown":
        return {"status": LIVE, "error": ""}
    if not entry.run_id:
        return {"status": NOT_STARTED, "error": "", "thread_id": ""}  # it is written again: that changes nothing
    fresh = Entry(entry.row, entry.assistant, entry.repeat, entry.attempt + 1)
    return {each.name: getattr(fresh, each.name) for each in fields(Entry)}
