"""Which cell is running now. Knows the execute request and where the front ends put a notebook's name; asks nobody."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lg_magics.ipython.host import current_shell
from lg_magics.model.cell import Cell

__all__ = ["CellCounter"]


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
        """The notebook's name, for whoever launches nothing; "" outside one."""
        return _notebook(current_shell())


def _request(shell: Any) -> Mapping[str, Any]:
    """The message that the kernel is at work on; nothing outside a kernel."""
    message = shell.get_parent() if getattr(shell, "kernel", None) is not None else None
    return message if isinstance(message, Mapping) else {}


def _cell_id(request: Mapping[str, Any]) -> str:
    """JupyterLab and VS Code tell the cell's id; of a runner's cell, its source will do."""
    header, metadata, content = (request.get(part) or {} for part in ("header", "metadata", "content"))
    if header.get("msg_type") != "execute_request":
        return ""
    if told := metadata.get("cellId"):
        return str(told)
    return "source-" + hashlib.sha256(str(content.get("code", "")).encode()).hexdigest()[:12]


def _notebook(shell: Any) -> str:
    """The notebook's name; Jupyter's server tells its kernel by a variable, VS Code by a name in the namespace."""
    told = os.environ.get("JPY_SESSION_NAME") or getattr(shell, "user_ns", {}).get("__vsc_ipynb_file__") or ""
    path = Path(str(told))
    if not told:
        return ""
    # A file name of another encoding than UTF-8 has half characters in it, which JSON cannot have.
    name = path.name.encode("utf-8", "replace").decode("utf-8")
    return f"{name}·{hashlib.sha256(str(path).encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"
