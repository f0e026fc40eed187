"""Patches of LangGraph's in-memory server, applied in the embedded server's process.

They find its modules by name, once loaded. A module that is missing, or already patched, is not touched.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from lg_magics.local.graph_errors import error_payload
from lg_magics.local.made_graph import exit_as_error

__all__ = ["apply_patches", "keep_data_in"]

QUEUE_SECONDS = 0.5  # as on the unpatched server
CLOCK_TICK = time.get_clock_info("time").resolution  # seconds; some milliseconds on Windows


def apply_patches() -> None:
    """Fix known faults of the server that runs in this process.

    The end of a cron is stored as text (langgraph-runtime-inmem 0.36). The scheduler compares it with the time, which raises,
    and no cron after it in the list ever fires again. Here it is stored as a time.

    An error of a run is sent without the place where it was raised, and mostly without its text (langgraph-api 0.16). Here it
    is sent with its text, the file or the notebook's cell, the line, and the traceback.

    A checkpoint of a subgraph counts as the thread's (langgraph-api 0.16). The thread's row then has the subgraph's values and
    only its questions: with two subgraphs that ask, one question is missing, and a thread that waits is `idle`. Here only a
    checkpoint of the graph itself counts.

    A node that calls `sys.exit` ends the server's event loop, and with it every run (langgraph 1.0). Here it fails its run.

    The error of a run is sent to the clients that read its stream at that moment, and not kept for those that join it later
    (langgraph-api 0.16). Nothing else is left of a stateless run. Here it is kept with the rest of the stream.

    The schemas of a graph are computed for each request, up to 0.1 s of the event loop (langgraph-api 0.16). Here they are
    computed once per graph.

    The queue sleeps for 0.5 s before each search for runs, so a trivial run takes 0.8 s (langgraph-runtime-inmem 0.36). Here it
    searches as soon as a run is created, or one has ended.

    A run that is cancelled counts as ended while it may still write, so the next run on its thread begins beside it
    (langgraph-runtime-inmem 0.36). Here that one waits for the real end as `pending`, up to 0.5 s.
    """
    crons = getattr(sys.modules.get("langgraph_runtime_inmem.ops"), "Crons", None)
    for name in ("put", "update"):
        if original := getattr(crons, name, None):
            setattr(crons, name, staticmethod(_with_times(original)))
    stream = getattr(getattr(sys.modules.get("langgraph_runtime_inmem.ops"), "Runs", None), "Stream", None)
    if original := getattr(stream, "publish", None):
        setattr(stream, "publish", staticmethod(_with_errors_kept(original)))  # noqa: B010
    tracker = getattr(sys.modules.get("langgraph_api.worker_runtime"), "RunCheckpointTracker", None)
    if original := getattr(tracker, "on_checkpoint", None):
        setattr(tracker, "on_checkpoint", _without_subgraphs(original))  # noqa: B010
    serde = sys.modules.get("langgraph_api.serde")
    if original := getattr(serde, "default", None):
        vars(serde)["default"] = _with_places(original)
    runner = sys.modules.get("langgraph.pregel._runner")
    if original := getattr(runner, "arun_with_retry", None):
        vars(runner)["arun_with_retry"] = _without_exit(original)
    assistants = sys.modules.get("langgraph_api.api.assistants")
    if original := getattr(assistants, "_graph_schemas", None):
        vars(assistants)["_graph_schemas"] = _once_per_graph(original)
    signal, worker = _QueueSignal(), sys.modules.get("langgraph_api.worker")
    runs = getattr(sys.modules.get("langgraph_runtime_inmem.ops"), "Runs", None)
    if original := getattr(runs, "next", None):
        setattr(runs, "next", staticmethod(signal.awaited(original)))  # noqa: B010
    if original := getattr(runs, "put", None):
        setattr(runs, "put", staticmethod(signal.after_put(original)))  # noqa: B010
    if original := getattr(worker, "worker", None):
        vars(worker)["worker"] = signal.after_end(original)
    loop = getattr(sys.modules.get("langgraph_api.asyncio"), "get_event_loop", lambda: None)()
    if loop is not None and loop.get_task_factory() is None:
        loop.call_soon_threadsafe(loop.set_task_factory, _task)


def _with_times(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(original)
    async def call(*arguments: Any, end_time: object = None, **options: Any) -> Any:
        return await original(*arguments, end_time=_time(end_time), **options)

    return call


def _with_errors_kept(original: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    @functools.wraps(original)
    async def call(run: Any, event: str, message: bytes, **options: Any) -> None:
        await original(run, event, message, **{**options, "resumable": True} if event == "error" else options)

    return call


def _without_subgraphs(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    @functools.wraps(original)
    def call(tracker: Any, checkpoint: Any) -> None:
        place = checkpoint.get("checkpoint") if isinstance(checkpoint, dict) else None
        if not (isinstance(place, dict) and place.get("checkpoint_ns")):
            original(tracker, checkpoint)

    return call


def _without_exit(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(original)
    async def call(*arguments: Any, **options: Any) -> Any:
        with exit_as_error():
            return await original(*arguments, **options)

    return call


def _task(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **options: Any) -> asyncio.Task[Any]:
    """Create a task whose code cannot end the loop: asyncio re-raises `SystemExit` of any task through it."""

    async def call() -> Any:
        with exit_as_error():
            return await coroutine

    return asyncio.Task(call(), loop=loop, **options)


def _once_per_graph(original: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    """Keep what is computed of a graph as long as its builder lives. The server copies the graph for each request."""
    computed: WeakKeyDictionary[Any, dict[str, dict[str, Any]]] = WeakKeyDictionary()

    @functools.wraps(original)
    def call(graph: Any) -> dict[str, Any]:
        builder = getattr(graph, "builder", None)
        if builder is None:
            return original(graph)
        by_name = computed.setdefault(builder, {})
        if graph.name not in by_name:
            by_name[graph.name] = original(graph)
        return dict(by_name[graph.name])

    return call


def _with_places(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(original)
    def default(value: Any) -> Any:
        sent = error_payload(value) if isinstance(value, Exception) else None
        return original(value) if sent is None else sent

    return default


def _time(end: object) -> object:
    if not isinstance(end, str):
        return end
    time = datetime.fromisoformat(end)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


# -- the queue --------------------------------------------------------------------------------------------------


class _QueueSignal:
    """Ends the wait of the server's queue when a run may be ready: one was created, or one has ended.

    No wait is longer than QUEUE_SECONDS, as on the unpatched server: a delayed run becomes ready without a signal.
    """

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._changed.set()  # runs may have been created before
        self._loop: asyncio.AbstractEventLoop | None = None
        self._busy_threads: list[object] = []

    def awaited(self, original: Callable[..., AsyncIterator[Any]]) -> Callable[..., AsyncIterator[Any]]:
        @functools.wraps(original)
        async def call(wait: bool, **options: Any) -> AsyncIterator[Any]:
            self._loop = asyncio.get_running_loop()
            if wait:
                await self._change(QUEUE_SECONDS)
            async for run, attempt in original(wait=False, **options):
                if run["thread_id"] in self._busy_threads:
                    run["status"] = "pending"  # what is running is not removed from the queue by a cancel or a deletion
                    await self._end_on(run["thread_id"])
                    if run["status"] != "pending" or not _is_stored(run):
                        continue
                    run["status"] = "running"
                yield run, attempt

        return call

    async def _end_on(self, thread_id: object) -> None:
        """Wait until no run is at work on a thread, up to QUEUE_SECONDS."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + QUEUE_SECONDS
        while thread_id in self._busy_threads and (left := deadline - loop.time()) > 0:
            await self._change(left)
        self._changed.set()  # what came meanwhile was not for this run alone

    def after_put(self, original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(original)
        async def call(*arguments: Any, **options: Any) -> Any:
            created = await original(*arguments, **options)
            self._notify()
            return created

        return call

    def after_end(self, original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(original)
        async def call(run: dict[str, Any], *arguments: Any, **options: Any) -> Any:
            thread_id = run["thread_id"]
            self._busy_threads.append(thread_id)
            try:
                return await original(run, *arguments, **options)
            finally:
                self._busy_threads.remove(thread_id)
                self._notify()

        return call

    async def _change(self, at_most: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), at_most)
        self._changed.clear()

    def _notify(self) -> None:
        """Search for runs at the clock's next tick: the server finds only runs from before its search. From any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.call_later, CLOCK_TICK, self._changed.set)


def _is_stored(run: object) -> bool:
    store = getattr(sys.modules.get("langgraph_runtime_inmem.database"), "GLOBAL_STORE", None)
    return store is None or any(each is run for each in store["runs"])


# -- the data's folder ------------------------------------------------------------------------------------------


def keep_data_in(folder: Path) -> None:
    """Make the in-memory server store its data in the runtime folder, in any working directory.

    It uses relative paths (langgraph-runtime-inmem 0.36), and a notebook's graph opens files beside the notebook.
    """
    checkpoint = sys.modules.get("langgraph_runtime_inmem.checkpoint")
    if checkpoint is None or isinstance(getattr(checkpoint, "os", None), _RootedOs):
        return
    vars(checkpoint)["os"] = _RootedOs(folder)
    persistence = importlib.import_module("langgraph_runtime_inmem._persistence")
    kept = [reference() for reference in list(persistence._stores.values())]
    database = importlib.import_module("langgraph_runtime_inmem.database")
    kept += [getattr(database.GLOBAL_RETRY_COUNTER, "_counters", None), getattr(checkpoint, "MEMORY", None)]
    for each in kept:
        if each is not None and not os.path.isabs(each.filename):
            each.filename = str(folder / each.filename)


class _RootedOs:
    """The module `os`, for relative paths below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.path = _RootedPath(root)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def mkdir(self, path: str) -> None:
        os.makedirs(self._root / path, exist_ok=True)


class _RootedPath:
    def __init__(self, root: Path) -> None:
        self._root = root

    def __getattr__(self, name: str) -> Any:
        return getattr(os.path, name)

    def join(self, *parts: str) -> str:
        return str(self._root.joinpath(*parts))

    def exists(self, path: str) -> bool:
        return (self._root / path).exists()
