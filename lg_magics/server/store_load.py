"""Many items on their way into the store, several at a time. Knows the background loop's calls; knows no frame and no file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lg_magics.errors import DeploymentError

if TYPE_CHECKING:
    from lg_magics.server.connection import Connection

__all__ = ["Entry", "StoreLoad"]

AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """An item to be written; `name` is what a person calls it: `row 3`."""

    name: str
    namespace: tuple[str, ...]
    key: str
    value: Mapping[str, Any]


class StoreLoad:
    """One load: `written` counts what the deployment has taken; the first `failure` stops it."""

    def __init__(self, connection: Connection, entries: Sequence[Entry]) -> None:
        self.written = 0
        self.failure: tuple[Entry, DeploymentError] | None = None
        self._connection = connection
        self._left = iter(entries)
        self._is_stopped = False

    def stop(self) -> None:
        """Begin with no other item. From any thread."""
        self._is_stopped = True

    async def run(self) -> None:
        """Write them all, or until it is stopped; what was begun is ended. On the background loop."""
        await asyncio.gather(*(self._work() for _ in range(AT_ONCE)))

    async def _work(self) -> None:
        while not self._is_stopped and (entry := next(self._left, None)) is not None:
            try:
                await self._connection.background.store.put(entry.namespace, entry.key, entry.value)
            except DeploymentError as problem:
                self.failure = self.failure or (entry, problem)
                self.stop()
            except BaseException:
                self.stop()
                raise
            else:
                self.written += 1
