"""Notifies listeners of events in a session. Depends on nothing.

Any number of listeners subscribe to a kind of event. `subscribe` returns a function that ends the subscription. An error of a
listener is logged, and the others are still called.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

__all__ = ["EventBus", "Kind", "Listener", "Unsubscribe"]

log = logging.getLogger(__name__)

Kind: TypeAlias = Literal["command", "run", "crons"]
"""`command` (name): a command was called. `run` (object): a run or batch has changed. `crons`: the crons left have changed."""

Listener: TypeAlias = "Callable[..., object]"
Unsubscribe: TypeAlias = "Callable[[], None]"


class EventBus:
    """The events of one session. Events and subscriptions come from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[Kind, tuple[Listener, ...]] = {}

    def subscribe(self, kind: Kind, listener: Listener) -> Unsubscribe:
        """Call `listener` at each event of this kind, on the emitting thread. Returns a function that ends this."""
        with self._lock:
            self._listeners[kind] = (*self._listeners.get(kind, ()), listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners[kind] = tuple(each for each in self._listeners[kind] if each is not listener)

        return unsubscribe

    def emit(self, kind: Kind, *about: Any) -> None:
        """Notify the listeners of this kind."""
        for listener in self._listeners.get(kind, ()):
            try:
                listener(*about)
            except Exception:
                log.exception("a listener of %s failed", kind)
