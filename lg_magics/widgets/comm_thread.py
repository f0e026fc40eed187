"""Route comm messages so that a click need not wait for a busy cell: uses one private part of ipykernel. Knows no widgets.

ipykernel 7.4 sends a page's messages on a comm to the shell that last used it. A background thread that sets a
trait uses the main shell, and from then on a click on Cancel waits until the running cell has ended. Without
that rule it arrives, as in 7.1 to 7.3, on the subshell that the page chose: in about 5 ms, regardless of the cell.
Older kernels lack that rule, and nothing is changed there; the same holds for a later kernel that drops it.
"""

from __future__ import annotations

from typing import Any

__all__ = ["route_to_subshell"]


def route_to_subshell(comm: Any) -> None:
    """Let messages from the page reach this comm while a cell is running, where the kernel supports it."""
    if comm is not None and hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _subshell_of_message


def _subshell_of_message(data: object, default: str | None) -> str | None:
    """Return the subshell that the page sent its message to, not the one that the kernel last used."""
    return default
