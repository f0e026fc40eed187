"""What stands around a command: a page, a runner without a person, a terminal, or nothing. Draws nothing.

The host changes how a thing is drawn, never when a command returns.
"""

from __future__ import annotations

import sys
from enum import Enum
from typing import Any

__all__ = ["Host", "current_shell", "host_of", "notebook_of"]


class Host(Enum):
    """Who looks at what a command shows."""

    PAGE = "page"
    HEADLESS = "headless"
    TERMINAL = "terminal"
    NONE = "none"

    @property
    def is_page(self) -> bool:
        """Whether there is a page, where things can be clicked and change after they were shown."""
        return self is Host.PAGE

    @property
    def is_attended(self) -> bool:
        """Whether a person sits before it."""
        return self in (Host.PAGE, Host.TERMINAL) or (self is Host.NONE and _has_terminal())


def current_shell() -> Any:
    """The IPython shell of this process, or None; never imports IPython."""
    ipython = sys.modules.get("IPython.core.getipython")
    return ipython.get_ipython() if ipython is not None else None


def host_of(shell: Any) -> Host:
    """Name the host of a shell.

    A kernel's execute request allows stdin when a page sent it, and forbids it when nbval, nbclient or papermill did
    (measured with JupyterLab 4.6, nbval 0.11, nbclient 0.10). A comm message can only come from a page.
    """
    if getattr(shell, "kernel", None) is not None:
        return Host.PAGE if _came_from_page(shell) else Host.HEADLESS
    names = {each.__name__ for each in type(shell).__mro__}
    return Host.TERMINAL if "TerminalInteractiveShell" in names else Host.NONE


def notebook_of(shell: Any) -> str:
    """What tells the notebooks of one kernel apart: the session of the page that sent the message; "" outside a kernel."""
    message = (shell.get_parent() or {}) if getattr(shell, "kernel", None) is not None else {}
    return str(message.get("header", {}).get("session", ""))


def _has_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _came_from_page(shell: Any) -> bool:
    message = shell.get_parent() or {}
    if str(message.get("msg_type", "")).startswith("comm_"):
        return True
    return bool(message.get("content", {}).get("allow_stdin", False))
