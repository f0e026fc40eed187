"""Render an open history as trees: its rows, and one checkpoint with its change, state and actions. Fetches nothing."""

from __future__ import annotations

from collections.abc import Iterator

from lg_magics.model.bounds import cut, fitted, fitting
from lg_magics.model.changes import Changes, MessageChange
from lg_magics.model.history import HistoryStep
from lg_magics.model.messages import Message, message_from_payload, shortened
from lg_magics.model.node_names import shown_node
from lg_magics.tables.history import History, reference_of
from lg_magics.tables.state import State
from lg_magics.tables.table import Column, time_from_iso
from lg_magics.views.diff import change_nodes
from lg_magics.views.frame_tree import action, card, fold, grid, head, note, outcome, pre, row, section, side, two
from lg_magics.views.node import Node, node, spaced, typed_text
from lg_magics.views.state import state_text
from lg_magics.views.table import shown_value

__all__ = ["checkpoint_tree", "first_words", "history_tree"]

MOST_ROWS = 1_000
LARGEST = 110_000  # bytes of all rows as JSON: what a notebook saves
LONGEST_TEXT = 500
LONGEST_STATE = 20_000
LONGEST_MESSAGE = 20_000
HEADINGS = ("branch", "step", "node", "change", "when")
WHEN = Column("when", "time")


def history_tree(history: History, *, busy: str = "", elsewhere: str = "", message: str = "") -> Node:
    """Return the rows, newest first, and a place beside them for the chosen one.

    Args:
        history: the known history.
        busy: why a fork is not possible now.
        elsewhere: the option that names the thread, as `-t t2`; "" while the thread is the current one.
        message: why the rows are not up to date.
    """
    table = history.table
    lanes = [str(each["lane"]) for each in table]
    has_branches = len(set(history.branch_of.values())) > 1
    rows = [
        _row(history, step, lane, has_branches) for step, lane in zip(history.steps[:MOST_ROWS], lanes, strict=False)
    ]
    rows = rows[: fitting(rows, LARGEST)]
    facts = [table.counted, _branches(history), table.more]
    if len(history) > len(rows):
        facts.append(f"the newest {len(rows):,} are shown, .df has all")
    close = action("close", "Close", class_="lg-quiet")
    newest = history.steps[0].checkpoint.id if history.steps else ""
    whose = f"{history.inside.path} of {history.thread}" if history.inside else history.thread
    return card(
        "open",
        f"history of {whose}",
        head(whose, close, node("span", ", ".join(filter(None, facts)), class_="lg-place")),
        section("notes", note(cut(history.note, LONGEST_TEXT)), outcome(message)),
        two(
            grid(f"checkpoints of {whose}", HEADINGS, rows),
            side({"busy": busy, "elsewhere": elsewhere, "newest": newest}),
            "Choose a row to see its change and its state, and to go on from there.",
        ),
    )


def _branches(history: History) -> str:
    count = len(set(history.branch_of.values()))
    return f"{count} branches" if count > 1 else ""


def _row(history: History, step: HistoryStep, lane: str, has_branches: bool) -> Node:
    checkpoint = step.checkpoint
    when = time_from_iso(checkpoint.created_at)
    branch = history.branch_of[checkpoint.id]
    texts = fitted([", ".join(checkpoint.nodes) or checkpoint.source, first_words(step.changes)], LONGEST_TEXT)
    cells = [
        node("td", f"{lane} {branch}" if has_branches else lane),
        node("td", "" if checkpoint.step is None else str(checkpoint.step)),
        *(node("td", text) for text in texts),
        node("td", shown_value(when, WHEN), title=when.isoformat() if when else None),
    ]
    return row(checkpoint.id, cells, 3)


def first_words(changes: Changes | None) -> str:
    """Return the first words of a step's message; else the keys that it wrote.

    >>> from lg_magics.model.changes import changes
    >>> first_words(changes({"messages": []}, {"messages": [{"type": "human", "id": "1", "content": "Add a ToDo"}], "n": 1}))
    'human: “Add a ToDo”, n'
    """
    if changes is None:
        return ""
    lines = list(_first_lines(changes.messages))
    words = [lines[-1], *([f"{len(lines) - 1} more"] if len(lines) > 1 else []), *changes.names] if lines else []
    return ", ".join(words) or changes.words


def _first_lines(changed: tuple[MessageChange, ...]) -> Iterator[str]:
    for change in changed:
        message = message_from_payload(change.after)
        if message is not None:
            words = shortened(message.text_or_refusal) or shortened(message.contents)
            rewritten = " rewritten" if change.kind == "rewritten" else ""
            yield f"{message.role}{rewritten}: {f'“{words}”' if message.text_or_refusal.strip() else words}"


# -- one checkpoint ---------------------------------------------------------------------------------------------------


def checkpoint_tree(
    history: History, step: HistoryStep, changes: Changes, state: State, *, busy: str, elsewhere: str
) -> Node:
    """Return a checkpoint: its change, its state, a fork button, and its human message to rewrite."""
    reference = reference_of(step, history.branch_of[step.checkpoint.id], history.current_branch)
    message = _human_message(changes)
    then = f"before {', '.join(map(shown_node, state.next))}" if state.next else ""
    whose = " ".join(filter(None, (elsewhere, history.within)))
    name = node("div", spaced(node("b", _named(reference)), node("span", then, class_="lg-place")), class_="lg-caption")
    diff = node("div", change_nodes(changes), class_="lg-diff", tabindex=0, role="group", aria_label="change")
    return node(
        "div",
        name,
        _message(message) if message else diff,
        _buttons(step.checkpoint.id, message, busy),
        note(busy),
        node("code", _line(reference, whose, changes if message else None, state), class_="lg-line"),
        fold("Change", diff) if message else None,
        fold("State", _state(state)),
        key="checkpoint",
        role="region",
        aria_label=f"{reference} of {history.thread}",
        data_form="fork",
    )


def _named(reference: str) -> str:
    """Return `step:4` as `step 4`, and `b2:4` as `step 4 of b2`."""
    branch, _, number = reference.partition(":")
    return f"step {number}" if branch == "step" else f"step {number} of {branch}"


def _human_message(changes: Changes) -> Message | None:
    """Return the last human message that a checkpoint added or rewrote, if it can be rewritten: a text with an id."""
    payload = _human(changes)
    message = message_from_payload(payload.after) if payload else None
    return message if message and 0 < len(message.text) <= LONGEST_MESSAGE else None


def _human(changes: Changes) -> MessageChange | None:
    for change in reversed(changes.messages):
        message = message_from_payload(change.after)
        is_text = isinstance(change.after, dict) and isinstance(change.after.get("content"), str)
        if is_text and change.key == "messages" and message and message.role == "human" and message.id:
            return change
    return None


def _line(reference: str, whose: str, changes: Changes | None, state: State) -> str:
    """Return the line for a cell that does the same as Fork and run. A place that is also an id would name that message."""
    change = _human(changes) if changes else None
    is_id = change is not None and str(change.place) in {each.id for each in state.messages}
    named = "" if change is None else change.after["id"] if is_id else str(change.place)
    message, text = (f"--message {named}", "TEXT") if named else ("", "")
    return " ".join(filter(None, ("%lg_fork --run", whose, message, reference, text)))


def _message(message: Message) -> Node:
    rows = min(8, message.text.count("\n") + len(message.text) // 48 + 1)
    box = node(
        "textarea",
        key="text",
        class_="lg-answer",
        value=message.text,
        rows=rows,
        required=True,
        aria_label="human message",
        data_draft=True,
    )
    return node("label", node("span", "human message", class_="lg-place"), box, key="message", class_="lg-field")


def _buttons(checkpoint_id: str, message: Message | None, busy: str) -> Node:
    args = {"id": checkpoint_id}
    if message:
        args |= {"text": typed_text(message.text), "message": message.id}
    off = "true" if busy else False
    return node(
        "div",
        action("run", "Fork and run", args=args, class_="lg-main", data_busy="Forking…", aria_disabled=off),
        action("fork", "Fork", args=args, data_busy="Forking…", aria_disabled=off),
        action("line", "+ cell", args=args, class_="lg-quiet"),
        class_="lg-ways",
    )


def _state(state: State) -> list[Node]:
    text = state_text(state)
    left = len(text) - LONGEST_STATE
    more = note(f"{left:,} characters are not shown") if left > 0 else None
    return [pre(text[:LONGEST_STATE]), *([more] if more else [])]
