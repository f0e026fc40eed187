"""Reads what a step of a run read and wrote, from the checkpoint that it began with. Depends on a connection; draws nothing.

No stream names that checkpoint. It is the newest one at the moment at which the step began, and the task's id confirms it: one
small request. Where that fails (another clock, no times, no ids), its number is computed from the run's newest checkpoint and
the number of supersteps since: two or three requests, each of which reads a long thread's whole history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lg_magics.model.records import StateRecord
from lg_magics.model.run_steps import Step
from lg_magics.server.connection import Connection

__all__ = ["StepData", "step_data"]

RECENT = 3
MARGIN = 0.005  # seconds: a step's time is in whole milliseconds
NEAR = (0, -1, 1, -2, 2)
UNFINISHED = ("running", "failed", "waiting", "cancelled")


@dataclass(frozen=True, slots=True)
class StepData:
    """What a step read and wrote.

    Attributes:
        read: the state's values as it began.
        wrote: what it wrote; None if it has written nothing yet.
        checkpoint: the number of the checkpoint that it began with: `step:4`.
        checkpoint_id: the id of that checkpoint.
    """

    read: Any
    wrote: Any
    checkpoint: int
    checkpoint_id: str


def step_data(
    connection: Connection, thread_id: str, run_id: str, steps: Sequence[Step], step: Step
) -> StepData | None:
    """Read what a step read and wrote; None if the deployment kept no checkpoint of it.

    Args:
        connection: to the run's deployment.
        thread_id: the run's thread.
        run_id: the run.
        steps: all steps of the run that are known.
        step: the step to read.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    namespace = "|".join(step.namespace)
    if step.task_id and step.started_at is not None:
        until = step.started_at + MARGIN
        most = RECENT + _count_later(steps, step, until)
        recent = connection.history.newest_at(thread_id, until, limit=most, namespace=namespace)
        if found := next(_by_task(recent, step), None):
            return found
    newest = next(iter(connection.history.of_run(thread_id, run_id, limit=1, namespace=namespace)), None)
    if newest is None and not namespace:
        newest = connection.states.get(thread_id)  # it started from another run's checkpoint, and left none yet
    number = newest.metadata.get("step") if newest else None
    if not isinstance(number, int):
        return None
    guess = number - _left_since(steps, step)
    at: dict[int, list[StateRecord]] = {}
    for number in (guess + near for near in (NEAR if step.task_id else NEAR[:1])):
        at[number] = connection.history.at_step(thread_id, number, namespace=namespace)
        for entry in at[number] if step.task_id else ():
            if task := next((task for task in entry.tasks if task.get("id") == step.task_id), None):
                return _data(entry, task, step, number, at.get(number + 1))
    return next(_by_name(at, guess, run_id, step), None)


def _count_later(steps: Sequence[Step], step: Step, until: float) -> int:
    """Count the supersteps that began after a step's, until then: each left a checkpoint that is newer than the step's."""
    beside = (each for each in steps if each.namespace == step.namespace and each.superstep > step.superstep)
    return len({each.superstep for each in beside if each.started_at is not None and each.started_at <= until})


def _by_task(entries: Sequence[StateRecord], step: Step) -> Iterator[StepData]:
    """Find the step in the checkpoint that has its task."""
    for place, entry in enumerate(entries):
        number = entry.metadata.get("step")
        task = next((task for task in entry.tasks if task.get("id") == step.task_id), None)
        if task is not None and isinstance(number, int) and (task.get("result") or step.state != "done"):
            yield _data(entry, task, step, number, entries[:place])


def _by_name(at: Mapping[int, Sequence[StateRecord]], guess: int, run_id: str, step: Step) -> Iterator[StepData]:
    """Find the step by its name, where no task has its id: the one task of that name, or a checkpoint without tasks (a join)."""
    for entry in sorted(at[guess], key=lambda entry: entry.metadata.get("run_id") != run_id):
        named = [task for task in entry.tasks if task.get("name") == step.node]
        if len(named) == 1 or not entry.tasks:
            yield _data(entry, named[0] if named else {}, step, guess, at.get(guess + 1))


def _data(
    entry: StateRecord, task: Mapping[str, Any], step: Step, number: int, following: Sequence[StateRecord] | None
) -> StepData:
    read = entry.get("values")
    name = {"failed": "error", "waiting": "interrupts"}.get(step.state, "result")
    wrote = task.get(name)
    if not wrote and step.state == "done":
        wrote = _changed(read, next((each for each in following or () if _is_child(each, entry)), None))
    shown = wrote if name == "result" else {name: wrote}
    return StepData(read, shown if wrote else None, number, entry.checkpoint_id)


def _is_child(entry: StateRecord, parent: StateRecord) -> bool:
    return entry.mapping("parent_checkpoint").get("checkpoint_id") == parent.checkpoint_id


def _changed(read: Any, following: StateRecord | None) -> Any:
    """The values that the state has after the step and had not before it."""
    values = following.get("values") if following else None
    if not isinstance(values, Mapping) or not isinstance(read, Mapping):
        return values
    return {key: value for key, value in values.items() if key not in read or read[key] != value}


def _left_since(steps: Sequence[Step], step: Step) -> int:
    """How many checkpoints the run left since the one that a step began with."""
    beside = [each for each in steps if each.namespace == step.namespace]
    last = max(each.superstep for each in beside)
    is_open = any(each.state in UNFINISHED for each in beside if each.superstep == last)
    return last - step.superstep + (not is_open)
