"""Calls what a person registered for a run's end, on a thread of its own. An error in it is shown to them, and hurts nobody.

A runner without a person (nbclient, papermill) drops what is printed into a cell that has ended. There the calls wait for the end
of the cell that runs, which prints them: see `call_deferred`.
"""

from __future__ import annotations

import contextvars
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType

from lg_magics.model.visible_text import visible_text

__all__ = ["call_deferred", "call_when_done", "defer_calls"]

_defers: Callable[[], bool] | None = None
_deferred: list[tuple[Future[None], Callable[[], None]]] = []


def defer_calls(when: Callable[[], bool] | None) -> None:
    """Let the calls that are registered while `when()` is true wait for `call_deferred`; None ends that."""
    global _defers
    _defers = when


def call_deferred() -> None:
    """Make the calls that have waited for this, and whose time has come: here and now."""
    ready = [each for each in _deferred if each[0].done()]
    _deferred[:] = [each for each in _deferred if each not in ready]
    for _, call in ready:
        call()


def call_when_done(
    name: str, done: Future[None], callback: Callable[[], object], is_wanted: Callable[[], bool]
) -> None:
    """Call `callback` once when `done` is, on a new thread, which prints into the cell that is running now.

    Args:
        name: the thread's name, and what an error is said to come from: `on_finish r7`.
        done: what is waited for.
        callback: may raise anything.
        is_wanted: asked then; when it says no, nothing is called.
    """

    def call() -> None:
        if not is_wanted():
            return
        try:
            callback()
        except BaseException as problem:  # noqa: BLE001 - sys.exit() too: it is somebody else's function, on our thread
            said = traceback.format_exception(problem.with_traceback(_own_frames(problem)))
            print(visible_text(f"{name} failed.\n{''.join(said)}"), file=sys.stderr, end="", flush=True)

    if _defers is not None and _defers():
        _deferred.append((done, call))
        return
    context = contextvars.copy_context()
    done.add_done_callback(lambda _: threading.Thread(target=context.run, args=(call,), name=name, daemon=True).start())


def _own_frames(problem: BaseException) -> TracebackType | None:
    """The traceback without our own call."""
    return problem.__traceback__.tb_next if problem.__traceback__ else None
