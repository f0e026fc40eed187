"""Threads that wait for a person, as a table. Knows interrupts and threads; makes no requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lg_magics.model.interrupts import Interrupt
from lg_magics.model.node_names import shown_node
from lg_magics.model.question_numbers import numbers_of
from lg_magics.model.replies import form_of_question
from lg_magics.tables.table import Column, Table
from lg_magics.tables.thread import Thread

__all__ = ["InboxRow", "inbox_table"]


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A waiting thread: its interrupts, or the nodes of its breakpoint."""

    thread: Thread
    questions: tuple[Interrupt, ...]
    stopped_before: tuple[str, ...] = ()

    @property
    def asks(self) -> str:
        """What it waits for, on one line."""
        if not self.questions:
            return f"stopped before {', '.join(map(shown_node, self.stopped_before))}"
        words = []
        for number, each in zip(numbers_of(self.questions), self.questions, strict=True):
            name = " ".join(part for part in (str(number or ""), each.asker) if part)
            words.append(f"{name}: {each.summary}" if name else each.summary)
        return f"{len(words)} questions · {' · '.join(words)}" if len(words) > 1 else words[0]

    @property
    def takes(self) -> str:
        """The accepted kinds of answers."""
        if not self.questions:
            return "nothing: it goes on"
        ways = [", ".join(each.ways) if each.actions else _takes(each) for each in self.questions]
        failed = ["the last answer failed"] if any(each.failed for each in self.questions) else []
        return " · ".join(dict.fromkeys([*ways, *failed]))


def _takes(question: Interrupt) -> str:
    form = form_of_question(question)
    return "an answer" if form is None else ", ".join(each.name for each in form.inside) or form.words


COLUMNS = (
    Column("thread"),
    Column("title"),
    Column("graph"),
    Column("asks"),
    Column("takes"),
    Column("since", "time"),
    Column("thread_id", "id", None),
    Column("questions", "list", None),
)


def inbox_table(waiting: Sequence[InboxRow], **cut: Any) -> Table:
    """Return waiting threads as a table; `cut` states what was left out.

    In the frame, `questions` is a JSON list of number, id, node and value.
    """
    rows = tuple(
        (
            row.thread.info.shown,
            row.thread.title,
            str(row.thread.metadata.get("graph_id") or ""),
            row.asks,
            row.takes,
            row.thread.updated_at,
            row.thread.thread_id,
            [
                {"number": number, "id": each.id, "node": each.node, "value": each.value}
                for number, each in zip(numbers_of(row.questions), row.questions, strict=True)
            ],
        )
        for row in waiting
    )
    return Table("thread in the inbox", COLUMNS, rows, **cut)
