"""Finds which parts of a stream are new after it was joined again, and counts bytes of `tasks`. Pure: no network, no clock.

A stream S is always replayed from its beginning, since resuming by last event id loses events that share a millisecond.
On each join the server subscribes a queue, replays what it keeps while that still grows, then drains the queue. So one
connection carries S[0..n) + S[k..n) + S[n..), cut off anywhere: events that come during the replay are delivered twice.

- An id that was never seen is new. An older id than the newest is old; if it comes after the newest, it is the jump back to k.
- Of the newest id, as many parts are old as were seen under it: once from the beginning, and once more after a jump.
- A jump back into the newest millisecond looks like a new part with the same content: `unsure`. Joining the stream
  again decides it, because its first pass is S itself. After ASKS needless joins (the graph sends the same content several
  times in a millisecond) such a part is taken as new. Then, and only at a drop, it may be passed on twice.
- Most servers never replay `error`, and none a part without an id: they are new, but for a second `error`.
"""

from __future__ import annotations

import json
from typing import Literal

__all__ = ["Replay", "TaskBytes"]

ASKS = 3
TASKS = 36_000
SHARE = 0.25


class Replay:
    """The parts of a run's stream that were seen, and how far this connection has come.

    `has_error`: its error was seen; `has_output`: something of the graph was, which sends nothing if it fails at its start.
    `before_newest` is the id before the newest: a join after it gets the newest millisecond whole, and nothing before it.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._newest = self.before_newest = ""
        self._seen: list[tuple[str, object]] = []  # under the newest id
        self._asked: tuple[str, object] | None = None
        self._needless = 0
        self.has_error = self.has_output = False
        self.restart()

    def restart(self, *, without: str = "") -> None:
        """Start again, because the stream is joined again; `without`: a stream mode that it no longer carries."""
        if without:
            self._seen = [part for part in self._seen if part[0].partition("|")[0] != without]
        self._seen_before = self._to_pass = len(self._seen)
        self._has_reached_newest = False

    @property
    def has_all(self) -> bool:
        """Whether this connection has brought all parts that were seen before."""
        return not self._ids or (self._has_reached_newest and not self._to_pass)

    def place(self, event: str, data: object, event_id: str | None) -> Literal["new", "old", "unsure"]:
        """Whether this part was seen before; `unsure`: join the stream again."""
        if event == "error":
            was_seen, self.has_error = self.has_error, True
            return "old" if was_seen else "new"
        self.has_output = self.has_output or event != "metadata"
        if event_id is None:
            return "new"
        if event_id not in self._ids:
            self._begin(event_id)
        elif event_id != self._newest:
            if self._has_reached_newest:  # it has jumped back
                self._to_pass = len(self._seen)
            return "old"
        self._has_reached_newest = True
        if self._to_pass:
            self._to_pass -= 1
            return "old"
        if self._may_be_jump(event, data):
            self._asked = (event, data)
            return "unsure"
        self._record(event, data)
        return "new"

    def _begin(self, event_id: str) -> None:
        self._ids.add(event_id)
        self.before_newest, self._newest, self._seen = self._newest, event_id, []
        self._seen_before = self._to_pass = 0

    def _may_be_jump(self, event: str, data: object) -> bool:
        """Whether it may be a jump back, which can only lead to a part of this connection."""
        return self._needless < ASKS and (event, data) in self._seen[self._seen_before :]

    def _record(self, event: str, data: object) -> None:
        self._needless += self._asked == (event, data)
        self._asked = None
        self._seen.append((event, data))


class TaskBytes:
    """How many bytes of a run's stream are parts of mode `tasks`, which repeat a node's whole input; over all its connections.

    Many parts come in one read of the network, so the bytes of a single one are those of its JSON.
    """

    def __init__(self) -> None:
        self._tasks = self._all = self._so_far = 0

    def join(self) -> None:
        """Note that a connection begins."""
        self._so_far = 0

    def too_many_with(self, event: str, data: object, so_far: int) -> bool:
        """Count a part; `so_far` are the bytes of this connection, with it.

        Returns:
            Whether `tasks` takes more than TASKS bytes, and more than SHARE of what the other modes take.
        """
        self._all += so_far - self._so_far
        self._so_far = so_far
        if event.startswith("tasks"):
            self._tasks += len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
        return self._tasks > max(TASKS, SHARE * (self._all - self._tasks))
