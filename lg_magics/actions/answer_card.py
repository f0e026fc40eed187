"""Answers that were given on a page: what it sends is any JSON, and goes to the questions that it has shown.

A run that failed goes on from a page the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.actions.launch import launch
from lg_magics.actions.pending import changed_error, newest_run, next_nodes, pending_on, request_to_go_on
from lg_magics.actions.recover import replies_after_recovery
from lg_magics.errors import LgError
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.model.answer_line import answer_line
from lg_magics.model.answers import answered_line, has_changed, mark_of, resume_value
from lg_magics.model.cell import Cell
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.replies import reply_from_form
from lg_magics.resolve.threads import which_thread
from lg_magics.session import Session

__all__ = ["answer_card", "answer_thread", "line_for_card", "line_for_thread", "run_failed_again"]


def answer_card(session: Session, run: Run, said: object, *, again: bool = False) -> tuple[Run, list[str]]:
    """Answer what a run waits for, as it stood on its card.

    Args:
        session: whose run it is.
        run: the run that waits.
        said: what the page sent, any JSON: what was filled in for each question, by its id (model.decisions.reply_from_form).
        again: after an answer that made the graph fail: also where other tasks run again by that.

    Returns:
        The run that goes on, and what was asked and answered, a line each.

    Raises:
        LgError: it does not wait any more, or asks something else; the thread is busy, or on another deployment.
        CommandError: an answer does not fit its question. Nothing was sent.
    """
    _refuse_elsewhere(session, run, "waits")
    replies = _replies(run.interrupts, said)
    thread = run.info.thread
    pending = pending_on(session, thread)
    if has_changed(run.interrupts, pending.questions) or not (replies or _is_still_there(session, run)):
        tracked(run).end_waiting("asks something else now" if pending.questions else "went on elsewhere")
        raise changed_error(thread, pending.questions)
    lines = [answered_line(question, replies[question.id]) for question in run.interrupts]
    sent = replies_after_recovery(session, thread, pending, replies, again=again)
    request = request_to_go_on(session, thread, pending.row, command={"resume": resume_value(sent)} if sent else None)
    return launch(session, request, thread), lines or ["Went on from a breakpoint."]


def run_failed_again(session: Session, run: Run) -> Run:
    """Go on where a run failed: what failed runs again, with the same config; what had ended well beside it does not.

    Returns:
        The run that goes on.

    Raises:
        LgError: its thread has gone on, is busy, or is on another deployment.
    """
    _refuse_elsewhere(session, run, "ran")
    thread = run.info.thread
    pending = pending_on(session, thread)
    newest = newest_run(session, thread)
    if not tracked(run).can_run_again or newest is None or newest.run_id != run.run_id:
        tracked(run).end_waiting("went on")
        raise LgError(f"{thread} has gone on since {run.number}. Nothing was sent.", hint=f"%lg_run -t {thread.number}")
    return launch(session, request_to_go_on(session, thread, pending.row), thread)


def _refuse_elsewhere(session: Session, run: Run, did: str) -> None:
    if not tracked(run).is_on(session.connection):
        raise LgError(
            f"{run.number} {did} on another deployment than {session.connection.deployment.name}.",
            hint="%lg_connect to it first.",
        )


def line_for_card(session: Session, run: Run, said: object) -> str:
    """The line that gives these answers in a cell.

    Raises:
        CommandError: an answer is missing, or does not fit its question.
    """
    thread, current = run.info.thread, session.selection.thread
    where = "" if current is not None and current.id == thread.id else f"-t {thread.number}"
    return answer_line(run.interrupts, _replies(run.interrupts, said), where)


def line_for_thread(word: str, questions: Sequence[Interrupt], said: object) -> str:
    """The same for the questions of a thread in a list; `word` is what is typed for it.

    Raises:
        CommandError: an answer is missing, or does not fit its question.
    """
    return answer_line(questions, _replies(questions, said), f"-t {word}")


def answer_thread(session: Session, reference: str, mark: str, said: object, *, again: bool = False) -> Run:
    """Answer what a thread waits for, whoever launched its run, as it stood in a list.

    Args:
        session: who answers.
        reference: the thread.
        mark: that of what was shown (model.answers.mark_of).
        said: as in `answer_card`.
        again: as in `answer_card`.

    Returns:
        The run that goes on.

    Raises:
        LgError: it does not wait any more, or asks something else; the thread is busy.
        CommandError: an answer does not fit its question. Nothing was sent.
    """
    thread = which_thread(session, reference)
    pending = pending_on(session, thread)
    stopped_before = () if pending.questions else next_nodes(session, thread)
    if not (pending.questions or stopped_before):
        raise changed_error(thread, ())
    if mark != mark_of(pending.questions, stopped_before):
        raise LgError(
            f"{thread} waits for something else now. Nothing was sent.", hint="Look at it again, then answer."
        )
    replies = _replies(pending.questions, said)
    cell = Cell(session.notebook())
    sent = replies_after_recovery(session, thread, pending, replies, again=again, cell=cell)
    request = request_to_go_on(session, thread, pending.row, command={"resume": resume_value(sent)} if sent else None)
    return launch(session, request, thread, cell=cell)


def _replies(questions: Sequence[Interrupt], said: object) -> dict[str, Any]:
    form = said if isinstance(said, Mapping) else {}
    return {question.id: reply_from_form(question, form.get(question.id)) for question in questions}


def _is_still_there(session: Session, run: Run) -> bool:
    """Whether the thread stands at the breakpoint where this run stopped."""
    newest = newest_run(session, run.info.thread)
    return newest is not None and newest.run_id == run.run_id and bool(next_nodes(session, run.info.thread))
