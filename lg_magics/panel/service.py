"""One kernel's panel: hears pages, has their requests worked on, and tells them what has changed. Knows no comm's library.

What a person has pressed waits behind nothing that is only read. Imports nothing heavy: what answers is imported by the worker
that has the first request in hand.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lg_magics.errors import LgError
from lg_magics.live.protocol import changed, id_of, refused
from lg_magics.live.workers import Workers

if TYPE_CHECKING:
    from lg_magics.follow.batch import Batch
    from lg_magics.follow.run import Run
    from lg_magics.panel.changes import Seen
    from lg_magics.panel.dispatch import Dispatch, Query
    from lg_magics.session import Session

__all__ = ["PanelService", "Send"]

log = logging.getLogger(__name__)

INTERVAL = 0.25  # seconds between two words of what has changed
READERS, DOERS = 3, 2
MOST_WAITING = 100
OWN = ("deployment", "runs", "left")
"""The sections that this session knows by itself."""

Send = Callable[[dict[str, Any]], None]


class PanelService:
    """The kernel's end of the panel.

    Args:
        current: gives the session of the moment.
        more: requests that are answered besides the panel's own, by their names.
    """

    def __init__(self, current: Callable[[], Session], more: Mapping[str, Query] | None = None) -> None:
        self._current = current
        self._more = more
        self._readers = Workers(READERS, MOST_WAITING)
        self._doers = Workers(DOERS, MOST_WAITING)
        self._lock = threading.Lock()
        self._pages: tuple[Send, ...] = ()
        self._news: dict[str, None] = {}
        self._next_at = 0.0
        self._is_due = False
        self._is_closed = False
        self._dispatch: Dispatch | None = None
        self._seen: Seen | None = None
        self._session: Session | None = None
        self._unsubscribe: Callable[[], object] = lambda: None

    # -- pages --------------------------------------------------------------------------------------------------

    def add(self, page: Send) -> None:
        """Tell this page too, from now on."""
        with self._lock:
            self._pages = (*self._pages, page)

    def leave(self, page: Send) -> None:
        """Tell this page nothing more."""
        with self._lock:
            self._pages = tuple(each for each in self._pages if each != page)

    def hear(self, page: Send, data: object) -> None:
        """Something came from a page: any JSON, on any thread. Returns at once; the answer goes to that page."""
        reads = _reads(data)
        if not (self._readers if reads else self._doers).do(lambda: self._answer(page, data)):
            _send(
                page, refused(id_of(data), LgError("The kernel has too much to do for the panel.", hint="Try again."))
            )

    def close(self) -> None:
        """Hear and tell nothing more."""
        with self._lock:
            self._is_closed, self._pages = True, ()
            self._session = None
        self._readers.close()
        self._doers.close()
        self._unsubscribe()

    # -- on a worker --------------------------------------------------------------------------------------------

    def _answer(self, page: Send, data: object) -> None:
        _send(page, self._ready().answer(data))

    def _ready(self) -> Dispatch:
        from lg_magics.panel.changes import Seen
        from lg_magics.panel.dispatch import Dispatch

        with self._lock:
            if self._dispatch is None:
                self._dispatch, self._seen = Dispatch(self._current, self._more), Seen()
            dispatch, is_closed = self._dispatch, self._is_closed
        if not is_closed:
            self._listen(self._current())
        return dispatch

    def _listen(self, session: Session) -> None:
        if self._session is not session:
            self._session = session
            self._unsubscribe()
            ends = (
                session.events.subscribe("command", self._called),
                session.events.subscribe("run", self._changed),
                session.events.subscribe("crons", lambda: self._tell(("left",))),
            )
            self._unsubscribe = lambda: [end() for end in ends]

    # -- what has changed ---------------------------------------------------------------------------------------

    def _called(self, command: str) -> None:
        from lg_magics.panel.changes import touched_by

        self._tell(touched_by(command))

    def _changed(self, what: Run | Batch) -> None:
        """On the background loop, at each word that a run says."""
        if self._seen is not None:
            self._tell(self._seen.news_of(what))

    def _tell(self, sections: Sequence[str]) -> None:
        """Let the pages know, soon: what changes again before that is told once."""
        session = self._session
        if not sections or session is None:
            return
        with self._lock:
            self._news.update(dict.fromkeys(sections))
            if self._is_due or self._is_closed:
                return
            self._is_due = True
            seconds = max(0.0, self._next_at - time.monotonic())
        session.loop.later(seconds, self._tell_now, contextvars.Context())

    def _tell_now(self) -> None:
        with self._lock:
            news, self._news, self._is_due = changed(list(self._news)), {}, False
            self._next_at = time.monotonic() + INTERVAL
            pages = self._pages
        for page in pages:
            _send(page, news)


def _reads(data: object) -> bool:
    """Whether a request only looks, and may take long: not what this session knows by itself, and nothing that was pressed."""
    if not isinstance(data, dict) or data.get("command") not in ("section", "checkpoints"):
        return False
    arguments = data.get("arguments")
    return not isinstance(arguments, dict) or arguments.get("name") not in OWN


def _send(page: Send, data: dict[str, Any]) -> None:
    try:
        page(data)
    except Exception:
        log.exception("a page could not be told")
