"""Applies changes to a state, which proves that they are complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.model.changes import ABSENT, Changes, MessageChange


def apply(before: Any, changed: Changes) -> Any:
    """The state after the changes."""
    if not changed:
        return before
    if not isinstance(before, Mapping):
        return changed.keys[0].after
    after = dict(before)
    for change in changed.keys:
        if not change.path:
            return change.after
        after = _with(after, change.path, change.after)
    for key in dict.fromkeys(change.key for change in changed.messages):
        mine = [change for change in changed.messages if change.key == key]
        after[key] = _conversation(list(after.get(key) or []), mine)
    return after


def _with(values: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    head, *rest = path
    copy = dict(values)
    if rest:
        copy[head] = _with(copy[head], tuple(rest), value)
    elif value is ABSENT:
        copy.pop(head, None)
    else:
        copy[head] = value
    return copy


def _conversation(items: list[Any], changed: Sequence[MessageChange]) -> list[Any]:
    gone = {change.before["id"] for change in changed if change.kind == "removed"}
    items = [item for item in items if item["id"] not in gone]
    for change in changed:
        if change.kind == "rewritten":
            items[[item["id"] for item in items].index(change.after["id"])] = change.after
    for change in changed:
        if change.kind == "added":
            items.insert(change.place, change.after)
    return items
