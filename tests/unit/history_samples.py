"""Histories at moments that a page must show: one with a rewritten message, one whose thread is busy, a hostile one."""

from __future__ import annotations

from typing import Any

from lg_magics.model.changes import changes
from lg_magics.model.checkpoints import branches
from lg_magics.model.history import HistoryBuilder
from lg_magics.tables.history import History
from lg_magics.tables.state import state_from_payload
from lg_magics.views.history_tree import checkpoint_tree, history_tree
from lg_magics.views.node import Node

HOSTILE = '<img src=x onerror="alert(1)">'


def entry(number: int, parent: int | None, values: Any, **metadata: Any) -> dict[str, Any]:
    """What get_history says of one checkpoint."""
    then = metadata.pop("next", [])
    return {
        "checkpoint": {"checkpoint_id": f"1f0c0000-0000-6000-8000-00000000800{number}"},
        "parent_checkpoint": {"checkpoint_id": f"1f0c0000-0000-6000-8000-00000000800{parent}"} if parent else None,
        "values": values,
        "metadata": {"source": "loop", **metadata},
        "next": then,
        "created_at": f"2024-11-20T12:04:0{number}+00:00",
    }


def said(role: str, identity: str, text: str) -> dict[str, str]:
    return {"type": role, "id": identity, "content": text}


def forked(text: str = "Give me a summary of all ToDos.", node: str = "task_mAIstro") -> list[dict[str, Any]]:
    """A thread whose first message was rewritten, newest first."""
    first, again = said("human", "m1", text), said("human", "m1", f"{text} Due next week.")
    answer = said("ai", "m2", "You have two.")
    return [
        entry(5, 4, {"messages": [again, answer]}, step=2),
        entry(4, 2, {"messages": [again]}, step=1, source="update", next=[node]),
        entry(3, 2, {"messages": [first, answer]}, step=1),
        entry(2, 1, {"messages": [first]}, step=0, next=[node]),
        entry(1, None, {"messages": []}, step=-1, source="input", next=["__start__"]),
    ]


def history(entries: list[dict[str, Any]], **more: Any) -> History:
    """A history of these entries."""
    builder = HistoryBuilder()
    for each in entries:
        builder.add(each)
    named = branches([step.checkpoint for step in builder.steps])
    given = {"thread": "t1 “Give me a summary…”", "thread_id": "thread", **more}
    return History(steps=tuple(builder.steps), branch_of=named, **given)


def checkpoint(entries: list[dict[str, Any]], place: int, *, busy: str = "", elsewhere: str = "", **more: Any) -> Node:
    """One checkpoint of a history."""
    shown = history(entries, **more)
    step = shown[place]
    values = {each["checkpoint"]["checkpoint_id"]: each["values"] for each in entries}
    found = changes(values.get(step.checkpoint.parent_id, {}), values[step.checkpoint.id])
    state = state_from_payload(entries[place], thread=shown.thread)
    return checkpoint_tree(shown, step, found, state, busy=busy, elsewhere=elsewhere)


BUSY = "r7 is still running: a fork waits for its end."


def samples() -> dict[str, Node]:
    """Each by its name."""
    note = "r7 still running: this is step 2. %lg_wait"
    return {
        "forked": history_tree(history(forked())),
        "busy": history_tree(history(forked()[3:], note=note), busy=BUSY, elsewhere="-t t1"),
        "hostile": history_tree(history(forked(HOSTILE, HOSTILE), thread=f"t1 “{HOSTILE}”", note=HOSTILE)),
        "checkpoint": checkpoint(forked(), 1),
        "answer": checkpoint(forked(), 0, busy=BUSY),
        "hostile checkpoint": checkpoint(forked(HOSTILE, HOSTILE), 3, thread=HOSTILE),
    }
