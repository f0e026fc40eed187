"""Launching: a request becomes a run that is followed. The one way of `run`, `resume` and `fork` to the deployment."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from lg_magics.commands.which import which_assistant
from lg_magics.follow.follower import CARD_MODES, PLAIN_MODES, Target
from lg_magics.follow.run import Run
from lg_magics.model.references import is_full_id
from lg_magics.model.run_info import Launch, RunInfo, ThreadInfo
from lg_magics.model.run_request import RunRequest, merged_config
from lg_magics.model.run_view import RunView
from lg_magics.session import Session
from lg_magics.tables.table import time_from_iso

__all__ = ["launch", "new_thread", "request_for"]


def new_thread() -> ThreadInfo:
    """A thread that the launching call is to make: it has an id already, but no number yet."""
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
    **what: Any,
) -> RunRequest:
    """A request with the session's defaults under what was given; `what` are the request's other fields.

    Raises:
        ReferenceError: no such assistant.
        CommandError: values that cannot go together.
    """
    defaults = session.selection.defaults
    merged_context = {**defaults.context, **(context or {})}
    return RunRequest(
        assistant=which_assistant(session, assistant),
        thread_id=thread.id if thread else None,
        config=merged_config(config, defaults.configurable, configurable, merged_context),
        context=merged_context,
        metadata={**defaults.metadata, **(metadata or {})},
        headers=defaults.headers,
        makes_thread=thread is not None and not thread.number,
        **what,
    )


def launch(
    session: Session, request: RunRequest, thread: ThreadInfo | None, *, card: bool = True, title: str = ""
) -> Run:
    """Launch a run with one call, remember it, and begin to follow it.

    Args:
        session: whose it is.
        request: what to run.
        thread: where; None for a stateless run; one without a number is made by the same call.
        card: ask for what a card shows, or only for the nodes' ends.
        title: what to call the thread if it has no title yet.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    connection, tracker = session.connection, session.tracker
    modes: tuple[str, ...] = CARD_MODES if card else PLAIN_MODES
    modes = (*modes, "values") if thread is None else modes
    missing = _what_may_be_missing(request, thread)
    with connection.doing("launch the run", missing=missing, hint="%lg_threads and %lg_assistants list them."):
        row = connection.sync.runs.create(
            request.thread_id, request.assistant, **request.followed(modes, {"lg_session": session.id})
        )
    queue = tracker.live_on(row["thread_id"])
    where = tracker.thread(row["thread_id"], None if thread and thread.number and thread.title else title)
    if request.makes_thread:
        session.select(thread=where)
    info = _info(session, request, row["run_id"], where)
    target = Target(row["run_id"], row["thread_id"], modes, is_stateless=thread is None)
    created = time_from_iso(row.get("created_at"))
    view = RunView(created_at=created.timestamp() if created else time.time())
    handle = Run(info, target, connection, session.loop, view)
    if queue:
        handle.note = f"queued behind {queue[-1].number}"
    for earlier in tracker.runs():
        if earlier.thread_id == handle.thread_id and earlier.status == "waiting":
            earlier.end_waiting("answered" if request.command else "left unanswered" if request.input else "went on")
    return tracker.add(handle)


def _what_may_be_missing(request: RunRequest, thread: ThreadInfo | None) -> str:
    """What a 404 means: a new thread cannot be missing, and an assistant's name was looked up before."""
    may = [f"thread {thread.shown}"] if thread and thread.number else []
    may += [f"assistant {request.assistant}"] if is_full_id(request.assistant) or not may else []
    return " or ".join(may)


def _info(session: Session, request: RunRequest, run_id: str, thread: ThreadInfo) -> RunInfo:
    deployment = session.connection.deployment
    made = Launch(request, deployment.url, session.connection.key_source, tuple(deployment.headers))
    return RunInfo(
        number=session.tracker.run_numbers.number(run_id),
        id=run_id,
        thread=thread,
        deployment=deployment.name,
        assistant=request.assistant,
        defaults=session.selection.defaults.words(),
        launch=made,
        is_protected=deployment.protect,
        is_stateless=request.thread_id is None,
        makes_thread=request.makes_thread,
    )
