"""Render what a step read and wrote, for its expanded row. Depends on values; knows no run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from lg_magics.model.messages import message_from_payload
from lg_magics.model.plain_text import brief
from lg_magics.model.visible_text import visible_text
from lg_magics.views.node import Node, node

__all__ = ["step_tree"]

KEYS = 20
MESSAGES = 4
WIDTH = 600
LARGEST = 6_000


def step_tree(read: Any, wrote: Any, place: str) -> Node:
    """Return the values before the step, what it wrote, and where both are stored.

    Args:
        read: the state's values.
        wrote: what the step wrote; None if it has not written yet.
        place: the line that shows all of it.
    """
    return node(
        "div",
        _part("read", read),
        _part("wrote", wrote) if wrote is not None else node("div", "It has not written yet.", class_="lg-note"),
        node("div", node("code", place), class_="lg-note"),
        class_="lg-io",
    )


def _part(name: str, value: Any) -> list[Node]:
    text = "\n".join(_lines(value))
    shown = text if len(text) <= LARGEST else f"{text[:LARGEST]}…"
    return [node("div", name, class_="lg-note"), node("pre", shown or "nothing", tabindex=0)]


def _lines(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping) or message_from_payload(value):
        yield brief(value, WIDTH)
        return
    for key, held in islice(value.items(), KEYS):
        name = visible_text(str(key)[:WIDTH])
        if isinstance(held, list) and held and isinstance(held[-1], Mapping) and message_from_payload(held[-1]):
            yield f"{name}: {len(held):,} message{'s' * (len(held) != 1)}"
            yield from (f"  {brief(each, WIDTH)}" for each in held[-MESSAGES:])
        else:
            yield f"{name}: {brief(held, WIDTH)}"
    if len(value) > KEYS:
        yield f"… {len(value) - KEYS:,} more"
