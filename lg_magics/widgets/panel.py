"""The panel as a widget, for pages without the JupyterLab extension. Knows its messages; knows no session and no request.

The messages are those of the extension's comm (lg_magics/live/protocol.py), as custom messages both ways; there is no trait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget

from lg_magics.views.built import built
from lg_magics.widgets.comm_thread import hear_while_busy

__all__ = ["PanelWidget"]


class PanelWidget(anywidget.AnyWidget):
    """The side panel of a kernel, drawn in an output.

    Args:
        on_request: Called with what a page sent: any JSON, on the kernel's main thread or one of its subshells. Must return at
            once. What it is given besides sends a message to the page, from any thread.

    Raises:
        LgError: The front end was not built (when this module is imported).
    """

    _esm = built("panel.js")
    _css = built("panel.css")

    def __init__(self, on_request: Callable[[Callable[[dict[str, Any]], None], object], None]) -> None:
        super().__init__()
        self._on_request = on_request
        hear_while_busy(self.comm)
        self.on_msg(self._hear)

    def tell(self, data: dict[str, Any]) -> None:
        """Send a message to the page."""
        self.send(data)

    def _hear(self, _widget: object, content: object, _buffers: object) -> None:
        self._on_request(self.tell, content)
