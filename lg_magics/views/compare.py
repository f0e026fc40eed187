"""Render a comparison as a tree and as text: the scores with their intervals, then the changes side by side. Reads no clock.

agent against echo · 20 rows, 3 repeats each
  right 0.84 against 0.71: +0.13 (95 %: +0.04 to +0.21) · 9 better · 2 worse · 9 same
  tokens −18 %
worse   Cancel my order 1182    right 1.00 → 0.33 · no longer calls find_order
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from lg_magics.model.compare import NO_CHANGE, SUCCESS, Comparison, Measure, PairedRow
from lg_magics.model.messages import shortened
from lg_magics.model.outcomes import Outcome
from lg_magics.model.visible_text import visible_line
from lg_magics.tables.compare import Compared, measure_words, missing_words, text_words
from lg_magics.views.frame_tree import card, head, note, pre, section
from lg_magics.views.node import Node, node, spaced

__all__ = ["compare_text", "compare_tree"]

SHOWN, SHOWN_TEXT = 20, 10
LABEL, LABEL_TEXT, OUTPUT = 120, 40, 1500


def compare_text(compared: Compared) -> str:
    """Return the comparison as text. Times vary, so they are left out."""
    comparison = compared.comparison
    lines = [f"{compared.headline} · {_size(comparison)}"]
    lines += [f"  {measure_words(each)} · {_rows_words(each)}" for each in comparison.measures]
    lines += [f"  {_cost_words(each)}" for each in comparison.costs if each.name != "seconds"]
    lines += [*_left_out(comparison)]
    changed = compared.changed
    lines += [
        f"{row.verdict:<7}  {shortened(label_of(row), LABEL_TEXT):<{LABEL_TEXT}}  {' · '.join(_changes(row))}".rstrip()
        for row in changed[:SHOWN_TEXT]
    ]
    if more := len(changed) - SHOWN_TEXT:
        lines += [f"… and {more:,} more that changed: .df"] if more > 0 else []
    return "\n".join(map(visible_line, lines))


def compare_tree(compared: Compared) -> Node:
    """Return the card."""
    comparison = compared.comparison
    worst = min((each.difference for each in comparison.measures), default=0.0)
    is_worse = worst < -NO_CHANGE
    about = [node("span", measure_words(each), class_="lg-fact") for each in comparison.measures]
    return card(
        "error" if is_worse else "success",
        compared.headline,
        head(compared.headline, node("span", _size(comparison), class_="lg-time"), *about),
        section(
            "measures",
            node(
                "ul",
                *(node("li", f"{each.name}: {_rows_words(each)}") for each in comparison.measures),
                class_="lg-counts",
            ),
            note(" · ".join(_cost_words(each) for each in comparison.costs)),
            *(note(words) for words in _left_out(comparison)),
        ),
        _table(compared),
    )


def _size(comparison: Comparison) -> str:
    rows, repeats = len(comparison.rows), comparison.repeats
    return f"{rows:,} row{'s' * (rows != 1)}{f', {repeats} repeats each' if repeats > 1 else ''}"


def _rows_words(measure: Measure) -> str:
    return f"{measure.better:,} better · {measure.worse:,} worse · {measure.same:,} same"


def _cost_words(measure: Measure) -> str:
    if not measure.before:
        return f"{measure.name} {measure.after:.3g} against 0"
    percent = round(100 * measure.difference / measure.before)
    return f"{measure.name} {'±' if not percent else '+' if percent > 0 else '−'}{abs(percent)} %"


def _left_out(comparison: Comparison) -> Iterator[str]:
    for count, name in zip(comparison.unpaired, comparison.sides, strict=True):
        if count:
            yield f"{count:,} row{'s' * (count != 1)} of {name} {'have' if count != 1 else 'has'} no partner"
    yield from (missing_words(each, comparison) for each in comparison.missing)
    yield from (text_words(name, pairs) for name, pairs in comparison.texts.items())


def label_of(row: PairedRow) -> str:
    """Return a row's label: its cells, long ones cut."""
    cells = [shortened(_text(value), LABEL) for value in list(row.inputs.values())[:3]]
    return " · ".join(filter(None, cells)) or f"row {row.place}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _changes(row: PairedRow) -> Iterator[str]:
    for name, (before, after) in row.scores.items():
        if abs(before - after) > NO_CHANGE and not (name == SUCCESS and row.status):
            yield f"{name} {before:.2f} → {after:.2f}"
    yield from filter(None, (row.status, row.tools))
    if row.verdict == "changed" and not (row.status or row.tools):
        yield "another output"


def _table(compared: Compared) -> Node | None:
    comparison, changed = compared.comparison, compared.changed
    if not changed:
        return section("rows", note("No row changed."))
    heads = ("row", comparison.before, comparison.after, "what changed")
    rows = [_row(row, comparison) for row in changed[:SHOWN]]
    more = len(changed) - SHOWN
    return section(
        "rows",
        node("div", spaced(*(node("strong", words) for words in heads)), class_="lg-pair"),
        node("ol", rows, key="list", class_="lg-pairs"),
        note(f"… and {more:,} more that changed: .df" if more > 0 else ""),
    )


def _row(row: PairedRow, comparison: Comparison) -> Node:
    sides = [
        node("div", node("strong", name), pre(_outputs(side)), class_="lg-half")
        for name, side in ((comparison.before, row.before), (comparison.after, row.after))
    ]
    cells = [
        node("span", shortened(label_of(row), LABEL)),
        *(node("span", _scores(row, place)) for place in (0, 1)),
        node("span", spaced(node("strong", row.verdict), " · ".join(_changes(row)))),
    ]
    opened = node(
        "details", node("summary", spaced(cells), class_="lg-pair"), node("div", sides, class_="lg-sides"), key="side"
    )
    return node("li", opened, key=f"row {row.place}", class_=f"lg-{row.verdict}")


def _scores(row: PairedRow, place: int) -> str:
    named = [(name, pair[place]) for name, pair in row.scores.items() if name != SUCCESS or len(row.scores) == 1]
    if len(named) == 1:
        return f"{named[0][1]:.2f}"
    return ", ".join(f"{name} {value:.2f}" for name, value in named)


def _outputs(side: Sequence[Outcome]) -> str:
    texts = [_output(each) for each in side]
    return "\n".join(texts) if len(texts) < 2 else "\n".join(f"{n}. {text}" for n, text in enumerate(texts, 1))


def _output(outcome: Outcome) -> str:
    value: Any = (
        outcome.output if outcome.status == SUCCESS else f"{outcome.status}: {outcome.error or outcome.output or ''}"
    )
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1, default=str)
    tools = f"\n[{', '.join(outcome.tools)}]" if outcome.tools else ""
    return shortened(text, OUTPUT) + tools
