"""Compute the changes that turn one tree into the next, for a page that has the first. Pure: lists in, lists out.

A change begins with its name and the path of child positions to a node, counted from 0 (the root's path is empty). Changes
apply in order, so a position includes the effect of earlier changes. Both sides know by its version that they have the
same tree; labextension/runtime/tree_source.ts applies the changes.

    ["replace", path, node]           ["set", path, attributes]        ["text", path, more text at its end]
    ["insert", path, place, node]     ["remove", path, place]          ["move", path, from, to]

>>> changes(["p", {}, "Buy"], ["p", {}, "Buy milk"])
[['text', [0], ' milk']]
"""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeAlias

from lg_magics.views.node import Node

__all__ = ["Change", "changes"]

Change: TypeAlias = "list[Any]"

_FIRST_CHILD = 2


def changes(old: Node, new: Node) -> list[Change]:
    """Return the changes that turn `old` into `new`."""
    found: list[Change] = []
    _compare(old, new, [], found)
    return found


def _compare(old: Any, new: Any, path: list[int], found: list[Change]) -> None:
    if old is new or old == new:
        return
    if isinstance(old, str) or isinstance(new, str):
        if isinstance(old, str) and isinstance(new, str) and new.startswith(old):
            found.append(["text", path, new[len(old) :]])
        else:
            found.append(["replace", path, new])
        return
    if _identity(old) != _identity(new):
        found.append(["replace", path, new])
        return
    if "data-since" in old[1]:  # a running clock: the page writes its text itself, and knows none that was not sent
        if old[1] != new[1]:
            found.append(["replace", path, new])
        return
    if old[1] != new[1]:
        found.append(["set", path, new[1]])
    _compare_children(old[_FIRST_CHILD:], new[_FIRST_CHILD:], path, found)


def _compare_children(old: list[Any], new: list[Any], path: list[int], found: list[Change]) -> None:
    before, after = _identities(old), _identities(new)
    if before != after:
        wanted = set(after)
        for place in range(len(before) - 1, -1, -1):
            if before[place] not in wanted:
                found.append(["remove", path, place])
                del before[place], old[place]
        _arrange(old, before, new, after, path, found)
    for place, (left, right) in enumerate(zip(old, new, strict=True)):
        _compare(left, right, [*path, place], found)


def _arrange(
    old: list[Any], before: list[Any], new: list[Any], after: list[Any], path: list[int], found: list[Change]
) -> None:
    """Insert and move until `old` has the children of `new` in their order."""
    remaining = set(before)
    for place, identity in enumerate(after):
        if place < len(before) and before[place] == identity:
            continue
        if identity in remaining:
            origin = before.index(identity, place)
            found.append(["move", path, origin, place])
            before.insert(place, before.pop(origin))
            old.insert(place, old.pop(origin))
        else:
            found.append(["insert", path, place, new[place]])
            before.insert(place, identity)
            old.insert(place, new[place])


def _identities(children: list[Any]) -> list[tuple[object, int]]:
    """Return the identity of each child among its siblings; equal ones are numbered."""
    seen: Counter[object] = Counter()
    named = []
    for child in children:
        identity = _identity(child)
        named.append((identity, seen[identity]))
        seen[identity] += 1
    return named


def _identity(child: Any) -> object:
    """Return a child's tag and key. Without a key, the first class stands in for it. Only equal identities match."""
    if isinstance(child, str):
        return ""
    attributes = child[1]
    return child[0], attributes.get("key") or attributes.get("class", "").partition(" ")[0]
