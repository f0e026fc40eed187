"""What all results but the run card share in HTML: the frame with its style, a note, a fold. Knows no result."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from lg_magics.views.built import built
from lg_magics.views.escape import NO_MATH, Html, element, fragment

__all__ = ["fold", "framed", "note", "shortened"]


@cache
def _style() -> Html:
    text = (Path(__file__).parent / "results.css").read_text("utf-8")
    small = re.sub(r"\s*([{};:,>])\s*", r"\1", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)).strip()
    return Html(f"<style>{built('theme.css').strip()}{small}</style>")


def framed(*children: str) -> str:
    """Children in the results' frame, with its style."""
    return fragment(_style(), element("div", *children, class_=f"lg-result {NO_MATH}"))


def note(text: str) -> Html:
    """A line that must not be overlooked; nothing if there is none."""
    return element("div", text, class_="lg-note") if text else Html("")


def fold(summary: str, *children: str) -> Html:
    """Children behind a line that opens them."""
    return element("details", element("summary", summary), *children)


def shortened(text: str, length: int) -> tuple[str, int]:
    """The beginning of a text, and how many characters are left out."""
    return (text, 0) if len(text) <= length else (text[:length], len(text) - length)
