"""Cancels runs, one or hundreds at once, with one request for each thread. On the background loop only; knows no session."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from lg_magics.errors import DeploymentError, NotFound
from lg_magics.follow.tracked_run import tracked

if TYPE_CHECKING:
    from lg_magics.follow.run import Run

__all__ = ["Cancelled", "cancel_runs"]

CANCEL_SECONDS = 2.0
AT_ONCE = 32


@dataclass
class Cancelled:
    """The result of a cancel request.

    Attributes:
        ended: runs that had ended before.
        problems: runs that the deployment did not cancel, each with its reason.
    """

    ended: list[Run] = field(default_factory=list)
    problems: list[tuple[Run, DeploymentError]] = field(default_factory=list)


async def cancel_runs(runs: Sequence[Run], *, rollback: bool = False) -> Cancelled:
    """Ask the server to cancel runs, and wait a moment (at most 2 s for all) for them to stop.

    Args:
        runs: runs in any status. A run with an unknown end is followed again.
        rollback: also delete them and what they did to their threads.
    """
    found = Cancelled()
    by_thread: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        tracked(run).follow_again()
        if run.is_settled:
            found.ended.append(run)
        else:
            by_thread.setdefault((tracked(run).connection.url, run.thread_id), []).append(run)
    limit = asyncio.Semaphore(AT_ONCE)

    async def ask(of_thread: list[Run]) -> None:
        async with limit:
            await _ask(of_thread, "rollback" if rollback else "interrupt", found)

    await asyncio.gather(*map(ask, by_thread.values()))
    refused = {run for run, _ in found.problems}
    asked = [run for run in runs if run not in refused and run not in found.ended]
    await _settled([*asked, *found.ended])
    found.ended += [
        run for run in asked if run.is_settled and run.status not in ("cancelled", "rolled back", "deleted")
    ]
    return found


async def _ask(runs: list[Run], action: Literal["interrupt", "rollback"], found: Cancelled) -> None:
    """Cancel runs of one thread in one request, so that no queued run begins when the one before it is stopped."""
    for run in runs:
        tracked(run).begin_cancel(rollback=action == "rollback")
    try:
        await _request(runs[0], [run.run_id for run in runs], action)
    except BaseException as problem:
        for run in runs:
            tracked(run).end_cancel()
        if isinstance(problem, NotFound):
            found.ended += runs
        elif isinstance(problem, DeploymentError):
            found.problems += [(run, problem) for run in runs]
        else:
            raise
    else:
        for run in runs:
            tracked(run).poll_now()


async def _request(run: Run, ids: Sequence[str], action: Literal["interrupt", "rollback"]) -> None:
    runs = tracked(run).connection.background.runs
    await runs.cancel(run.thread_id, ids, action=action, doing=f"cancel {run.number}")


async def _settled(runs: Sequence[Run]) -> None:
    waiting = {asyncio.wrap_future(tracked(run).done) for run in runs if not run.is_settled}
    if waiting:
        await asyncio.wait(waiting, timeout=CANCEL_SECONDS)
