"""What a notebook keeps of a view: HTML with a style of at most 3 kB. Depends on nodes; knows no view."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from lg_magics.views.node import Node, attributes_of, html, nodes_in

__all__ = ["saved_html"]

_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_LIST = re.compile(r":is\(([^)]*)\)")
_CLASS = re.compile(r"\.(lg-[a-z0-9-]+)")


def saved_html(tree: Node, *, style: bool = True) -> str:
    """A view as one piece of HTML with the style that it needs; without `style` for an output that has it already."""
    return (_style(_classes(tree)) if style else "") + html(tree)


def _classes(tree: Node) -> frozenset[str]:
    return frozenset(name for each in nodes_in(tree) for name in attributes_of(each).get("class", "").split(" "))


@cache
def _rules() -> tuple[tuple[str, str], ...]:
    text = (Path(__file__).parent / "saved.css").read_text("utf-8")
    small = re.sub(r"\s*([{};,>])\s*|(:)\s+", r"\1\2", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)).strip()
    return tuple((selectors, body.removesuffix(";")) for selectors, body in _RULE.findall(small))


def _style(classes: frozenset[str]) -> str:
    needed = [f"{selectors}{{{body}}}" for selectors, body in _rules() if _is_needed(selectors, classes)]
    return f"<style>{''.join(needed)}</style>"


def _is_needed(selectors: str, classes: frozenset[str]) -> bool:
    """Whether one of a rule's selectors may fit: the classes that it names are there, and of each list one."""
    return any(_may_fit(selector, classes) for selector in _split(selectors))


def _may_fit(selector: str, classes: frozenset[str]) -> bool:
    lists = [_split(each) for each in _LIST.findall(selector)]
    return classes.issuperset(_CLASS.findall(_LIST.sub("", selector))) and all(
        any(_may_fit(each, classes) for each in each_list) for each_list in lists
    )


def _split(selectors: str) -> list[str]:
    return re.split(r",(?![^(]*\))", selectors)
