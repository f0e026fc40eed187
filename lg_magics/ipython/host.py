"""Detects the host of a command (page, headless runner, terminal or none), the running cell, and the kernel's features.

The host changes how a result is drawn, never when a command returns. Draws nothing.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
from collections.abc import Callable, Mapping, MutableSequence
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any

from lg_magics.model.cell import Cell
from lg_magics.widgets.plugin import pages

__all__ = [
    "CellCounter",
    "Host",
    "awaits_comm",
    "current_shell",
    "has_subshells",
    "host_of",
    "notebook_of",
    "notebook_of_message",
    "notify_once",
    "remove_if_there",
    "turn_on_widgets",
    "unregister",
]


class Host(Enum):
    """Where the output of a command is shown."""

    PAGE = "page"
    HEADLESS = "headless"
    TERMINAL = "terminal"
    NONE = "none"

    @property
    def is_page(self) -> bool:
        """Whether there is a page, whose output can be clicked and updated."""
        return self is Host.PAGE

    @property
    def is_attended(self) -> bool:
        """Whether a person sees the output."""
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
    """The session id of the page that sent the message, which distinguishes notebooks of one kernel; "" outside a kernel."""
    return notebook_of_message(_request(shell))


def notebook_of_message(message: Mapping[str, Any]) -> str:
    """The session id of the page that sent a message."""
    return str((message.get("header") or {}).get("session", ""))


def awaits_comm(shell: Any) -> bool:
    """Whether the page waits for the comm of an output: a notebook with our extension does."""
    return notebook_of(shell) in pages


def _has_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _came_from_page(shell: Any) -> bool:
    message = shell.get_parent() or {}
    if str(message.get("msg_type", "")).startswith("comm_"):
        return True
    return bool(message.get("content", {}).get("allow_stdin", False))


class CellCounter:
    """Names the running cell at each launch. The second launch of one execution has a name of its own: `abc#2`."""

    def __init__(self) -> None:
        self._request = ""
        self._launches = 0

    def __call__(self) -> Cell:
        """The running cell, for one more launch; an empty one outside a notebook."""
        shell = current_shell()
        request = _request(shell)
        header = request.get("header")
        message_id = str(header.get("msg_id") or "") if isinstance(header, Mapping) else ""
        cell_id = _cell_id(request)
        if not (message_id and cell_id):
            return Cell(_notebook(shell))
        self._launches = self._launches + 1 if message_id == self._request else 1
        self._request = message_id
        return Cell(_notebook(shell), cell_id if self._launches == 1 else f"{cell_id}#{self._launches}")

    def notebook(self) -> str:
        """The notebook's name, without counting a launch; "" outside a notebook."""
        return _notebook(current_shell())


def _request(shell: Any) -> Mapping[str, Any]:
    """The message that the kernel handles now; empty outside a kernel."""
    message = shell.get_parent() if getattr(shell, "kernel", None) is not None else None
    return message if isinstance(message, Mapping) else {}


def _cell_id(request: Mapping[str, Any]) -> str:
    """The cell's id, which JupyterLab and VS Code send; for a headless runner, a hash of the cell's source."""
    header, metadata, content = (request.get(part) or {} for part in ("header", "metadata", "content"))
    if header.get("msg_type") != "execute_request":
        return ""
    if cell_id := metadata.get("cellId"):
        return str(cell_id)
    return "source-" + hashlib.sha256(str(content.get("code", "")).encode()).hexdigest()[:12]


def _notebook(shell: Any) -> str:
    """The notebook's name and a hash of its path. Jupyter's server passes it in a variable, VS Code in the namespace."""
    named = os.environ.get("JPY_SESSION_NAME") or getattr(shell, "user_ns", {}).get("__vsc_ipynb_file__") or ""
    if not named:
        return ""
    path = Path(str(named))
    # A file name that is not UTF-8 contains surrogates, which JSON cannot hold.
    name = path.name.encode("utf-8", "replace").decode("utf-8")
    return f"{name}·{hashlib.sha256(str(path).encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"


_is_done = False


def notify_once() -> None:
    """Print, once per kernel, that buttons wait for the running cell, if they do."""
    global _is_done
    kernel = getattr(current_shell(), "kernel", None)
    if _is_done or kernel is None or has_subshells(kernel):
        return
    _is_done = True
    cure = "" if "google.colab" in sys.modules else " %pip install -U 'ipykernel>=7.1' and a restart change that."
    print(f"lg_magics: in this kernel, Cancel and the panel wait until the running cell has ended.{cure}")


def has_subshells(kernel: Any) -> bool:
    """Whether the kernel handles messages of a page while a cell runs."""
    return "kernel subshells" in kernel.kernel_info.get("supported_features", ())


def unregister(shell: Any, event: str, callback: Callable[..., object]) -> None:
    """Unregister a callback of the shell's events, if it is registered."""
    with suppress(ValueError):
        shell.events.unregister(event, callback)


def remove_if_there(things: MutableSequence[Any], thing: object) -> None:
    """Remove a thing from a list of the shell, if it is there."""
    with suppress(ValueError):
        things.remove(thing)


def turn_on_widgets() -> None:
    """Let Colab show our cards and the panel, as `output.enable_custom_widget_manager()` in a cell would. Elsewhere: nothing."""
    if "google.colab" in sys.modules:
        importlib.import_module("google.colab.output").enable_custom_widget_manager()
