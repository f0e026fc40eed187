"""Stream parts → typed events. Knows the wire shapes of every stream mode that a card uses; drops what a card never shows.

A part is (event, data, id) as the server sends it; facts of the wire are from langgraph-api 0.16. The closed union `Event`
is what `run_view.fold` takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lg_magics.model.interrupts import Interrupt, interrupts_from_payload
from lg_magics.model.messages import Usage, refusal_of, role_of, text_of, usage_of

__all__ = [
    "CustomSent",
    "Event",
    "MessageStreamed",
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


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run left the queue. `at`: seconds since the epoch, the server's clock; None if it did not say."""

    at: float | None
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """A node began (mode `tasks`)."""

    at: float | None
    task_id: str
    node: str


@dataclass(frozen=True, slots=True)
class NodeEnded:
    """A node ended (mode `tasks`): well, with an error, or with a question."""

    at: float | None
    task_id: str
    node: str
    error: str = ""
    message: str = ""
    interrupts: tuple[Interrupt, ...] = ()
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class NodeUpdated:
    """A node wrote to the state (mode `updates`), which is also how its end is known without `tasks`."""

    at: float | None
    node: str


@dataclass(frozen=True, slots=True)
class Paused:
    """The graph waits: for answers, or (no interrupts) at a breakpoint."""

    at: float | None
    interrupts: tuple[Interrupt, ...]


@dataclass(frozen=True, slots=True)
class MessageStreamed:
    """Words of a model: a piece of a message, or (`whole`) all of it."""

    at: float | None
    message_id: str
    node: str
    text: str
    whole: bool = False
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class CustomSent:
    """A node wrote something of its own (mode `custom`): `data`, which a card does not show."""

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
    """Seconds since the epoch from a resumable stream's event id, `1795198214867-0`; None for any other id."""
    millis = (event_id or "").partition("-")[0]
    return int(millis) / 1000 if millis.isascii() and millis.isdigit() and len(millis) == 13 else None


def events_from_part(event: str, data: object, event_id: str | None = None) -> tuple[Event, ...]:
    """What a stream part means for a run's view; () if nothing. Raises nothing, whatever the data."""
    mode, _, namespace = event.partition("|")
    if namespace:
        return ()  # a subgraph's own events
    return tuple(_decode(mode, data, time_from_id(event_id)))


def _decode(mode: str, data: object, at: float | None) -> Iterator[Event]:
    if mode == "custom":
        yield CustomSent(at, data)
    elif mode == "messages" and isinstance(data, list) and data:
        yield from _message(data, at)
    elif not isinstance(data, Mapping):
        return
    elif mode == "metadata":
        if data.get("status") != "run_done":
            yield RunStarted(at, _text(data.get("run_id")))
    elif mode == "tasks":
        yield from _task(data, at)
    elif mode == "updates":
        yield from _update(data, at)
    elif mode == "error":
        yield RunErrored(at, *error_from_payload(data))


def _task(data: Mapping[str, Any], at: float | None) -> Iterator[Event]:
    task_id, node = _text(data.get("id")), _text(data.get("name"))
    if "result" in data or "error" in data:
        interrupts = interrupts_from_payload(data.get("interrupts"), node)
        error, message, traceback = error_from_payload(data.get("error"))
        yield NodeEnded(at, task_id, node, error, message, interrupts, traceback)
    else:
        yield NodeStarted(at, task_id, node)


def _update(data: Mapping[str, Any], at: float | None) -> Iterator[Event]:
    for node in data:
        if node == "__interrupt__":
            yield Paused(at, interrupts_from_payload(data[node]))
        else:
            yield NodeUpdated(at, node)


def _message(data: list[Any], at: float | None) -> Iterator[Event]:
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
    )


def error_from_payload(value: object) -> tuple[str, str, str]:
    """An error as type, text and traceback: {"error": type, "message": text}, or on some servers a text; "" for none."""
    if isinstance(value, Mapping):
        return _text(value.get("error")) or "Error", _text(value.get("message")), _text(value.get("traceback"))
    return ("Error", _text(value), "") if value else ("", "", "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
