"""A result that is open on a page: rows to choose from, until it is closed. Depends on LiveView and the display; knows no rows.

In a notebook, one view of a kind is open at a time. Opening another, or Close, replaces it by HTML and text, which a saved
notebook can show without a kernel.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Mapping, Sequence

from IPython.display import DisplayHandle

from lg_magics.ipython.host import current_shell, notebook_of, notify_once
from lg_magics.ipython.live_output import show_live
from lg_magics.live.live_view import Action, Later, LiveView, Rendered, Unsubscribe

__all__ = ["OpenView", "end_all"]

_open: dict[tuple[str, str], OpenView] = {}
"""By notebook and kind."""


class OpenView:
    """One open result.

    Args:
        kind: its kind; the open view of the same kind is closed.
        view: returns the tree to show now.
        picture: returns HTML and text, with at most so many bytes; called without a bound when the view is closed.
        actions: the actions of a person; `close` is added.
        reads: the requests of a page that only read.
        loop: the loop that renders.
        subscribe: gets a function to call at each possible change; returns a function that unsubscribes.
    """

    def __init__(
        self,
        kind: str,
        view: Callable[[], Rendered],
        picture: Callable[[int | None], dict[str, str]],
        *,
        actions: Mapping[str, Action],
        reads: Mapping[str, Action],
        loop: Later,
        subscribe: Callable[[Callable[[], None]], Unsubscribe],
    ) -> None:
        from lg_magics.widgets.view import ViewWidget

        self._place = notebook_of(current_shell()), kind
        self._picture = picture
        self._context = contextvars.copy_context()
        self._is_closed = False
        self._handle: DisplayHandle | None = None
        self.live = LiveView(view, {**actions, "close": lambda _: self.close()}, loop, subscribe, reads=reads)
        self._widget = ViewWidget(self.live.envelope(), self.live.receive, opens=False)

    def show(self, largest: int) -> None:
        """Show it on the page, with a picture of at most so many bytes, and update it from now on."""
        if before := _open.get(self._place):
            before.close()
        _open[self._place] = self
        self._handle = show_live(self._widget, self._picture(largest))
        self.live.open(self._widget)
        notify_once()

    def close(self) -> None:
        """Replace it by HTML and text, for good."""
        if self._is_closed:
            return
        self._is_closed = True
        if _open.get(self._place) is self:
            del _open[self._place]
        self.live.close()
        picture = self._picture(None)
        self._widget.keep(picture, is_over=True)
        if self._handle is not None:
            self._context.copy().run(self._handle.update, picture, raw=True)
        self._widget.release()


def end_all(ends: Sequence[Unsubscribe]) -> Unsubscribe:
    """One function that ends several subscriptions."""

    def end() -> None:
        for each in ends:
            each()

    return end
