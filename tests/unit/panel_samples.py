"""The panel at moments that a page must show, hostile text among them."""

from __future__ import annotations

from collections.abc import Sequence

from lg_magics.model.answers import mark_of
from lg_magics.model.interrupts import Interrupt
from lg_magics.views.card_questions import card_questions
from lg_magics.views.list_tree import Offer
from lg_magics.views.node import Node
from lg_magics.views.panel_row import PanelRow, checkpoints_tree, open_row
from lg_magics.views.panel_tree import SectionHead, Where, panel_tree, rows_tree

HOSTILE = '<img src=x onerror="hacked=1">\u202e $HOME {x}'
WHERE = Where("local", "http://127.0.0.1:2025", "0.16.7", True, "agent", "t1 “Add a ToDo”", ("user_id=Test",))
CALL = {
    "action_request": {"action": "book_flight", "args": {"to": "HKG", "price_usd": 640}},
    "config": {"allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": True},
    "description": "Book the flight for 640 USD?",
}
TYPED = {"type": "object", "properties": {"row": {"type": "integer"}}, "required": ["row"]}
DELETE = Offer("delete", "Delete", "%lg_thread delete t1", "Delete thread t1?")
USE, READ = Offer("use", "Use", "%lg_thread use t1"), Offer("read", "Read", "%lg_messages -t t1", "", False)
CANCEL = Offer("cancel", "Cancel", "%lg_cancel r2")


def samples() -> dict[str, Node]:
    """Every sample by its name."""
    return {
        "": panel(),
        "nowhere": panel_tree(None, [], failure="No deployment answers."),
        "threads": threads([thread(n) for n in range(1, 4)]),
        "open thread": open_row("t1", thread(1), [USE, READ, DELETE], revision=1, can_show=True, can_fork=True),
        "checkpoints": checkpoints_tree(
            "t1", [("c-1", "step:1", "agent · +1", Offer("fork", "Fork here", "%lg_fork"))]
        ),
        "call": open_row("w1", waiting(Interrupt(CALL, "i-1", "approve")), [], revision=1),
        "typed question": open_row("w2", waiting(Interrupt("Which row?", "i-2", "seat", TYPED)), [], revision=1),
        "breakpoint": open_row("w3", waiting(), [], revision=1),
        "hostile": threads([PanelRow("x", HOSTILE, HOSTILE, HOSTILE, HOSTILE, "odd", (HOSTILE,))], note=HOSTILE),
        "open hostile": open_row("t9", PanelRow("x" * 40, HOSTILE, HOSTILE, HOSTILE, more=HOSTILE), [], revision=1),
    }


def thread(number: int) -> PanelRow:
    """A thread; the first is the current one."""
    return PanelRow(
        f"th-{number}-0000000",
        f"t{number}",
        f"t{number} ·b7a4f{number}",
        f"Thread {number}",
        "idle",
        about=(f"t{number} ·b7a4f{number}", "agent"),
        is_current=number == 1,
        cell="cell-1",
    )


def waiting(*questions: Interrupt) -> PanelRow:
    """A thread that waits; at a breakpoint, without questions."""
    asked, mark = card_questions(questions, 10_000, "%lg_state"), mark_of(questions, () if questions else ("work",))
    title = questions[0].summary if questions else "stopped before work"
    return PanelRow("th-1-0000000", "t1", "t1 ·b7a4f1", title, "waiting", "waiting", questions=asked, mark=mark)


def threads(rows: Sequence[PanelRow], note: str = "") -> Node:
    """Rows of a section."""
    by_handle = {f"t{place}": row for place, row in enumerate(rows, 1)}
    return rows_tree("threads", "Threads", by_handle, none="No threads yet.", revision=1, offers={}, note_=note)


def panel() -> Node:
    """A whole panel: a live run, and a section to be asked for."""
    live = PanelRow("r-2", "r2", "r2 ·0b6bf", "Plan a trip", "running", "running", ("r2", "agent"), 4.2, 1.0)
    runs = rows_tree("runs", "Runs", {"r1": live}, none="", revision=1, offers={"r1": CANCEL})
    heads = [
        SectionHead("runs", "Runs", "1 live", True, "", "here", 1, runs),
        SectionHead("threads", "Threads", "2+", True, "Asking local for its newest threads…", "here", 4),
        SectionHead("crons", "Crons", "", False, "Asking local for its crons…", "here", 1),
    ]
    return panel_tree(WHERE, heads, message="Answered: r2 goes on.")
