"""A batch is held against its graphs' schemas before it launches anything: the first of its runs on each graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lg_magics.actions.input_check import checked_request
from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import BatchPlan
from lg_magics.model.conversation import MESSAGES, is_text_input
from lg_magics.model.run_request import RunRequest
from lg_magics.session import Session

__all__ = ["check_entries", "checked_plan"]

MOST = 16
"""How many graphs are looked at: each costs 0.1 s."""
WAY = "%lg_batch $frame --input COLUMN, with cells like"


def checked_plan(session: Session, plan: BatchPlan, *, key: str | None = None, check: bool = True) -> BatchPlan:
    """The plan of a new batch, whose texts go under the key that each graph takes them by.

    Raises:
        CommandError: the first input, or a setting, is surely wrong for one of its graphs.
    """
    keys = dict.fromkeys(plan.assistants, key) if key else {}
    for graph, entry in _first_entries(session, plan, plan.entries()).items():
        is_text = is_text_input(plan.sent(entry))
        own = key if is_text else None
        request, _ = checked_request(session, _request(plan, entry), is_text=is_text, key=own, check=check, way=WAY)
        found = next(iter(request.input)) if is_text else MESSAGES
        keys |= {name: found for name, sent in plan.assistants.items() if _graph(session, sent) == graph}
    return replace(plan, keys={name: found for name, found in keys.items() if found and found != MESSAGES})


def check_entries(session: Session, plan: BatchPlan, entries: Sequence[Entry]) -> None:
    """The same for runs of a batch that is there already, as they would be sent now.

    Raises:
        CommandError: nothing of it would arrive.
    """
    for entry in _first_entries(session, plan, entries).values():
        checked_request(session, _request(plan, entry), is_text=False)


def _first_entries(session: Session, plan: BatchPlan, entries: Sequence[Entry]) -> dict[str, Entry]:
    """The first run of each graph that can be sent."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if plan.inputs[entry.row] and len(found) < MOST:
            found.setdefault(_graph(session, plan.assistants[entry.assistant]), entry)
    return found


def _graph(session: Session, sent: str) -> str:
    return session.graphs.of_assistant(sent) or sent


def _request(plan: BatchPlan, entry: Entry) -> RunRequest:
    config, context = plan.settings_of(entry)
    thread = plan.copied_from or None
    return RunRequest(plan.assistants[entry.assistant], thread, plan.sent(entry), config, context)
