"""All resources of a deployment, each created on first use."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Generic

from lg_magics.server.assistants import Assistants
from lg_magics.server.batches import Batches
from lg_magics.server.calls import M
from lg_magics.server.crons import Crons
from lg_magics.server.history import History
from lg_magics.server.run_search import RunSearch
from lg_magics.server.states import States
from lg_magics.server.store import Store
from lg_magics.server.threads import Threads

if TYPE_CHECKING:
    from lg_magics.server.connection import Connection

__all__ = ["Resources"]


class Resources(Generic[M]):
    """The resources: `connection.threads`, `connection.runs`, …; `connection.background` has the same, to be awaited."""

    def __init__(self, connection: Connection, *, is_awaited: bool) -> None:
        self._of, self._is_awaited = connection, is_awaited

    @cached_property
    def threads(self) -> Threads[M]:
        """Threads."""
        return Threads(self._of, is_awaited=self._is_awaited)

    @cached_property
    def runs(self) -> RunSearch[M]:
        """Runs."""
        return RunSearch(self._of, is_awaited=self._is_awaited)

    @cached_property
    def history(self) -> History[M]:
        """Checkpoints of threads, and of runs."""
        return History(self._of, is_awaited=self._is_awaited)

    @cached_property
    def assistants(self) -> Assistants[M]:
        """Assistants, their graphs and schemas."""
        return Assistants(self._of, is_awaited=self._is_awaited)

    @cached_property
    def batches(self) -> Batches[M]:
        """The threads of batches."""
        return Batches(self._of, is_awaited=self._is_awaited)

    @cached_property
    def crons(self) -> Crons[M]:
        """Crons."""
        return Crons(self._of, is_awaited=self._is_awaited)

    @cached_property
    def store(self) -> Store[M]:
        """The store's items and namespaces."""
        return Store(self._of, is_awaited=self._is_awaited)

    @cached_property
    def states(self) -> States[M]:
        """The state of threads."""
        return States(self._of, is_awaited=self._is_awaited)
