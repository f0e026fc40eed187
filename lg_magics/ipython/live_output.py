"""Shows a live view in the output of the running cell. Depends on IPython's display and the host; knows no view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from IPython.display import DisplayHandle, display

from lg_magics.ipython.host import awaits_comm, current_shell

if TYPE_CHECKING:
    from lg_magics.widgets.view import ViewWidget

__all__ = ["show_live"]


def show_live(widget: ViewWidget, picture: Mapping[str, str]) -> DisplayHandle | None:
    """Show a view as a widget, with static output beside it. The view must not be open yet: its end, which may come at once,
    needs the handle.

    The output comes before the comm where the page draws the tree of the output and waits for the comm: the comm is large, and
    the page would run the script first. Other pages report an error if the comm is not there before the output.

    Returns:
        The handle that replaces the output.
    """
    if not awaits_comm(current_shell()):
        widget.open()
    bundle, metadata = widget.bundle(picture)
    handle: DisplayHandle | None = display(bundle, raw=True, metadata=metadata, display_id=True)
    widget.open()
    return handle
