"""Makes a run's request from the session's defaults. Sends nothing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.run_request import RunRequest, checked_mapping, merged_config
from lg_magics.resolve.assistant_on_thread import assistant_on
from lg_magics.server.deployment import headers_from, merged_headers
from lg_magics.session import Session

__all__ = ["new_thread", "request_for"]


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
