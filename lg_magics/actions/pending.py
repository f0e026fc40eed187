"""What a thread waits for now, what this session has shown of it, and the request that lets it go on. Launches nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lg_magics.actions.graph_versions import refuse_lost_node
from lg_magics.errors import LgError, NotFound
from lg_magics.model.answers import questions_listed
from lg_magics.model.interrupts import Interrupt, interrupts_from_state, interrupts_from_thread
from lg_magics.model.records import RunRecord, StateRecord, ThreadRecord
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.run_request import RunRequest
from lg_magics.resolve.assistant_on_thread import assistant_on
from lg_magics.session import Session

__all__ = [
    "Pending",
    "changed_error",
    "newest_run",
    "next_nodes",
    "open_questions",
    "pending_on",
    "remember_shown",
    "request_to_go_on",
    "shown_on",
]

HEADERS = frozenset({"authorization", "cookie", "host", "accept", "connection", "traceparent", "baggage"})
OF_THE_SERVER = frozenset({"run_id", "thread_id", "graph_id", "assistant_id", "checkpoint_id", "checkpoint_ns"})


@dataclass(frozen=True, slots=True)
class Pending:
    """What the server says of a thread now: its row, and the questions that are open."""

    row: ThreadRecord
    questions: tuple[Interrupt, ...]


def pending_on(session: Session, thread: ThreadInfo) -> Pending:
    """Ask what a thread waits for.

    Raises:
        NotFound: no such thread.
        LgError: a run is live on it.
    """
    row = session.connection.threads.find(thread.id)
    if row is None:
        raise NotFound(f"No thread {thread.shown} on {session.connection.url}.", hint="%lg_threads lists them.")
    live = session.tracker.live_on(thread.id)
    if live or row.status == "busy":
        run = live[0] if live else None
        raise LgError(
            f"{thread} is busy{f': {run.number} is still {run.status}' if run else ''}. Nothing was sent.",
            hint=f"%lg_wait {run.number}" if run else "%lg_runs lists its runs.",
        )
    questions = open_questions(session, thread, row)
    session.tracker.remember_waiting(thread.id, bool(questions))
    return Pending(row, questions)


def open_questions(session: Session, thread: ThreadInfo, row: ThreadRecord) -> tuple[Interrupt, ...]:
    """The questions that are open on a thread. The row of one in error lists none, nor does any of some servers."""
    if row.status == "error" or (row.status == "interrupted" and "interrupts" not in row):
        found = interrupts_from_state(_state(session, thread))
    else:
        found = _with_nodes(session, thread, interrupts_from_thread(row))
    return session.connection.question_numbers.numbered(thread.id, found)


def _with_nodes(session: Session, thread: ThreadInfo, questions: tuple[Interrupt, ...]) -> tuple[Interrupt, ...]:
    """A thread's row does not say which node asks: a run of ours does, or the state, where there are several."""
    own = [each for run in session.tracker.runs() if run.thread_id == thread.id for each in run.view.interrupts]
    nodes = {each.id: each.node for each in own if each.node}
    if len(questions) > 1 and any(each.id not in nodes for each in questions):
        asked = interrupts_from_state(_state(session, thread))
        nodes |= {each.id: each.node for each in asked if each.node}
    return tuple(replace(each, node=nodes.get(each.id, "")) for each in questions)


def next_nodes(session: Session, thread: ThreadInfo) -> tuple[str, ...]:
    """The nodes that would run next."""
    return _state(session, thread).next


def _state(session: Session, thread: ThreadInfo) -> StateRecord:
    return session.connection.states.get(thread.id, shown=thread.shown)


# -- what was shown ---------------------------------------------------------------------------------------------


def remember_shown(session: Session, thread_id: str, questions: Sequence[Interrupt]) -> None:
    """Remember that a person has seen these questions of a thread."""
    session.questions[thread_id] = (_last_run(session, thread_id), tuple(questions))


def shown_on(session: Session, thread_id: str) -> tuple[Interrupt, ...] | None:
    """The questions of a thread that a person has seen last; None if this session has shown none.

    What a run of ours asked counts as seen, and replaces what was seen before it.
    """
    after, questions = session.questions.get(thread_id, (None, ()))
    last = _last_run(session, thread_id)
    if after == last:
        return questions
    run = session.tracker.run(last)
    return run.view.interrupts if run is not None and run.is_waiting else None


def _last_run(session: Session, thread_id: str) -> str:
    return next((run.run_id for run in reversed(session.tracker.runs()) if run.thread_id == thread_id), "")


def changed_error(thread: ThreadInfo, pending: Sequence[Interrupt]) -> LgError:
    """What is raised in place of sending an answer to a question that nobody has seen."""
    if not pending:
        return LgError(f"The question has changed: {thread} waits for no answer any more. Nothing was sent.")
    return LgError(
        f"The question has changed, and nothing was sent. {thread} asks now:",
        listing=questions_listed(pending),
        hint="The same line again answers this one.",
    )


def unseen_error(thread: ThreadInfo, pending: Sequence[Interrupt]) -> LgError:
    """What is raised in place of an answer to a question that this session has not shown."""
    return LgError(
        f"This session has not shown the question yet, and nothing was sent. {thread} asks:",
        listing=questions_listed(pending),
        hint="The same line again answers it.",
    )


# -- going on ---------------------------------------------------------------------------------------------------


def request_to_go_on(
    session: Session, thread: ThreadInfo, row: ThreadRecord, *, version: int | None = None, **what: Any
) -> RunRequest:
    """The request that goes on where the thread's newest run stopped: with the same graph and the same config.

    The server does not keep the config for the next run: without it a resumed run has no `user_id`. The request is refused,
    not queued, if another run has begun meanwhile.

    Raises:
        LgError: the version of the graph that would go on lacks the node that asked.
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
    """What a run was configured with, without what the server adds to it."""
    config = run.kwargs.get("config")
    config = config if isinstance(config, Mapping) else {}
    kept = {key: value for key, value in config.items() if key in ("configurable", "tags", "recursion_limit")}
    if isinstance(values := kept.get("configurable"), Mapping):
        kept["configurable"] = {key: value for key, value in values.items() if key in own or _is_given(key, value)}
    return kept


def _is_given(key: str, value: object) -> bool:
    """Headers are mirrored into the configurable values under their names, and may be secret: a name with a dash is one."""
    is_added = key.startswith(("__", "langgraph_")) or "-" in key or key.lower() in HEADERS or key in OF_THE_SERVER
    return not is_added and not (key == "user_id" and value == "")
