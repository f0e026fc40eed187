"""A run's steps, and their changes by events. Pure: tuples of frozen steps in, the same out.

- A step belongs to the graph itself or, by its namespace, to a subgraph that runs inside another step.
- With mode `tasks`, beginnings and ends are known by the task's id. Otherwise an update marks a node's end; its beginning is
  the end of the previous step, or its model's first output.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from operator import attrgetter
from typing import Literal, TypeAlias

from lg_magics.model.effects import Effect
from lg_magics.model.events import MessageStreamed, Namespace, NodeEnded, NodeStarted, NodeUpdated
from lg_magics.model.node_names import DEFAULT_HANDLER, HANDLER, is_handler

__all__ = [
    "Step",
    "StepState",
    "Steps",
    "ends_with_failure",
    "failed_step",
    "fails_again",
    "is_step_running",
    "step_began",
    "step_ended",
    "step_noted",
    "step_streamed",
    "step_updated",
    "tasks_inside",
]

StepState = Literal["running", "done", "failed", "waiting", "cancelled"]


@dataclass(frozen=True, slots=True)
class Step:
    """One execution of a node. Times in seconds since the epoch, the server's clock.

    Attributes:
        node: the node.
        state: its status.
        started_at: when it began; None if unknown.
        ended_at: when it ended; None while it runs.
        task_id: the server's id for it.
        namespace: the steps of other graphs that contain it, `("office:<task>", "letter:<task>")`.
        superstep: its superstep in this run of its graph, from 0; steps of one superstep run in parallel.
        calls: the tool calls that its node received.
        effects: its effects; empty while it runs.
        agent: the name on its model's messages.
        error: its exception, on one line.
    """

    node: str
    state: StepState = "running"
    started_at: float | None = None
    ended_at: float | None = None
    task_id: str = ""
    namespace: Namespace = ()
    superstep: int = 0
    calls: tuple[Effect, ...] = ()
    effects: tuple[Effect, ...] = ()
    agent: str = ""
    error: str = ""

    @property
    def seconds(self) -> float | None:
        """Its duration; None while it runs, or if the server sent no times."""
        if self.started_at is None or self.ended_at is None:
            return None
        return max(0.0, self.ended_at - self.started_at)

    @property
    def path(self) -> tuple[str, ...]:
        """The names of the nodes that contain it, and its own: `("office", "letter", "review")`."""
        return (*(each.partition(":")[0] for each in self.namespace), self.node)

    @property
    def parent_id(self) -> str:
        """The task that contains it; "" for the graph's own steps."""
        return self.namespace[-1].rpartition(":")[2] if self.namespace else ""


Steps: TypeAlias = "tuple[Step, ...]"
_task_id_of, _state_of = attrgetter("task_id"), attrgetter("state")


def step_began(steps: Steps, event: NodeStarted) -> Steps:
    """The steps after a node has begun."""
    began = Step(event.node, started_at=event.at, task_id=event.task_id, namespace=event.namespace, calls=event.calls)
    return _with(steps, began)


def step_ended(steps: Steps, event: NodeEnded) -> Steps:
    """The steps after a node has ended: with success, an error, or an interrupt."""
    state: StepState = "failed" if event.error else "waiting" if event.interrupts else "done"
    place = _place_of(steps, event.task_id)
    if place is None and event.task_id:
        steps = _with(steps, Step(event.node, task_id=event.task_id, namespace=event.namespace))
        place = len(steps) - 1
    if place is None:
        return steps
    step = steps[place]
    error = f"{event.error}: {event.message}".partition("\n")[0] if event.error else ""
    ended = replace(
        step, state=state, ended_at=event.at, effects=event.effects or step.effects, agent=event.agent, error=error
    )
    return (*steps[:place], ended, *steps[place + 1 :])


def step_noted(steps: Steps, event: NodeUpdated) -> Steps:
    """Add the writes of a step that has not ended yet."""
    states = list(map(_state_of, steps))
    first = states.index("running") if "running" in states else len(steps)
    for place, step in enumerate(steps[first:], first):
        if (
            step.state == "running"
            and not step.effects
            and (step.node, step.namespace) == (event.node, event.namespace)
        ):
            return (*steps[:place], replace(step, effects=event.effects, agent=event.agent), *steps[place + 1 :])
    return steps


def step_updated(steps: Steps, event: NodeUpdated, started_at: float | None, *, times: int = 1) -> Steps:
    """The steps after nodes ended that only `updates` reports: `times` running ones, or one that was not reported before."""
    is_known = False
    made: list[Step] = []
    for step in steps:
        if times and step.state == "running" and (step.node, step.namespace) == (event.node, event.namespace):
            step, times, is_known = _updated(step, event), times - 1, True
        made.append(step)
    if is_known:
        return tuple(made)
    began = _free_since(steps, event.namespace, started_at)
    return _with(steps, _updated(Step(event.node, started_at=began, namespace=event.namespace), event))


def step_streamed(steps: Steps, event: MessageStreamed, started_at: float | None) -> Steps:
    """The steps after the first output of a model in a step that was not reported before."""
    if not event.task_id or event.whole or _place_of(steps, event.task_id) is not None:
        return steps
    began = _free_since(steps, event.namespace, started_at)
    return _with(steps, Step(event.node, "running", began, None, event.task_id, event.namespace))


def _updated(step: Step, event: NodeUpdated) -> Step:
    effects, agent = event.effects or step.effects, event.agent or step.agent
    return replace(step, state="done", ended_at=event.at, effects=effects, agent=agent)


def _with(steps: Steps, step: Step) -> Steps:
    """Add a step, unless it is known: to the superstep of active steps beside it, or to the next one."""
    if step.task_id and _place_of(steps, step.task_id) is not None:
        return steps
    last = next(_beside(steps, step.namespace), None)
    if last is None:
        return (*steps, step)
    runs = any(each.state == "running" for each in _newest_superstep(steps, step.namespace))
    return (*steps, replace(step, superstep=last.superstep + (not runs)))


def _place_of(steps: Steps, task_id: str) -> int | None:
    """Return the place of a task's step; None if there is none. Each event asks for it, after hundreds of steps too."""
    ids = list(map(_task_id_of, steps))
    return ids.index(task_id) if task_id in ids else None


def _beside(steps: Steps, namespace: Namespace) -> Iterator[Step]:
    """Yield the steps of one graph, newest first."""
    return (step for step in reversed(steps) if step.namespace == namespace)


def _newest_superstep(steps: Steps, namespace: Namespace) -> list[Step]:
    """Return the steps of one graph's newest superstep, newest first."""
    beside = _beside(steps, namespace)
    last = next(beside, None)
    return [] if last is None else [last, *takewhile(lambda each: each.superstep == last.superstep, beside)]


def _free_since(steps: Steps, namespace: Namespace, started_at: float | None) -> float | None:
    """Return when a graph became ready for its next step: the previous one's end, or the start of the step that contains it."""
    last = next(_beside(steps, namespace), None)
    if last is not None:
        return last.ended_at if last.state != "running" else last.started_at
    if not namespace:
        return started_at
    parent = namespace[-1].rpartition(":")[2]
    return next((step.started_at for step in steps if step.task_id == parent), started_at)


# -- a run that has ended ---------------------------------------------------------------------------------------------


def failed_step(steps: Steps) -> Step | None:
    """Return the last step that failed; one without an error ran when another failed, such as a task of the functional API."""
    failed = [step for step in reversed(steps) if step.state == "failed"]
    return next((step for step in failed if step.error), failed[0] if failed else None)


def ends_with_failure(steps: Steps) -> bool:
    """Return whether a step of the last superstep failed, and no error handler ran for it; none runs for a handler."""
    newest = _newest_superstep(steps, ())
    nodes = {step.node for step in newest}
    failed = [step.node for step in newest if step.state == "failed"]
    return any(is_handler(node) or nodes.isdisjoint((DEFAULT_HANDLER, f"{HANDLER}{node}")) for node in failed)


def is_step_running(steps: Steps) -> bool:
    """Return whether a step of the graph itself has begun and has not ended."""
    return any(step.state == "running" and not step.namespace for step in steps)


def fails_again(steps: Steps, node: str) -> bool:
    """Return whether the graph has got over the failures before that of `node`, the newest one."""
    failed = [step.node for step in _newest_superstep(steps, ()) if step.state == "failed"]
    return is_handler(node) or failed == [node]


def tasks_inside(steps: Steps, listed: Container[str]) -> list[str]:
    """Return the names of the tasks that the nodes of the last superstep called: a state does not list them.

    Args:
        steps: the steps of a run.
        listed: the ids of the tasks of its thread's state.
    """
    names = [step.node for step in _newest_superstep(steps, ()) if step.task_id and step.task_id not in listed]
    return list(dict.fromkeys(reversed(names)))
