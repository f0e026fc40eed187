"""Makes a run's request from the session's defaults, and finds its assistant again if its name has moved. Sends no run."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lg_magics.model.references import is_full_id
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.run_request import RunRequest, checked_mapping, merged_config
from lg_magics.resolve.assistant_on_thread import assistant_on
from lg_magics.resolve.assistants import assistant_name, which_now
from lg_magics.server.deployment import headers_from, merged_headers
from lg_magics.session import Session

__all__ = ["new_thread", "request_for", "resolved_again", "what_may_be_missing"]


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
    headers = merged_headers(defaults.headers, headers_from(checked_mapping(header, "header")))
    merged_context = {**defaults.context, **checked_mapping(context, "context")}
    chosen = assistant_on(session, thread, assistant)
    is_known = bool(assistant) and assistant != chosen.sent and session.assistants.get(assistant or "") == chosen.sent
    return RunRequest(
        assistant=chosen.sent,
        named=assistant or "" if is_known else "",
        note=what.pop("note", "") or chosen.note,
        thread_id=thread.id if thread else None,
        config=merged_config(config, defaults.configurable, configurable, merged_context),
        context=merged_context,
        metadata={**defaults.metadata, **checked_mapping(metadata, "metadata")},
        headers=headers,
        makes_thread=thread is not None and not thread.number,
        **what,
    )


def resolved_again(session: Session, request: RunRequest) -> RunRequest | None:
    """A request with the assistant that has its name by now; None if that is the same one, or it was not given by a name.

    Raises:
        UnknownReference: no assistant has the name any more, or one of another graph has it.
    """
    now = which_now(session, request.named, request.assistant) if request.named else request.assistant
    return None if now == request.assistant else replace(request, assistant=now)


def what_may_be_missing(session: Session, request: RunRequest, thread: ThreadInfo | None) -> str:
    """The objects that a 404 may mean: a new thread cannot be missing, and a graph's name was resolved before."""
    may = [f"thread {thread.shown}"] if thread and thread.number else []
    if is_full_id(request.assistant) or not may:
        may.append(f"assistant {assistant_name(session, request.assistant)}")
    return " or ".join(may)
