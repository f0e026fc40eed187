"""The inputs of runs that the tests launch with the raw SDK."""

from __future__ import annotations

from typing import Any

__all__ = ["input_from_text"]


def input_from_text(text: str) -> dict[str, Any]:
    """The input of a graph with messages: one message of the user."""
    return {"messages": [{"role": "user", "content": text}]}
