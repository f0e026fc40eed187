"""A result that is open on a page: rows to choose from, until it is closed. Depends on LiveView and the display; knows no rows.

One of a kind is open at a time in a notebook. Opening another, or Close, puts HTML and text in its place: that is what a saved
notebook can show without a kernel.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Mapping, Sequence

from IPython.display import DisplayHandle, display

from lg_magics.ipython.host import current_shell, notebook_of, notify_once
from lg_magics.live.live_view import Action, Later, LiveView, Rendered, Unsubscribe

__all__ = ["OpenView", "end_all"]

_open: dict[tuple[str, str], OpenView] = {}
"""By notebook and kind."""


class OpenView:
    """One open result.

    Args:
        kind: the one that is open of this kind before it is closed.
        view: gives what is to be seen now.
        picture: gives HTML and text of it, at most so many bytes; without a bound, what stays when it is closed.
        actions: what a person can do; `close` is added.
        reads: what a page can ask for.
        loop: renders.
        subscribe: gets a function to call whenever something may have changed; returns what ends that.
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
        self._widget = ViewWidget(self.live.envelope(), self.live.receive)

    def show(self, largest: int) -> None:
        """Put it on the page, with a picture of at most so many bytes, and keep it up to date from now on."""
        if before := _open.get(self._place):
            before.close()
        _open[self._place] = self
        bundle, metadata = self._widget.bundle(self._picture(largest))
        self._handle = display(bundle, raw=True, metadata=metadata, display_id=True)
        self.live.open(self._widget)
        notify_once()

    def close(self) -> None:
        """Put what it shows in its place, for good."""
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
