"""The widget of every view: sends a tree to the page and receives requests. Depends on traits and messages; knows no view.

The trait `view` holds the whole tree, for new pages; `newest` the changes to it, so that a page with the previous version gets
only those. `kept` is the output to save in the notebook. When it is final, the widget and its comm are released: at once, or,
where the extension is active, when a page has saved it, so that a page which was away in the meantime finds it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from lg_magics.errors import LgError
from lg_magics.widgets.comm_thread import route_to_subshell
from lg_magics.widgets.mime import VIEW as MIME
from lg_magics.widgets.plugin import SPOKE

__all__ = ["MIME", "ViewWidget"]

RELEASE = {"command": "release"}
"""The message that the extension sends when it has saved the final output."""


def _built(name: str) -> str:
    """Return a file of the built front end: `view.js`.

    Raises:
        LgError: The front end is not built.
    """
    path = Path(__file__).parent / "static" / name
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        raise LgError(f"The front end is not built: no {name}.", hint="`make setup` builds it.") from error


class ViewWidget(anywidget.AnyWidget):
    """A view on a page.

    Args:
        view: The first tree to show.
        on_request: Called with a page's message (any JSON) on the kernel's main thread or one of its subshells. Must return
            immediately.
        opens: Open the comms now; otherwise `open` does. The view has its id at once.

    Raises:
        LgError: The front end is not built (raised when this module is imported).
    """

    _esm = _built("view.js")
    _css = _built("view.css")
    view = traitlets.Dict().tag(sync=True)
    newest = traitlets.Dict().tag(sync=True)
    kept = traitlets.Dict().tag(sync=True)

    def __init__(self, view: Mapping[str, Any], on_request: Callable[[object], None], *, opens: bool = True) -> None:
        self._is_quiet = False
        self._is_made = False
        self._set_at = time.time()
        super().__init__(view=dict(view), model_id=uuid.uuid4().hex)
        self._is_made = True
        self._on_request = on_request
        self.on_msg(self._receive)
        if opens:
            self.open()

    def open(self) -> None:
        """Open the comms of the view and of its layout. The base class calls this too, before the view is complete."""
        if self._is_made and self.comm is None:
            super().open()
            route_to_subshell(self.comm)

    @property
    def model_id(self) -> str:
        """The id of the view, which is also that of its comm."""
        return str(self._model_id)

    def update(self, base: int, version: int, at: float, made: list[Any], view: dict[str, Any]) -> None:
        """Send changes to connected pages, and hold the whole tree for new ones."""
        self._is_quiet = True
        self._set_at = time.time()
        try:
            self.view = view
        finally:
            self._is_quiet = False
        self.newest = {"base": base, "version": version, "at": at, "changes": made, "lost": view["lost"]}

    def keep(self, picture: Mapping[str, Any], *, is_over: bool) -> None:
        """Set the output to save in the notebook, by MIME type with text/plain, and whether it is final."""
        self.kept = {**picture, "over": is_over} if picture else {}

    def release(self) -> None:
        """Close the comm after the final output is on the page, unless the extension still has to save it."""
        if not SPOKE.is_set():
            self.close()

    def close(self) -> None:
        """Close the comms of the view and of its layout."""
        if self.comm is not None:
            self.layout.close()
        super().close()

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the traits as a page gets them. The view's `at` is now: from it, the page computes the offset of the clocks."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if "at" in state.get("view", ()):
            state["view"] = {**state["view"], "at": state["view"]["at"] + time.time() - self._set_at}
        return state

    def notify_change(self, change: Any) -> None:
        """Send a trait that has changed; for `view`, only its changes are sent."""
        if not (self._is_quiet and change["name"] == "view"):
            super().notify_change(change)

    def bundle(self, picture: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the MIME bundle of an active view: the widget, its tree, and static output for hosts that render neither."""
        shown, metadata = self._repr_mimebundle_() or ({}, {})
        return {**shown, MIME: self.view, **picture}, metadata

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        if content != RELEASE:
            self._on_request(content)
        elif self.kept.get("over"):
            self.close()
