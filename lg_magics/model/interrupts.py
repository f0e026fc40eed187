"""Interrupts of a graph, in each format that they arrive in. Sends nothing.

    batched     {"action_requests": [{name, args, description}], "review_configs": [{action_name, allowed_decisions}]}
    per call    {"type": "tool_approval", name, args, description}, with a `response_schema` of the allowed decisions
    inbox       [{"action_request": {action, args}, "config": {allow_…}, "description"}], the Agent Inbox
    typed       any value, with a `response_schema`
    free        any value

The first two come from LangChain's `HumanInTheLoopMiddleware` (langchain >= 1.0). Every value is untrusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from lg_magics.model.node_names import shown_node
from lg_magics.model.schema import resolved
from lg_magics.model.tool_calls import (
    Action,
    Way,
    action_requests,
    batched,
    first,
    inbox,
    inbox_requests,
    json_text,
    per_call,
    question_key,
)

__all__ = [
    "FailedAnswer",
    "Interrupt",
    "Shape",
    "in_order_of",
    "interrupts_from_payload",
    "interrupts_from_state",
    "interrupts_from_thread",
    "with_tasks",
]

Shape: TypeAlias = Literal["batched", "per call", "inbox", "typed", "free"]

VALIDATION = re.compile(r"(?:ValidationError\b\W*)?\d+ validation errors? for (?P<type>[^\n]+)|ValidationError\b")
"""A value that a type rejected, in a task's error."""
CLASS = re.compile(r"_*[A-Z]\w*")


@dataclass(frozen=True, slots=True)
class FailedAnswer:
    """An answer that made the graph fail.

    Attributes:
        error: The exception, as Python prints it.
        is_kept: Whether the server keeps the bad answer and gives it to the graph again, regardless of what is sent.
        others: Tasks that ran in the same step, and would run again after a fork.
        checkpoint_id: The checkpoint to fork at.
        needs_copy: Whether a run there would get the bad answer again (langgraph 1.2): no run made it, so none begins a branch.
    """

    error: str
    is_kept: bool
    others: tuple[str, ...] = ()
    checkpoint_id: str = ""
    needs_copy: bool = False


@dataclass(frozen=True, slots=True)
class Interrupt:
    """An interrupt of a graph, and the answer that it waits for.

    Attributes:
        value: What the graph passed to `interrupt`.
        id: Its id.
        node: The node that raised it; "" if the server does not send it.
        response_schema: The JSON schema of its answer; None if there is none.
        failed: The last answer, if it made the graph fail.
        number: Its number among several, from 1; 0 if it is the only one, or not numbered yet.
    """

    value: Any
    id: str = ""
    node: str = ""
    response_schema: Mapping[str, Any] | None = field(default=None, repr=False)
    failed: FailedAnswer | None = None
    number: int = field(default=0, compare=False)

    @property
    def asker(self) -> str:
        """The node that raised it, as shown; "" if unknown."""
        return shown_node(self.node)

    @property
    def shape(self) -> Shape:
        """Its format, one of the known ones."""
        value = self.value
        if isinstance(value, Mapping):
            if value.get("type") == "tool_approval" and isinstance(value.get("name"), str):
                return "per call"
            if action_requests(value):
                return "batched"
        if inbox_requests(value):
            return "inbox"
        return "typed" if self.response_schema is not None else "free"

    @property
    def actions(self) -> tuple[Action, ...]:
        """The tool calls to decide on, in order; empty for a plain question."""
        match self.shape:
            case "batched":
                return tuple(batched(self.value))
            case "per call":
                return (per_call(self.value, self.response_schema),)
            case "inbox":
                return tuple(map(inbox, inbox_requests(self.value)))
            case _:
                return ()

    @property
    def action(self) -> Mapping[str, Any] | None:
        """The action request in the Agent Inbox format, if this is one: {"action": …, "args": {…}}."""
        request = first(self.value)
        action = request.get("action_request") if isinstance(request, Mapping) else None
        return action if isinstance(action, Mapping) else None

    @property
    def args(self) -> Mapping[str, Any]:
        """The arguments of the first action; empty if there is none."""
        actions = self.actions
        return actions[0].args if actions else {}

    @property
    def ways(self) -> tuple[Way, ...]:
        """The allowed decisions on its actions; those of the first one first."""
        return tuple(dict.fromkeys(way for action in self.actions for way in action.ways))

    @property
    def question(self) -> str:
        """The question, in words."""
        value = first(self.value)
        if isinstance(value, str):
            return value
        actions = self.actions
        if len(actions) > 1:
            return f"{len(actions)} actions to decide on"
        if actions:
            return actions[0].description or f"Allow {actions[0].name}?"
        if isinstance(value, Mapping):
            key = question_key(value)
            return str(value[key]) if key else ("Your answer?" if value else "")
        if isinstance(value, list) and value:
            return "Your answer?"
        return "" if value is None else json_text(value)

    @property
    def detail(self) -> str:
        """The actions as calls, a line each, or the rest of the value, a line for each of its keys."""
        if actions := self.actions:
            return "\n".join(action.call for action in actions)
        value = first(self.value)
        if isinstance(value, list):
            return "\n".join(f"- {_shown(inner)}" for inner in value)
        if not isinstance(value, Mapping):
            return ""
        known = question_key(value)
        return "\n".join(f"{key}: {_shown(inner)}" for key, inner in value.items() if key != known)

    @property
    def summary(self) -> str:
        """The calls, or the question, on one line."""
        value = first(self.value)
        is_unasked = isinstance(value, list) or (isinstance(value, Mapping) and not question_key(value))
        if self.actions or is_unasked:
            return " · ".join(self.detail.splitlines())
        return " ".join(self.question.split())


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value)


# -- payloads of the server -------------------------------------------------------------------------------------


def interrupts_from_payload(payload: object, node: str = "") -> tuple[Interrupt, ...]:
    """Read a list as `updates` carries it under `__interrupt__`: [{"value": …, "id": …, "response_schema": …}, …]."""
    return tuple(_interrupts(payload, node))


def _interrupts(payload: object, node: str) -> Iterator[Interrupt]:
    for item in payload if isinstance(payload, Sequence) and not isinstance(payload, str) else ():
        if isinstance(item, Mapping) and "value" in item:
            schema = item.get("response_schema")
            yield Interrupt(item["value"], _id_of(item), node, schema if isinstance(schema, Mapping) else None)


def _id_of(item: Mapping[str, Any]) -> str:
    """Return an interrupt's id. LangGraph before 0.6 accepts it but does not send it: a hash of the namespace."""
    identity, namespace = item.get("id") or item.get("interrupt_id"), item.get("ns")
    if isinstance(identity, str) and identity:
        return identity
    if not isinstance(namespace, list) or not all(isinstance(each, str) for each in namespace):
        return ""
    from xxhash import xxh3_128_hexdigest

    return xxh3_128_hexdigest("|".join(namespace).encode())


def interrupts_from_thread(thread: Mapping[str, Any]) -> tuple[Interrupt, ...]:
    """Read a thread's own `interrupts`: {task_id: [{"value": …, "id": …}, …], …}. A thread in error has none there."""
    pending = thread.get("interrupts")
    lists = pending.values() if isinstance(pending, Mapping) else ()
    return tuple(interrupt for items in lists for interrupt in _interrupts(items, ""))


def interrupts_from_state(payload: Mapping[str, Any]) -> tuple[Interrupt, ...]:
    """Read a response of get_state, including the nodes, and answers that made the graph fail."""
    tasks = [task for task in payload.get("tasks") or () if isinstance(task, Mapping)]
    found = [
        replace(each, failed=_failed(task, tasks, payload, each))
        for task in tasks
        if task.get("result") is None  # LangGraph before 0.6 also lists the interrupt of an answered task
        for each in _interrupts(task.get("interrupts"), str(task.get("name") or ""))
    ]
    return tuple(found) or interrupts_from_payload(payload.get("interrupts"))


def _failed(
    task: Mapping[str, Any], tasks: Sequence[Mapping[str, Any]], payload: Mapping[str, Any], asked: Interrupt
) -> FailedAnswer | None:
    """Return the failed answer. The server reports it as an error of the task. If the schema rejected it, it is not kept."""
    if not task.get("error"):
        return None
    error = str(task["error"])
    is_refused = asked.response_schema is not None and _is_by_schema(error, asked.response_schema)
    others = [str(each.get("name") or "") for each in tasks if each is not task and _has_run(each)]
    if task.get("checkpoint"):
        others.insert(0, f"{task.get('name')}, a subgraph,")
    elif _is_entrypoint(payload):
        others.append(f"the tasks of {task.get('name')}")
    return FailedAnswer(error, not is_refused, tuple(others), *_fork_checkpoint(payload))


def _is_entrypoint(payload: Mapping[str, Any]) -> bool:
    """Return whether a state is of the functional API, whose first step is no `__start__`, and whose tasks it does not list."""
    metadata = payload.get("metadata")
    return isinstance(metadata, Mapping) and metadata.get("source") == "input"


def with_tasks(asked: Iterable[Interrupt], names: Sequence[str]) -> tuple[Interrupt, ...]:
    """Return interrupts whose failed answers name these tasks of their own nodes, which would run again, if they name nothing."""
    return tuple(
        replace(each, failed=replace(each.failed, others=tuple(names)))
        if each.failed and not each.failed.others
        else each
        for each in asked
    )


def _is_by_schema(error: str, schema: Mapping[str, Any]) -> bool:
    """Return whether the schema of an answer rejected it, before the answer was saved. A class of the node rejects a saved one.

    The error names the type: a class by its name, which is the schema's title; others as `list[str]` or `tagged-union[A,B]`.
    """
    found = VALIDATION.match(error)
    name = (found["type"] or "").strip() if found else ""
    return found is not None and (name == resolved(schema, schema).get("title") or not CLASS.fullmatch(name))


def _fork_checkpoint(payload: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the checkpoint of the interrupt, or its parent if a run forked it; and whether it needs a copy."""
    held = payload.get("metadata")
    metadata: Mapping[str, Any] = held if isinstance(held, Mapping) else {}
    is_fork = metadata.get("source") == "fork" and bool(metadata.get("run_id"))
    needs_copy = not is_fork and metadata.get("source") in ("fork", "update")
    for which in ("parent_checkpoint", "checkpoint") if is_fork else ("checkpoint",):
        found = payload.get(which)
        identity = found.get("checkpoint_id") if isinstance(found, Mapping) else None
        if identity := identity or payload.get(f"{which}_id"):
            return str(identity), needs_copy
    return "", False


def _has_run(task: Mapping[str, Any]) -> bool:
    """Return whether a task of the step has finished, maybe with an answer, or failed; a waiting one has not."""
    return task.get("result") is not None or (bool(task.get("error")) and not task.get("interrupts"))


def in_order_of(known: Iterable[Interrupt], order: Iterable[Interrupt]) -> tuple[Interrupt, ...]:
    """Return the interrupts in the order of others, by id, so that their numbers are the same everywhere."""
    places = {each.id: place for place, each in enumerate(order)}
    return tuple(sorted(known, key=lambda each: places.get(each.id, len(places))))
