"""Facts about the kernel, its packages, the page and the notebook. Holds them only; collects none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Environment", "HostName"]

HostName = Literal["page", "headless", "terminal", "none"]


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment of the commands, as far as the process knows it.

    Attributes:
        python: the version of Python.
        kernel: the version of ipykernel; "" outside a kernel.
        has_subshells: whether clicks are handled while a cell is running.
        is_loaded: whether `%load_ext lg_magics` ran in this shell.
        host: the program that displays the results.
        other_page: the front end, if it is not Jupyter's own: "VS Code", "Colab".
        missing: packages that widgets need and that are not installed.
        plugin: the version of the JupyterLab extension installed beside the kernel; "" for none.
        plugin_answers: whether the extension in the page has answered.
        notebook: the path of the notebook; "" if unknown.
        is_trusted: whether the saved notebook is trusted; None if unknown.
    """

    python: str = ""
    kernel: str = ""
    has_subshells: bool = False
    is_loaded: bool = False
    host: HostName = "none"
    other_page: str = ""
    missing: tuple[str, ...] = ()
    plugin: str = ""
    plugin_answers: bool = False
    notebook: str = ""
    is_trusted: bool | None = None
