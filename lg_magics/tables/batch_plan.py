"""What a batch would do, as facts. Depends on its plan alone."""

from __future__ import annotations

from collections.abc import Sequence

from lg_magics.model.batch_plan import BatchPlan
from lg_magics.model.batch_rows import json_of
from lg_magics.model.batch_written import parts_of
from lg_magics.model.messages import shortened
from lg_magics.tables.batch import renamed_columns
from lg_magics.tables.facts import Facts

__all__ = ["planned_facts"]

SAMPLE = 300
PROBLEMS = 3


def planned_facts(plan: BatchPlan, name: str, url: str) -> Facts:
    """What --dry-run says; `name` and `url` are the deployment's."""
    entries = plan.entries()
    unsent = [row for row, problem in enumerate(plan.problems) if problem]
    sent = next((plan.sent(entry) for entry in entries if plan.inputs[entry.row]), None)
    good = json_of(sent) if sent is not None else ""
    runs = sum(not entry.has_ended for entry in entries)
    facts = [
        ("rows", f"{len(plan.rows):,}"),
        ("assistants", ", ".join(plan.assistants)),
        ("repeats", str(plan.repeat) if plan.repeat > 1 else ""),
        ("at a time", str(plan.concurrency)),
        ("a minute", str(plan.per_minute or "")),
        ("first input", shortened(good, SAMPLE) or "none"),
        ("not sent", _unsent(plan, unsent)),
        ("configurable", ", ".join(map(str, plan.config.get("configurable") or ()))),
        ("stops after", f"{plan.max_tokens:,} tokens" if plan.max_tokens else ""),
        ("renamed", ", ".join(f"our {name} is {other}" for name, other in renamed_columns(plan.rows.columns).items())),
        ("kept there", _size(plan) if not plan.stateless else "no rows: it cannot be attached to"),
    ]
    many = "run" if runs == 1 else "runs"
    return Facts(
        f"{runs:,} {many} on {name} ({url}); nothing was sent.",
        tuple((label, words) for label, words in facts if words),
        data={"runs": runs, "first_input": sent, "not_sent": unsent},
    )


def _unsent(plan: BatchPlan, rows: Sequence[int]) -> str:
    if not rows:
        return ""
    more = f", and {len(rows) - PROBLEMS} more" if len(rows) > PROBLEMS else ""
    said = "; ".join(
        f"row {row}: {plan.problems[row].removeprefix('Not sent: ').rstrip('.')}" for row in rows[:PROBLEMS]
    )
    return f"{said}{more}"


def _size(plan: BatchPlan) -> str:
    """About how much is written beside the threads."""
    written = sum(len(str(part.metadata)) for part in parts_of(plan))
    return f"about {written / 1000:,.0f} kB of rows and inputs"
