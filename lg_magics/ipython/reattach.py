"""A run that a page wants to follow again, where its card was. Knows live cards and the command; displays nothing itself.

A kernel that was restarted cannot reach the outputs of the one before it. So the page asks over the panel's comm, and puts what
it gets into the output that it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lg_magics.errors import CommandError

if TYPE_CHECKING:
    from lg_magics.session import Session

__all__ = ["reattach"]


def reattach(session: Session, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The display bundle of a run's live card; of a run that has ended, HTML and text.

    Args:
        session: Who is to follow it.
        arguments: What the page says: the whole ids of `run` and `thread`.

    Raises:
        CommandError: the page has named no run. UnknownReference: there is no such run on the thread.
    """
    from lg_magics.commands.attach import attach
    from lg_magics.follow.run import Run
    from lg_magics.ipython.live_card import bundle_for_page
    from lg_magics.model.references import is_full_id

    run_id, thread_id = arguments.get("run"), arguments.get("thread")
    if not (isinstance(run_id, str) and isinstance(thread_id, str) and is_full_id(run_id) and is_full_id(thread_id)):
        raise CommandError("The page has named no run.")
    try:
        run = attach(session, run_id, thread=thread_id)
    finally:
        session.events.emit("command", "attach")
    if not isinstance(run, Run):
        raise CommandError("The page has named no run.")
    return {"bundle": bundle_for_page(run)}
