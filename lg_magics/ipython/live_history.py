"""A history on a page: rows to select, a fork after a question. Knows the widget and the display; leaves work to commands.

One is open at a time. Opening another, or Close, puts HTML and text in its place: that is what a saved notebook can show
without a kernel. What is asked for is done on worker threads, so that it works while a cell is running.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from IPython.display import DisplayHandle, display

from lg_magics.commands.open_history import fork_at, look_at, read_again, why_busy
from lg_magics.ipython.page_work import PageWork
from lg_magics.views.bundle import bundle
from lg_magics.views.history_view import HistoryJson, detail_json, history_json
from lg_magics.views.output import PICTURE

if TYPE_CHECKING:
    from lg_magics.session import Session
    from lg_magics.tables.history import History

__all__ = ["LiveHistory", "show_history"]

_open: LiveHistory | None = None


def show_history(history: History, session: Session) -> None:
    """Open a history on the page; the one that was open before is closed."""
    global _open
    if _open is not None:
        _open.close()
    _open = LiveHistory(history, session)
    _open.show()


class LiveHistory:
    """One history that is open on a page."""

    def __init__(self, history: History, session: Session) -> None:
        from lg_magics.widgets.history import HistoryWidget

        self._history = history
        self._session = session
        self._drawing = threading.Lock()
        self._asked: set[str] = set()
        self._forking = threading.Lock()
        self._is_over = False
        self._handle: DisplayHandle | None = None
        self._seen = self._met()
        self._ends: list[Callable[[], None]] = []
        self._widget = HistoryWidget(self._json(), self._select, self._fork, self.close)
        self._work = PageWork(session.loop, self._widget.fail)

    def show(self) -> None:
        """Put it on the page, and keep it true from now on."""
        view, metadata = self._widget._repr_mimebundle_()
        self._handle = display({**view, **bundle(self._history, PICTURE)}, raw=True, metadata=metadata, display_id=True)
        events = self._session.events
        self._ends = [events.subscribe(kind, self._catch_up_soon) for kind in ("run", "command")]
        self._catch_up_soon()

    def close(self) -> None:
        """Put what it shows in its place, for good."""
        if self._is_over:
            return
        self._is_over = True
        for end in self._ends:
            end()
        picture = bundle(self._history)
        with self._drawing:
            self._widget.put(self._json(), picture, is_over=True)
        if self._handle is not None:
            self._work.context.copy().run(self._handle.update, picture, raw=True)

    # -- what a person asks for ---------------------------------------------------------------------------------

    def _select(self, checkpoint_id: str) -> None:
        if checkpoint_id not in self._asked and self._has(checkpoint_id):
            self._asked.add(checkpoint_id)
            self._work.do(lambda: self._look_at(checkpoint_id), checkpoint_id)

    def _look_at(self, checkpoint_id: str) -> None:
        try:
            changes, state = look_at(self._session, self._history, checkpoint_id)
            self._widget.show_detail(detail_json(checkpoint_id, changes, state))
        finally:
            self._asked.discard(checkpoint_id)

    def _fork(self, checkpoint_id: str) -> None:
        if self._has(checkpoint_id) and self._forking.acquire(blocking=False):
            self._work.do(lambda: self._fork_at(checkpoint_id), checkpoint_id)

    def _fork_at(self, checkpoint_id: str) -> None:
        try:
            said = fork_at(self._session, self._history, checkpoint_id)
            self._widget.say_forked(said)
        finally:
            self._forking.release()
        self._read_again()

    def _has(self, checkpoint_id: str) -> bool:
        return not self._is_over and any(step.checkpoint.id == checkpoint_id for step in self._history)

    # -- what changes -------------------------------------------------------------------------------------------

    def _met(self) -> tuple[object, ...]:
        """What the rows and their lines depend on, and this session knows without asking."""
        thread = self._session.selection.thread
        runs = [run for run in self._session.tracker.runs() if run.thread_id == self._history.thread_id]
        return (thread and thread.id, *((run.number, run.is_settled) for run in runs))

    def _catch_up_soon(self, *_: object) -> None:
        """Any thread: a run has begun, changed or ended, or a command was called. Work only if the rows depend on it."""
        met = self._met()
        if not self._is_over and met != self._seen:
            self._seen = met
            self._work.do(self._catch_up)

    def _catch_up(self) -> None:
        self._draw()
        if not why_busy(self._session, self._history):
            self._read_again()

    def _read_again(self) -> None:
        self._history = read_again(self._session, self._history)
        self._draw()

    def _draw(self) -> None:
        with self._drawing:
            if not self._is_over:
                self._widget.put(self._json())

    def _json(self) -> HistoryJson:
        thread = self._session.selection.thread
        is_current = thread is not None and thread.id == self._history.thread_id
        elsewhere = "" if is_current else f"-t {self._session.tracker.thread(self._history.thread_id).number}"
        return history_json(self._history, busy=why_busy(self._session, self._history), elsewhere=elsewhere)
