"""Token usage by node and model, with costs from the user's own prices. Draws nothing."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from lg_magics.errors import CommandError, UnknownReference
from lg_magics.follow.batch import Batch
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.grammar.parameters import Positional
from lg_magics.grammar.registry import command
from lg_magics.model.messages import Message, messages_from_values
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.spent import Price, Spent, merged, spent_by_view, spent_in_messages
from lg_magics.resolve.threads import which_run, which_thread
from lg_magics.session import Session
from lg_magics.tables.steps import usage_table
from lg_magics.tables.table import Table

__all__ = ["usage"]

MOST_RUNS = 500
PRICES = 'lg.prices = {"model": (2.0, 8.0)}: a million tokens in, and out'


@command("usage", group="Runs")
def usage(
    session: Session,
    what: Annotated[object, Positional(completes="run", value="RUN|THREAD|BATCH")] = None,
    *,
    all: bool = False,
) -> Table:
    """Show token usage by node and model: in, out, cached, reasoning.

    Nodes are known for runs that this session has watched on a card; otherwise only models are, from the conversation.
    `lg.prices = {"model": (in, out)}`, for a million tokens each, adds the costs.

    Args:
        what: A run (r7, $run, last), a thread (t2), or a batch ($batch); the current thread otherwise.
        all: All runs of this session.

    Returns:
        A table; `.df` is a pandas frame.

    Raises:
        UnknownReference: no such run or thread. CommandError: a price that is not a pair of numbers.

    Example:
        %lg_usage r7
    """
    prices = _prices()
    if all:
        if what is not None:
            raise CommandError("--all takes no reference.", hint="%lg_usage --all")
        return usage_table(merged(_of_runs(session.tracker.runs())), "this session", prices)
    if isinstance(what, Batch):
        return _of_batch(what, prices)
    if isinstance(what, Run) or (isinstance(what, str) and _is_run(session, what)):
        return _of_run(which_run(session, what), prices)
    if what is not None and not isinstance(what, str):
        raise CommandError("usage needs a run, a thread or a batch.", hint="%lg_usage r7")
    thread = which_thread(session, what)
    return usage_table(_of_thread(session, thread), str(thread), prices)


def _is_run(session: Session, reference: str) -> bool:
    if reference == "last" or (reference[:1] == "r" and reference[1:].isdigit()):
        return True
    try:
        which_run(session, reference)
    except UnknownReference:
        return False
    return True


def _of_runs(runs: Sequence[Run]) -> Iterator[Spent]:
    for run in runs:
        yield from spent_by_view(run.view)


def _of_run(run: Run, prices: Mapping[str, Price]) -> Table:
    found = spent_by_view(run.view)
    if found or not run.is_settled:
        return usage_table(found, run.number, prices)
    note = "" if tracked(run).has_card else f"{run.number} was not watched on a card: this is its whole conversation."
    return usage_table(
        spent_in_messages(messages_from_values(tracked(run).values_left())), run.number, prices, note=note
    )


def _of_thread(session: Session, thread: ThreadInfo) -> list[Spent]:
    """The usage by node of watched runs, and the other messages of the conversation by model."""
    here = session.connection
    watched = [run for run in session.tracker.runs() if run.thread_id == thread.id and tracked(run).is_on(here)]
    known = {identity for run in watched for identity in run.view.usage_by_message}
    messages = messages_from_values(session.connection.states.get(thread.id, shown=thread.shown).get("values"))
    others: list[Message] = [each for each in messages if each.id not in known]
    return merged([*_of_runs(watched), *spent_in_messages(others)])


def _of_batch(batch: Batch, prices: Mapping[str, Price]) -> Table:
    """The usage by assistant and model, from the conversations that the batch's runs left."""
    ended = [entry for entry in batch.entries if entry.has_ended and entry.run_id]
    found: list[Spent] = []
    for entry in ended[:MOST_RUNS]:
        values = batch.connection.history.last_values(entry.thread_id, entry.run_id)
        spent = spent_in_messages(messages_from_values(values))
        found += [
            Spent(entry.assistant, each.model, each.usage, each.messages, entry.seconds if not place else None)
            for place, each in enumerate(spent)
        ]
    note = f"The first {MOST_RUNS} of {len(ended):,} runs." if len(ended) > MOST_RUNS else ""
    return usage_table(merged(found), f"batch {batch.id}", prices, note=note)


def _prices() -> dict[str, Price]:
    """The user's prices, `lg.prices`."""
    given: Any = getattr(importlib.import_module("lg_magics"), "prices", {})
    if not isinstance(given, Mapping):
        raise CommandError("lg.prices is not a mapping of models to prices.", hint=PRICES)
    prices: dict[str, Price] = {}
    for model, price in given.items():
        try:
            read, wrote = price
            prices[str(model)] = (float(read), float(wrote))
        except (TypeError, ValueError):
            raise CommandError(f"The price of {model!r} is not a pair of numbers.", hint=PRICES) from None
    return prices
