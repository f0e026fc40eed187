"""The panel in an output, where the page has no JupyterLab extension. Depends on the display; draws nothing itself.

One is open at a time: the next `%lg`, or the end of the extension, puts a line of text in its place, which is what a saved
notebook can show without a kernel.
"""

from __future__ import annotations

from lg_magics.ipython.open_view import OpenView
from lg_magics.panel.live_panel import LivePanel
from lg_magics.session import Session
from lg_magics.views.output import PICTURE

__all__ = ["show_panel"]

OPEN = "The panel of lg_magics: this page shows no widgets."
OVER = "The panel was here: %lg opens it again."


def show_panel(session: Session) -> OpenView:
    """Open the panel in the output of the cell that runs now; the one that was open before is closed."""
    panel = LivePanel(session)
    opened = OpenView(
        "panel",
        panel.rendered,
        lambda largest: {"text/plain": OPEN if largest else OVER},
        actions=panel.actions,
        reads=panel.reads,
        loop=session.loop,
        subscribe=panel.subscribe,
    )
    opened.show(PICTURE)
    return opened
