"""Interrupts: list the threads that wait for a person, and answer them. Never answers a question that was not shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, overload

from lg_magics.actions.inbox import decide, is_news, waiting_threads
from lg_magics.actions.input_check import check_nodes
from lg_magics.actions.launch import launch
from lg_magics.actions.pending import (
    Pending,
    changed_error,
    forget_decisions,
    kept_decisions,
    next_nodes,
    pending_on,
    remember_shown,
    request_to_go_on,
    shown_on,
    unseen_error,
)
from lg_magics.actions.recover import replies_after_recovery
from lg_magics.actions.threads import thread_of_row
from lg_magics.errors import CommandError, LgError, UnknownReference
from lg_magics.follow.run import Run
from lg_magics.follow.waiting import seconds_to_wait
from lg_magics.grammar.kinds import Limit, Offset, Timeout
from lg_magics.grammar.parameters import AsJson, AtLeast, Option, Tail
from lg_magics.grammar.registry import command
from lg_magics.model.answer_words import how_to_answer, how_to_recover, questions_listed
from lg_magics.model.answers import (
    Answer,
    How,
    decisions_in,
    has_changed,
    mark_of,
    question_named,
    replies_from,
    resume_value,
)
from lg_magics.model.decisions import Decision, cut_line, takes
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.question_numbers import numbers_of
from lg_magics.model.replies import reply_from_decisions
from lg_magics.model.run_info import ThreadInfo
from lg_magics.resolve.threads import which_thread
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.inbox import InboxRow, inbox_table
from lg_magics.tables.table import Table

__all__ = ["inbox", "resume"]


@overload
def resume(
    session: Session,
    answer: object = None,
    *,
    thread: str | None = None,
    interrupt: str | int | None = None,
    action: None = None,
    json: bool = False,
    approve: bool = False,
    accept: bool = False,
    edit: bool = False,
    reject: bool = False,
    respond: bool = False,
    ignore: bool = False,
    again: bool = False,
    wait: bool = False,
    timeout: float | None = None,
    card: bool = True,
    interrupt_before: Sequence[str] | None = None,
    interrupt_after: Sequence[str] | None = None,
    version: int | None = None,
) -> Run: ...


@overload
def resume(
    session: Session,
    answer: object = None,
    *,
    thread: str | None = None,
    interrupt: str | int | None = None,
    action: int | None,
    json: bool = False,
    approve: bool = False,
    accept: bool = False,
    edit: bool = False,
    reject: bool = False,
    respond: bool = False,
    ignore: bool = False,
    again: bool = False,
    wait: bool = False,
    timeout: float | None = None,
    card: bool = True,
    interrupt_before: Sequence[str] | None = None,
    interrupt_after: Sequence[str] | None = None,
    version: int | None = None,
) -> Run | Facts: ...


@command("resume", group="People")
def resume(
    session: Session,
    answer: Annotated[object, Tail(value="ANSWER"), AsJson()] = None,
    *,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    interrupt: Annotated[str | int | None, Option(value="N|NODE|ID")] = None,
    action: Annotated[int | None, AtLeast(1), Option(value="N")] = None,
    json: bool = False,
    approve: bool = False,
    accept: bool = False,
    edit: bool = False,
    reject: bool = False,
    respond: bool = False,
    ignore: bool = False,
    again: Annotated[bool, Option(everyday=False)] = False,
    wait: bool = False,
    timeout: Timeout = None,
    card: bool = True,
    interrupt_before: Annotated[Sequence[str] | None, Option(value="NODES", everyday=False)] = None,
    interrupt_after: Annotated[Sequence[str] | None, Option(value="NODES", everyday=False)] = None,
    version: Annotated[int | None, Option(value="N", everyday=False)] = None,
) -> Run | Facts:
    """Answer the question of a thread, or resume it at a breakpoint.

    A question takes the rest of the line, verbatim; a lone $name is that Python object. A question with a schema takes
    name=value for each field. A tool call takes --approve, --edit name=value, --reject [WHY] or --respond TEXT, as far as the
    graph allows it. Without an answer, a thread at a breakpoint goes on. Tool calls and schemas are checked before anything is
    sent. The question is read again first: a question that you have not seen is shown, not answered.

    The run uses the thread's graph and the config of the run that waited: the current assistant if it has the graph, else the
    one that this session last used there, else the graph's own.

    Args:
        answer: The answer. With several questions open, a mapping {number, node or id: answer} answers them at once.
        thread: The thread; the current one otherwise.
        interrupt: The question, if several are open: its number, its node, its id, or a unique part of it. The others keep
            their numbers when it is answered.
        action: The number of the tool call, if a question has several. The answer is sent when each has its decision.
        json: Read the answer as JSON.
        approve: Approve the tool call, or all of them.
        accept: The same, as the Agent Inbox calls it.
        edit: Approve it with other arguments: name=value, or all of them as a JSON object or $mapping.
        reject: Reject it; the rest of the line is the reason.
        respond: Answer with a text in place of the tool.
        ignore: Reject it, as the Agent Inbox calls it.
        again: After an answer that made the graph fail: go back to the question, even if other tasks run again.
        wait: Wait until the run has ended.
        timeout: With --wait: give up waiting after so many seconds. The run goes on.
        card: Show a card; --no-card shows one line and asks the deployment for less.
        interrupt_before: Stop again before these nodes, a,b.
        interrupt_after: Stop again after these nodes.
        version: Go on with this version of a graph that was served from a notebook; with the current one otherwise.

    Returns:
        The new run, on the same thread. With --action, the actions that still need a decision, if any.

    Raises:
        CommandError: the answer does not fit the question, or the question must be named. Nothing was sent.
        LgError: nothing waits, the thread is busy, or the question has changed. Nothing was sent.

    Example:
        %lg_resume --reject Ask again when it costs less than 500 USD.
    """
    if timeout is not None and not wait:
        raise CommandError("--timeout belongs to --wait.", hint="%lg_resume --wait --timeout 30 ANSWER")
    seconds_to_wait(timeout)
    how = _how(
        json=json, approve=approve, accept=accept, edit=edit, reject=reject, respond=respond, ignore=ignore
    )  # fmt: skip
    named = None if interrupt is None else str(interrupt)
    if action is not None and how in ("plain", "json"):
        raise CommandError(
            "--action goes with --approve, --edit, --reject or --respond.", hint="%lg_resume --action 1 --approve"
        )
    if again and answer is None and how == "plain":
        raise CommandError("--again goes with a new answer.", hint="%lg_resume --again ANSWER")
    if answer is None and (how == "json" or (how == "plain" and named is not None)):
        which = f"--interrupt {cut_line(named)} " if named is not None else ""
        raise CommandError(
            "The answer is missing.", hint=f"%lg_resume {which}{'--json JSON' if how == 'json' else 'ANSWER'}"
        )
    found = which_thread(session, thread)
    pending = pending_on(session, found)
    command: dict[str, Any] | None = None
    answered: Mapping[str, Any] = {}
    if answer is None and how == "plain":
        _check_can_go_on(session, found, pending)
    else:
        _check_shown(session, found, pending, named)
        given = Answer(answer, how, action)
        replies = _replies(session, pending.questions, given, named)
        if isinstance(replies, Facts):
            return replies
        answered = replies
        sent = replies_after_recovery(session, found, pending, replies, again=again, version=version)
        command = {"resume": resume_value(sent)}
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
    forget_decisions(session, pending.questions, answered)
    if wait:
        session.announce(launched)
        launched.wait(timeout)
    return launched


def _how(**flags: bool) -> How:
    chosen = [name for name, is_given in flags.items() if is_given]
    if len(chosen) > 1:
        raise CommandError(f"{' and '.join(f'--{name}' for name in chosen)} cannot go together.")
    return chosen[0] if chosen else "plain"  # type: ignore[return-value]


def _check_shown(session: Session, thread: ThreadInfo, pending: Pending, named: str | None) -> None:
    """Raise unless a person has seen the question that the answer goes to."""
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


def _replies(
    session: Session, questions: Sequence[Interrupt], answer: Answer, named: str | None
) -> dict[str, Any] | Facts:
    """The replies by question; or facts on the actions that still need a decision.

    A decision on one action is kept when the others are decided together.
    """
    if answer.action is None:
        return replies_from(answer, questions, named, kept_decisions(session, questions))
    asked = [question_named(named, questions)] if named is not None else [each for each in questions if each.actions]
    if len(asked) != 1:
        action = "" if all(len(each.actions) == 1 for each in questions) else " --action 1"
        raise CommandError(
            f"{len(questions)} questions are open:",
            listing=questions_listed(questions),
            hint=f"Name one: %lg_resume --interrupt {numbers_of(questions)[0]}{action} --{answer.how}",
        )
    question = asked[0]
    decisions = {**session.decisions.get(mark_of([question]), {}), **decisions_in(question, answer)}
    if len(decisions) == len(question.actions):
        return {question.id: reply_from_decisions(question, decisions)}
    session.decisions[mark_of([question])] = decisions
    return _still_open(question, decisions, question.number if len(questions) > 1 else 0)


def _still_open(question: Interrupt, decisions: Mapping[int, Decision], number: int) -> Facts:
    lines = tuple(
        (f"action {place + 1}", f"{decisions[place]['type'] if place in decisions else 'open'}: {cut_line(each.call)}")
        for place, each in enumerate(question.actions)
    )
    first = next(place for place in range(len(question.actions)) if place not in decisions)
    ways = takes(question, question.actions[first]) or ["--json"]
    head = f"{len(decisions)} of {len(question.actions)} actions are decided. Nothing was sent yet."
    which = f"--interrupt {number} " if number else ""
    return Facts(head, lines, ((f"%lg_resume {which}--action {first + 1} {ways[0]}", "decide on the next one"),))


def _nothing_asked(session: Session, thread: ThreadInfo) -> LgError:
    if nodes := next_nodes(session, thread):
        return LgError(
            f"{thread} asks nothing: it stopped before {', '.join(nodes)}. Nothing was sent.",
            hint="%lg_resume, without an answer, goes on.",
        )
    return LgError(f"Nothing to resume: {thread} waits for nothing.", hint="%lg_inbox lists what waits.")


def _check_can_go_on(session: Session, thread: ThreadInfo, pending: Pending) -> None:
    questions = pending.questions
    if questions:
        remember_shown(session, thread.id, questions)
        hint = how_to_recover(questions) or how_to_answer(questions)
        raise CommandError(f"{thread} waits for an answer:", listing=questions_listed(questions), hint=hint)
    if not next_nodes(session, thread):
        raise _nothing_asked(session, thread)


@command("inbox", group="People")
def inbox(
    session: Session,
    *,
    approve: Annotated[str | None, Option(value="TOOL")] = None,
    reject: Annotated[str | None, Option(value="TOOL")] = None,
    limit: Limit = 10,
    offset: Offset = 0,
    all: bool = False,
) -> Table:
    """List the deployment's threads that wait for a person, with their questions, or the breakpoint where they stopped.

    A thread whose last answer made it fail is listed too, if its question is still open; the newest 50 threads in error are
    read. --approve and --reject decide on every listed call of a tool: the first time the calls are shown, and the same line
    again sends the decision. New calls since then are shown first.

    Args:
        approve: Approve the calls of this tool.
        reject: Reject the calls of this tool.
        limit: Show at most so many, the newest change first.
        offset: Skip so many first.
        all: All of them, regardless of --limit.

    Returns:
        A table; `.df` is a pandas frame. With a decision that was sent, the runs that go on.

    Example:
        %lg_inbox
    """
    if approve is not None and reject is not None:
        raise CommandError("--approve and --reject cannot go together.")
    found, is_last = waiting_threads(session, None if all else offset + limit)
    chosen, note = found[offset:], ""
    if tool := approve or reject:
        chosen = [each for each in chosen if each.is_about(tool)]
        if not chosen:
            raise UnknownReference(f"No call of '{tool}' waits alone on a thread.", hint="%lg_inbox lists what waits.")
        if not any(is_news(session, each) for each in chosen):
            return decide(session, chosen, "approve" if approve else "reject")
        note = f"Nothing was sent. The same line again {'approves' if approve else 'rejects'} these."
    rows = [
        InboxRow(thread_of_row(session, each.row, status=each.status), each.questions, each.stopped_before)
        for each in chosen
    ]
    for row in rows:
        remember_shown(session, row.thread.thread_id, row.questions)
    table = inbox_table(
        rows,
        is_whole=is_last and not offset,
        more="" if is_last else f"--limit N, --offset {offset + limit} or --all",
        note=note,
        hint="%lg_resume -t THREAD ANSWER" if rows and not note else "",
        attrs={"deployment": session.connection.url},
    )
    return replace(table, offset=offset)
