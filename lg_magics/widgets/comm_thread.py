"""One private thing of ipykernel, kept here: a click must not wait for a busy cell. Knows comms, no widgets.

ipykernel 7.4 sends the page's answers on a comm to the shell that last spoke on it. A background thread that sets a
trait speaks from the main shell, and from then on a click on Cancel waits until the running cell has ended. Without
that rule it arrives, as in 7.1 to 7.3, on the subshell that the page chose: in about 5 ms, whatever the cell does.
Older kernels have no such rule, and nothing is changed there; nor would be, should a later one drop it.
"""

from __future__ import annotations

from typing import Any

__all__ = ["route_to_subshell"]


def route_to_subshell(comm: Any) -> None:
    """Let messages from the page reach this comm while a cell is running, where the kernel can."""
    if comm is not None and hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _as_the_page_asked


def _as_the_page_asked(data: object, default: str | None) -> str | None:
    """The subshell that the page sent its message to, not the one that the kernel last spoke from."""
    return default
