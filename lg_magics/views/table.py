"""Render a table, and labelled facts, as text and as a tree. Must not depend on the meaning of rows and facts."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

from lg_magics.model.bounds import cut, fitted, saved_size
from lg_magics.model.duration import local_time
from lg_magics.model.visible_text import visible_line, visible_text
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Column, Table, times_words
from lg_magics.views.align import cut_to, padded, width
from lg_magics.views.frame_tree import chip, known, note, pre, result, soft
from lg_magics.views.node import Node, node, spaced

__all__ = ["facts_text", "facts_tree", "headline", "shown_value", "table_text", "table_tree"]

WIDEST_TEXT = 60
WIDEST_CELL = 300
LONGEST_LINE = 20_000  # bytes of a line above the rows
LARGEST = 200_000  # bytes of all rows as JSON
HUGE = 10_000
FLOATS = {"number": ".1f", "mean": ".2f"}
LARGEST_FACTS = 250_000  # bytes of all texts as JSON


def shown_value(value: Any, column: Column, widest: int = WIDEST_TEXT) -> str:
    """Return a value on one line: local time, a number as it is, anything else as text, cut."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        local = local_time(value)
        return f"{local:%H:%M:%S}" if local.date() == datetime.now().astimezone().date() else f"{local:%Y-%m-%d %H:%M}"
    if column.kind in ("times", "utc"):
        zoned = [local_time(each) for each in value] if column.kind == "times" else value
        return times_words(zoned, datetime.now().year)
    if isinstance(value, float) and column.kind != "value":
        return f"{value:{FLOATS.get(column.kind, 'g')}}"
    if column.kind == "lane":
        return visible_line(str(value))
    if column.kind == "list" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    if column.kind == "id" and isinstance(value, str):
        return f"…{value[-5:]}" if value else ""
    if column.kind == "sentence":
        return cut(visible_text(" ".join(str(value).split())), LONGEST_LINE)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    line = visible_text(" ".join((text[: 2 * widest] if len(text) > HUGE else text).split()))
    size = f" {len(text):,} characters" if len(text) > HUGE else ""
    return f"{cut_to(line, widest).removesuffix('…')}…{size}" if size else cut_to(line, widest)


def _shown(table: Table) -> tuple[list[Column], list[int]]:
    """Return the columns to show, with their indexes: those with a heading and some value."""
    places = [
        place
        for place, column in enumerate(table.columns)
        if column.heading is not None and _is_worth_showing(column, [row[place] for row in table.rows])
    ]
    return [table.columns[place] for place in places], places


def _is_worth_showing(column: Column, values: Sequence[Any]) -> bool:
    """Return whether a column has a value in some row; a graph column only if it has more than one lane."""
    if column.kind == "lane":
        return any(value != "●" for value in values)
    return not values or any(value not in ("", None, []) for value in values)


def headline(table: Table) -> str:
    """Return the number of rows, and what to type for the rest."""
    return visible_line(f"{table.counted}{f', {table.more}' if table.more else ''}")


def table_text(table: Table) -> str:
    """Return the rows in columns, under a line with their number."""
    lines = [*map(visible_line, filter(None, (table.note, table.hint))), headline(table)]
    if not table.rows:
        return "\n".join(lines)
    columns, places = _shown(table)
    cells = [[visible_line(column.title) for column in columns]]
    cells += [
        [shown_value(row[place], column) for place, column in zip(places, columns, strict=True)] for row in table.rows
    ]
    rows = [line for row in cells for line in _lines(row, columns)]
    widths = [max(width(row[n]) for row in rows) for n in range(len(columns))]
    lines += [_line(row, widths, columns) for row in rows]
    return "\n".join(lines)


def _lines(cells: Sequence[str], columns: Sequence[Column]) -> Iterator[tuple[str, ...]]:
    """Yield a row, and a further line for each line of a long sentence."""
    parts = [
        textwrap.wrap(cell, WIDEST_TEXT, break_long_words=False, break_on_hyphens=False) or [""]
        if column.kind == "sentence"
        else [cell]
        for cell, column in zip(cells, columns, strict=True)
    ]
    return zip_longest(*parts, fillvalue="")


def _line(cells: Sequence[str], widths: Sequence[int], columns: Sequence[Column]) -> str:
    aligned = [
        padded(cell, wide, right=column.kind in FLOATS)
        for cell, wide, column in zip(cells, widths, columns, strict=True)
    ]
    return ("  " + "  ".join(aligned)).rstrip()


def table_tree(table: Table) -> Node:
    """Return the table as a tree; of very many rows only the first."""
    columns, places = _shown(table)
    head = node("tr", [_heading(column.title) for column in columns])
    rows = list(_fitting_rows(table, columns, places))
    left = f", the first {len(rows):,} are shown, .df has all" if len(rows) < len(table.rows) else ""
    body = node("table", node("thead", head), node("tbody", rows)) if rows else None
    return result(
        known(cut(table.note, LONGEST_LINE)),
        note(cut(table.hint, LONGEST_LINE)),
        soft(cut(headline(table), LONGEST_LINE) + left),
        node("div", body, class_="lg-scroll") if body else None,
    )


def _heading(title: str) -> Node:
    """Return a heading; a column without one gets a plain cell, which screen readers skip."""
    return node("th", title, scope="col") if title.strip() else node("td")


def _fitting_rows(table: Table, columns: Sequence[Column], places: Sequence[int]) -> Iterator[Node]:
    left = LARGEST
    for row in table.rows:
        made = node("tr", [_cell(row[place], column) for place, column in zip(places, columns, strict=True)])
        left -= saved_size(made)
        if left < 0:
            return
        yield made


def _cell(value: Any, column: Column) -> Node:
    shown = shown_value(value, column, WIDEST_CELL)
    title = value.isoformat() if isinstance(value, datetime) else str(value or "") if column.kind == "id" else None
    return node("td", shown, class_=f"lg-{column.kind}", title=title)


# -- facts ------------------------------------------------------------------------------------------------------


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
    title, word, warning, labelled, typed = fitted(
        [facts.title, facts.chip, facts.warning, facts.facts, facts.lines], LARGEST_FACTS
    )
    rows = [node("tr", node("th", label, scope="row"), node("td", _words(words))) for label, words in labelled]
    lines = [node("tr", node("td", node("code", line)), node("td", means, class_="lg-soft")) for line, means in typed]
    tables = [node("table", node("tbody", part), class_="lg-facts") for part in (rows, lines) if part]
    return result(node("div", spaced(title, chip(word) if word else None), class_="lg-name"), known(warning), tables)


def _words(words: str) -> Node | str:
    return pre(words) if "\n" in words else words
