"""The graph that this session last ran on each thread, and the graph of each assistant. Pure; makes no requests."""

from __future__ import annotations

from collections.abc import Mapping

from lg_magics.model.references import is_full_id

__all__ = ["GraphMemory"]


class GraphMemory:
    """Facts that need not be read again before each run on a thread.

    For a thread it holds the graph of this session's last launch. A thread where something else may run for this session, such
    as a cron or a remote graph, is not stored.
    """

    def __init__(self) -> None:
        self._of_assistants: dict[str, str] = {}
        self._of_threads: dict[str, str] = {}
        self._shared: set[str] = set()

    def of_assistant(self, sent: str) -> str:
        """Return the graph of an assistant, by the name or id that is sent for it; "" if unknown.

        >>> GraphMemory().of_assistant("agent")
        'agent'
        """
        return self._of_assistants.get(sent, "") if is_full_id(sent) else sent

    def of_thread(self, thread_id: str) -> str:
        """Return the graph that this session last ran on a thread; "" if unknown."""
        return self._of_threads.get(thread_id, "")

    def saw_assistants(self, graphs: Mapping[str, str]) -> None:
        """Store the graphs of all assistants, by id."""
        self._of_assistants = dict(graphs)

    def saw_assistant(self, assistant_id: str, graph: str) -> None:
        """Store the graph of one assistant; "" removes it."""
        self._of_assistants[assistant_id] = graph

    def ran_on(self, thread_id: str, graph: str) -> None:
        """Store the graph of the last run on a thread; "" removes it."""
        self._of_threads[thread_id] = "" if thread_id in self._shared else graph

    def share_thread(self, thread_id: str) -> None:
        """Never store this thread's graph again: something else may run on it from now on."""
        self._shared.add(thread_id)
        self._of_threads.pop(thread_id, None)
