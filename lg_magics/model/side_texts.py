"""The texts of messages that stream side by side. Pure; a limited number is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

__all__ = ["SideTexts", "set_aside", "without_text"]

MOST_SIDE_BY_SIDE = 8
SideTexts: TypeAlias = Mapping[str, tuple[str, int]]
"""Message id → its text so far, and its full length."""


def set_aside(texts: SideTexts, message_id: str, text: str, length: int) -> SideTexts:
    """Return the texts with that of a message that another one follows. The one that has waited longest is dropped."""
    if not (message_id and text):
        return texts
    kept = list(without_text(texts, message_id).items())[1 - MOST_SIDE_BY_SIDE :]
    return {**dict(kept), message_id: (text, length)}


def without_text(texts: SideTexts, message_id: str) -> SideTexts:
    """Return the texts without that of a message that has ended."""
    return {each: text for each, text in texts.items() if each != message_id} if message_id in texts else texts
