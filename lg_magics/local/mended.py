"""What LangGraph's in-memory server gets wrong and this package cannot do without, put right in the embedded server's process.

Knows the server's modules by name, once they are loaded; imports none. What is not there, or is mended already, is left alone.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from lg_magics.local.loader import cell_of_error

__all__ = ["mend"]


def mend() -> None:
    """Mend what is known, in the server that runs in this process.

    The end of a cron is kept as a text (langgraph-runtime-inmem 0.36). The scheduler compares it with the time, which raises,
    and no cron behind it in the list ever fires again. Here it is kept as a time.

    An error of a run is sent without the place where it was raised, and mostly without its text (langgraph-api 0.16). Here an
    error that was raised in a notebook's cell is sent with its text, the cell and the line.
    """
    crons = getattr(sys.modules.get("langgraph_runtime_inmem.ops"), "Crons", None)
    for name in ("put", "update"):
        if original := getattr(crons, name, None):
            setattr(crons, name, staticmethod(_with_times(original)))
    serde = sys.modules.get("langgraph_api.serde")
    if original := getattr(serde, "default", None):
        vars(serde)["default"] = _with_cells(original)


def _with_times(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(original)
    async def call(*arguments: Any, end_time: object = None, **options: Any) -> Any:
        return await original(*arguments, end_time=_time(end_time), **options)

    return call


def _with_cells(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(original)
    def default(value: Any) -> Any:
        place = cell_of_error(value) if isinstance(value, BaseException) else None
        if place is None:
            return original(value)
        first, line_break, rest = str(value).partition("\n")
        where = f"(cell {place[0]}, line {place[1]})"
        return {"error": type(value).__name__, "message": f"{first} {where}".strip() + line_break + rest}

    return default


def _time(end: object) -> object:
    if not isinstance(end, str):
        return end
    time = datetime.fromisoformat(end)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
