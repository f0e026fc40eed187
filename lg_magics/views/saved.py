"""The saved form of a view: HTML with a style of at most 3 kB. Depends on nodes; knows no view."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

from lg_magics.views.node import Node, attributes_of, html, nodes_in

__all__ = ["saved_html", "style_of"]

_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_LIST = re.compile(r":is\(([^)]*)\)")
_NAME = re.compile(r"\.lg-[a-z0-9-]+|(?<![\w.:[-])[a-z][a-z0-9]*")
"""Classes and tags in a selector."""
_NESTED = re.compile(r"(\.lg-result[^{]*)\{([^&]*)(.*)\}")
"""The selector that contains the rules of results: its own declarations, then theirs."""


def saved_html(tree: Node) -> str:
    """Return a view as one piece of HTML with its style."""
    return style_of([tree]) + html(tree)


def style_of(trees: Iterable[Node]) -> str:
    """Return the style that these views need together."""
    return _style(frozenset(name for tree in trees for name in _names(tree)))


def _names(tree: Node) -> Iterator[str]:
    """Yield the tags and classes of a tree."""
    for each in nodes_in(tree):
        yield str(each[0])
        yield from (f".{name}" for name in attributes_of(each).get("class", "").split(" "))


@lru_cache(64)
def _style(names: frozenset[str]) -> str:
    if ".lg-result" not in names:
        return f"<style>{_needed(_text('saved.css'), names)}</style>"
    found = _NESTED.match(_text("results.css"))
    assert found is not None
    selector, own, inner = found.groups()
    return f"<style>{selector}{{{own}{_needed(inner, names)}}}</style>"


@cache
def _text(name: str) -> str:
    text = (Path(__file__).parent / name).read_text("utf-8")
    return re.sub(r"\s*([{};,>])\s*|(:)\s+", r"\1\2", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)).strip()


def _needed(rules: str, names: frozenset[str]) -> str:
    return "".join(
        f"{selectors}{{{body.removesuffix(';')}}}"
        for selectors, body in _RULE.findall(rules)
        if _is_needed(selectors, names)
    )


def _is_needed(selectors: str, names: frozenset[str]) -> bool:
    """Return whether one of a rule's selectors may match: all its tags and classes are present, and one of each list."""
    return any(_may_fit(selector, names) for selector in _split(selectors))


def _may_fit(selector: str, names: frozenset[str]) -> bool:
    lists = [_split(each) for each in _LIST.findall(selector)]
    return names.issuperset(_NAME.findall(_LIST.sub("", selector))) and all(
        any(_may_fit(each, names) for each in each_list) for each_list in lists
    )


def _split(selectors: str) -> list[str]:
    return re.split(r",(?![^(]*\))", selectors)
