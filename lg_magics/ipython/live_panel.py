"""The panel in an output, where the page has no JupyterLab extension. Knows the widget and the display; answers nothing itself.

One is open at a time: the next `%lg`, or the end of the extension, puts a line of text in its place, which is what a saved
notebook can show without a kernel.
"""

from __future__ import annotations

import contextvars

from IPython.display import display

from lg_magics.ipython.busy_clicks import notify_once
from lg_magics.panel.service import PanelService

__all__ = ["LivePanel"]

OPEN = "The panel of lg_magics: this page shows no widgets."
OVER = "The panel was here: %lg opens it again."


class LivePanel:
    """The panel, open in the output of the cell that runs now."""

    def __init__(self, service: PanelService) -> None:
        from lg_magics.widgets.panel import PanelWidget

        self._service = service
        self._widget = PanelWidget(service.hear)
        self._context = contextvars.copy_context()
        service.add(self._widget.tell)
        notify_once()
        view, metadata = self._widget._repr_mimebundle_() or ({}, {})
        self._handle = display({**view, "text/plain": OPEN}, raw=True, metadata=metadata, display_id=True)

    def close(self) -> None:
        """Leave a line in its place, for good."""
        self._service.leave(self._widget.tell)
        if self._handle is not None:
            self._context.copy().run(self._handle.update, {"text/plain": OVER}, raw=True)
        self._widget.close()
