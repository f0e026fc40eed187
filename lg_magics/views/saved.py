"""What a notebook keeps of a view: HTML with a style of at most 3 kB. Depends on nodes; knows no view."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from lg_magics.views.node import Node, html

__all__ = ["saved_html"]


def saved_html(tree: Node, *, style: bool = True) -> str:
    """A view as one piece of HTML; without `style` for an output that has it already."""
    return (_style() if style else "") + html(tree)


@cache
def _style() -> str:
    text = (Path(__file__).parent / "saved.css").read_text("utf-8")
    small = re.sub(r"\s*([{};,>])\s*|(:)\s+", r"\1\2", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)).strip()
    return f"<style>{small.replace(';}', '}')}</style>"
