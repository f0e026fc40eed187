"""Facts as text and as HTML. Knows nothing of what they are about."""

from __future__ import annotations

from lg_magics.tables.facts import Facts
from lg_magics.views.align import padded, width
from lg_magics.views.escape import element, fragment
from lg_magics.views.frame import framed, note

__all__ = ["facts_html", "facts_text"]


def facts_text(facts: Facts) -> str:
    """The title, then a line for each fact, then what to type next."""
    wide = max((width(label) for label, _ in facts.facts), default=0)
    title = f"{facts.title} [{facts.chip}]" if facts.chip else facts.title
    lines = [title] if not facts.warning else [title, facts.warning]
    lines += [f"  {padded(label, wide)}  {_indented(words, wide + 4)}" for label, words in facts.facts]
    typed = max((width(line) for line, _ in facts.lines), default=0)
    lines += [f"  {padded(line, typed)}  {meaning}" for line, meaning in facts.lines]
    return "\n".join(line.rstrip() for line in lines)


def _indented(words: str, by: int) -> str:
    return words.replace("\n", "\n" + " " * by)


def facts_html(facts: Facts) -> str:
    """The same as a small table."""
    rows = [
        element("tr", element("th", label, scope="row"), element("td", _cell(words))) for label, words in facts.facts
    ]
    lines = [
        element("tr", element("td", element("code", line)), element("td", meaning, class_="lg-soft"))
        for line, meaning in facts.lines
    ]
    tables = [element("table", element("tbody", *part), class_="lg-facts") for part in (rows, lines) if part]
    chip = element("span", facts.chip, class_="lg-chip") if facts.chip else ""
    return framed(element("div", facts.title, chip and " ", chip, class_="lg-name"), note(facts.warning), *tables)


def _cell(words: str) -> str:
    return element("pre", words) if "\n" in words else fragment(words)
