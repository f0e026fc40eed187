"""Pad or cut text to a width in a terminal: wide letters count twice, combining ones not at all. Pure."""

from __future__ import annotations

from wcwidth import wcwidth

__all__ = ["cut_to", "padded", "width"]


def width(text: str) -> int:
    """Return how many columns a text takes.

    >>> width("abc"), width("日本"), width("e\\u0301")
    (3, 4, 1)
    """
    return len(text) if text.isascii() else sum(max(0, wcwidth(each)) for each in text)


def padded(text: str, columns: int, *, right: bool = False) -> str:
    """Pad a text with spaces to a number of columns; a wider one stays as it is."""
    spaces = " " * (columns - width(text))
    return spaces + text if right else text + spaces


def cut_to(text: str, columns: int) -> str:
    """Cut a text to a number of columns, with an ellipsis if it is longer.

    >>> cut_to("abcdef", 4), cut_to("日本語", 4)
    ('abc…', '日…')
    """
    if width(text) <= columns:
        return text
    left = columns - 1
    for place, each in enumerate(text):
        left -= max(0, wcwidth(each))
        if left < 0:
            return f"{text[:place]}…"
    return text
