"""What LangGraph's in-memory server gets wrong and this package cannot do without, put right in the embedded server's process.

Knows the server's modules by name, once they are loaded; imports none. What is not there, or is mended already, is left alone.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

__all__ = ["mend"]


def mend() -> None:
    """Mend what is known, in the server that runs in this process.

    The end of a cron is kept as a text (langgraph-runtime-inmem 0.36). The scheduler compares it with the time, which raises,
    and no cron behind it in the list ever fires again. Here it is kept as a time.
    """
    crons = getattr(sys.modules.get("langgraph_runtime_inmem.ops"), "Crons", None)
    for name in ("put", "update"):
        if original := getattr(crons, name, None):
            setattr(crons, name, staticmethod(_with_times(original)))


def _with_times(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(original)
    async def call(*arguments: Any, end_time: object = None, **options: Any) -> Any:
        return await original(*arguments, end_time=_time(end_time), **options)

    return call


def _time(end: object) -> object:
    if not isinstance(end, str):
        return end
    time = datetime.fromisoformat(end)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
