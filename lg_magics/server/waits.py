"""What happens while a call waits: a note, "still waiting for http://… (5 s)", or work. Uses contexts and threads, no network.

An entry point that can show a line sets it with `notes_to`. Calls of workers and of the background loop show nothing.
"""

from __future__ import annotations

import contextlib
import contextvars
import os
import threading
import time
from collections.abc import Callable, Iterator

__all__ = ["NOTE_EVERY", "Wait", "meanwhile", "note", "noted", "notes_to", "work_meanwhile"]

NOTE_EVERY = 5.0  # seconds
_LOOKS_EVERY = 0.25

Show = Callable[[str], None]
_show: contextvars.ContextVar[Show | None] = contextvars.ContextVar("lg_magics_notes", default=None)
_work: contextvars.ContextVar[Callable[[], object] | None] = contextvars.ContextVar("lg_magics_work", default=None)


@contextlib.contextmanager
def notes_to(show: Show | None) -> Iterator[None]:
    """Show what the calls inside wait for with `show(words)`; `show("")` removes the note."""
    before = _show.set(show)
    try:
        yield
    finally:
        _show.reset(before)


def note(words: str) -> None:
    """Show `words` now."""
    if (show := _show.get()) is not None:
        _shown(show, words)


@contextlib.contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Call `work()` once a request of the block was sent: the server works on it meanwhile. Its exceptions are ignored."""
    before = _work.set(work)
    try:
        yield
    finally:
        _work.reset(before)


def work_meanwhile() -> None:
    """Do the work of `meanwhile`, if there is some. A client calls this before it reads a response."""
    if (work := _work.get()) is not None:
        with contextlib.suppress(Exception):
            work()


class Wait:
    """A call in progress, from its creation to `end`; shows a note every five seconds."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = time.monotonic()
        self._notes = 0
        self._is_over = False
        self._lock = threading.Lock()
        self._context = contextvars.copy_context()
        if _show.get() is not None:
            _watcher.add(self)

    def show_if_due(self) -> bool:
        """Show a note if one is due; return whether the call is still in progress."""
        with self._lock:
            if self._is_over:
                return False
            passed = int((time.monotonic() - self._began) // NOTE_EVERY)
            if passed > self._notes:
                self._notes = passed
                self._context.run(note, f"still waiting for {self._what} ({passed * NOTE_EVERY:.0f} s)")
            return True

    def end(self) -> None:
        """Mark the call as over, and remove its note."""
        with self._lock:
            if not self._is_over and self._notes:
                self._context.run(note, "")
            self._is_over = True


@contextlib.contextmanager
def noted(what: str) -> Iterator[None]:
    """Show a note about `what` every five seconds while the block runs."""
    wait = Wait(what)
    try:
        yield
    finally:
        wait.end()


class _Watcher:
    """One thread that watches all calls. It runs only while there are calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waits: list[Wait] = []
        self._thread: threading.Thread | None = None

    def add(self, wait: Wait) -> None:
        with self._lock:
            self._waits.append(wait)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="lg_magics notes", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        idle_since = time.monotonic()
        while True:
            time.sleep(_LOOKS_EVERY)
            with self._lock:
                waits = list(self._waits)
            over = [wait for wait in waits if not wait.show_if_due()]
            with self._lock:
                self._waits = [wait for wait in self._waits if wait not in over]
                if self._waits:
                    idle_since = time.monotonic()
                elif time.monotonic() - idle_since > NOTE_EVERY:
                    self._thread = None
                    return


_watcher = _Watcher()


if hasattr(os, "register_at_fork"):  # the thread stays in the parent process
    os.register_at_fork(after_in_child=_watcher.__init__)  # type: ignore[misc]


def _shown(show: Show, words: str) -> None:
    with contextlib.suppress(Exception):  # a closed page must not abort the call
        show(words)
