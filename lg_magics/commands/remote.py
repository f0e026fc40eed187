"""The current deployment's assistant as an object of langgraph's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from lg_magics.errors import CommandError
from lg_magics.grammar.kinds import ASSISTANT
from lg_magics.grammar.parameters import Option
from lg_magics.grammar.registry import command
from lg_magics.resolve.assistant_on_thread import assistant_on
from lg_magics.resolve.assistants import assistant_name
from lg_magics.resolve.threads import which_thread
from lg_magics.session import Session

if TYPE_CHECKING:
    from langgraph.pregel.remote import RemoteGraph

__all__ = ["remote_graph"]


@command("remote_graph", group="Assistants")
def remote_graph(
    session: Session,
    assistant: Annotated[str | None, ASSISTANT] = None,
    *,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    stateless: bool = False,
) -> RemoteGraph:
    """Give langgraph's RemoteGraph of an assistant: to call it like a graph of your own, or as a node in one.

    It runs on the current thread, with this session's defaults and the key and headers of this connection. What it runs is
    not followed: it has no number and no card, and its errors are langgraph's.

    Args:
        assistant: Its name, its graph's name, its id or a part of it. Otherwise the current one; on a thread, one of the
            thread's graph, as with %lg_run.
        thread: The thread that it runs on; the current one otherwise, and none if there is none.
        stateless: Without a thread.

    Returns:
        `.invoke(…)`, `.stream(…)`, `.get_state(…)`, `.get_graph().draw_mermaid()`, and the same with an `a` before it to await.

    Raises:
        LgError: langgraph is not installed. ReferenceError: no such assistant or thread.

    Example:
        %lg_remote_graph agent --stateless -o remote
    """
    from lg_magics.server.remote import remote_graph as remote_graph_over

    if stateless and thread:
        raise CommandError("A stateless graph has no thread.", hint="Leave out --thread or --stateless.")
    where = None
    if not stateless and (thread or session.selection.thread):
        where = which_thread(session, thread)
    chosen = assistant_on(session, where, assistant).sent
    defaults = session.selection.defaults
    values: dict[str, Any] = {**defaults.context, **defaults.configurable}
    if where:
        values["thread_id"] = where.id
        session.graphs.share_thread(where.id)
    config = {"configurable": values, **({"metadata": dict(defaults.metadata)} if defaults.metadata else {})}
    name = assistant_name(session, chosen)
    return remote_graph_over(session.connection, chosen, name=name, config=config, headers=defaults.headers)
