"""The parts of one output, as a notebook saves them and a terminal prints them. Every result passes here, and draws nothing."""

from __future__ import annotations

from lg_magics.model.visible_text import visible_text

__all__ = ["output"]

PLAIN = "text/plain"


def output(parts: dict[str, str]) -> dict[str, str]:
    """The parts of an output by MIME type. In text/plain every character is visible; HTML is so by its elements.

    >>> output({"text/plain": "\\x07"})
    {'text/plain': '␇'}
    """
    return {kind: visible_text(part) if kind == PLAIN else part for kind, part in parts.items()}
