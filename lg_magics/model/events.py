"""Convert stream parts to typed events. Knows the wire format of each stream mode that cards use; drops other parts.

A subgraph's parts are named `updates|office:<task>|letter:<task>`: the tasks that contain it, outermost first.

A part is (event, data, id) as the server sends it; the wire format is that of langgraph-api 0.16. `run_view.fold` accepts
the closed union `Event`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from lg_magics.model.effects import Effect, agent_from_writes, calls_from_input, effects_from_writes
from lg_magics.model.interrupts import Interrupt, interrupts_from_payload
from lg_magics.model.kept_values import Kept, kept_from_writes
from lg_magics.model.messages import Usage, messages_from_values, refusal_of, role_of, text_of, usage_of

__all__ = [
    "CustomSent",
    "Event",
    "MessageStreamed",
    "Namespace",
    "NodeEnded",
    "NodeStarted",
    "NodeUpdated",
    "Paused",
    "RunErrored",
    "RunStarted",
    "error_from_payload",
    "events_from_part",
    "time_from_id",
]


Namespace: TypeAlias = "tuple[str, ...]"
"""The place of a subgraph: its tasks from the outermost on, `("office:<task>", "letter:<task>")`; () for the graph itself."""


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run left the queue. `at`: seconds since the epoch on the server's clock; None if it is missing."""

    at: float | None
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """A node began (mode `tasks`), with the tool calls that it received, if any; in a subgraph, with its namespace."""

    at: float | None
    task_id: str
    node: str
    namespace: Namespace = ()
    calls: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeEnded:
    """A node ended (mode `tasks`): with success, an error, or an interrupt."""

    at: float | None
    task_id: str
    node: str
    error: str = ""
    message: str = ""
    interrupts: tuple[Interrupt, ...] = ()
    traceback: str = ""
    namespace: Namespace = ()
    effects: tuple[Effect, ...] = ()
    agent: str = ""
    kept: Kept = Kept()


@dataclass(frozen=True, slots=True)
class NodeUpdated:
    """A node wrote to the state (mode `updates`); without `tasks`, this also marks its end.

    `text` is a model's text in the update, and `message_id` the id of its message.
    """

    at: float | None
    node: str
    namespace: Namespace = ()
    effects: tuple[Effect, ...] = ()
    agent: str = ""
    text: str = ""
    message_id: str = ""
    kept: Kept = Kept()


@dataclass(frozen=True, slots=True)
class Paused:
    """The graph waits for answers, or (without interrupts) stopped at a breakpoint."""

    at: float | None
    interrupts: tuple[Interrupt, ...]


@dataclass(frozen=True, slots=True)
class MessageStreamed:
    """Text of a model: a piece of a message, or (`whole`) all of it. `task_id` is the step that it belongs to."""

    at: float | None
    message_id: str
    node: str
    text: str
    whole: bool = False
    usage: Usage = Usage()
    namespace: Namespace = ()
    task_id: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class CustomSent:
    """A node sent custom data (mode `custom`): `data`, which a card does not show."""

    at: float | None
    data: Any = None


@dataclass(frozen=True, slots=True)
class RunErrored:
    """The graph raised. `error` is the exception's type, `message` its text; only the embedded server sends a `traceback`."""

    at: float | None
    error: str
    message: str
    traceback: str = ""


Event = RunStarted | NodeStarted | NodeEnded | NodeUpdated | Paused | MessageStreamed | CustomSent | RunErrored


def time_from_id(event_id: str | None) -> float | None:
    """Return seconds since the epoch from a resumable stream's event id, `1795198214867-0`; None for any other id."""
    millis = (event_id or "").partition("-")[0]
    return int(millis) / 1000 if millis.isascii() and millis.isdigit() and len(millis) == 13 else None


def events_from_part(event: str, data: object, event_id: str | None = None) -> tuple[Event, ...]:
    """Return the events of a stream part; () if it has none. Never raises, for any data."""
    mode, *namespace = event.split("|")
    return tuple(_decode(mode, data, time_from_id(event_id), tuple(namespace)))


def _decode(mode: str, data: object, at: float | None, namespace: Namespace) -> Iterator[Event]:
    if mode == "messages" and isinstance(data, list) and data:
        yield from _message(data, at, namespace)
    elif mode == "custom" and not namespace:
        yield CustomSent(at, data)
    elif not isinstance(data, Mapping):
        return
    elif mode == "metadata" and not namespace:
        if data.get("status") != "run_done":
            yield RunStarted(at, _text(data.get("run_id")))
    elif mode == "tasks":
        yield from _task(data, at, namespace)
    elif mode == "updates":
        yield from _update(data, at, namespace)
    elif mode == "error" and not namespace:
        yield RunErrored(at, *error_from_payload(data))


def _task(data: Mapping[str, Any], at: float | None, namespace: Namespace) -> Iterator[Event]:
    task_id, node = _text(data.get("id")), _text(data.get("name"))
    if "result" in data or "error" in data:
        interrupts = interrupts_from_payload(data.get("interrupts"), node)
        writes = data.get("result")
        error, message, traceback = error_from_payload(data.get("error"))
        effects, agent = effects_from_writes(writes), agent_from_writes(writes) if namespace else ""
        kept = Kept() if namespace else kept_from_writes(writes)
        yield NodeEnded(at, task_id, node, error, message, interrupts, traceback, namespace, effects, agent, kept)
    else:
        yield NodeStarted(at, task_id, node, namespace, calls_from_input(data.get("input")))


def _update(data: Mapping[str, Any], at: float | None, namespace: Namespace) -> Iterator[Event]:
    for node, writes in data.items():
        if node != "__interrupt__":
            effects, agent = effects_from_writes(writes), agent_from_writes(writes) if namespace else ""
            text, message_id = ("", "") if namespace else _last_text(writes)
            kept = Kept() if namespace else kept_from_writes(writes)
            yield NodeUpdated(at, node, namespace, effects, agent, text, message_id, kept)
        elif not namespace:
            yield Paused(at, interrupts_from_payload(writes))


def _last_text(writes: object) -> tuple[str, str]:
    """Return text and id of the last message of a model in a node's writes."""
    last = next(iter(messages_from_values(writes)[-1:]), None) if isinstance(writes, Mapping) else None
    return (last.text_or_refusal, last.id) if last and last.role == "ai" else ("", "")


def _message(data: list[Any], at: float | None, namespace: Namespace) -> Iterator[Event]:
    chunk = data[0]
    metadata = data[1] if len(data) > 1 and isinstance(data[1], Mapping) else {}
    if not isinstance(chunk, Mapping) or role_of(chunk) != "ai":
        return
    yield MessageStreamed(
        at,
        message_id=_text(chunk.get("id")),
        node=_text(metadata.get("langgraph_node")),
        text=text_of(chunk.get("content")) or refusal_of(chunk),
        whole=not _text(chunk.get("type")).endswith("Chunk"),
        usage=usage_of(chunk),
        namespace=namespace,
        task_id=_text(metadata.get("langgraph_checkpoint_ns")).rpartition(":")[2],
        model=_text(metadata.get("ls_model_name")) if chunk.get("usage_metadata") else "",
    )


def error_from_payload(value: object) -> tuple[str, str, str]:
    """Return an error as type, text and traceback, from {"error": type, "message": text} or (some servers) text; "" for none."""
    if isinstance(value, Mapping):
        return _text(value.get("error")) or "Error", _text(value.get("message")), _text(value.get("traceback"))
    return ("Error", _text(value), "") if value else ("", "", "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
