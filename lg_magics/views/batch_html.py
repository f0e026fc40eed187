"""A batch's card as HTML that needs no script: the picture that is saved. Knows the card's JSON and the cards' style.

labextension/shared/draw_batch.ts draws the same picture on a live page; a test holds their texts together.
"""

from __future__ import annotations

from lg_magics.views.batch_card import BatchCard, BatchFailure
from lg_magics.views.built import built_style
from lg_magics.views.escape import NO_MATH, Html, element, fragment
from lg_magics.views.words import duration, short_id

__all__ = ["batch_html"]


def batch_html(card: BatchCard, *, style: bool = True) -> str:
    """The card as one piece of HTML; without `style` for an output that has it already.

    Raises:
        LgError: The front end was not built.
    """
    classes = f"lg-card lg-batch lg-{card['status']} {NO_MATH}"
    frame = element("div", _head(card), _body(card), class_=classes, role="group", aria_label=f"batch {card['id']}")
    return fragment(built_style("card.css", "batch.css") if style else "", frame)


def _words(*parts: str) -> Html:
    return fragment(*parts, between=" ")


def _head(card: BatchCard) -> Html:
    place = " · ".join(word for word in (card["deployment"], card["assistants"]) if word)
    source = f"“{card['source']}”"
    parts = [
        element("span", element("i", aria_hidden="true"), card["status"], class_="lg-pill"),
        element("span", place, class_="lg-place"),
        element("span", "protected", class_="lg-chip lg-protected") if card["protected"] else "",
        element("span", source, class_="lg-title", title=source) if card["source"] else "",
        element("code", f"batch {card['id']}", class_="lg-id"),
    ]
    if card["elapsed"] is not None:
        time = element("b", duration(card["elapsed"]), class_="lg-time")
        parts.append(element("span", time, class_="lg-end"))
    return element("div", _words(*parts), class_="lg-head")


def _body(card: BatchCard) -> Html:
    counts = [_count(status, count) for status, count in card["counts"]]
    parts = [
        _bar(card),
        element("ul", _words(*counts), class_="lg-counts", aria_label="runs by status"),
        element("div", card["progress"], class_="lg-note"),
        *(element("div", note, class_="lg-note lg-known") for note in card["notes"]),
        _failures(card),
        _foot(card),
    ]
    return element("div", *parts, class_="lg-body")


def _bar(card: BatchCard) -> Html:
    cells = [element("i", class_=class_of(status)) for status, count in card["bar"] for _ in range(count)]
    label = f"{card['ended']} of {card['runs']} ended"
    return element("div", *cells, class_="lg-bar", role="img", aria_label=label)


def class_of(status: str) -> str:
    """The class that colours a status."""
    return f"lg-is-{status.replace(' ', '-')}"


def _count(status: str, count: int) -> Html:
    dot = element("i", class_=class_of(status), aria_hidden="true")
    return element("li", _words(dot, element("span", f"{count:,} {status}")))


def _failures(card: BatchCard) -> Html:
    items = [_failure(each) for each in card["failures"]]
    if more := card["more_failures"]:
        items.append(element("li", f"… and {more:,} more", class_="lg-more"))
    return element("ul", *items, class_="lg-failures", aria_label="failed runs") if items else Html()


def _failure(failure: BatchFailure) -> Html:
    thread = failure["thread"]
    parts = (
        element("span", f"row {failure['row']} · {failure['assistant']}"),
        element("code", short_id(thread["number"], thread["id"], 6), class_="lg-id", title=thread["id"])
        if thread
        else "",
        element("span", failure["error"], class_="lg-why"),
    )
    return element("li", _words(*parts))


def _foot(card: BatchCard) -> Html:
    how = _words(element("code", card["line"]), card["line_does"]) if card["line"] else Html()
    saved = "" if card["settled"] else "A picture of a batch that had not ended."
    parts = (
        element("span", how, class_="lg-how") if how else "",
        element("span", saved, class_="lg-snapshot", data_saved="") if saved else "",
    )
    return element("div", _words(*parts), class_="lg-foot") if any(parts) else Html()
