"""Render a run's steps as rows of its card, as a tree and as text. Depends on the card's steps; knows no card and no clock.

A live row expands to what the step read and wrote, which the page requests then. A saved row expands to more of its text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from lg_magics.model.duration import duration
from lg_magics.model.effects import Effect
from lg_magics.model.messages import message_from_payload
from lg_magics.model.plain_text import brief, reasoning_words
from lg_magics.model.visible_text import visible_text
from lg_magics.views.frame_tree import clock
from lg_magics.views.node import Node, node, spaced
from lg_magics.views.run_steps import CardStep

__all__ = ["row_lines", "row_list", "step_tree", "words_of_work"]

ON_A_LINE = 3
DEEPEST = 4
LONG_LINE = 160
SAVED_MORE = 3_000
"""The maximum characters that saved rows expand to, all together."""
KEYS = 20
MESSAGES = 4
WIDTH = 600
LARGEST_PART = 6_000


def row_list(steps: Sequence[CardStep], more: int, *, is_live: bool, now: float | None) -> Node | None:
    """Return the rows; None if there are none.

    Args:
        steps: the newest steps.
        more: the number of earlier steps.
        is_live: whether rows can expand, and running steps have a clock.
        now: seconds since the epoch.
    """
    if not steps and not more:
        return None
    earlier = node("li", _earlier(more), key="more", class_="lg-more") if more else None
    left = SAVED_MORE
    items: list[Node] = []
    for step in steps:
        whole = "" if is_live else _whole(step.effects)[:left]
        left -= len(whole)
        items.append(_item(step, whole, is_live=is_live, now=now))
    return node("ol", earlier, items, class_="lg-trace", aria_label="steps")


def row_lines(steps: Sequence[CardStep], more: int) -> Iterator[str]:
    """Yield the rows as lines of text without times and ids, the same on every run."""
    if more:
        yield f"  {_earlier(more)}"
    for step in steps:
        state = "" if step.state == "done" else f" ({step.state})"
        line = f"{'  ' * (min(step.depth, DEEPEST) + 1)}{_name(step)}{state}"
        did = _did_text(step)
        yield f"{line}  {did}" if did else line


def words_of_work(steps: int, calls: int, failed: int, used: str) -> str:
    """`6 steps · 3 tool calls · 1 failed · 837 in, 124 out tokens`."""
    words = (
        f"{steps:,} step{'s' * (steps != 1)}",
        f"{calls:,} tool call{'s' * (calls != 1)}" if calls else "",
        f"{failed:,} failed" if failed else "",
        used,
    )
    return " · ".join(word for word in words if word)


def _earlier(count: int) -> str:
    return f"… {count:,} earlier {'step' if count == 1 else 'steps'}"


def _name(step: CardStep) -> str:
    return f"{step.name} ×{step.times:,}" if step.times > 1 else step.name


def _item(step: CardStep, whole: str, *, is_live: bool, now: float | None) -> Node:
    cells = spaced(
        node("span", _name(step), class_=f"lg-name{f' lg-in{min(step.depth, DEEPEST)}' if step.depth else ''}"),
        node("span", _did(step), class_="lg-did"),
        _bar(step),
        _took(step, now, is_live=is_live),
        _tokens(step),
    )
    key, kind = str(step.place), f"lg-work lg-step lg-{step.state}"
    if is_live:
        given = json.dumps({"place": step.last, "state": step.state})
        read = node("div", "Reading…", key="io", class_="lg-note", data_lazy="step", data_args=given)
        row = node("details", node("summary", cells, class_=kind), read, key="row")
    elif whole:
        row = node("details", node("summary", cells, class_=kind), node("pre", whole, tabindex=0), key="row")
    else:
        row = node("div", cells, class_=kind)
    return node("li", row, key=key)


def _bar(step: CardStep) -> Node:
    if step.start is None:
        return node("span", class_="lg-bar")
    bar = node("i", data_a=f"{step.start:g}", data_w=f"{step.width:g}")
    return node("span", bar, class_="lg-bar", aria_hidden="true")


def _took(step: CardStep, now: float | None, *, is_live: bool) -> Node:
    if step.since is not None and now is not None:
        return clock("lg-took", max(0.0, now - step.since), step.since if is_live else None) or node("span")
    return node("span", duration(step.seconds) if step.seconds is not None else "", class_="lg-took")


def _tokens(step: CardStep) -> Node:
    used = step.usage
    tokens = f"{used.input + used.output:,} t" if used else ""
    return node(
        "span", tokens, class_="lg-number", title=f"{used.input:,} in, {used.output:,} out tokens" if used else ""
    )


# -- what it did ------------------------------------------------------------------------------------------------


def _did(step: CardStep) -> list[Node | str]:
    words = _state_words(step)
    pieces: list[Node | str] = [node("b", words, class_="lg-word"), " "] if words else []
    for place, effect in enumerate(step.effects[:ON_A_LINE]):
        pieces += [" · "] if place else []
        pieces += _effect(effect)
    if step.state == "running":
        pieces.append(" …" if step.effects else "")
        pieces.append(node("b", "running", class_="lg-unseen"))
    if len(step.effects) > ON_A_LINE:
        pieces.append(f" · {len(step.effects) - ON_A_LINE} more")
    return pieces


def _effect(effect: Effect) -> list[Node | str]:
    if effect.kind == "call":
        return [node("code", effect.text)]
    if effect.kind == "result":
        sign: Node | str = node("b", "failed", class_="lg-word lg-bad") if effect.is_failed else "→"
        return [node("code", effect.name or "tool"), " ", sign, f" {effect.text}"]
    return [str(effect)]


def _state_words(step: CardStep) -> str:
    match step.state:
        case "failed":
            return f"raised {step.error}" if step.error else "failed"
        case "waiting" | "cancelled":
            return step.state
        case _:
            return ""


def _did_text(step: CardStep) -> str:
    parts = [str(each) for each in step.effects[:ON_A_LINE]]
    parts += [f"{len(step.effects) - ON_A_LINE} more"] if len(step.effects) > ON_A_LINE else []
    line = " · ".join(parts)
    return line if len(line) <= LONG_LINE else f"{line[: LONG_LINE - 1]}…"


def _whole(effects: Sequence[Effect]) -> str:
    """Return the text that did not fit on the line; "" if all did."""
    lines = [_in_full(each) for each in effects]
    is_more = any(each.whole for each in effects) or len(effects) > ON_A_LINE
    return "\n".join(lines) if is_more else ""


# -- what a step read and wrote --------------------------------------------------------------------------------------


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
    shown = text if len(text) <= LARGEST_PART else f"{text[:LARGEST_PART]}…"
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


def _in_full(effect: Effect) -> str:
    text = effect.whole or effect.text
    if effect.kind == "reasoning":
        return reasoning_words(text)
    return f"{effect.name}: {text}" if effect.name else text
