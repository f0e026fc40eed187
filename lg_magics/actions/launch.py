"""Launches a run from a request and follows it. `run`, `resume` and `fork` all use it. Draws nothing."""

from __future__ import annotations

import contextvars
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from typing import Any

from lg_magics.actions.attached import traced_in
from lg_magics.actions.graph_versions import not_reloaded, version_for_launch
from lg_magics.errors import Conflict, DeploymentError, InvalidRequest, LaunchInterrupted
from lg_magics.follow.follower import CARD_MODES, PLAIN_MODES, Target
from lg_magics.follow.outcome import seconds_from_iso
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import TrackedRun, tracked
from lg_magics.model.cell import Cell
from lg_magics.model.records import RunRecord
from lg_magics.model.references import is_full_id, short_id
from lg_magics.model.run_info import Launch, RunInfo, ThreadInfo
from lg_magics.model.run_request import RunRequest, checked_mapping, merged_config
from lg_magics.model.run_view import RunView
from lg_magics.resolve.assistant_on_thread import assistant_on
from lg_magics.resolve.assistants import assistant_name
from lg_magics.server.connection import Connection
from lg_magics.server.deployment import headers_from
from lg_magics.server.errors import is_answer_lost, maybe_done
from lg_magics.session import Session

__all__ = ["launch", "new_thread", "request_for"]

LAUNCH = "lg_launch"
HINT = "%lg_threads and %lg_assistants list them."
MOMENT = 5.0
ENDING = ("interrupt", "rollback")
LOOPBACK_HINT = (
    "The deployment sends nothing to its own machine unless its langgraph.json says "
    '{"webhooks": {"url": {"disable_loopback": false}}}.'
)


def new_thread() -> ThreadInfo:
    """A thread that the launch will create: it has an id already, but no number yet."""
    return ThreadInfo("", str(uuid.uuid4()))


def request_for(
    session: Session,
    thread: ThreadInfo | None,
    *,
    assistant: str | None = None,
    config: Mapping[str, Any] | None = None,
    configurable: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    header: Mapping[str, object] | None = None,
    **what: Any,
) -> RunRequest:
    """A request with the session's defaults and these values, which take precedence; `what` are its other fields.

    Without an assistant, it uses the one of the thread's graph (see `assistant_on_thread`).

    Raises:
        UnknownReference: no such assistant, or the thread's graph has none.
        CommandError: values that cannot go together. SettingsError: a header that cannot be sent.
    """
    defaults = session.selection.defaults
    headers = {**defaults.headers, **headers_from(checked_mapping(header, "header"))}
    merged_context = {**defaults.context, **checked_mapping(context, "context")}
    chosen = assistant_on(session, thread, assistant)
    return RunRequest(
        assistant=chosen.sent,
        note=what.pop("note", "") or chosen.note,
        thread_id=thread.id if thread else None,
        config=merged_config(config, defaults.configurable, configurable, merged_context),
        context=merged_context,
        metadata={**defaults.metadata, **checked_mapping(metadata, "metadata")},
        headers=headers,
        makes_thread=thread is not None and not thread.number,
        **what,
    )


def launch(
    session: Session,
    request: RunRequest,
    thread: ThreadInfo | None,
    *,
    card: bool = True,
    modes: Sequence[str] = (),
    title: str = "",
    cell: Cell | None = None,
    unset: str = "",
    version: int | None = None,
) -> Run:
    """Launch a run with one call, remember it, and start to follow it.

    Args:
        session: the session.
        request: the request to send.
        thread: its thread; None for a stateless run; the same call makes a thread without a number.
        card: request the stream modes of a card, or only the ends of nodes.
        modes: more stream modes to request.
        title: the thread's title if it has none yet.
        cell: the cell that launches it; the running cell otherwise.
        unset: the note on required settings that are not set, shown beside the defaults.
        version: the version of the graph, where the embedded server keeps versions; the current one otherwise.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
        LaunchInterrupted: a kernel interrupt; the run goes on, and is followed.
    """
    asked = (*(CARD_MODES if card else PLAIN_MODES), *modes, *(("values",) if thread is None else ()))
    modes = session.connection.runs.modes(dict.fromkeys(asked))
    cell = session.cell() if cell is None else cell
    return _carried_through(lambda: _launched(session, request, thread, modes, title, cell, unset, version))


def _launched(
    session: Session,
    request: RunRequest,
    thread: ThreadInfo | None,
    modes: Sequence[str],
    title: str,
    cell: Cell,
    unset: str,
    version: int | None,
) -> Run:
    mark, tracker = uuid.uuid4().hex[:12], session.tracker
    used = version_for_launch(session, request.assistant, mark, version)
    ahead = tracker.live_on(request.thread_id) if request.thread_id else []
    hit = [run for run in ahead if not tracked(run).superseded_by] if request.multitask_strategy in ENDING else []
    ended = [run for run in hit if not tracked(run).is_cancelling]  # a person cancelled the others
    with _rolled_back(hit if request.multitask_strategy == "rollback" else []):
        row = _created(session, request, thread, request.followed(modes, {"lg_session": session.id, **cell.tags}), mark)
    where = tracker.thread(row.thread_id, None if thread and thread.number and thread.title else title)
    if request.makes_thread:
        session.select(thread=where)
    session.graphs.ran_on(where.id, session.graphs.of_assistant(request.assistant))
    ignored = session.connection.runs.ignored(request.arguments(), request.thread_id, [run.run_id for run in ahead])
    notes = tuple(each for each in (unset, not_reloaded(used), *ignored) if each)
    info = _info(session, request, row, where, cell, notes, f"v{used.number}" if used is not None else "")
    target = Target(row.run_id, row.thread_id, modes, is_stateless=info.is_stateless)
    view = RunView(created_at=seconds_from_iso(row.created_at) or time.time())
    held = TrackedRun(info, target, session.connection, session.loop, view)
    held.pending_note = _pending_note(request, ahead)
    for earlier in ended:
        tracked(earlier).superseded_by = info.number
    note = "answered" if request.command else "left unanswered" if request.input else "went on"
    for earlier in tracker.runs_on(row.thread_id):
        tracked(earlier).end_waiting(note)
    return tracker.add(Run(held))


def _carried_through(begin: Callable[[], Run]) -> Run:
    """Launch on a thread of its own, since a kernel interrupt must not break off a request that may be accepted already."""
    if threading.current_thread() is not threading.main_thread():
        return begin()
    launching: Future[Run] = Future()
    try:
        threading.Thread(
            target=contextvars.copy_context().run,
            args=(_fulfil, launching, begin),
            name="lg_magics launch",
            daemon=True,
        ).start()
        return launching.result()
    except KeyboardInterrupt:
        raise _interrupted(launching) from None
    finally:
        del launching  # break the reference cycle with an error that it holds


def _fulfil(launching: Future[Run], begin: Callable[[], Run]) -> None:
    try:
        launching.set_result(begin())
    except BaseException as problem:  # noqa: BLE001 - raised where the launch is waited for
        launching.set_exception(problem)


def _interrupted(launching: Future[Run]) -> LaunchInterrupted:
    """The error of an interrupted launch. Waits MOMENT seconds for the answer; a refusal is raised as it is."""
    try:
        number = launching.result(MOMENT).number
    except FutureTimeout:
        return LaunchInterrupted(
            "Stopped while the run was launched, and the deployment has not answered yet: it may go on.",
            hint="%lg_runs --mine shows it when it is known.",
        )
    ways = f"%lg_wait {number} waits for it, %lg_cancel {number} stops it."
    return LaunchInterrupted(f"Stopped while the run was launched; it goes on as {number}.", hint=ways, number=number)


@contextmanager
def _rolled_back(runs: Sequence[Run]) -> Iterator[None]:
    """Expect these runs to be rolled back by the launch inside the block, if it succeeds."""
    for run in runs:
        tracked(run).expect_rollback(True)
    try:
        yield
    except BaseException:
        for run in runs:
            tracked(run).expect_rollback(False)
        raise


def _created(
    session: Session, request: RunRequest, thread: ThreadInfo | None, arguments: Mapping[str, Any], launch_mark: str
) -> RunRecord:
    """Create the run and return its row; a refusal gets an explanation."""
    connection = session.connection
    arguments = {**arguments, "metadata": {**arguments["metadata"], **(mark := {LAUNCH: launch_mark})}}
    feature = "" if thread else "stateless runs"
    words = {"missing": _what_may_be_missing(request, thread), "hint": HINT, "feature": feature}
    try:
        return connection.runs.create(request.thread_id, request.assistant, arguments, **words)
    except Conflict as problem:
        raise _busy(session, request, thread) from problem
    except InvalidRequest as problem:
        if request.webhook and "loopback" in str(problem):
            raise InvalidRequest(problem.message, hint=LOOPBACK_HINT, status_code=problem.status_code) from problem
        raise
    except DeploymentError as problem:
        if not is_answer_lost(problem):
            raise
        if (row := _taken(connection, request, mark)) is None:
            raise maybe_done(problem, "%lg_runs --mine") from problem
        return row


def _taken(connection: Connection, request: RunRequest, mark: Mapping[str, str]) -> RunRecord | None:
    """The row of a run whose launch was accepted while the answer was lost: a second try would launch it twice."""
    try:
        return connection.runs.tagged(request.thread_id, mark) if connection.is_alive() else None
    except DeploymentError:
        return None


def _busy(session: Session, request: RunRequest, thread: ThreadInfo | None) -> Conflict:
    """The error of a rejected run: it names the live run on the thread, and the lines that help."""
    live = session.connection.runs.live(str(request.thread_id))
    first = live[-1] if live else None  # the running one, else the oldest in the queue
    known = session.tracker.run(first.run_id) if first else None
    name = known.number if known else short_id("", first.run_id).strip() if first else "another run"
    ways = f"%lg_cancel {name} stops it, %lg_wait {name} waits for it" if known else "%lg_attach follows it"
    return Conflict(
        f"Rejected: {name} is still {first.status if first else 'live'} on {thread or 'the thread'}.",
        hint=f"{ways}; --multitask enqueue runs after it.",
        status_code=409,
    )


def _pending_note(request: RunRequest, ahead: Sequence[Run]) -> str:
    """The note on what a pending run waits for."""
    if ahead and request.multitask_strategy in ("", "enqueue"):
        return f"queued behind {ahead[-1].number}"
    return f"starts {request.after_seconds} s after its launch" if request.after_seconds else ""


def _what_may_be_missing(request: RunRequest, thread: ThreadInfo | None) -> str:
    """The objects that a 404 may mean: a new thread cannot be missing, and an assistant's name was resolved before."""
    may = [f"thread {thread.shown}"] if thread and thread.number else []
    may += [f"assistant {request.assistant}"] if is_full_id(request.assistant) or not may else []
    return " or ".join(may)


def _info(
    session: Session,
    request: RunRequest,
    row: RunRecord,
    thread: ThreadInfo,
    cell: Cell,
    notes: Sequence[str],
    version: str,
) -> RunInfo:
    deployment = session.connection.deployment
    made = Launch(request, deployment.url, session.connection.key_source, deployment.header_names)
    return RunInfo(
        number=session.tracker.run_numbers.number(row.run_id),
        id=row.run_id,
        thread=thread,
        deployment=deployment.name,
        assistant=assistant_name(session, request.assistant),
        defaults=(*session.selection.defaults.words(), *notes),
        launch=made,
        is_protected=deployment.protect,
        is_stateless=request.thread_id is None and not request.is_kept,
        makes_thread=request.makes_thread,
        cell=cell,
        choice=request.note,
        version=version,
        card=session.selection.card,
        traced_in=traced_in(session, row, names_project="project_name" in request.tracing),
    )
