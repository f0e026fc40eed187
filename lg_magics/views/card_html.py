"""A run card as HTML that needs no script: the picture that is saved. Knows the card's JSON and the card's style.

labextension/shared/draw_card.ts draws the same picture on a live page; a test holds their texts together. Without the
style (GitHub drops it, an untrusted notebook too) it still reads: spaces stand between the parts, steps are a list.
"""

from __future__ import annotations

from lg_magics.views.built import built_style
from lg_magics.views.card import Card, CardInterrupt, CardStep, words_of_cut
from lg_magics.views.escape import NO_MATH, Html, element, fragment
from lg_magics.views.nodes_html import nodes_html
from lg_magics.views.words import duration, short_id

__all__ = ["card_html"]


def card_html(card: Card, *, style: bool = True) -> str:
    """The card as one piece of HTML.

    Args:
        card: What is to be seen.
        style: Put the card's style in front; an output that shows several cards needs it once.

    Raises:
        LgError: The front end was not built.
    """
    label = f"run {card['run']['number']} of {card['assistant']}"
    classes = f"lg-card lg-{card['status']} {NO_MATH}"
    frame = element("div", _head(card), _body(card), class_=classes, role="group", aria_label=label)
    return fragment(built_style("card.css") if style else "", frame)


def _words(*parts: str) -> Html:
    return fragment(*parts, between=" ")


def _head(card: Card) -> Html:
    thread, run = card["thread"], card["run"]
    place = " · ".join(word for word in (card["deployment"], card["assistant"]) if word)
    parts = [
        element("span", element("i", aria_hidden="true"), card["status"], class_="lg-pill"),
        element("span", place, class_="lg-place"),
        element("span", "protected", class_="lg-chip lg-protected") if card["protected"] else "",
        _title(thread["title"]) if thread and thread["title"] else "",
        _id(short_id(thread["number"], thread["id"], 6), thread["id"]) if thread else "",
        _id(short_id(run["number"], run["id"], 5), run["id"]),
        _turn(card),
        *(element("span", text, class_="lg-chip") for text in card["defaults"]),
    ]
    if card["elapsed"] is not None:
        time = element("b", duration(card["elapsed"]), class_="lg-time")
        parts.append(element("span", time, class_="lg-end"))
    return element("div", _words(*parts), class_="lg-head")


def _turn(card: Card) -> Html:
    turn = card["turn"]
    return element("span", f"{turn['number']} of {turn['of']}", class_="lg-turn") if turn else Html()


def _title(title: str) -> Html:
    return element("span", f"“{title}”", class_="lg-title", title=title)


def _id(label: str, id: str) -> Html:
    return element("code", label, class_="lg-id", title=id) if label else Html()


def _body(card: Card) -> Html:
    waits = "waiting for an answer" if card["interrupts"] else "stopped at a breakpoint"
    parts = [
        *(element("div", line, class_="lg-note") for line in card["answered"]),
        _steps(card),
        element("div", card["again"], class_="lg-note") if card["again"] else "",
        element("div", card["note"], class_="lg-note") if card["note"] else "",
        _text(card),
        *map(_interrupt, card["interrupts"]),
        element("div", waits, class_="lg-note") if card["status"] == "waiting" and not card["note"] else "",
        element("div", card["error"]["summary"], class_="lg-error") if card["error"] else "",
        _foot(card),
    ]
    return element("div", *parts, class_="lg-body") if any(parts) else Html()


def _steps(card: Card) -> Html:
    more = card["more_steps"]
    if not card["steps"] and not more:
        return Html()
    items = [_step(step) for step in card["steps"]]
    if more:
        items.insert(0, element("li", f"… {more} earlier {'step' if more == 1 else 'steps'}", class_="lg-more"))
    return element("ol", *items, class_="lg-steps", aria_label="steps")


def _step(step: CardStep) -> Html:
    state, seconds = step["state"], step["seconds"]
    name = f"{step['name']} ×{step['times']}" if step["times"] > 1 else step["name"]
    word = element("b", state, class_="lg-unseen" if state == "running" else "lg-word")
    parts = (
        element("span", name),
        word if state != "done" else "",
        element("b", duration(seconds), class_="lg-took") if seconds is not None else "",
    )
    return element("li", element("span", _words(*parts), class_="lg-box"), class_=f"lg-step lg-{state}")


def _text(card: Card) -> Html:
    if not card["text"] and not card["streaming"]:
        return Html()
    box = {"class_": "lg-text", "role": "region", "aria_label": "answer", "tabindex": "0"}
    cut = words_of_cut(card) if card["text_cut"] else ""
    return fragment(
        element("div", nodes_html(card["text"]), **box),
        element("div", cut, class_="lg-note") if cut else "",
    )


def _interrupt(interrupt: CardInterrupt) -> Html:
    asks = _words(element("b", interrupt["node"]), element("span", f"asks: {interrupt['question']}"))
    return element("div", asks, _pre(interrupt["detail"]), class_="lg-ask")


def _foot(card: Card) -> Html:
    parts = (
        _fold("Full error", _pre(card["error"]["whole"] if card["error"] else "")),
        _fold("As SDK code", _pre(element("code", card["code"]) if card["code"] else "")),
        _fold("State", _pre(card["state"])),
        _snapshot(card),
        element("span", card["footnote"], class_="lg-footnote") if card["footnote"] else "",
    )
    return element("div", _words(*parts), class_="lg-foot") if any(parts) else Html()


def _snapshot(card: Card) -> str:
    if card["settled"]:
        return ""
    return element("span", "A picture of a run that had not ended.", class_="lg-snapshot", data_saved="")


def _fold(title: str, inside: Html) -> Html:
    return element("details", element("summary", title), inside) if inside else Html()


def _pre(text: str) -> Html:
    return element("pre", text, tabindex="0") if text else Html()
