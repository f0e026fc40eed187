"""A run's steps, and its token counts, as tables. Knows views of runs; makes no requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lg_magics.model.messages import Usage
from lg_magics.model.run_steps import Step
from lg_magics.model.run_view import RunView
from lg_magics.model.spent import Price, Spent, cost_of
from lg_magics.tables.table import Column, Table

__all__ = ["steps_table", "usage_table"]

STEPS = (
    Column("node"),
    Column("namespace", "text", None),
    Column("state", "status"),
    Column("did"),
    Column("started", "time"),
    Column("seconds", "number"),
    Column("input_tokens", "number", "in"),
    Column("output_tokens", "number", "out"),
    Column("model"),
    Column("tool_calls", "list", None),
    Column("error"),
    Column("task_id", "id", None),
)
USAGE = (
    Column("node"),
    Column("model"),
    Column("messages", "number"),
    Column("input", "number", "in"),
    Column("output", "number", "out"),
    Column("cached", "number"),
    Column("reasoning", "number"),
    Column("seconds", "number"),
)


def steps_table(view: RunView, number: str) -> Table:
    """Return the steps of a run, a row each, in the order of their beginning."""
    spoken: dict[str, tuple[Usage, str]] = {}
    for message_id, usage in view.usage_by_message.items():
        task_id, model = view.speakers.get(message_id, ("", ""))
        before = spoken.get(task_id, (Usage(), ""))
        spoken[task_id] = (before[0] + usage, model or before[1])
    rows = tuple(_step(step, *spoken.get(step.task_id, (None, ""))) for step in view.steps)
    is_whole = not view.steps_dropped
    return Table(f"step of {number}", STEPS, rows, total=view.step_number, is_whole=is_whole)


def _step(step: Step, usage: Usage | None, model: str) -> tuple[Any, ...]:
    return (
        " › ".join(step.path),
        "|".join(step.namespace),
        step.state,
        " · ".join(map(str, step.effects)),
        datetime.fromtimestamp(step.started_at, UTC) if step.started_at is not None else None,
        None if step.seconds is None else round(step.seconds, 3),
        usage.input if usage else None,
        usage.output if usage else None,
        model,
        [effect.name for effect in step.effects if effect.kind == "call"],
        step.error,
        step.task_id,
    )


def usage_table(spent: Sequence[Spent], what: str, prices: Mapping[str, Price], **cut: Any) -> Table:
    """Return token counts, a row for each node and model; with prices, also their cost.

    Args:
        spent: the counts.
        what: their source: "r7".
        prices: prices by model, for a million tokens.
        cut: notes and attributes of the table.
    """
    columns = (*USAGE, Column("cost", "mean")) if prices else USAGE
    rows = tuple((*_spent(each), cost_of(each, prices)) if prices else _spent(each) for each in spent)
    if not rows and not cut.get("note"):
        cut["note"] = f"No model of {what} has reported tokens."
    return Table(f"row of tokens of {what}", columns, rows, **cut)


def _spent(spent: Spent) -> tuple[Any, ...]:
    used = spent.usage
    seconds = None if spent.seconds is None else round(spent.seconds, 2)
    return (spent.node, spent.model, spent.messages, used.input, used.output, used.cached, used.reasoning, seconds)
