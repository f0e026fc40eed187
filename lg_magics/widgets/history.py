"""An open history: one trait to the page, messages both ways. Knows its JSON; knows no thread and no server.

What travels: the trait `history` to the page; `{"action": "select" | "fork", "checkpoint_id"}` and `{"action": "close"}` from
it; `{"action": "detail", "detail"}`, `{"action": "forked", "message"}`, `{"action": "failed", "checkpoint_id", "message"}` to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from lg_magics.views.built import built
from lg_magics.views.history_view import Detail, HistoryJson
from lg_magics.widgets.comm_thread import hear_while_busy
from lg_magics.widgets.live import LiveWidget

__all__ = ["HistoryWidget"]


class HistoryWidget(LiveWidget):
    """A history that lives on a page.

    The callbacks come on the kernel's main thread or on one of its subshells, and must return at once. Ids are any text
    that a page may send.

    Args:
        history: What to show first.
        on_select: Called with the id of a checkpoint that somebody wants to look at.
        on_fork: Called with the id of a checkpoint to fork from; it was asked for twice.
        on_close: Called when nothing more will be asked for.

    Raises:
        LgError: The front end was not built (when this module is imported).
    """

    _esm = built("history.js")
    _css = built("history.css")
    kind = "history"
    view_trait = "history"
    history = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        history: HistoryJson,
        on_select: Callable[[str], None],
        on_fork: Callable[[str], None],
        on_close: Callable[[], None],
    ) -> None:
        super().__init__(history=history)
        self._about_one = {"select": on_select, "fork": on_fork}
        self._on_close = on_close
        hear_while_busy(self.comm)
        self.on_msg(self._hear)

    def show_detail(self, detail: Detail) -> None:
        """Answer a select."""
        self.send({"action": "detail", "detail": detail})

    def say_forked(self, message: str) -> None:
        """Answer a fork."""
        self.send({"action": "forked", "message": message})

    def fail(self, checkpoint_id: str, message: str) -> None:
        """Say that what was asked for could not be done; "" is about no checkpoint."""
        self.send({"action": "failed", "checkpoint_id": checkpoint_id, "message": message})

    def _hear(self, _widget: object, content: Any, _buffers: object) -> None:
        """A message from the page: any thread, any content, any number of times."""
        if not isinstance(content, dict):
            return
        action, checkpoint_id = content.get("action"), content.get("checkpoint_id")
        if action == "close":
            self._on_close()
        elif isinstance(action, str) and action in self._about_one and isinstance(checkpoint_id, str):
            try:
                self._about_one[action](checkpoint_id)
            except Exception as error:  # noqa: BLE001 - the edge: it is told to the person who pressed
                self.fail(checkpoint_id, str(error))
