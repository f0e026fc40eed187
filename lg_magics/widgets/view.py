"""The widget of every view: a tree to the page, requests back. Depends on traits and messages; knows no view.

The trait `view` is the whole, for a page that comes; `newest` the changes to it, so that a page which has the version before gets
no more than those. `kept` is what the notebook is to keep of it. When that is all, the widget and its comm are released: at once,
or where the extension is, when a page has written it down, so that a page which was away in the meantime finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from lg_magics.views.built import built
from lg_magics.widgets.comm_thread import route_to_subshell
from lg_magics.widgets.mime import VIEW as MIME
from lg_magics.widgets.plugin import SPOKE

__all__ = ["MIME", "ViewWidget"]

RELEASE = {"command": "release"}
"""What the extension sends when it has written down what is to be kept."""


class ViewWidget(anywidget.AnyWidget):
    """A view on a page.

    Args:
        view: What to show first.
        on_request: Called with what a page sent: any JSON, on the kernel's main thread or one of its subshells. Must return at
            once.

    Raises:
        LgError: The front end was not built (when this module is imported).
    """

    _esm = built("view.js")
    _css = built("view.css")
    view = traitlets.Dict().tag(sync=True)
    newest = traitlets.Dict().tag(sync=True)
    kept = traitlets.Dict().tag(sync=True)

    def __init__(self, view: Mapping[str, Any], on_request: Callable[[object], None]) -> None:
        self._is_quiet = False
        super().__init__(view=dict(view))
        self._on_request = on_request
        route_to_subshell(self.comm)
        self.on_msg(self._receive)

    def update(self, base: int, version: int, at: float, made: list[Any], view: dict[str, Any]) -> None:
        """Send changes to the pages that are there, and hold the whole for those that come."""
        self._is_quiet = True
        try:
            self.view = view
        finally:
            self._is_quiet = False
        self.newest = {"base": base, "version": version, "at": at, "changes": made, "lost": view["lost"]}

    def keep(self, picture: Mapping[str, str], *, is_over: bool) -> None:
        """Say what the notebook is to keep: HTML and text, and whether that is all."""
        self.kept = {**picture, "over": is_over} if picture else {}

    def release(self) -> None:
        """After the last picture is on the page: close the comm, unless the extension is still to write the picture down."""
        if not SPOKE.is_set():
            self.close()

    def close(self) -> None:
        """Close the comms of the view and of its layout."""
        if self.comm is not None:
            self.layout.close()
        super().close()

    def notify_change(self, change: Any) -> None:
        """Send a trait that has changed; not the whole view, whose changes are sent."""
        if not (self._is_quiet and change["name"] == "view"):
            super().notify_change(change)

    def bundle(self, picture: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
        """What an output holds while the view lives: the widget, its tree, and a picture for hosts that show neither."""
        shown, metadata = self._repr_mimebundle_() or ({}, {})
        return {**shown, MIME: self.view, **picture}, metadata

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        if content != RELEASE:
            self._on_request(content)
        elif self.kept.get("over"):
            self.close()
