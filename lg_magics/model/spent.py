"""Token counts by node and model, from a run's view or from messages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from lg_magics.model.messages import Message, Usage
from lg_magics.model.run_view import RunView

__all__ = ["Price", "Spent", "cost_of", "merged", "spent_by_view", "spent_in_messages"]

MILLION = 1_000_000

Price = tuple[float, float]
"""The price of a million input tokens, and of a million output tokens."""


@dataclass(frozen=True, slots=True)
class Spent:
    """The tokens of one model in one node.

    Attributes:
        node: the node; "" if unknown.
        model: the model; "" if unknown.
        usage: its tokens.
        messages: the number of messages.
        seconds: the duration of the steps with its messages; None if unknown.
    """

    node: str
    model: str
    usage: Usage
    messages: int = 1
    seconds: float | None = None


def spent_by_view(view: RunView) -> list[Spent]:
    """Return the token counts of a run, from its stream."""
    steps = {step.task_id: step for step in view.steps if step.task_id}
    timed: set[str] = set()
    found = []
    for message_id, usage in view.usage_by_message.items():
        task_id, model = view.speakers.get(message_id, ("", ""))
        step = steps.get(task_id)
        seconds = step.seconds if step and task_id not in timed else None
        timed.add(task_id)
        found.append(Spent(" › ".join(step.path) if step else "", model, usage, seconds=seconds))
    return merged(found)


def spent_in_messages(messages: Iterable[Message]) -> list[Spent]:
    """Return the token counts of messages; their nodes are unknown."""
    return merged(Spent("", _model(each), each.usage) for each in messages if each.usage)


def _model(message: Message) -> str:
    metadata = message.raw.get("response_metadata")
    named = (metadata.get(key) for key in ("model_name", "model")) if isinstance(metadata, Mapping) else ()
    return next((name for name in named if isinstance(name, str)), "")


def merged(spent: Iterable[Spent]) -> list[Spent]:
    """Merge counts by node and model, in the order of their first appearance."""
    found: dict[tuple[str, str], Spent] = {}
    for each in spent:
        known = found.get((each.node, each.model))
        if known is None:
            found[each.node, each.model] = each
            continue
        times = [seconds for seconds in (known.seconds, each.seconds) if seconds is not None]
        found[each.node, each.model] = replace(
            known,
            usage=known.usage + each.usage,
            messages=known.messages + each.messages,
            seconds=sum(times) if times else None,
        )
    return list(found.values())


def cost_of(spent: Spent, prices: Mapping[str, Price]) -> float | None:
    """Return the cost of the tokens; None if the model has no price."""
    price = prices.get(spent.model)
    return None if price is None else (spent.usage.input * price[0] + spent.usage.output * price[1]) / MILLION
