"""What a run did, and did inside of subgraphs, as its checkpoints tell it. Asks once for each time that a subgraph ran."""

from __future__ import annotations

from collections import deque

from lg_magics.follow.run import Run
from lg_magics.model.graph import Shape, inner_namespaces, steps_from_entries
from lg_magics.model.records import StateRecord
from lg_magics.model.run_steps import Step
from lg_magics.server.connection import Connection

__all__ = ["entries_of", "steps_inside"]

MOST_ENTRIES, MOST_READS = 50, 20


def entries_of(connection: Connection, run: Run, namespace: str = "") -> list[StateRecord]:
    """The checkpoints that a run left on its thread, newest first; those of a subgraph by its namespace.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    return connection.history.of_run(run.thread_id, run.run_id, limit=MOST_ENTRIES, namespace=namespace)


def steps_inside(connection: Connection, run: Run, shape: Shape) -> list[Step]:
    """What a run did at the nodes inside of subgraphs that are drawn; nothing where the deployment does not tell.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    drawn, found = set(shape.group_ids), list[Step]()
    ahead = deque([("", "")] if drawn else [])
    for _ in range(MOST_READS):
        if not ahead:
            break
        within, namespace = ahead.popleft()
        entries = entries_of(connection, run, namespace)
        found += steps_from_entries(entries, within) if within else []
        inner = [(f"{within}:{name}" if within else name, where) for name, where in inner_namespaces(entries)]
        ahead += [each for each in inner if each[0] in drawn]
    return found
