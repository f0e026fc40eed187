"""Answers that were given on a page: what it sends is any JSON, and goes to the questions that it has shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.commands.launch import launch
from lg_magics.commands.pending import changed_error, newest_run, next_nodes, pending_on, request_to_go_on
from lg_magics.commands.which import which_thread
from lg_magics.errors import CommandError, LgError
from lg_magics.follow.run import Run
from lg_magics.model.answers import Answer, How, answered_line, has_changed, mark_of, reply_to
from lg_magics.model.cell import Cell
from lg_magics.model.interrupts import WAYS, Interrupt
from lg_magics.session import Session

__all__ = ["answer_card", "answer_thread"]

KINDS: Mapping[str, How] = {"text": "plain", "json": "json", **{way: way for way in WAYS}}


def answer_card(session: Session, run: Run, said: object) -> tuple[Run, list[str]]:
    """Answer what a run waits for, as it stood on its card.

    Args:
        session: whose run it is.
        run: the run that waits.
        said: what the page sent: [{"interrupt_id": …, "kind": "text", "value": …}, …], one for each question.

    Returns:
        The run that goes on, and what was asked and answered, a line each.

    Raises:
        LgError: it does not wait any more, or asks something else; the thread is busy, or on another deployment.
        CommandError: an answer does not fit its question. Nothing was sent.
    """
    if not run.is_on(session.connection):
        raise LgError(
            f"{run.number} waits on another deployment than {session.connection.deployment.name}.",
            hint="%lg_connect to it first.",
        )
    answers = _answers(run.interrupts, said)
    replies = _replies(run.interrupts, answers)
    thread = run.info.thread
    pending = pending_on(session, thread)
    if has_changed(run.interrupts, pending.questions) or not (replies or _is_still_there(session, run)):
        run.end_waiting("asks something else now" if pending.questions else "went on elsewhere")
        raise changed_error(thread, pending.questions)
    request = request_to_go_on(session, thread, pending.row, command={"resume": replies} if replies else None)
    lines = [answered_line(question, answers[question.id]) for question in run.interrupts]
    return launch(session, request, thread), lines or ["Went on from a breakpoint."]


def answer_thread(session: Session, reference: str, mark: str, said: object) -> Run:
    """Answer what a thread waits for, whoever launched its run, as it stood in a list.

    Args:
        session: who answers.
        reference: the thread.
        mark: that of what was shown (model.answers.mark_of).
        said: as in `answer_card`.

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
    replies = _replies(pending.questions, _answers(pending.questions, said))
    request = request_to_go_on(session, thread, pending.row, command={"resume": replies} if replies else None)
    return launch(session, request, thread, cell=Cell(session.notebook()))


def _replies(questions: Sequence[Interrupt], answers: Mapping[str, Answer]) -> dict[str, Any]:
    return {question.id: reply_to(question, answers[question.id]) for question in questions}


def _is_still_there(session: Session, run: Run) -> bool:
    """Whether the thread stands at the breakpoint where this run stopped."""
    newest = newest_run(session, run.info.thread)
    return newest is not None and newest.run_id == run.run_id and bool(next_nodes(session, run.info.thread))


def _answers(questions: Sequence[Interrupt], said: object) -> dict[str, Answer]:
    """One answer for each question; each needs to be given."""
    answers = {}
    for each in said if isinstance(said, list) else ():
        kind = KINDS.get(str(each.get("kind"))) if isinstance(each, Mapping) else None
        if kind is None:
            raise CommandError("The card has sent what is no answer.", hint="Load the page again.")
        answers[str(each.get("interrupt_id"))] = Answer(each.get("value"), kind)
    for question in questions:
        answer = answers.get(question.id)
        if answer is None or (answer.how in ("plain", "json") and not str(answer.value or "").strip()):
            raise CommandError(f"No answer yet to: {question.question}")
    return answers
