"""Render a batch's card as a tree. Depends on the card and on nodes; reads no clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache

from lg_magics.model.batch import LIVE, Failure, RowView
from lg_magics.model.duration import duration
from lg_magics.views.batch_card import BatchCard
from lg_magics.views.frame_tree import action, card, chip, clock, copied_id, head, note, section, state
from lg_magics.views.node import Node, node, spaced
from lg_magics.views.words import short_id

__all__ = ["batch_tree", "row_text", "searchable"]

THREAD_TAIL = 6
KEPT_ROWS = 1000
MOST_COLUMNS = 4  # more scores share one column


def batch_tree(shown: BatchCard, *, is_picture: bool = False) -> Node:
    """Return the card; `is_picture` is True for static output of an active batch."""
    return card(
        shown.view.status,
        f"batch {shown.id}",
        _head(shown),
        section("progress", _bar(shown), _counts(shown), note(shown.progress, "progress")),
        section("notes", *(node("div", words, class_="lg-known") for words in shown.notes)),
        _failures(shown),
        _rows(shown),
        _foot(shown, is_picture),
    )


def _head(shown: BatchCard) -> Node:
    view = shown.view
    end = [
        clock("lg-time", view.elapsed(shown.now), None if shown.is_settled else view.began_at),
        _cancel(view.count(LIVE)) if shown.can_cancel else None,
    ]
    return head(
        shown.title,
        end,
        state(view.status),
        node("span", " · ".join(word for word in (shown.deployment, shown.assistants) if word), class_="lg-place"),
        node("span", shown.size, class_="lg-place") if shown.size else None,
        chip("protected", "lg-protected") if shown.is_protected else None,
        copied_id("batch", f"batch {shown.id}", shown.id),
    )


def _cancel(live: int) -> Node:
    runs = "the live run" if live == 1 else f"the {live:,} live runs"
    question = f"{f'Cancel {runs}, and launch' if live else 'Launch'} no more? What has ended stays."
    return action("cancel", "Cancel all", class_="lg-cancel", data_confirm=question, data_busy="Cancelling…")


def _bar(shown: BatchCard) -> Node:
    """Return a bar with a part for each status, as wide as its share."""
    total = max(1, shown.view.total)
    parts = [
        node("i", key=status, class_=_class_of(status), data_w=round(100 * count / total, 2))
        for status, count in shown.view.counted.items()
        if count
    ]
    label = f"{shown.view.ended:,} of {shown.view.total:,} ended"
    return node("div", parts, class_="lg-progress", role="img", aria_label=label)


def _counts(shown: BatchCard) -> Node:
    counts = [
        node("li", spaced(node("i", class_=_class_of(status), aria_hidden="true"), f"{count:,} {status}"), key=status)
        for status, count in shown.view.counted.items()
    ]
    return node("ul", spaced(counts), class_="lg-counts", aria_label="runs by status")


def _class_of(status: str) -> str:
    """Return the class that colors a status."""
    return f"lg-is-{status.replace(' ', '-')}"


def _failures(shown: BatchCard) -> Node | None:
    items = [_failure(each) for each in shown.failures]
    if more := shown.more_failures:
        items.append(node("li", f"… and {more:,} more", key="more", class_="lg-more"))
    if not items:
        return None
    return section("failures", node("ul", items, class_="lg-failures", aria_label="failed runs"))


def _failure(failure: Failure) -> Node:
    number = failure.thread_number
    label = short_id(number, failure.thread_id, THREAD_TAIL) if number else ""
    parts = spaced(
        node("span", f"row {failure.row} · {failure.assistant}"),
        copied_id("thread", label, failure.thread_id),
        node("span", failure.error, class_="lg-why"),
    )
    return node("li", parts, key=f"{failure.row} {failure.assistant}")


def _rows(shown: BatchCard) -> Node | None:
    """List some of the runs; each expands to its card. The filter searches these, and on request all."""
    if not shown.rows and shown.found is None:
        return None
    find = node("input", key="find", type="search", placeholder="Filter the rows", aria_label="filter the rows")
    names, has_assistant = _columns(shown.rows), len({each.assistant for each in shown.rows}) > 1
    items = [_row(each, names, has_assistant) for each in shown.rows]
    total = shown.view.total
    is_part = len(items) < total
    search = action("find", f"Search all {total:,}", class_="lg-quiet", data_busy="Searching…") if is_part else None
    return section(
        "rows",
        node("div", spaced(find, search), data_form="find", data_static="no", class_="lg-find"),
        _heads(names, has_assistant) if items else None,
        node("ol", items, key="list", class_="lg-runs", data_more=True, data_filter="find"),
        note(_part(shown, len(items)) if is_part else ""),
    )


def _part(shown: BatchCard, count: int) -> str:
    total = f"{shown.view.total:,}"
    if shown.found is None:
        return f"{count:,} of {total} runs, the failed and the newest; batch.df has all"
    first = f", the first {count:,} of them" if count < shown.found else ""
    return f"found {shown.found:,} of {total} runs{first}; an empty search shows the newest again"


def row_text(shown: RowView) -> str:
    """Return a row's text, as the page's filter matches it."""
    scores = " ".join(f"{name} {value}" for name, value in shown.scores) or shown.status
    parts = (shown.label, shown.assistant, scores, shown.output, _seconds(shown), _tokens(shown))
    return searchable(" ".join(parts))


def searchable(text: str) -> str:
    """Return a text as the page's filter matches it: spaces, commas and capitals make no difference."""
    return " ".join(text.lower().replace(",", " ").split())


def _columns(rows: Iterable[RowView]) -> tuple[str, ...]:
    """Return the scores that have a column of their own; () if there are too many, or none."""
    names = tuple(dict.fromkeys(name for row in rows for name, _ in row.scores))
    return names if len(names) <= MOST_COLUMNS else ()


def _heads(names: Sequence[str], has_assistant: bool) -> Node:
    """Return the names above the columns. Each cell of a score has its name too, for the filter and for screen readers."""
    cells = [
        node("i"),
        node("span", "input", class_="lg-wide"),
        node("span", "assistant") if has_assistant else None,
        *(node("span", name, title=name) for name in names or ("result",)),
        node("span", "output", class_="lg-wide"),
        node("span", "s", class_="lg-number"),
        node("span", "tokens", class_="lg-number"),
    ]
    return node("div", cells, key="heads", class_="lg-columns", aria_hidden="true")


@lru_cache(maxsize=KEPT_ROWS)
def _row(shown: RowView, names: tuple[str, ...], has_assistant: bool) -> Node:
    """Return a row; the same node for the same row, so that only rows that changed are made and compared."""
    assistant = node("span", shown.assistant, class_="" if has_assistant else "lg-unseen", title=shown.assistant)
    cells = [
        node("i", class_=_class_of(shown.status), aria_hidden="true"),
        node("span", shown.label, class_="lg-wide", title=shown.label),
        assistant,
        *_score_cells(shown, names),
        node("span", shown.output, class_="lg-wide", title=shown.output),
        node("span", _seconds(shown), class_="lg-number"),
        node("span", _tokens(shown), class_="lg-number"),
    ]
    given = json.dumps({"place": shown.place, "status": shown.status})
    card_of_run = node("div", "Reading…", key="run", class_="lg-note", data_lazy="row", data_args=given)
    fold_of_run = node("details", node("summary", spaced(cells)), card_of_run, key="open")
    return node("li", fold_of_run, key=str(shown.place), class_=_class_of(shown.status))


def _score_cells(shown: RowView, names: Sequence[str]) -> list[Node]:
    """Return a cell for each score; the first has the status of a run without scores."""
    if not names or not shown.scores:
        words = ", ".join(f"{name} {value}" for name, value in shown.scores) or shown.status
        return [node("span", words, title=words), *(node("span") for _ in names[1:])]
    values = dict(shown.scores)
    return [_score_cell(name, values[name]) if name in values else node("span") for name in names]


def _score_cell(name: str, value: str) -> Node:
    return node("span", node("span", f"{name} ", class_="lg-unseen"), value, title=f"{name} {value}")


def _seconds(shown: RowView) -> str:
    return "" if shown.seconds is None else duration(shown.seconds)


def _tokens(shown: RowView) -> str:
    return "" if shown.tokens is None else f"{shown.tokens:,}"


def _foot(shown: BatchCard, is_picture: bool) -> Node | None:
    retry = None
    if shown.can_retry:
        retry = action("retry", f"Retry {shown.can_retry:,} failed", class_="lg-retry", data_busy="Starting…")
    parts = spaced(
        node("span", spaced(node("code", shown.line), shown.line_does), class_="lg-how") if shown.line else None,
        node("span", "A picture of a batch that had not ended.", class_="lg-snapshot") if is_picture else None,
        retry,
    )
    foot = node("div", parts, key="foot", class_="lg-section lg-foot")
    return foot if len(foot) > 2 else None
