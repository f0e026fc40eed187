"""Recovers a question whose last answer made the graph fail. The server keeps the answer, so only a fork at the question helps.

A fork runs the other tasks of that step again, which might send a mail twice. So it needs a person's consent (`again`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lg_magics.actions.launch import launch
from lg_magics.actions.pending import Pending, changed_error, pending_on, remember_shown, request_to_go_on
from lg_magics.errors import CommandError, LgError
from lg_magics.model.answers import mark_of
from lg_magics.model.cell import Cell
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.run_info import ThreadInfo
from lg_magics.session import Session

__all__ = ["replies_after_recovery"]


def replies_after_recovery(
    session: Session,
    thread: ThreadInfo,
    pending: Pending,
    replies: Mapping[str, Any],
    *,
    again: bool = False,
    version: int | None = None,
    cell: Cell | None = None,
) -> dict[str, Any]:
    """The replies, by the ids of their questions after the recovery.

    If the server keeps no bad answer, they are unchanged. Otherwise the thread is forked at the checkpoint that asked, or at a
    copy of it, and runs up to its questions.

    Args:
        session: the session that answers.
        thread: the thread.
        pending: its questions now.
        replies: question id → reply, checked.
        again: fork even if other tasks run again.
        version: the version of the graph to run.
        cell: the cell of the answer; the running cell otherwise.

    Raises:
        LgError: other tasks of the step would run again; or the graph asks something else now. The replies were not sent.
        CommandError: `again` where no answer has failed.
    """
    if again and not any(each.failed for each in pending.questions):
        raise CommandError(f"No answer has failed on {thread}. Nothing was sent.", hint="Leave --again out.")
    kept = [each for each in pending.questions if each.failed and (each.failed.is_kept or again)]
    if not kept:
        return dict(replies)
    others = list(dict.fromkeys(name for each in kept if each.failed for name in each.failed.others))
    if others and not again:
        raise _would_run_again(thread, kept[0], others)
    failed = kept[0].failed
    checkpoint_id = failed.checkpoint_id if failed else ""
    request = request_to_go_on(session, thread, pending.row, version=version, checkpoint_id=checkpoint_id)
    if failed and failed.needs_copy:
        copied = session.connection.states.copy(thread.id, checkpoint_id, shown=thread.shown)
        request = replace(request, checkpoint_id=copied)
    run = launch(session, request, thread, card=False, version=version, cell=cell)
    run.wait_quietly()
    now = pending_on(session, thread)
    if not now.questions:
        raise LgError(
            f"{run.number} went back to the question, and {thread} asks nothing now: {run.number} ended with {run.status}. "
            "The answer was not sent.",
            hint="%lg_state shows where it stands.",
        )
    remember_shown(session, thread.id, now.questions)
    ids = _same_questions(pending.questions, now.questions)
    if ids is None or not replies.keys() <= ids.keys():
        raise changed_error(thread, now.questions)
    new = {each.id: each for each in now.questions}
    for each in pending.questions:
        if each.id not in replies and (decided := session.decisions.pop(mark_of([each]), None)):
            session.decisions[mark_of([new[ids[each.id]]])] = decided
    return {ids[identity]: reply for identity, reply in replies.items()}


def _would_run_again(thread: ThreadInfo, failed: Interrupt, others: Sequence[str]) -> LgError:
    names = ", ".join(others)
    error = failed.failed.error if failed.failed else ""
    return LgError(
        f"The last answer made {failed.asker or 'the graph'} of {thread} fail ({error}), and the server keeps it. Only a fork at "
        f"the question helps, and that would run {names} again. Nothing was sent.",
        hint=f"%lg_resume --again ANSWER does it, and runs {names} again.",
    )


def _same_questions(before: Sequence[Interrupt], now: Sequence[Interrupt]) -> dict[str, str] | None:
    """From old to new ids, if the same questions are asked; else None. A fork changes the ids, and may change the questions."""
    left = list(now)
    found: dict[str, str] = {}
    for each in before:
        same = next((one for one in left if _is_same(one, each)), None)
        if same is None:
            return None
        found[each.id] = same.id
        left.remove(same)
    return found


def _is_same(one: Interrupt, other: Interrupt) -> bool:
    """Whether two questions are the same. A server does not always name the node that asks."""
    return _key(one) == _key(other) and (one.node == other.node or not (one.node and other.node))


def _key(question: Interrupt) -> str:
    return json.dumps([question.value, question.response_schema], sort_keys=True, default=str)
