"""The runs, threads and batches that this session knows, by number. Depends on handles; sends no request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from lg_magics.follow.batch import Batch
from lg_magics.follow.run import Run
from lg_magics.follow.stream_pool import StreamPool
from lg_magics.follow.tracked_run import TrackedRun, tracked
from lg_magics.model.checkpoints import Checkpoint, branches
from lg_magics.model.packed import Packer
from lg_magics.model.references import Known, Numbering
from lg_magics.model.run_info import ThreadInfo
from lg_magics.server.connection import Connection

__all__ = ["Tracker"]

Place: TypeAlias = tuple[str, str]
"""The address of a deployment and the id of a thread there: a thread with a name has the same id on each deployment."""


class Tracker:
    """The session's registry. `changed` is called with a run or batch at each of its changes, on the loop."""

    def __init__(self) -> None:
        self.run_numbers = Numbering("r")
        self.thread_numbers = Numbering("t")
        self._runs: dict[str, Run] = {}
        self._live: dict[str, Run] = {}
        self._pools: dict[Connection, StreamPool] = {}
        self._on_thread: dict[Place, tuple[Run, ...]] = {}
        self._titles: dict[str, str] = {}
        self._waiting: dict[Place, bool] = {}
        self._branches: dict[tuple[Place, str], dict[str, str]] = {}
        self._batches: dict[str, Batch] = {}
        self.changed: Callable[[Run | Batch], None] = lambda what: None
        self._packer = Packer()
        self._on_change, self._get_pool = (
            self._notify,
            self._pool_of,
        )  # one bound method for all runs: there may be thousands

    # -- runs ---------------------------------------------------------------------------------------------------

    def add(self, run: Run) -> Run:
        """Add a run and start to follow it."""
        held = tracked(run)
        place = _place(held.connection, run.thread_id)
        self._runs[run.run_id] = run
        self._on_thread[place] = (*self._on_thread.get(place, ()), run)
        self._live[run.run_id] = run
        held.observe(self._on_change)
        held.start_following(self._get_pool, self._packer)
        return run

    def add_ended(self, run: TrackedRun) -> None:
        """Add a run that ended before this session knew it. It is not counted among its thread's runs."""
        self._runs[run.info.id] = run.handle
        run.start_following(self._get_pool, self._packer)

    def _pool_of(self, connection: Connection) -> StreamPool:
        """The stream pool of a connection."""
        return self._pools.setdefault(connection, StreamPool(connection))

    def run(self, run_id: str) -> Run | None:
        """The handle of a run that this session launched or attached to."""
        return self._runs.get(run_id)

    def run_called(self, name: str) -> Run | None:
        """The handle with this number or id."""
        return self._runs.get(self.run_numbers.id_of(name) or name)

    def runs(self) -> list[Run]:
        """Every handle, oldest first."""
        return list(self._runs.values())

    def live(self) -> list[Run]:
        """The runs that have not ended, oldest first."""
        return [run for run in tuple(self._live.values()) if not run.is_settled]

    def live_on(self, connection: Connection, thread_id: str) -> list[Run]:
        """The live runs of one thread of a deployment, oldest first."""
        return [run for run in self.runs_on(connection, thread_id) if not run.is_settled]

    def runs_on(self, connection: Connection, thread_id: str) -> Sequence[Run]:
        """Every handle of one thread of a deployment, oldest first."""
        return self._on_thread.get(_place(connection, thread_id), ())

    def known_runs(self) -> list[Known]:
        """The runs that a reference may name, oldest first."""
        return [Known(run.number, run.run_id, f"{run.info.thread} · {run.status}") for run in self.runs()]

    # -- batches ------------------------------------------------------------------------------------------------

    def add_batch(self, batch: Batch) -> None:
        """Add a batch. A batch that was attached to replaces an earlier handle of it."""
        self._batches.pop(batch.id, None)
        self._batches[batch.id] = batch
        batch.observe(self._on_change)

    def batches(self) -> list[Batch]:
        """Every batch, oldest first. Their runs are not among `runs`: there may be thousands."""
        return list(self._batches.values())

    def _notify(self, what: Run | Batch) -> None:
        if isinstance(what, Run):
            if what.is_settled:
                self._live.pop(what.run_id, None)
            else:
                self._live[what.run_id] = what  # it may be followed again
        if isinstance(what, Batch) and not what.is_settled:
            known = self._batches.get(what.id)
            if known and known.is_settled:
                self._batches[what.id] = what  # another handle had replaced it; now it runs its rows again
        self.changed(what)

    # -- threads ------------------------------------------------------------------------------------------------

    def thread(self, thread_id: str, title: str | None = None) -> ThreadInfo:
        """A thread with its number; a new one if it has none. `title` is remembered."""
        if title:
            self._titles[thread_id] = title
        return ThreadInfo(self.thread_numbers.number(thread_id), thread_id, self._titles.get(thread_id, ""))

    def thread_called(self, name: str) -> ThreadInfo | None:
        """The thread with this number or id; None if there is none."""
        found = self.thread_numbers.known(name)
        return self.thread(found) if found else None

    def remember_waiting(self, connection: Connection, thread_id: str, is_waiting: bool) -> None:
        """Remember whether a thread waits for a person, as the server has just reported."""
        self._waiting[_place(connection, thread_id)] = is_waiting

    def forget_waiting(self, connection: Connection, thread_id: str) -> None:
        """Forget what the server has reported of a thread: a run of ours was launched on it, and knows more."""
        self._waiting.pop(_place(connection, thread_id), None)

    def may_wait(self, connection: Connection, thread_id: str) -> bool:
        """Whether a thread may wait for a person: False only if the last known state shows that it does not.

        A question that somebody else's run has asked since our last run is known once it was read.
        """
        own, reported = self.runs_on(connection, thread_id), self._waiting.get(_place(connection, thread_id))
        if not own:
            return reported is not False
        return own[-1].status == "waiting" or bool(own[-1].view.interrupts) or bool(reported)

    def known_threads(self) -> list[Known]:
        """The threads that a reference may name, oldest first."""
        threads = map(self.thread, self.thread_numbers.ids())
        return [Known(thread.number, thread.id, thread.title, name=thread.title) for thread in threads]

    # -- checkpoints --------------------------------------------------------------------------------------------

    def branches_of(self, connection: Connection, thread_id: str, namespace: str = "") -> Mapping[str, str]:
        """The branches that were named on a thread, or in a subgraph of it, by checkpoint id."""
        return self._branches.get((_place(connection, thread_id), namespace), {})

    def name_branches(
        self, connection: Connection, thread_id: str, checkpoints: Sequence[Checkpoint], namespace: str = ""
    ) -> Mapping[str, str]:
        """Name the branches of these checkpoints. A name that was shown once is kept."""
        named = branches(checkpoints, self.branches_of(connection, thread_id, namespace))
        self._branches[_place(connection, thread_id), namespace] = named
        return named

    def forget_branches(self, connection: Connection, thread_id: str) -> None:
        """Forget the names of a deleted thread's branches: a thread with a name may be created again."""
        place = _place(connection, thread_id)
        for key in [key for key in self._branches if key[0] == place]:
            del self._branches[key]


def _place(connection: Connection, thread_id: str) -> Place:
    return connection.url, thread_id
