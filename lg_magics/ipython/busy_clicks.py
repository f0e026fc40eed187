"""The notice that clicks wait for the running cell, in kernels without subshells. Knows a kernel's features; draws nothing.

ipykernel 6, which Colab has, handles a page's messages between two cells only. From 7.1 they come on subshells, at once.
"""

from __future__ import annotations

import sys
from typing import Any

from lg_magics.ipython.host import current_shell

__all__ = ["notify_once"]

_is_done = False


def notify_once() -> None:
    """Print, once in a session of the kernel, that buttons wait for the running cell, if they do."""
    global _is_done
    kernel = getattr(current_shell(), "kernel", None)
    if _is_done or kernel is None or _has_subshells(kernel):
        return
    _is_done = True
    cure = "" if "google.colab" in sys.modules else " %pip install -U 'ipykernel>=7.1' and a restart change that."
    print(f"lg_magics: in this kernel, Cancel and the panel wait until the running cell has ended.{cure}")


def _has_subshells(kernel: Any) -> bool:
    return "kernel subshells" in kernel.kernel_info.get("supported_features", ())
