"""Colab's switch for widgets that it does not bring itself. Knows google.colab where it is loaded; imports nothing elsewhere."""

from __future__ import annotations

import importlib
import sys

__all__ = ["turn_on_widgets"]


def turn_on_widgets() -> None:
    """Let Colab show our cards and the panel, as `output.enable_custom_widget_manager()` in a cell would. Elsewhere: nothing."""
    if "google.colab" in sys.modules:
        importlib.import_module("google.colab.output").enable_custom_widget_manager()
