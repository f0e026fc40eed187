"""A run's steps as its card shows them. Pure; draws nothing."""

from __future__ import annotations

from dataclasses import dataclass

from lg_magics.model.run_view import RunView, Step, StepState

__all__ = ["CardStep", "folded_steps"]


@dataclass(frozen=True, slots=True)
class CardStep:
    """One node at work, or `times` of the same in a row.

    Attributes:
        place: the number of its first step in the run.
        name: the node.
        state: what it does or how it ended.
        seconds: how long it took; None where the time is not known.
        since: seconds since the epoch at which it began, while it runs.
        times: how many steps it stands for.
    """

    place: int
    name: str
    state: StepState
    seconds: float | None
    since: float | None = None
    times: int = 1


def folded_steps(view: RunView) -> list[CardStep]:
    """The steps; those of one node in a row that ended well are one."""
    folded: list[CardStep] = []
    for place, step in enumerate(view.steps, view.steps_dropped):
        last = folded[-1] if folded else None
        if last and last.name == step.node and last.state == step.state == "done":
            seconds = (last.seconds or 0) + (step.seconds or 0)
            folded[-1] = CardStep(last.place, last.name, "done", seconds, times=last.times + 1)
        else:
            folded.append(_card_step(place, step))
    return folded


def _card_step(place: int, step: Step) -> CardStep:
    return CardStep(place, step.node, step.state, step.seconds, step.started_at if step.state == "running" else None)
