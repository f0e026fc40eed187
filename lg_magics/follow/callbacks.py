"""Calls what a person registered for a run's end, on a thread of its own. An error in it is shown to them, and hurts nobody."""

from __future__ import annotations

import contextvars
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from lg_magics.model.visible_text import visible_text

__all__ = ["calling_apart"]

T = TypeVar("T")


def calling_apart(name: str, callback: Callable[[T], object]) -> Callable[[T], None]:
    """A function that calls `callback` once on a new thread, which prints into the cell that is running now.

    Args:
        name: the thread's name, and what an error is said to come from: `on_finish r7`.
        callback: may raise anything.
    """
    context = contextvars.copy_context()

    def call(argument: T) -> None:
        try:
            callback(argument)
        except BaseException as problem:  # noqa: BLE001 - sys.exit() too: it is somebody else's function, on our thread
            said = traceback.format_exception(problem.with_traceback(_own_frames(problem)))
            print(visible_text(f"{name} failed.\n{''.join(said)}"), file=sys.stderr, end="", flush=True)

    def start(argument: T) -> None:
        threading.Thread(target=context.run, args=(call, argument), name=name, daemon=True).start()

    return start


def _own_frames(problem: BaseException) -> TracebackType | None:
    """The traceback without our own call."""
    return problem.__traceback__.tb_next if problem.__traceback__ else None
