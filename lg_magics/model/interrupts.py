"""What a graph asks of a person. Knows the shapes an interrupt comes in; sends nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["WAYS", "Interrupt", "Way", "interrupts_from_payload", "interrupts_from_thread"]

Way = Literal["accept", "edit", "respond", "ignore"]
WAYS: tuple[Way, ...] = ("accept", "edit", "respond", "ignore")

QUESTION_KEYS = ("question", "description", "message", "prompt", "query", "text")


@dataclass(frozen=True, slots=True)
class Interrupt:
    """A question that a graph waits for the answer to.

    `node` is empty where the server does not say which node asks.
    """

    value: Any
    id: str = ""
    node: str = ""

    @property
    def action(self) -> Mapping[str, Any] | None:
        """The action request in the Agent Inbox shape, if this is one: {"action": …, "args": {…}}."""
        request = _first(self.value)
        action = request.get("action_request") if isinstance(request, Mapping) else None
        return action if isinstance(action, Mapping) else None

    @property
    def args(self) -> Mapping[str, Any]:
        """The arguments of the action that is asked about; empty if it is none."""
        args = self.action.get("args") if self.action else None
        return args if isinstance(args, Mapping) else {}

    @property
    def ways(self) -> tuple[Way, ...]:
        """How an action may be answered: those of accept, edit, respond and ignore that its `config` allows."""
        if not self.action:
            return ()
        config = _first(self.value).get("config")
        return tuple(way for way in WAYS if not isinstance(config, Mapping) or config.get(f"allow_{way}"))

    @property
    def question(self) -> str:
        """What is asked, in words."""
        value = _first(self.value)
        if isinstance(value, str):
            return value
        if isinstance(value, Mapping):
            for key in QUESTION_KEYS:
                if isinstance(value.get(key), str) and value[key].strip():
                    return str(value[key])
        if self.action:
            return f"Allow {self.action.get('action')}?"
        return "" if value is None else _json(value)

    @property
    def detail(self) -> str:
        """The action as a call, `book_flight(price=640, to="HKG")`, or the rest of the value as JSON."""
        if self.action:
            return f"{self.action.get('action')}({', '.join(f'{k}={_json(v)}' for k, v in self.args.items())})"
        value = _first(self.value)
        return _json(value) if isinstance(value, Mapping) else ""


def _first(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def interrupts_from_payload(payload: object, node: str = "") -> tuple[Interrupt, ...]:
    """From a list as `updates` carries it under `__interrupt__`: [{"value": …, "id": …}, …]."""
    return tuple(_interrupts(payload, node))


def _interrupts(payload: object, node: str) -> Iterator[Interrupt]:
    for item in payload if isinstance(payload, Sequence) and not isinstance(payload, str) else ():
        if isinstance(item, Mapping) and "value" in item:
            identity = item.get("id") or item.get("interrupt_id")
            yield Interrupt(item["value"], identity if isinstance(identity, str) else "", node)


def interrupts_from_thread(thread: Mapping[str, Any]) -> tuple[Interrupt, ...]:
    """From a thread's own `interrupts`: {task_id: [{"value": …, "id": …}, …], …}."""
    pending = thread.get("interrupts")
    lists = pending.values() if isinstance(pending, Mapping) else ()
    return tuple(interrupt for items in lists for interrupt in _interrupts(items, ""))
