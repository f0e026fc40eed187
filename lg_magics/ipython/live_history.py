"""An open history: rows to choose, a checkpoint to read, a fork. Depends on the session's commands; draws nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lg_magics.actions.history import fork_at, line_at, read_again, read_checkpoint, why_busy
from lg_magics.errors import CommandError
from lg_magics.ipython.open_view import OpenView, end_all
from lg_magics.live.live_view import Lost, Rendered, Unsubscribe
from lg_magics.live.rereads import Rereads
from lg_magics.views.bundle import bundle
from lg_magics.views.history_tree import checkpoint_tree, history_tree
from lg_magics.views.output import LARGEST, PICTURE

if TYPE_CHECKING:
    from lg_magics.model.history import HistoryStep
    from lg_magics.session import Session
    from lg_magics.tables.history import History

__all__ = ["LiveHistory", "show_history"]


def show_history(history: History, session: Session) -> None:
    """Open a history on the page; the one that was open before is closed."""
    LiveHistory(history, session).open.show(PICTURE)


class LiveHistory:
    """One history that is open on a page."""

    def __init__(self, history: History, session: Session) -> None:
        self._history = history
        self._session = session
        self._connect = session.connection.deployment.typed
        self._seen = self._known()
        self._reads = Rereads(lambda: read_again(session, self._history), self._take)
        self.open = OpenView(
            "history",
            self._rendered,
            lambda largest: bundle(self._history, largest or LARGEST),
            actions={"fork": self._fork, "run": self._run, "line": self._line},
            reads={"detail": self._detail},
            loop=session.loop,
            subscribe=self._subscribe,
        )

    def _rendered(self) -> Rendered:
        busy = why_busy(self._session, self._history)
        tree = history_tree(self._history, busy=busy, elsewhere=self._elsewhere, message=self._reads.failure)
        return Rendered(tree, Lost("history", (self._history.thread_id,), self._connect))

    @property
    def _elsewhere(self) -> str:
        thread = self._session.selection.thread
        is_current = thread is not None and thread.id == self._history.thread_id
        return "" if is_current else f"-t {self._session.tracker.thread(self._history.thread_id).number}"

    # -- updates ------------------------------------------------------------------------------------------------

    def _subscribe(self, changed: Callable[[], None]) -> Unsubscribe:
        def happened(*_: object) -> None:
            known = self._known()
            if known != self._seen:
                self._seen = known
                changed()
                if not why_busy(self._session, self._history):
                    self._reads.soon(changed)

        events = self._session.events
        return end_all([events.subscribe("run", happened), events.subscribe("command", happened)])

    def _known(self) -> tuple[object, ...]:
        """The data of this session that the rows and their lines depend on, without a request."""
        thread = self._session.selection.thread
        runs = [run for run in self._session.tracker.runs() if run.thread_id == self._history.thread_id]
        return (thread and thread.id, *((run.number, run.is_settled) for run in runs))

    def _take(self, history: History) -> None:
        self._history = history

    # -- actions ------------------------------------------------------------------------------------------------

    def _detail(self, arguments: Mapping[str, Any]) -> object:
        step = self._step(arguments.get("choice"))
        changes, state = read_checkpoint(self._session, self._history, step.checkpoint.id)
        busy = why_busy(self._session, self._history)
        return {"tree": checkpoint_tree(self._history, step, changes, state, busy=busy, elsewhere=self._elsewhere)}

    def _fork(self, arguments: Mapping[str, Any]) -> object:
        return self._forked(arguments, run=False)

    def _run(self, arguments: Mapping[str, Any]) -> object:
        return self._forked(arguments, run=True)

    def _forked(self, arguments: Mapping[str, Any], *, run: bool) -> object:
        step, message, text = self._asked(arguments)
        done = fork_at(self._session, self._history, step.checkpoint.id, message=message, text=text, run=run)
        return {"message": self._reads.after(done)}

    def _line(self, arguments: Mapping[str, Any]) -> object:
        step, message, text = self._asked(arguments)
        line = line_at(self._history, step, elsewhere=self._elsewhere, message=message, text=text)
        return {"insert": line}

    def _asked(self, arguments: Mapping[str, Any]) -> tuple[HistoryStep, str, str]:
        """The checkpoint, and the message to rewrite with its new text; "" for both if the text was not changed."""
        step = self._step(arguments.get("id"))
        form, before, message = arguments.get("form"), arguments.get("text"), arguments.get("message")
        text = form.get("text") if isinstance(form, Mapping) else None
        if not isinstance(text, str) or not isinstance(message, str) or text == before:
            return step, "", ""
        return step, message, text

    def _step(self, identity: object) -> HistoryStep:
        for step in self._history:
            if step.checkpoint.id == identity:
                return step
        raise CommandError("This checkpoint is not among the rows any more.", hint="Choose another.")
