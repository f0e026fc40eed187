"""Which graph this session last ran on each thread, and which each assistant has. Pure; asks for nothing."""

from __future__ import annotations

from collections.abc import Mapping

from lg_magics.model.references import is_full_id

__all__ = ["GraphMemory"]


class GraphMemory:
    """What need not be read again before each run on a thread.

    Of a thread it holds what this session launched itself. One that something else may run on for this session, as a cron or
    a remote graph, is not remembered.
    """

    def __init__(self) -> None:
        self._of_assistants: dict[str, str] = {}
        self._of_threads: dict[str, str] = {}
        self._shared: set[str] = set()

    def of_assistant(self, sent: str) -> str:
        """The graph of an assistant by what is sent for it; "" if it is not known.

        >>> GraphMemory().of_assistant("agent")
        'agent'
        """
        return self._of_assistants.get(sent, "") if is_full_id(sent) else sent

    def of_thread(self, thread_id: str) -> str:
        """The graph that this session last ran on a thread; "" if it is not known."""
        return self._of_threads.get(thread_id, "")

    def saw_assistants(self, graphs: Mapping[str, str]) -> None:
        """Remember the graphs of all assistants, by id."""
        self._of_assistants = dict(graphs)

    def saw_assistant(self, assistant_id: str, graph: str) -> None:
        """Remember the graph of one assistant; "" forgets it."""
        self._of_assistants[assistant_id] = graph

    def ran_on(self, thread_id: str, graph: str) -> None:
        """Remember the graph of the last run on a thread; "" forgets it."""
        self._of_threads[thread_id] = "" if thread_id in self._shared else graph

    def share_thread(self, thread_id: str) -> None:
        """Forget a thread's graph for good: something else may run on it from now on."""
        self._shared.add(thread_id)
        self._of_threads.pop(thread_id, None)
