"""A run's steps as rows of its card: nested steps below their parent, with bars on a time line. Pure; renders nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lg_magics.model.effects import Effect
from lg_magics.model.messages import Usage
from lg_magics.model.node_names import shown_node
from lg_magics.model.run_steps import Step, StepState
from lg_magics.model.run_view import RunView

__all__ = ["CardStep", "card_steps", "chips", "effect_counts"]

SIDE_BY_SIDE = 6
"""Up to this many steps of one node in one superstep have a row each; of more, the finished ones share one."""
SCALE = 1.25
"""A live time line grows by this factor, so that its bars seldom change."""


@dataclass(frozen=True, slots=True)
class CardStep:
    """One step, or `times` equal ones.

    Attributes:
        place: the number of its first step in the run.
        last: the number of its last step in the run.
        name: the node, after the agent that it belongs to.
        state: its status.
        seconds: its duration; None if unknown.
        since: its start in seconds since the epoch, while it runs.
        times: the number of steps that it stands for.
        depth: the number of steps that it is nested in.
        effects: its effects; while it runs, the tool calls that it executes.
        error: its error, on one line.
        usage: the tokens of its model calls.
        start: its start on the run's time line, 0 to 100; None if unknown.
        width: its share of that line.
    """

    place: int
    last: int
    name: str
    state: StepState
    seconds: float | None
    since: float | None = None
    times: int = 1
    depth: int = 0
    effects: tuple[Effect, ...] = ()
    error: str = ""
    usage: Usage = Usage()
    start: float | None = None
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class _Placed:
    place: int
    step: Step


def card_steps(view: RunView) -> list[CardStep]:
    """Return the steps as rows, nested ones below their parent."""
    scale, used, agents = _scale(view), _usage_by_task(view), _agents(view)
    return [_row(group, scale, used, agents) for group in _folded(_in_order(view))]


def chips(view: RunView) -> list[CardStep]:
    """Return the graph's own steps only; successful ones of one node in a row are merged."""
    groups: list[list[_Placed]] = []
    for place, step in enumerate(view.steps, view.steps_dropped):
        if step.namespace:
            continue
        last = groups[-1][-1].step if groups else None
        if last and last.node == step.node and last.state == step.state == "done":
            groups[-1].append(_Placed(place, step))
        else:
            groups.append([_Placed(place, step)])
    return [_chip(group) for group in groups]


def effect_counts(view: RunView) -> tuple[int, int]:
    """Count the tool calls that models requested, and the tools that failed."""
    effects = [effect for step in view.steps for effect in step.effects]
    return sum(each.kind == "call" for each in effects), sum(each.is_failed for each in effects)


def _chip(group: Sequence[_Placed]) -> CardStep:
    first, last = group[0], group[-1]
    seconds = [each.step.seconds for each in group]
    took = None if len(group) == 1 and seconds[0] is None else sum(each or 0.0 for each in seconds)
    since = first.step.started_at if first.step.state == "running" else None
    return CardStep(first.place, last.place, shown_node(first.step.node), first.step.state, took, since, len(group))


# -- the order --------------------------------------------------------------------------------------------------


def _in_order(view: RunView) -> Iterator[_Placed]:
    """Yield each step before the nested ones; one whose parent was left out stands alone."""
    known = {step.task_id for step in view.steps if step.task_id}
    inside: dict[str, list[_Placed]] = {}
    for place, step in enumerate(view.steps, view.steps_dropped):
        within = step.parent_id if step.parent_id in known and step.parent_id != step.task_id else ""
        inside.setdefault(within, []).append(_Placed(place, step))
    waiting = inside.pop("", [])[::-1]
    while waiting:
        placed = waiting.pop()
        yield placed
        waiting += inside.pop(placed.step.task_id, [])[::-1] if placed.step.task_id else []


def _folded(steps: Iterator[_Placed]) -> list[list[_Placed]]:
    """Merge consecutive successful steps that did the same, and many that ran in parallel."""
    ordered = list(steps)
    parallel = Counter((each.step.namespace, each.step.node, each.step.superstep) for each in ordered)
    groups: list[list[_Placed]] = []
    for each in ordered:
        last = groups[-1][-1].step if groups else None
        is_same = last is not None and _are_one(last, each.step, parallel)
        if is_same:
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def _are_one(one: Step, other: Step, parallel: Mapping[tuple[tuple[str, ...], str, int], int]) -> bool:
    if (one.node, one.namespace) != (other.node, other.namespace) or not one.state == other.state == "done":
        return False
    is_parallel = parallel[(one.namespace, one.node, one.superstep)] > SIDE_BY_SIDE and one.superstep == other.superstep
    return is_parallel or one.effects == other.effects


# -- one row ----------------------------------------------------------------------------------------------------


def _row(
    group: Sequence[_Placed],
    scale: tuple[float, float] | None,
    used: Mapping[str, Usage],
    agents: Mapping[tuple[str, ...], str],
) -> CardStep:
    first, last = group[0].step, group[-1].step
    agent = agents.get(first.namespace, "")
    runs = first.state == "running"
    row = CardStep(
        group[0].place,
        group[-1].place,
        f"{agent} / {shown_node(first.node)}" if agent else shown_node(first.node),
        first.state,
        _span([each.step for each in group]),
        first.started_at if runs else None,
        len(group),
        len(first.namespace),
        first.calls if runs or first.state == "failed" else last.effects,
        first.error,
        sum((used[each.step.task_id] for each in group if each.step.task_id in used), Usage()),
    )
    began = min((each.step.started_at for each in group if each.step.started_at is not None), default=None)
    if scale is None or began is None:
        return row
    start = min(max(0.0, (began - scale[0]) / scale[1] * 100), 99.0)
    width = 100 - start if runs else min(100 - start, max(1.0, (row.seconds or 0.0) / scale[1] * 100))
    return replace(row, start=round(start, 1), width=round(width, 1))


def _span(steps: Sequence[Step]) -> float | None:
    began = [step.started_at for step in steps if step.started_at is not None]
    ended = [step.ended_at for step in steps if step.ended_at is not None]
    return max(0.0, max(ended) - min(began)) if began and len(ended) == len(steps) else None


def _scale(view: RunView) -> tuple[float, float] | None:
    """Return the start of the time line and its length in seconds; a live one has spare time, and grows in leaps."""
    times = [step.started_at for step in view.steps if step.started_at is not None]
    ends = [step.ended_at for step in view.steps if step.ended_at is not None]
    if not times:
        return None
    begin = min(times)
    total = max([*times, *ends]) - begin
    if not view.is_live:
        return begin, max(total, 1e-3)
    most = 1.0
    while most < total * 1.1:
        most *= SCALE
    return begin, most


def _usage_by_task(view: RunView) -> dict[str, Usage]:
    found: dict[str, Usage] = {}
    for message_id, usage in view.usage_by_message.items():
        task_id, _ = view.speakers.get(message_id, ("", ""))
        found[task_id] = found.get(task_id, Usage()) + usage
    return found


def _agents(view: RunView) -> dict[tuple[str, ...], str]:
    """Return the agent of each subgraph: the name of its model's messages."""
    return {step.namespace: step.agent for step in view.steps if step.agent and step.namespace}
