"""A run's stream as the server keeps it: replayed whole, part by part, with the bytes that it has cost so far.

Facts behind it (langgraph-sdk 0.4.14): `last_event_id="0"` replays everything; several modes are honoured only as one JSON
text, and then `metadata` and `error` must be named too; a stream that loses its connection either raises or just ends, so
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
    """Every part of a run's stream from its beginning, or behind one, until the run ends or the connection does.

    Args:
        connection: to the run's deployment.
        thread_id: the run's thread.
        run_id: the run.
        modes: fewer stream modes than the run was created with; None for all of them.
        after: the id of the part behind which to begin; "" for the beginning.

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
                if not _says_gone(part):
                    yield Part(part.event, part.data, part.id, count())


async def thread_runs(connection: Connection, thread_id: str) -> AsyncGenerator[str, None]:
    """The id of each run that begins on a thread from now on, whoever launched it; until the connection ends.

    Args:
        connection: to the thread's deployment.
        thread_id: the thread.

    Raises:
        NotFound: no such thread. Unsupported: the deployment has no such stream. Unreachable: the connection was lost.
    """
    told: str | None = None
    with connection.doing("watch the thread", missing=f"thread {thread_id}", feature="stream of threads"):
        stream = connection.streams.threads.join_stream(thread_id, stream_mode=["lifecycle", "run_modes"])
        waited = await cast("Any", stream) if inspect.isawaitable(stream) else stream
        async with aclosing(cast("AsyncGenerator[Any, None]", waited)) as parts:
            async for part in parts:
                run_id = part.data.get("run_id") if isinstance(part.data, Mapping) else None
                if isinstance(run_id, str) and run_id != told:
                    told = run_id
                    yield run_id


def _says_gone(part: Any) -> bool:
    """The server's own word that the run is not there any more; it is no error of the graph, and no part of its stream."""
    data = part.data if part.event == "error" and part.id is None else None
    return isinstance(data, Mapping) and data.get("message") == "404: Run not found"
