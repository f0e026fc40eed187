"""A thread's history: one row for each checkpoint, with its changes. pandas is imported only inside `.df`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lg_magics.model.checkpoints import lanes
from lg_magics.model.collection import collection_paused
from lg_magics.model.history import HistoryStep
from lg_magics.model.messages import message_from_payload
from lg_magics.model.result import Result
from lg_magics.model.subgraphs import Subgraph
from lg_magics.tables.table import Column, Table, time_from_iso

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["History", "reference_of"]

COLUMNS = (
    Column("lane", "lane", " "),
    Column("branch"),
    Column("step", "number"),
    Column("source"),
    Column("nodes", "list", "node"),
    Column("next", "list"),
    Column("change"),
    Column("created_at", "time", "when"),
    Column("messages_added", "number", None),
    Column("messages_removed", "number", None),
    Column("messages_rewritten", "number", None),
    Column("keys", "list", None),
    Column("run_id", "id", None),
    Column("parent_id", "id", None),
    Column("checkpoint_id", "id", "checkpoint"),
)
MESSAGE_COLUMNS = (
    Column("branch"),
    Column("step", "number"),
    Column("change"),
    Column("role"),
    Column("text"),
    Column("message_id", "id"),
    Column("created_at", "time"),
    Column("checkpoint_id", "id"),
    Column("run_id", "id"),
)


def reference_of(step: HistoryStep, branch: str, current: str) -> str:
    """Return the reference of a checkpoint: `step:4` on the current branch, `b2:4` on another."""
    number = step.checkpoint.step
    return f"{'step' if branch == current else branch}:{number}"


@dataclass(frozen=True)
class History(Result):
    """Checkpoints of a thread, newest first, without their values.

    Attributes:
        steps: the checkpoints, each with its changes against its parent.
        branch_of: the branch of each checkpoint, by id.
        thread: its thread, in words; `thread_id` is the id.
        is_whole: whether it includes the oldest checkpoint.
        note: a line to show above.
        more: what to type for the rest.
        attrs: goes into `df.attrs`.
        is_open: whether it has actions, on a page that can show them.
        inside: its subgraph; None for the graph itself.
        head_branch: the branch of the thread's newest checkpoint; "" if unknown; None for the branch of the first row.
    """

    steps: tuple[HistoryStep, ...]
    branch_of: Mapping[str, str]
    thread: str
    thread_id: str
    is_whole: bool = True
    note: str = ""
    more: str = ""
    attrs: Mapping[str, Any] = field(default_factory=dict)
    is_open: bool = False
    offset: int = 0
    inside: Subgraph | None = None
    head_branch: str | None = None

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[HistoryStep]:
        return iter(self.steps)

    def __getitem__(self, index: int) -> HistoryStep:
        return self.steps[index]

    def __repr__(self) -> str:
        return f"<{self.table.counted}>"

    @property
    def within(self) -> str:
        """The option for its subgraph: `--subgraph mail`; "" for the graph itself."""
        return f"--subgraph {self.inside.path}" if self.inside else ""

    @property
    def current_branch(self) -> str:
        """The branch that runs continue: the one of the newest checkpoint; "" if a history from `before` does not reach it."""
        if self.head_branch is not None:
            return self.head_branch
        return self.branch_of[self.steps[0].checkpoint.id] if self.steps else "b1"

    @cached_property
    def table(self) -> Table:
        """The history as a table, for views and for the frame."""
        checkpoints = [step.checkpoint for step in self.steps]
        pictures = lanes(checkpoints, self.branch_of)
        rows = tuple(self._row(step, lane) for step, lane in zip(self.steps, pictures, strict=True))
        attrs = {**self.attrs, "thread_id": self.thread_id}
        attrs |= {"subgraph": self.inside.path, "checkpoint_ns": self.inside.namespace} if self.inside else {}
        return Table(
            f"checkpoint of {self.inside.path}" if self.inside else "checkpoint",
            COLUMNS,
            rows,
            is_whole=self.is_whole,
            more=self.more,
            note=self.note,
            attrs=attrs,
            offset=self.offset,
        )

    def _row(self, step: HistoryStep, lane: str) -> tuple[Any, ...]:
        checkpoint, changed = step.checkpoint, step.changes
        return (
            lane,
            self.branch_of[checkpoint.id],
            checkpoint.step,
            checkpoint.source,
            list(checkpoint.nodes),
            list(checkpoint.next),
            changed.words if changed else "",
            time_from_iso(checkpoint.created_at),
            changed.count("added") if changed is not None else None,
            changed.count("removed") if changed is not None else None,
            changed.count("rewritten") if changed is not None else None,
            list(changed.names) if changed is not None else None,
            checkpoint.run_id,
            checkpoint.parent_id,
            checkpoint.id,
        )

    @property
    def df(self) -> pd.DataFrame:
        """One row for each checkpoint: UTC times, ids as text, nodes and keys as lists."""
        with collection_paused():
            return self.table.df.drop(columns="lane")

    @property
    def messages_df(self) -> pd.DataFrame:
        """One row for each message that a step added, removed or rewrote, oldest first."""
        rows = tuple(row for step in reversed(self.steps) for row in self._message_rows(step))
        frame = Table("message", MESSAGE_COLUMNS, rows).df
        frame.attrs = dict(self.df.attrs)
        return frame

    def _message_rows(self, step: HistoryStep) -> Iterator[tuple[Any, ...]]:
        checkpoint = step.checkpoint
        for change in step.changes.messages if step.changes else ():
            message = message_from_payload(change.after if change.after is not None else change.before)
            if message is not None:
                yield (
                    self.branch_of[checkpoint.id],
                    checkpoint.step,
                    change.kind,
                    message.role,
                    message.text_or_refusal,
                    message.id,
                    time_from_iso(checkpoint.created_at),
                    checkpoint.id,
                    checkpoint.run_id,
                )
