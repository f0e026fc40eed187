"""What all results but the run card share in HTML: the frame with its style, a note, a fold. Knows no result."""

from __future__ import annotations

from lg_magics.views.escape import NO_MATH, Html, element, fragment
from lg_magics.views.saved import results_style

__all__ = ["fold", "framed", "note", "shortened"]


def framed(*children: str) -> str:
    """Children in the results' frame, with its style."""
    return fragment(Html(results_style()), element("div", *children, class_=f"lg-result {NO_MATH}"))


def note(text: str) -> Html:
    """A line that must not be overlooked; nothing if there is none."""
    return element("div", text, class_="lg-known") if text else Html("")


def fold(summary: str, *children: str) -> Html:
    """Children behind a line that opens them."""
    return element("details", element("summary", summary), *children)


def shortened(text: str, length: int) -> tuple[str, int]:
    """The beginning of a text, and how many characters are left out."""
    return (text, 0) if len(text) <= length else (text[:length], len(text) - length)
