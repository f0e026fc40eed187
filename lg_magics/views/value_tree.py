"""Render a value as a tree: long or deep parts are folded, huge ones cut. Knows JSON; knows no result."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lg_magics.model.bounds import fair_share
from lg_magics.model.kept_values import todos_of
from lg_magics.views.frame_tree import fold, pre
from lg_magics.views.node import Children, Node, node

__all__ = ["one_line", "value_rows"]

LARGEST = 200_000  # characters of JSON in one tree
MOST_ROWS = 2_000
SHORT = 100
DEEPEST = 9
MOST_ITEMS = 100
LONGEST = 50_000
LONGEST_INSIDE = 2_000
FOLDED = 400


def one_line(value: Any) -> str:
    """Return a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def value_rows(values: Mapping[str, Any], shares: int = 1) -> Node | None:
    """Return a mapping as a table, with a row for each name; None if it is empty. `shares` tables share the output."""
    tree = _ValueTree(MOST_ROWS // shares)
    rows = [
        node("tr", node("th", name, scope="row"), node("td", tree.of(value, most)))
        for name, value, most in tree.shared(list(values.items()), LARGEST // shares)
    ]
    return node("table", node("tbody", rows), class_="lg-values") if rows else None


class _ValueTree:
    """Builds one tree. Its characters are shared evenly; when its rows are used up, further values are shown on one line."""

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def of(self, value: Any, most: int, depth: int = 0) -> Children:
        """Return a value in at most `most` characters; short lists and mappings below the top are on one line."""
        if not depth and (todos := todos_of(value)):
            return [node("div", todo.line) for todo in todos]
        if isinstance(value, Mapping | list) and value and depth < DEEPEST and self._rows > 0:
            plain = one_line(value) if depth else ""
            if plain and len(plain) <= SHORT:
                return node("code", plain)
            return fold(_summary(value), node("table", node("tbody", self._branches(value, most, depth))))
        text = one_line(value)
        most = min(LONGEST_INSIDE if depth else LONGEST, most)
        more = f"… {len(text) - most:,} more characters" if len(text) > most else ""
        if min(len(text), most) > FOLDED:
            return fold(f"{text[:SHORT]}…  {len(text):,} characters", pre(text[:most] + more))
        shown = text[:most] + more
        return shown if isinstance(value, str) else node("code", shown)

    def shared(self, pairs: Sequence[tuple[str, Any]], most: int) -> Iterator[tuple[str, Any, int]]:
        """Yield the first pairs, each with its number of characters: short ones complete, the others with equal shares."""
        shown = pairs[: min(MOST_ITEMS, self._rows)]
        self._rows -= len(shown)
        sizes = [len(one_line(value)) for _, value in shown]
        names = [name if len(name) <= LONGEST_INSIDE else f"{name[:LONGEST_INSIDE]}…" for name, _ in shown]
        share = fair_share(sizes, most - sum(map(len, names)))
        for name, (_, value), size in zip(names, shown, sizes, strict=True):
            yield name, value, max(SHORT, min(size, share))

    def _branches(self, value: Mapping[Any, Any] | list[Any], most: int, depth: int) -> Iterator[Node]:
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        pairs = [(str(name), inner) for name, inner in items]
        count = 0
        for name, inner, share in self.shared(pairs, most):
            count += 1
            yield node("tr", node("td", name, class_="lg-key"), node("td", self.of(inner, share, depth + 1)))
        if more := len(pairs) - count:
            yield node("tr", node("td", "…"), node("td", f"{more} more"))


def _summary(value: Mapping[Any, Any] | list[Any]) -> str:
    if isinstance(value, list):
        return f"list of {len(value)}"
    names = [str(name)[:SHORT] for name in list(value)[:4]]
    return f"{{{', '.join(names)}{', …' if len(value) > 4 else ''}}}"
