"""Which parts of a replayed stream are new. Pure: ids in, yes or no out.

A stream is always replayed from its beginning, since resuming by last event id loses events that share a millisecond. The
replay is then laid against the ids already seen, by position; ids may repeat. Where the server has forgotten the beginning,
the replay is laid at the first id that both have.
"""

from __future__ import annotations

__all__ = ["Replay"]


class Replay:
    """The ids of a run's stream, and how far a replay of it has come."""

    def __init__(self) -> None:
        self._seen: list[tuple[str, str]] = []
        self._position: int | None = 0

    def restart(self, *, without: str = "") -> None:
        """A replay begins; `without`: a stream mode that it no longer carries."""
        if without:
            self._seen = [mark for mark in self._seen if mark[0].partition("|")[0] != without]
        self._position = None

    def is_new(self, event: str, event_id: str | None) -> bool:
        """Whether this part was not there before the replay began. Parts without an id always are."""
        if event_id is None:
            return True
        mark = (event, event_id)
        if self._position is None:
            self._position = self._seen.index(mark) if mark in self._seen else self._after(event_id)
        if self._position < len(self._seen):
            self._position += 1
            return False
        self._seen.append(mark)
        self._position += 1
        return True

    def _after(self, event_id: str) -> int:
        """Where an id belongs that was never seen: at the end, or (its beginning was missed) at the front."""
        later = [position for position, (_, seen) in enumerate(self._seen) if _order(seen) > _order(event_id)]
        return later[0] if later else len(self._seen)


def _order(event_id: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in event_id.split("-"))
