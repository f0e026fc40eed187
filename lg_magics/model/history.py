"""Build a thread's history from snapshots without keeping them. Pure.

Every entry on the wire is a full snapshot, so a growing thread costs the square of its length. Entries come newest first;
each waits only for its parent, is compared with it, keeps the changes, and drops its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lg_magics.model.changes import Changes, KeyChange, changes
from lg_magics.model.checkpoints import Checkpoint, checkpoint_from_payload

__all__ = ["HistoryBuilder", "HistoryStep"]

LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One checkpoint and its changes against its parent; None if the parent was not fetched."""

    checkpoint: Checkpoint
    changes: Changes | None = None


@dataclass(slots=True)
class _Waiting:
    place: int
    values: Any


@dataclass
class HistoryBuilder:
    """Takes a history's entries, newest first."""

    steps: list[HistoryStep] = field(default_factory=list)
    _waiting: dict[str, list[_Waiting]] = field(default_factory=dict)
    _ids: set[str] = field(default_factory=set)

    def add(self, payload: Mapping[str, Any]) -> None:
        """Add one entry; a repeated one is skipped."""
        checkpoint = checkpoint_from_payload(payload)
        if checkpoint.id in self._ids:
            return
        self._ids.add(checkpoint.id)
        values = payload.get("values")
        for child in self._waiting.pop(checkpoint.id, ()):
            self._settle(child, checkpoint, values)
        self.steps.append(HistoryStep(checkpoint))
        waiting = _Waiting(len(self.steps) - 1, values)
        if checkpoint.parent_id:
            self._waiting.setdefault(checkpoint.parent_id, []).append(waiting)
        else:
            self._settle(waiting, None, {} if isinstance(values, Mapping) else None)

    def _settle(self, child: _Waiting, parent: Checkpoint | None, values: Any) -> None:
        step = self.steps[child.place]
        nodes = parent.next if parent and step.checkpoint.source == "loop" else ()
        found = changes(values, child.values)
        slim = Changes(found.messages, tuple(map(_slim, found.keys)))
        self.steps[child.place] = HistoryStep(replace(step.checkpoint, nodes=nodes), slim)


def _slim(change: KeyChange) -> KeyChange:
    """Return the change without large values: a step's values are fetched again on request."""
    before, after = _small(change.before), _small(change.after)
    is_slim = before is change.before and after is change.after
    return change if is_slim else replace(change, before=before, after=after)


def _small(value: Any) -> Any:
    is_small = (
        value is None
        or isinstance(value, bool | int | float)
        or (isinstance(value, str) and len(value) <= LONGEST_VALUE)
    )
    return value if is_small else f"<{type(value).__name__}>"
