"""Sends answers that were given on a page, to the questions that the page has shown. The page's data may be any JSON.

A failed run is retried from a page here too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.actions.launch import launch
from lg_magics.actions.pending import (
    changed_error,
    forget_decisions,
    newest_run,
    next_nodes,
    pending_on,
    request_to_go_on,
)
from lg_magics.actions.recover import replies_after_recovery
from lg_magics.errors import LgError
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.model.answer_line import answer_line
from lg_magics.model.answer_words import answered_line
from lg_magics.model.answers import has_changed, mark_of, resume_value
from lg_magics.model.cell import Cell
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.question_numbers import MOST_ASKED
from lg_magics.model.replies import reply_from_form
from lg_magics.resolve.threads import which_thread
from lg_magics.session import Session

__all__ = ["answer_card", "answer_thread", "line_for_card", "line_for_thread", "run_failed_again", "unsent_lines"]


def answer_card(session: Session, run: Run, form: object, *, again: bool = False) -> tuple[Run, list[str]]:
    """Answer the questions of a run, as its card showed them.

    Args:
        session: the session of the run.
        run: the run that waits.
        form: the page's data, any JSON: the input for each question, by the question's id (model.replies.reply_from_form).
        again: after an answer that made the graph fail, go on even if other tasks run again.

    Returns:
        The run that goes on, and a line for each question with its answer.

    Raises:
        LgError: the run does not wait any more, or asks something else; the thread is busy, or on another deployment.
        CommandError: an answer does not fit its question. Nothing was sent.
    """
    _refuse_elsewhere(session, run, "waits")
    replies = _replies(run.interrupts, form)
    thread = run.info.thread
    pending = pending_on(session, thread)
    if has_changed(run.interrupts, pending.questions) or not (replies or _is_still_there(session, run)):
        tracked(run).end_waiting("asks something else now" if pending.questions else "went on elsewhere")
        raise changed_error(thread, pending.questions)
    lines = [answered_line(question, replies[question.id]) for question in run.interrupts[:MOST_ASKED]]
    sent = replies_after_recovery(session, thread, pending, replies, again=again)
    request = request_to_go_on(session, thread, pending.row, command={"resume": resume_value(sent)} if sent else None)
    forget_decisions(session, pending.questions, replies)
    return launch(session, request, thread), lines or ["Went on from a breakpoint."]


def run_failed_again(session: Session, run: Run) -> Run:
    """Retry the failed tasks of a run, with the same config. Tasks of the same step that ended well do not run again.

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


def line_for_card(session: Session, run: Run, form: object) -> str:
    """The line that sends these answers from a cell.

    Raises:
        CommandError: an answer is missing, or does not fit its question.
    """
    thread, current = run.info.thread, session.selection.thread
    where = "" if current is not None and current.id == thread.id else f"-t {thread.number}"
    return answer_line(run.interrupts, _replies(run.interrupts, form), where)


def line_for_thread(word: str, questions: Sequence[Interrupt], form: object) -> str:
    """The same for the questions of a thread in a list; `word` is the thread's reference.

    Raises:
        CommandError: an answer is missing, or does not fit its question.
    """
    return answer_line(questions, _replies(questions, form), f"-t {word}")


def answer_thread(session: Session, reference: str, mark: str, form: object, *, again: bool = False) -> Run:
    """Answer the questions of a thread, as a list showed them. Any client may have launched its run.

    Args:
        session: the session that answers.
        reference: the thread.
        mark: the mark of the questions that were shown (model.answers.mark_of).
        form: as in `answer_card`.
        again: as in `answer_card`.

    Returns:
        The run that goes on.

    Raises:
        LgError: the thread does not wait any more, or asks something else; or it is busy.
        CommandError: an answer does not fit its question. Nothing was sent.
    """
    thread = which_thread(session, reference)
    pending = pending_on(session, thread)
    stopped_before = () if pending.questions else next_nodes(session, thread)
    if not (pending.questions or stopped_before):
        raise changed_error(thread, ())
    if mark != mark_of(pending.questions, stopped_before):
        raise LgError(f"{thread} waits for something else now. Nothing was sent.", hint="Open it again, then answer.")
    replies = _replies(pending.questions, form)
    cell = Cell(session.notebook())
    sent = replies_after_recovery(session, thread, pending, replies, again=again, cell=cell)
    request = request_to_go_on(session, thread, pending.row, command={"resume": resume_value(sent)} if sent else None)
    forget_decisions(session, pending.questions, replies)
    return launch(session, request, thread, cell=cell)


def _replies(questions: Sequence[Interrupt], form: object) -> dict[str, Any]:
    answers = form if isinstance(form, Mapping) else {}
    if len(questions) == 1 and not questions[0].id:
        answers = {"": answers}  # without an id, its fields have no form of their own
    return {question.id: reply_from_form(question, answers.get(question.id)) for question in questions[:MOST_ASKED]}


def unsent_lines(form: object) -> list[str]:
    """A line for each text of a form that was not sent, so that it is not lost."""
    answers = form.values() if isinstance(form, Mapping) else ()
    texts = [each.get("text") for each in answers if isinstance(each, Mapping)]
    return [f"Not sent: {text}" for text in texts if isinstance(text, str) and text.strip()]


def _is_still_there(session: Session, run: Run) -> bool:
    """Whether the thread is still at the breakpoint where this run stopped."""
    newest = newest_run(session, run.info.thread)
    return newest is not None and newest.run_id == run.run_id and bool(next_nodes(session, run.info.thread))
