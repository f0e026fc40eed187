"""Render an open row of the side panel: its details, its form, and its buttons. Depends on nodes; knows no session."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lg_magics.views.card_questions import CardQuestion
from lg_magics.views.frame_tree import action, copied_id, note
from lg_magics.views.list_tree import Offer
from lg_magics.views.node import Children, Node, node
from lg_magics.views.question_tree import answers_form

__all__ = ["REFRESH", "PanelRow", "checkpoints_tree", "does", "inserts", "open_row", "pair"]

LONGEST = 4_000
LONG_LABEL = 200
SHORT_TITLE = 24
WHOLE_ID = 9
REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One row of a section.

    Attributes:
        id: its id in requests.
        word: its reference, as typed.
        shown: its number and the id's tail, `t2 ·0e7caf`.
        title: its title.
        state: its status, one word; `tone` selects the color of its dot.
        about: the second line: its first item before the status, the others after it.
        seconds: its duration; with `since` (seconds since the epoch) it keeps running.
        is_current: whether runs go to it.
        cell: the id of its notebook cell.
        thread: the id of its thread.
        more: details for the open row.
        kind: the key of its actions, if it differs from the section's.
        without: the keys of actions to leave out.
        quick: the key of the action that is available while it is closed.
        questions: a waiting thread's interrupts; `mark` is the token that an answer must carry. None at a breakpoint.
    """

    id: str
    word: str = ""
    shown: str = ""
    title: str = ""
    state: str = ""
    tone: str = "quiet"
    about: tuple[str, ...] = ()
    seconds: float | None = None
    since: float | None = None
    is_current: bool = False
    cell: str = ""
    thread: str = ""
    more: str = ""
    kind: str = ""
    without: frozenset[str] = frozenset()
    quick: str = ""
    questions: tuple[CardQuestion, ...] = ()
    mark: str = ""

    @property
    def name(self) -> str:
        """Its name in questions: `t2 ·0e7caf “Add a ToDo”`."""
        return f"{self.shown or self.word} “{self.title}”" if self.title else self.shown or self.word


def open_row(
    handle: str,
    row: PanelRow,
    offers: Sequence[Offer],
    *,
    revision: int,
    can_show: bool = False,
    can_fork: bool = False,
) -> Node:
    """Return a row in full, with its actions.

    Args:
        handle: The row's name in requests.
        row: The row.
        offers: The actions.
        revision: The revision of its section.
        can_show: Whether the page can scroll to its cell.
        can_fork: Whether its checkpoints can be requested.
    """
    given = {"row": handle}
    show = node("button", "Show its cell", key="show", data_show=row.cell) if can_show and row.cell else None
    fork = node("button", "Fork…", key="fork", data_choice=f"fork-{handle}:yes") if can_fork else None
    close = node(
        "button", "Close", key="close", class_="lg-quiet", data_choice="row:", data_leave=True, data_focus=handle
    )
    points = node(
        "div",
        node("p", "Reading its checkpoints…", class_="lg-none"),
        key="points",
        data_lazy="checkpoints",
        data_args=json.dumps({**given, "revision": revision}),
    )
    return node(
        "div",
        node("div", row.title, class_="lg-full") if len(row.title) > SHORT_TITLE and not row.questions else None,
        node("div", row.more[:LONGEST], class_="lg-more-of-it") if row.more else None,
        _answers(handle, row) if row.mark else None,
        node("div", [pair(each, given) for each in offers], show, fork, close, key="ways", class_="lg-ways"),
        node("div", points, key="forks", data_shows=f"fork-{handle}:yes") if can_fork else None,
        _copied(row),
        key="detail",
        class_="lg-open",
        role="group",
        aria_label=row.name[:LONG_LABEL],
    )


def checkpoints_tree(handle: str, points: Sequence[tuple[str, str, str, Offer]], note_: str = "") -> Node:
    """Return the checkpoints of a thread, to fork from.

    Args:
        handle: The name of the thread's row in requests.
        points: The id of each checkpoint, its name, what its step did, and the fork.
        note_: A line below them.
    """
    rows = [
        node(
            "li",
            node("span", node("b", name), " ", text),
            node("div", pair(fork, {"row": handle, "point": identity}), class_="lg-ways"),
            key=identity,
            class_="lg-point",
        )
        for identity, name, text, fork in points
    ]
    return node("div", node("ul", rows) if rows else node("p", "It has no checkpoints."), note(note_))


def _answers(handle: str, row: PanelRow) -> Node:
    """Return the form for a thread's interrupts, and the button that puts the answers into a cell."""
    given = {"row": handle, "mark": row.mark}
    says = None if row.questions else note(row.title)
    return answers_form(row.questions, says, "answer", given, focus=f"{REFRESH} {handle}")


def pair(offer: Offer, given: Mapping[str, object]) -> list[Children]:
    """Return a button that performs an action, and one that puts its line into a cell."""
    focus = str(given.get("row", ""))
    if not offer.is_done_here:
        return [inserts(offer.line, f"{offer.label} +", offer.key, focus)]
    return [does(offer, given), inserts(offer.line, "+", f"+ {offer.key}", focus)]


def does(offer: Offer, given: Mapping[str, object], label: str = "") -> Node:
    """Return a button that performs an action on a row, or on a whole section."""
    return action(
        "do",
        offer.label,
        key=offer.key,
        args={**given, "key": offer.key},
        class_="lg-cancel" if offer.question or offer.key == "cancel" else "",
        aria_label=label,
        data_confirm=offer.question,
        data_busy=f"{offer.label}…",
        data_focus=f"{REFRESH} {given.get('row', '')}".strip(),
    )


def inserts(line: str, label: str, key: str = "insert", focus: str = "") -> Node:
    """Return a button that puts a line into a new cell, with the line as its label."""
    words = f"Insert cell: {line}"
    labels = {"title": words, "aria_label": words}
    return node("button", label, key=key, class_="lg-insert", data_insert=line, data_focus=focus, **labels)


def _copied(row: PanelRow) -> Node | None:
    return copied_id("the", row.shown or row.id, row.id) if len(row.id) >= WHOLE_ID else None
