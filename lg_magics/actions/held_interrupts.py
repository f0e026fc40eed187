"""Holds kernel interrupts back while a request is on its way. Depends on signals; knows no request."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from lg_magics.errors import LaunchInterrupted, LgError

__all__ = ["Interrupts", "interrupts_held"]

WAIT_SECONDS = 5.0


class Interrupts:
    """The kernel interrupts of a launch. They must not break off a request that may be accepted already.

    The first one is held back. WAIT_SECONDS later, or with the second one, KeyboardInterrupt is raised, but only in a block that
    allows it.
    """

    def __init__(self, handler: Callable[[int, FrameType | None], object] | None = None) -> None:
        self._handler = handler
        self._received: tuple[int, FrameType | None] | None = None
        self._is_allowed = self._is_over = False
        self._lock = threading.Lock()

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Handle the signal. Takes no lock and starts no `threading.Thread`: the main thread may hold any lock now."""
        if self._received is None:
            self._received = number, frame
            _thread.start_new_thread(self._repeat, ())
        elif self._is_allowed:
            raise KeyboardInterrupt

    def _repeat(self) -> None:
        """Send the signal again, so that a read on the main thread ends."""
        time.sleep(WAIT_SECONDS)
        with self._lock:
            if self._is_over:
                return
            if hasattr(signal, "pthread_kill"):
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            else:
                _thread.interrupt_main()

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Let a repeated interrupt end the block."""
        try:
            self._is_allowed = True
            yield
        finally:
            self._is_allowed = False

    def end(self) -> None:
        """Send no signal from now on."""
        with self._lock:
            self._is_over = True

    def deliver(self) -> None:
        """Call the handler, which raises KeyboardInterrupt as a rule, if an interrupt came."""
        if self._received is not None and self._handler is not None:
            self._handler(*self._received)


@contextmanager
def interrupts_held() -> Iterator[Interrupts]:
    """Hold kernel interrupts back inside the block. They reach the main thread only.

    After an error in the block, the handler that was there is called all the same, since it may do something else than raise.

    Raises:
        LaunchInterrupted: an interrupt came, and the block raised an LgError, which it has the message of.
    """
    handler = signal.getsignal(signal.SIGINT) if threading.current_thread() is threading.main_thread() else None
    if not callable(handler):
        yield Interrupts()
        return
    interrupts = Interrupts(handler)
    signal.signal(signal.SIGINT, interrupts.receive)
    try:
        try:
            yield interrupts
        finally:
            interrupts.end()
            signal.signal(signal.SIGINT, handler)
    except BaseException as problem:
        try:
            interrupts.deliver()
        except KeyboardInterrupt:
            if isinstance(problem, LgError):  # code that handles errors must not go on
                raise LaunchInterrupted(f"Stopped. {problem.message}", hint=problem.hint) from None
        raise
