"""A state as text and as HTML: the conversation in it, the other values as a small tree, what comes next and what is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lg_magics.model.interrupts import Interrupt
from lg_magics.tables.state import State
from lg_magics.views.conversation import message_html, message_text
from lg_magics.views.escape import Html, element, fragment
from lg_magics.views.frame import fold, framed, note, shortened

__all__ = ["state_html", "state_text"]

SHORT = 100
DEEPEST = 20
MOST_ITEMS = 100
LONGEST = 50_000
LONGEST_INSIDE = 2_000
TEXT_VALUE = 400


def _others(state: State) -> dict[str, Any]:
    """The values that are no conversation."""
    if not isinstance(state.values, Mapping):
        return {} if state.values is None or state.messages else {"values": state.values}
    return {str(key): value for key, value in state.values.items() if not (key == "messages" and state.messages)}


def _headline(state: State) -> str:
    if not state.has_run:
        return f"{state.thread}: nothing has run here yet"
    then = f", next {', '.join(state.next)}" if state.next else ""
    return f"{state.thread}: step {state.step}{then}" if state.step is not None else f"{state.thread}{then}"


def _asked(interrupt: Interrupt) -> str:
    who = f"{interrupt.node} asks" if interrupt.node else "asked"
    return f"{who}: {interrupt.question}{f'  {interrupt.detail}' if interrupt.detail else ''}"


def state_text(state: State) -> str:
    """The state as text, without ids and times."""
    parts = [state.note, _headline(state)]
    parts += [f"{node} failed: {error}" for node, error in state.errors]
    parts += map(_asked, state.interrupts)
    parts += map(message_text, state.messages)
    parts += [f"{key}: {shortened(_line(value), TEXT_VALUE)[0]}" for key, value in _others(state).items()]
    return "\n\n".join(part for part in parts if part)


def _line(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def state_html(state: State) -> str:
    """The state for a page."""
    problems = [note(f"{node} failed: {error}") for node, error in state.errors]
    questions = [note(_asked(interrupt)) for interrupt in state.interrupts]
    rows = [
        element("tr", element("th", key, scope="row"), element("td", _tree(value)))
        for key, value in _others(state).items()
    ]
    others = element("table", element("tbody", *rows)) if rows else ""
    said = [message_html(message) for message in state.messages]
    headline = element("div", _headline(state), class_="lg-name")
    return framed(note(state.note), headline, *problems, *questions, *said, others)


def _tree(value: Any, depth: int = 0) -> Html:
    """A value as a small tree; what is long or deep is folded."""
    if isinstance(value, Mapping | list) and value and depth < DEEPEST:
        plain = _line(value) if depth else ""
        if plain and len(plain) <= SHORT:
            return element("code", plain)
        return fold(_summary(value), element("table", element("tbody", *_branches(value, depth))))
    text, cut = shortened(_line(value), LONGEST_INSIDE if depth else LONGEST)
    if len(text) > TEXT_VALUE:
        more = f"… {cut:,} more characters" if cut else ""
        return fold(f"{text[:SHORT]}…  {len(text) + cut:,} characters", element("pre", text, more))
    return element("code", text) if not isinstance(value, str) else fragment(text)


def _summary(value: Any) -> str:
    count = len(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(map(str, list(value)[:4]))}{', …' if count > 4 else ''}}}"
    return f"list of {count}"


def _branches(value: Any, depth: int) -> Iterator[Html]:
    pairs = list(value.items() if isinstance(value, Mapping) else enumerate(value))
    for key, inner in pairs[:MOST_ITEMS]:
        yield element("tr", element("td", str(key), class_="lg-key"), element("td", _tree(inner, depth + 1)))
    if len(pairs) > MOST_ITEMS:
        yield element("tr", element("td", "…"), element("td", f"{len(pairs) - MOST_ITEMS} more"))
