"""What surrounds the commands: the kernel, its packages, the page and the notebook. Facts only; finds none of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Environment", "HostName"]

HostName = Literal["page", "headless", "terminal", "none"]


@dataclass(frozen=True, slots=True)
class Environment:
    """Where commands run, as far as the process can know.

    Attributes:
        python: the version of Python.
        kernel: the version of ipykernel; "" outside a kernel.
        has_subshells: whether clicks are handled while a cell runs.
        is_loaded: whether `%load_ext lg_magics` ran in this shell.
        host: what shows the results.
        other_page: the front end, where it is another than Jupyter's own: "VS Code", "Colab".
        missing: packages that widgets need and that are not installed.
        plugin: the version of the JupyterLab extension that is installed beside the kernel; "" for none.
        plugin_answers: whether the extension in the page has answered.
        notebook: the path of the notebook; "" where it is unknown.
        is_trusted: whether the saved notebook is trusted; None where that is unknown.
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
