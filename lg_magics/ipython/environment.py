"""Reads kernel, packages, extension and notebook for `%lg_doctor`. Changes none of them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from lg_magics.ipython.host import current_shell, has_subshells, host_of
from lg_magics.model.environment import Environment

__all__ = ["environment"]

WIDGET_PACKAGES = ("anywidget", "ipywidgets", "comm")
PLUGIN = "lg-magics"


def environment() -> Environment:
    """The environment of the current shell."""
    from lg_magics.ipython.extension import plugin_answers

    shell = current_shell()
    kernel = getattr(shell, "kernel", None)
    answers = plugin_answers(shell)
    path = _notebook_path(shell)
    return Environment(
        python=platform.python_version(),
        kernel=importlib.metadata.version("ipykernel") if kernel is not None else "",
        has_subshells=kernel is not None and has_subshells(kernel),
        is_loaded=answers is not None,
        host=host_of(shell).value,
        other_page=_other_page(shell),
        missing=tuple(name for name in WIDGET_PACKAGES if importlib.util.find_spec(name) is None),
        plugin=_plugin_version(),
        plugin_answers=bool(answers),
        notebook=str(path or ""),
        is_trusted=_is_trusted(path) if path is not None else None,
    )


def _other_page(shell: Any) -> str:
    if "google.colab" in sys.modules:
        return "Colab"
    return "VS Code" if "__vsc_ipynb_file__" in getattr(shell, "user_ns", {}) else ""


def _plugin_version() -> str:
    """The version of the extension in this environment's JupyterLab; "" for none."""
    try:
        from jupyter_core.paths import jupyter_path
    except ImportError:
        return ""
    for folder in jupyter_path("labextensions"):
        try:
            package = json.loads((Path(folder) / PLUGIN / "package.json").read_text(encoding="utf-8"))
            return str(package["version"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return ""


def _notebook_path(shell: Any) -> Path | None:
    """The file of the notebook, where the front end names it and this process can read it."""
    named = os.environ.get("JPY_SESSION_NAME") or getattr(shell, "user_ns", {}).get("__vsc_ipynb_file__") or ""
    path = Path(str(named))
    return path if named and path.suffix == ".ipynb" and path.is_file() else None


def _is_trusted(path: Path) -> bool | None:
    """Whether the saved notebook is signed for this user; None if it cannot be read, or nbformat is not installed."""
    if "nbformat" not in sys.modules and importlib.util.find_spec("nbformat") is None:
        return None
    import nbformat
    from nbformat.sign import NotebookNotary

    try:
        notebook = nbformat.read(path, as_version=4)
        return bool(NotebookNotary().check_signature(notebook))
    except (OSError, ValueError, nbformat.validator.NotebookValidationError):
        return None
