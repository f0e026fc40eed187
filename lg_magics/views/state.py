"""Render a state as text and as a tree: messages, other values as a small tree, next nodes and interrupts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lg_magics.model.bounds import fitted
from lg_magics.model.conversation import conversation_in
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.kept_values import todos_of
from lg_magics.model.node_names import shown_node
from lg_magics.model.question_numbers import numbers_of
from lg_magics.model.subgraphs import is_cancellation
from lg_magics.model.visible_text import visible_line
from lg_magics.tables.state import State
from lg_magics.views.conversation import message_text, message_trees
from lg_magics.views.frame_tree import known, result, soft
from lg_magics.views.node import Children, Node, node
from lg_magics.views.value_tree import one_line, value_rows

__all__ = ["state_text", "state_tree"]

TEXT_VALUE = 400
MOST_SUBGRAPHS = 20
LARGEST_HEAD = 60_000  # bytes of the part above the messages, as JSON


def _others(state: State) -> dict[str, Any]:
    """Return the values other than the messages."""
    if not isinstance(state.values, Mapping):
        return {} if state.values is None or state.messages else {"values": state.values}
    conversation_key, _ = conversation_in(state.values)
    return {
        str(key): value for key, value in state.values.items() if str(key) != conversation_key or not conversation_key
    }


def _headline(state: State) -> str:
    whose = f"{state.subgraph} of {state.thread}" if state.subgraph else state.thread
    if not state.has_run:
        return visible_line(f"{whose}: nothing has run here yet")
    then = f", next {', '.join(map(shown_node, state.next))}" if state.next else ""
    return visible_line(f"{whose}: step {state.step}{then}" if state.step is not None else f"{whose}{then}")


def _asked(interrupts: Sequence[Interrupt]) -> Iterator[str]:
    for number, each in zip(numbers_of(interrupts), interrupts, strict=True):
        who = f"{visible_line(each.asker)} asks" if each.node else "asked"
        yield f"{f'{number}  ' if number else ''}{who}: {each.question}{f'  {each.detail}' if each.detail else ''}"


def state_text(state: State) -> str:
    """Return the state as text without ids and times, and below it the states of its subgraphs."""
    parts = [visible_line(state.note), _headline(state)]
    parts += [_ended(visible_line(node), error) for node, error in state.errors]
    parts += _asked(state.interrupts)
    parts += map(message_text, state.messages)
    parts += [f"{visible_line(key)}:{_value(value)}" for key, value in _others(state).items()]
    parts += map(state_text, state.subgraphs.values())
    return "\n\n".join(part for part in parts if part)


def _value(value: Any) -> str:
    """Return the text after a key: todos as a checklist, any other value on its line."""
    if todos := todos_of(value):
        return "".join(f"\n  {todo.line}" for todo in todos)
    return f" {one_line(value)[:TEXT_VALUE]}"


def _ended(node: str, error: str) -> str:
    return f"{node} was cancelled" if is_cancellation(error) else f"{node} failed: {error}"


def state_tree(state: State) -> Node:
    """Return the state as a tree."""
    shown, total = list(state.subgraphs.values())[:MOST_SUBGRAPHS], len(state.subgraphs)
    more = soft(f"({total - MOST_SUBGRAPHS:,} more subgraphs: .subgraphs has all)") if total > MOST_SUBGRAPHS else None
    return result(_parts(state, 1 + len(shown)), [_parts(each, 1 + len(shown)) for each in shown], more)


def _parts(state: State, count: int) -> list[Children]:
    """Return the parts of one of `count` states."""
    head = [
        known(state.note),
        node("div", _headline(state), class_="lg-name"),
        *(known(_ended(where, error)) for where, error in state.errors),
        *map(known, _asked(state.interrupts)),
    ]
    return [
        fitted(head, LARGEST_HEAD // count),
        message_trees(state.messages, count),
        value_rows(_others(state), count),
    ]
