"""People in the loop: answer what a thread asks, go on where it stopped. Nothing is sent to a question that nobody has seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from lg_magics.commands.grammar.kinds import Timeout
from lg_magics.commands.grammar.parameters import Option, Tail
from lg_magics.commands.grammar.registry import command
from lg_magics.commands.input_check import check_nodes
from lg_magics.commands.launch import launch
from lg_magics.commands.pending import (
    Pending,
    changed_error,
    next_nodes,
    pending_on,
    remember_shown,
    request_to_go_on,
    shown_on,
    unseen_error,
)
from lg_magics.commands.which import which_thread
from lg_magics.errors import CommandError, LgError
from lg_magics.follow.run import Run
from lg_magics.follow.time_limit import seconds_to_wait
from lg_magics.model.answers import Answer, How, has_changed, question_named, questions_listed, replies_from
from lg_magics.model.interrupts import WAYS
from lg_magics.model.run_info import ThreadInfo
from lg_magics.session import Session

__all__ = ["resume"]


@command("resume", group="People")
def resume(
    session: Session,
    answer: Annotated[object, Tail(value="ANSWER")] = None,
    *,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    interrupt: Annotated[str | None, Option(value="NODE|ID")] = None,
    json: bool = False,
    accept: bool = False,
    edit: bool = False,
    respond: bool = False,
    ignore: bool = False,
    wait: bool = False,
    timeout: Timeout = None,
    card: bool = True,
    interrupt_before: Annotated[Sequence[str] | None, Option(value="NODES", everyday=False)] = None,
    interrupt_after: Annotated[Sequence[str] | None, Option(value="NODES", everyday=False)] = None,
    version: Annotated[int | None, Option(value="N", everyday=False)] = None,
) -> Run:
    """Answer what a thread waits for, or go on where it stopped at a breakpoint.

    The answer is the rest of the line, verbatim; a lone $name is that Python object. Without an answer the thread goes on
    at a breakpoint. It runs on the thread's graph, with the config that it waited with: on the current assistant if that has
    the graph, else on the one that this session last used there, else on the graph's own. Before anything is sent, the
    question is read again: one that you have not seen is shown, not answered.

    Args:
        answer: What the graph gets. With several questions open, a mapping {node or id: answer} answers them at once.
        thread: Which thread; the current one otherwise.
        interrupt: Which question, where several are open: its node, its id, or a unique part of it.
        json: Read the answer as JSON.
        accept: Accept an action, as the Agent Inbox does.
        edit: Accept it with other arguments: all of them, as a JSON object or $mapping.
        respond: Answer an action with a text.
        ignore: Ignore an action.
        wait: Wait until the run has ended.
        timeout: With --wait: give up waiting after so many seconds. The run goes on.
        card: Show a card; --no-card shows one line and asks the deployment for less.
        interrupt_before: Stop again before these nodes, a,b.
        interrupt_after: Stop again after these nodes.
        version: Go on with this version of a graph that was served from a notebook; with the current one otherwise.

    Returns:
        The new run, on the same thread.

    Raises:
        CommandError: the answer does not fit the question, or it is not clear which question is meant.
        LgError: nothing waits, the thread is busy, or the question has changed. Nothing was sent.

    Example:
        %lg_resume --respond Ask again when it costs less than 500 USD.
    """
    if timeout is not None and not wait:
        raise CommandError("--timeout belongs to --wait.", hint="%lg_resume --wait --timeout 30 ANSWER")
    seconds_to_wait(timeout)
    how = _how(json=json, accept=accept, edit=edit, respond=respond, ignore=ignore)
    if answer is None and (how == "json" or (how == "plain" and interrupt is not None)):
        raise CommandError("The answer is missing.", hint="%lg_resume --interrupt NODE ANSWER")
    found = which_thread(session, thread)
    pending = pending_on(session, found)
    is_bare = answer is None and how == "plain"
    command = None if is_bare else _reply(session, found, pending, Answer(answer, how), interrupt)
    if is_bare:
        _check_can_go_on(session, found, pending)
    request = request_to_go_on(
        session,
        found,
        pending.row,
        version=version,
        command=command,
        interrupt_before=interrupt_before or (),
        interrupt_after=interrupt_after or (),
    )
    check_nodes(session, request, hint="%lg_graph draws it.")
    launched = launch(session, request, found, card=card, version=version)
    if wait:
        session.announce(launched)
        launched.wait(timeout)
    return launched


def _how(**flags: bool) -> How:
    chosen = [name for name, is_given in flags.items() if is_given]
    if len(chosen) > 1:
        raise CommandError(f"{' and '.join(f'--{name}' for name in chosen)} cannot go together.")
    names: dict[str, How] = {"json": "json", **{way: way for way in WAYS}}
    return names[chosen[0]] if chosen else "plain"


def _reply(session: Session, thread: ThreadInfo, pending: Pending, answer: Answer, named: str | None) -> dict[str, Any]:
    """The command that carries the replies, once it is sure that they go to what a person has seen."""
    questions = pending.questions
    shown = shown_on(session, thread.id)
    if not questions:
        if shown:
            remember_shown(session, thread.id, ())
            raise changed_error(thread, ())
        raise _nothing_asked(session, thread)
    if shown is None:
        remember_shown(session, thread.id, questions)
        raise unseen_error(thread, questions)
    if named is None and has_changed(shown, questions):
        remember_shown(session, thread.id, questions)
        raise changed_error(thread, questions)
    remember_shown(session, thread.id, questions)
    if named is not None:
        chosen = question_named(named, questions)
        if has_changed([each for each in shown if each.id == chosen.id], [chosen]):
            raise changed_error(thread, questions)
    return {"resume": replies_from(answer, questions, named)}


def _nothing_asked(session: Session, thread: ThreadInfo) -> LgError:
    if nodes := next_nodes(session, thread):
        return LgError(
            f"{thread} asks nothing: it stopped before {', '.join(nodes)}. Nothing was sent.",
            hint="%lg_resume, without an answer, goes on.",
        )
    return LgError(f"Nothing to resume: {thread} waits for nothing.", hint="%lg_inbox lists what waits.")


def _check_can_go_on(session: Session, thread: ThreadInfo, pending: Pending) -> None:
    if pending.questions:
        remember_shown(session, thread.id, pending.questions)
        raise CommandError(
            f"{thread} waits for an answer:\n{questions_listed(pending.questions)}\n", hint="%lg_resume ANSWER"
        )
    if not next_nodes(session, thread):
        raise _nothing_asked(session, thread)
