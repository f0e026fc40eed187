"""A row of the side panel that is open: all of it, its form, and one row of buttons. Depends on nodes; knows no session."""

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
    """One thing in a section.

    Attributes:
        id: what is sent.
        word: what is typed for it.
        shown: its number and the id's tail, `t2 ·0e7caf`.
        title: what it is about.
        state: one word; `tone` is its dot's color.
        about: what stands on the second line: the first of it before the state, the rest behind it.
        seconds: how long it has taken; with `since` (seconds since the epoch) it goes on.
        is_current: whether runs go there.
        cell: the id of the notebook's cell that it came from.
        thread: the id of its thread.
        more: more of it, for who opens the row.
        kind: which actions it has, where they are not its section's.
        without: the keys of the actions that are not for it.
        quick: the key of the action that needs no open row.
        questions: of a thread that waits, with the `mark` that an answer must bear; no questions at a breakpoint.
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
        """What a question calls it: `t2 ·0e7caf “Add a ToDo”`."""
        return f"{self.shown or self.word} “{self.title}”" if self.title else self.shown or self.word


def open_row(
    handle: str,
    row: PanelRow,
    offers: Sequence[Offer],
    *,
    looked: int,
    can_show: bool = False,
    can_fork: bool = False,
) -> Node:
    """All of a row, and what can be done with it.

    Args:
        handle: What the page calls it.
        row: The row.
        offers: What can be done.
        looked: How often its section was read.
        can_show: Whether the page can scroll to its cell.
        can_fork: Whether its checkpoints can be asked for.
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
        data_args=json.dumps({**given, "looked": looked}),
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
    """The checkpoints of a thread, to fork from.

    Args:
        handle: What the page calls the thread's row.
        points: The id of each, how a person names it, what it did, and the fork.
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
    """The form of what a thread asks, and the button that puts the answers into a cell."""
    given = {"row": handle, "mark": row.mark}
    says = None if row.questions else note(row.title)
    return answers_form(row.questions, says, "answer", given, focus=f"{REFRESH} {handle}")


def pair(offer: Offer, given: Mapping[str, object]) -> list[Children]:
    """A button that does something, and the one that puts its line into a cell."""
    focus = str(given.get("row", ""))
    if not offer.is_done_here:
        return [inserts(offer.line, f"{offer.label} +", offer.key, focus)]
    return [does(offer, given), inserts(offer.line, "+", f"+ {offer.key}", focus)]


def does(offer: Offer, given: Mapping[str, object], label: str = "") -> Node:
    """A button that does something with a row, or with all of a section."""
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
    """A button that puts a line into a new cell, and says which."""
    words = f"Insert cell: {line}"
    said = {"title": words, "aria_label": words}
    return node("button", label, key=key, class_="lg-insert", data_insert=line, data_focus=focus, **said)


def _copied(row: PanelRow) -> Node | None:
    return copied_id("the", row.shown or row.id, row.id) if len(row.id) >= WHOLE_ID else None
