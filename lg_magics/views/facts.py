"""Render facts as text and as a tree. Must not depend on their meaning."""

from __future__ import annotations

from lg_magics.model.bounds import fitted
from lg_magics.model.visible_text import visible_line
from lg_magics.tables.facts import Facts
from lg_magics.views.align import padded, width
from lg_magics.views.frame_tree import chip, known, pre, result
from lg_magics.views.node import Node, node, spaced

__all__ = ["facts_text", "facts_tree"]

LARGEST = 250_000  # bytes of all texts as JSON


def facts_text(facts: Facts) -> str:
    """Return the title, a line for each fact, and what to type next."""
    labelled = [(visible_line(label), words) for label, words in facts.facts]
    wide = max((width(label) for label, _ in labelled), default=0)
    title = visible_line(f"{facts.title} [{facts.chip}]" if facts.chip else facts.title)
    lines = [title] if not facts.warning else [title, visible_line(facts.warning)]
    lines += [f"  {padded(label, wide)}  {_indented(words, wide + 4)}" for label, words in labelled]
    typing = [(visible_line(line), visible_line(meaning)) for line, meaning in facts.lines]
    typed = max((width(line) for line, _ in typing), default=0)
    lines += [f"  {padded(line, typed)}  {meaning}" for line, meaning in typing]
    return "\n".join(line.rstrip() for line in lines)


def _indented(words: str, by: int) -> str:
    return words.replace("\n", "\n" + " " * by)


def facts_tree(facts: Facts) -> Node:
    """Return the facts as a small table."""
    title, word, warning, told, typed = fitted(
        [facts.title, facts.chip, facts.warning, facts.facts, facts.lines], LARGEST
    )
    rows = [node("tr", node("th", label, scope="row"), node("td", _cell(words))) for label, words in told]
    lines = [node("tr", node("td", node("code", line)), node("td", means, class_="lg-soft")) for line, means in typed]
    tables = [node("table", node("tbody", part), class_="lg-facts") for part in (rows, lines) if part]
    return result(node("div", spaced(title, chip(word) if word else None), class_="lg-name"), known(warning), tables)


def _cell(words: str) -> Node | str:
    return pre(words) if "\n" in words else words
