"""Reads what a thread waits for, remembers what a person has seen, and makes the request that resumes it. Launches nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lg_magics.actions.graph_versions import refuse_lost_node
from lg_magics.errors import LgError, NotFound
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.model.answer_words import questions_listed
from lg_magics.model.answers import has_changed, mark_of
from lg_magics.model.decisions import Decision
from lg_magics.model.interrupts import Interrupt, interrupts_from_state, interrupts_from_thread, with_tasks
from lg_magics.model.node_names import is_handler
from lg_magics.model.records import RunRecord, StateRecord, ThreadRecord
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.run_request import RunRequest
from lg_magics.resolve.assistant_on_thread import assistant_on
from lg_magics.session import Session

__all__ = [
    "Pending",
    "changed_error",
    "forget_decisions",
    "kept_decisions",
    "newest_run",
    "next_nodes",
    "open_questions",
    "pending_on",
    "refuse_if_waiting",
    "remember_shown",
    "remembered_on",
    "request_to_go_on",
    "shown_on",
]

HEADERS = frozenset({"authorization", "cookie", "host", "accept", "connection", "traceparent", "baggage"})
OF_THE_SERVER = frozenset({"run_id", "thread_id", "graph_id", "assistant_id", "checkpoint_id", "checkpoint_ns"})


@dataclass(frozen=True, slots=True)
class Pending:
    """A thread as the server reports it now: its row, and its open questions."""

    row: ThreadRecord
    questions: tuple[Interrupt, ...]


def pending_on(session: Session, thread: ThreadInfo) -> Pending:
    """Read what a thread waits for.

    Raises:
        NotFound: no such thread.
        LgError: a run is live on it.
    """
    row = session.connection.threads.find(thread.id)
    if row is None:
        raise NotFound(f"No thread {thread.shown} on {session.connection.url}.", hint="%lg_threads lists them.")
    live = session.tracker.live_on(session.connection, thread.id)
    if live or row.status == "busy":
        run = live[0] if live else None
        raise LgError(
            f"{thread} is busy{f': {run.number} is still {run.status}' if run else ''}. Nothing was sent.",
            hint=f"%lg_wait {run.number}" if run else "%lg_runs lists its runs.",
        )
    questions = open_questions(session, thread, row)
    session.tracker.remember_waiting(session.connection, thread.id, bool(questions))
    return Pending(row, questions)


def open_questions(session: Session, thread: ThreadInfo, row: ThreadRecord) -> tuple[Interrupt, ...]:
    """The open questions of a thread, with their nodes and numbers.

    The row alone is not enough (langgraph-api 0.16). Of parallel subgraphs that ask, it lists one, and is idle when that one is
    answered; after two of several answers it lists an answered one. So the state is read, unless a run of ours asks the same, or
    the deployment lacks the thread's graph, and so its state. What an error handler asks is in neither: only its run knows it.
    """
    own = session.tracker.runs_on(session.connection, thread.id)[-1:]
    found = next((each.view.interrupts for each in own if _asks_the_same(each.view.interrupts, row)), None)
    if found is None:
        found = interrupts_from_thread(row)
        if row.status != "busy":
            with suppress(NotFound):
                found = interrupts_from_state(_state(session, thread))
        if not found and own and row.status == "interrupted" and _asks_in_handler(session, thread, own[0]):
            found = own[0].view.interrupts
    inside = [name for run in own for each in run.view.interrupts if each.failed for name in each.failed.others]
    return session.connection.question_numbers.numbered(thread.id, with_tasks(found, list(dict.fromkeys(inside))))


def _asks_the_same(asked: Sequence[Interrupt], row: ThreadRecord) -> bool:
    """Whether a run asked what its thread's row lists, and knows the nodes that ask."""
    listed = interrupts_from_thread(row) if row.status == "interrupted" else ()
    return bool(listed) and all(each.node for each in asked) and not has_changed(asked, listed)


def _asks_in_handler(session: Session, thread: ThreadInfo, run: Run) -> bool:
    """Whether a run of ours asks in an error handler, and nothing has run on its thread since."""
    if not run.is_waiting or not any(is_handler(each.node) for each in run.view.interrupts):
        return False
    newest = newest_run(session, thread)
    return newest is not None and newest.run_id == run.run_id


def next_nodes(session: Session, thread: ThreadInfo) -> tuple[str, ...]:
    """The nodes that would run next."""
    return _state(session, thread).next


def _state(session: Session, thread: ThreadInfo) -> StateRecord:
    return session.connection.states.get(thread.id, shown=thread.shown)


# -- questions that were shown ----------------------------------------------------------------------------------


def remember_shown(session: Session, thread_id: str, questions: Sequence[Interrupt]) -> None:
    """Remember that a person has seen these questions of a thread, so that new input does not discard them unasked."""
    connection = session.connection
    if questions:
        session.tracker.remember_waiting(connection, thread_id, True)
    session.questions[connection.url, thread_id] = (_last_run(session, thread_id), tuple(questions))


def shown_on(session: Session, thread_id: str) -> tuple[Interrupt, ...] | None:
    """The questions of a thread that a person has seen last; None if this session has shown none.

    The questions of a run of ours count as seen, and replace those that were seen before.
    """
    remembered = remembered_on(session, thread_id)
    if remembered is not None:
        return remembered
    run = session.tracker.run(_last_run(session, thread_id))
    return run.view.interrupts if run is not None and run.is_waiting else None


def remembered_on(session: Session, thread_id: str) -> tuple[Interrupt, ...] | None:
    """The questions that `remember_shown` has kept of a thread; None if there are none, or a run of ours was launched since."""
    after, questions = session.questions.get((session.connection.url, thread_id), (None, ()))
    return questions if after == _last_run(session, thread_id) else None


def _last_run(session: Session, thread_id: str) -> str:
    connection, runs = session.connection, reversed(session.tracker.runs())
    return next((run.run_id for run in runs if run.thread_id == thread_id and tracked(run).is_on(connection)), "")


def kept_decisions(session: Session, questions: Sequence[Interrupt]) -> dict[str, Mapping[int, Decision]]:
    """The decisions on single actions of these questions that were not sent yet: question id → index of the action → decision."""
    return {each.id: held for each in questions if (held := session.decisions.get(mark_of([each])))}


def forget_decisions(session: Session, questions: Sequence[Interrupt], replies: Mapping[str, Any]) -> None:
    """Forget the kept decisions on the questions that were answered; `replies` are by question id."""
    for question in questions:
        if question.id in replies:
            session.decisions.pop(mark_of([question]), None)


def changed_error(thread: ThreadInfo, pending: Sequence[Interrupt]) -> LgError:
    """The error that is raised instead of sending an answer, if the question has changed since it was shown."""
    if not pending:
        return LgError(f"The question has changed: {thread} waits for no answer any more. Nothing was sent.")
    return LgError(
        f"The question has changed, and nothing was sent. {thread} asks now:",
        listing=questions_listed(pending),
        hint="The same line again answers this one.",
    )


def unseen_error(thread: ThreadInfo, pending: Sequence[Interrupt]) -> LgError:
    """The error that is raised instead of sending an answer, if this session has not shown the question."""
    return LgError(
        f"This session has not shown the question yet, and nothing was sent. {thread} asks:",
        listing=questions_listed(pending),
        hint="The same line again answers it.",
    )


# -- the request to resume --------------------------------------------------------------------------------------


def request_to_go_on(
    session: Session, thread: ThreadInfo, row: ThreadRecord, *, version: int | None = None, **what: Any
) -> RunRequest:
    """The request that resumes where the thread's newest run stopped, with the same graph and the same config.

    The server does not keep the config for the next run: without it a resumed run has no `user_id`. The request is refused,
    not queued, if another run has begun meanwhile.

    Raises:
        LgError: the version of the graph that would run lacks the node that asked.
    """
    refuse_lost_node(session, thread, str(row.metadata.get("graph_id") or ""), version)
    chosen = assistant_on(session, thread, row=row)
    defaults, newest = session.selection.defaults, newest_run(session, thread)
    config = _config_of(newest, _own_values(session, newest)) if newest else {}
    values = {**defaults.configurable, **defaults.context, **config.pop("configurable", {})}
    return RunRequest(
        assistant=chosen.sent,
        note=chosen.note,
        thread_id=thread.id,
        config={**config, **({"configurable": values} if values else {})},
        metadata=defaults.metadata,
        headers=defaults.headers,
        multitask_strategy="reject",
        **what,
    )


def newest_run(session: Session, thread: ThreadInfo) -> RunRecord | None:
    """The row of a thread's newest run; None if nothing has run on it."""
    return next(iter(session.connection.runs.newest(thread.id, 1)), None)


def _own_values(session: Session, run: RunRecord) -> frozenset[str]:
    """The names of the configurable values that a run of this session was launched with."""
    own = session.tracker.run(run.run_id)
    config = own.info.launch.request.config if own and own.info.launch else {}
    return frozenset(config.get("configurable") or ())


def _config_of(run: RunRecord, own: frozenset[str]) -> dict[str, Any]:
    """The config that a run was launched with, without the server's additions."""
    config = run.kwargs.get("config")
    config = config if isinstance(config, Mapping) else {}
    kept = {key: value for key, value in config.items() if key in ("configurable", "tags", "recursion_limit")}
    if isinstance(values := kept.get("configurable"), Mapping):
        kept["configurable"] = {key: value for key, value in values.items() if key in own or _is_given(key, value)}
    return kept


def _is_given(key: str, value: object) -> bool:
    """Whether a person gave the value. The server copies headers, which may be secret, under names that may have a dash."""
    is_added = key.startswith(("__", "langgraph_")) or "-" in key or key.lower() in HEADERS or key in OF_THE_SERVER
    return not is_added and not (key == "user_id" and value == "")


def refuse_if_waiting(session: Session, thread: ThreadInfo) -> None:
    """Refuse new input on a thread that waits: the server would silently drop its question."""
    row = session.connection.threads.find(thread.id)
    is_waiting = row is not None and bool(open_questions(session, thread, row))
    session.tracker.remember_waiting(session.connection, thread.id, is_waiting)
    if is_waiting:
        raise LgError(
            f"{thread} waits for an answer, which new input would throw away.",
            hint="%lg_resume answers it; --discard-interrupt sends the new input all the same.",
        )
