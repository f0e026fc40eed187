"""Which parts of a stream are new, however often it is joined, and what its `tasks` cost. Pure: no network, no clock.

A stream S is always replayed from its beginning, since resuming by last event id loses events that share a millisecond.
On each join the server subscribes a queue, replays what it keeps while that still grows, then drains the queue. So one
connection carries S[0..n) + S[k..n) + S[n..), cut off anywhere: what came during the replay is delivered twice.

- An id that was never seen is new; one from before the newest is old, and coming behind the newest it is the jump back to k.
- Of the newest id as many parts are old as were told under it, once from the beginning and once more after a jump.
- A jump back into the newest millisecond itself looks like a neighbour with the same content: `unsure`. Joined anew the
  stream tells, as its first pass is S itself. After ASKS needless questions (the graph says the same thing several times in a
  millisecond) such a part is taken as new: then, and only at a drop, it may be told twice.
- The server never replays `error`, nor a part without an id: they are always new.
"""

from __future__ import annotations

from typing import Literal

__all__ = ["Replay", "TaskBytes"]

ASKS = 3
TASKS = 36_000
SHARE = 0.25


class Replay:
    """What was told of a run's stream, and how far this connection has come.

    `before_newest` is the id before the newest: who joins behind it gets the newest millisecond whole, and nothing before it.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._newest = self.before_newest = ""
        self._told: list[tuple[str, object]] = []  # under the newest id
        self._asked: tuple[str, object] | None = None
        self._needless = 0
        self.restart()

    def restart(self, *, without: str = "") -> None:
        """The stream is joined anew; `without`: a stream mode that it no longer carries."""
        if without:
            self._told = [part for part in self._told if part[0].partition("|")[0] != without]
        self._told_before = self._to_pass = len(self._told)
        self._has_reached_newest = False

    @property
    def has_all(self) -> bool:
        """Whether this connection has brought all that was told before."""
        return not self._ids or (self._has_reached_newest and not self._to_pass)

    def place(self, event: str, data: object, event_id: str | None) -> Literal["new", "old", "unsure"]:
        """Whether this part was told before; `unsure`: join the stream anew."""
        if event_id is None or event == "error":
            return "new"
        if event_id not in self._ids:
            self._begin(event_id)
        elif event_id != self._newest:
            if self._has_reached_newest:  # it has jumped back
                self._to_pass = len(self._told)
            return "old"
        self._has_reached_newest = True
        if self._to_pass:
            self._to_pass -= 1
            return "old"
        if self._may_be_jump(event, data):
            self._asked = (event, data)
            return "unsure"
        self._tell(event, data)
        return "new"

    def _begin(self, event_id: str) -> None:
        self._ids.add(event_id)
        self.before_newest, self._newest, self._told = self._newest, event_id, []
        self._told_before = self._to_pass = 0

    def _may_be_jump(self, event: str, data: object) -> bool:
        """It lands only on what this connection told."""
        return self._needless < ASKS and (event, data) in self._told[self._told_before :]

    def _tell(self, event: str, data: object) -> None:
        self._needless += self._asked == (event, data)
        self._asked = None
        self._told.append((event, data))


class TaskBytes:
    """How many bytes of a run's stream are parts of mode `tasks`, which repeat a node's whole input; over all its connections."""

    def __init__(self) -> None:
        self._tasks = self._others = self._so_far = 0

    def join(self) -> None:
        """A connection begins."""
        self._so_far = 0

    def add(self, event: str, so_far: int) -> None:
        """Count a part; `so_far` are the bytes of this connection, with it."""
        new, self._so_far = so_far - self._so_far, so_far
        if event.startswith("tasks"):
            self._tasks += new
        else:
            self._others += new

    @property
    def are_too_many(self) -> bool:
        """Whether `tasks` takes more than TASKS bytes, and more than SHARE of what the other modes take."""
        return self._tasks > max(TASKS, SHARE * self._others)
