"""Calls the `on_finish` callbacks of runs, each on a thread of its own. An error in one is printed. Depends on no run.

nbclient and papermill drop output of a cell that has ended. There a callback prints into the cell that runs when the callback is
due, and that cell ends after it. If no cell is running, the callback waits for the next: see `cell_began`.
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

__all__ = ["call_in_cells", "call_when_done", "cell_began", "cell_ended"]

LONGEST = 30.0
"""Seconds that the end of a cell waits for one call: it may itself wait for a later cell."""

_in_cells: Callable[[], bool] | None = None
_lock = threading.Lock()
_cells = 0  # how many are running, one inside of the other
_calling: list[threading.Thread] = []
_held: list[tuple[str, Callable[[], None]]] = []


def call_in_cells(when: Callable[[], bool] | None) -> None:
    """Make callbacks registered from now on, while `when()` is true, print into a running cell; None ends that.

    Call it while a cell runs.
    """
    global _in_cells, _cells
    with _lock:
        _in_cells, _cells = when, 1


def cell_began() -> None:
    """Note that a cell has begun: callbacks may print into it."""
    global _cells
    with _lock:
        _cells += 1


def cell_ended() -> None:
    """Note that a cell is about to end: wait for callbacks that print into it, and make those that waited for a cell."""
    global _cells
    while True:
        with _lock:
            calling, held = _calling[:], _held[:]
            _calling.clear()
            _held.clear()
            if not calling and not held:
                _cells = max(0, _cells - 1)
                return
        for name, call in held:
            calling.append(_begin(name, call, contextvars.Context()))
        for each in calling:
            each.join(LONGEST)


def _begin(name: str, call: Callable[[], None], context: contextvars.Context) -> threading.Thread:
    thread = threading.Thread(target=context.run, args=(call,), name=name, daemon=True)
    thread.start()
    return thread


def _call_in_a_cell(name: str, call: Callable[[], None]) -> None:
    """Make the call now if a cell is running, else at the next one. An empty context prints into the running cell."""
    with _lock:
        if _cells:
            _calling.append(_begin(name, call, contextvars.Context()))
        else:
            _held.append((name, call))


def call_when_done(
    name: str, done: Future[None], callback: Callable[[], object], is_wanted: Callable[[], bool]
) -> None:
    """Call `callback` once when `done` is, on a new thread, which prints into the cell that is running now.

    Args:
        name: the thread's name, and the source that an error message names: `on_finish r7`.
        done: the future to wait for.
        callback: the function to call. It may raise anything.
        is_wanted: called when `done` is set; if it returns False, `callback` is not called.
    """

    def call() -> None:
        if not is_wanted():
            return
        try:
            callback()
        except BaseException as problem:  # noqa: BLE001 - sys.exit() too: it is somebody else's function, on our thread
            words = traceback.format_exception(problem.with_traceback(_own_frames(problem)))
            print(visible_text(f"{name} failed.\n{''.join(words)}"), file=sys.stderr, end="", flush=True)

    if _in_cells is not None and _in_cells():
        done.add_done_callback(lambda _: _call_in_a_cell(name, call))
        return
    context = contextvars.copy_context()
    done.add_done_callback(lambda _: _begin(name, call, context))


def _own_frames(problem: BaseException) -> TracebackType | None:
    """The traceback without our own call."""
    return problem.__traceback__.tb_next if problem.__traceback__ else None
