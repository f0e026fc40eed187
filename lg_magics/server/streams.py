"""A run's stream as the server keeps it: replayed from its beginning, part by part, with the number of bytes so far.

Facts behind it (langgraph-sdk 0.4.14): `last_event_id="0"` replays everything; the server honors several modes only as one JSON
text, and `metadata` and `error` must then be listed too; a stream that loses its connection either raises or just ends, so
its end proves nothing.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from lg_magics.server.connection import Connection

__all__ = ["Part", "run_parts", "thread_runs"]


@dataclass(frozen=True, slots=True)
class Part:
    """One server-sent event. `bytes_so_far` counts the body of this connection."""

    event: str
    data: object
    id: str | None
    bytes_so_far: int


async def run_parts(
    connection: Connection, thread_id: str, run_id: str, *, modes: Sequence[str] | None = None, after: str = ""
) -> AsyncGenerator[Part, None]:
    """Yield every part of a run's stream, from its beginning or after one part, until the run or the connection ends.

    Args:
        connection: to the run's deployment.
        thread_id: the run's thread.
        run_id: the run.
        modes: a subset of the run's stream modes; None for all of them.
        after: the id of the last part to skip; "" to start at the beginning.

    Raises:
        NotFound: no such run. Unreachable: the connection was lost.
    """
    from lg_magics.server.transport import counted

    narrowed = None if modes is None else cast("Any", json.dumps([*modes, "metadata", "error"]))
    with connection.doing("follow the run", missing=f"run {run_id}"), counted() as count:
        stream = connection.streams.runs.join_stream(
            thread_id, run_id, stream_mode=narrowed, last_event_id=after or "0"
        )
        async with aclosing(cast("AsyncGenerator[Any, None]", stream)) as parts:
            async for part in parts:
                if not _is_run_missing(part):
                    yield Part(part.event, part.data, part.id, count())


async def thread_runs(connection: Connection, thread_id: str) -> AsyncGenerator[str, None]:
    """Yield the id of each run that starts on a thread from now on, from any client, until the connection ends.

    Args:
        connection: to the thread's deployment.
        thread_id: the thread.

    Raises:
        NotFound: no such thread. Unsupported: the deployment has no such stream. Unreachable: the connection was lost.
    """
    last_id: str | None = None
    with connection.doing("watch the thread", missing=f"thread {thread_id}", feature="stream of threads"):
        stream = connection.streams.threads.join_stream(thread_id, stream_mode=["lifecycle", "run_modes"])
        waited = await cast("Any", stream) if inspect.isawaitable(stream) else stream
        async with aclosing(cast("AsyncGenerator[Any, None]", waited)) as parts:
            async for part in parts:
                run_id = part.data.get("run_id") if isinstance(part.data, Mapping) else None
                if isinstance(run_id, str) and run_id != last_id:
                    last_id = run_id
                    yield run_id


def _is_run_missing(part: Any) -> bool:
    """Return whether a part reports that the run no longer exists: a message of the server, not of the graph."""
    data = part.data if part.event == "error" and part.id is None else None
    return isinstance(data, Mapping) and data.get("message") == "404: Run not found"
