"""One part of a run's stream as the server sent it, under its requested mode. Pure; does not interpret it.

The wire format (langgraph-api 0.16): a subgraph's part is named `updates|sub:<uuid>`; tokens are requested as
`messages-tuple` and come as `messages`; `metadata` and `error` come in every mode.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, get_args

from lg_magics.errors import CommandError
from lg_magics.model.events import time_from_id

__all__ = ["MODES", "Mode", "StreamPart", "checked_modes", "part_from_event", "received_modes", "wire_mode"]

Mode = Literal["values", "updates", "messages", "custom", "tasks", "checkpoints", "debug", "events"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class StreamPart:
    """A part of one of the stream modes, as the server sent it.

    Attributes:
        mode: the stream mode.
        data: the payload: in `messages` a pair of a message chunk and its metadata, in `updates` a mapping by node, ….
        namespace: the place of a subgraph: ("research:<uuid>",); () for the graph itself.
        at: seconds since the epoch, on the server's clock; None if it is missing.
    """

    mode: Mode
    data: Any
    namespace: tuple[str, ...] = ()
    at: float | None = None

    @property
    def node(self) -> str:
        """Its node, or several with commas; "" if it has none."""
        data = self.data
        match self.mode:
            case "messages" if isinstance(data, list) and len(data) > 1 and isinstance(data[1], Mapping):
                return str(data[1].get("langgraph_node") or "")
            case "updates" if isinstance(data, Mapping):
                return ", ".join(str(node) for node in data if node != "__interrupt__")
            case "tasks" | "events" if isinstance(data, Mapping):
                return str(data.get("name") or "")
            case "debug" if isinstance(data, Mapping) and isinstance(data.get("payload"), Mapping):
                return str(data["payload"].get("name") or "")
            case _:
                return ""


def part_from_event(event: str, data: Any, event_id: str | None = None) -> StreamPart | None:
    """Return the part of a server-sent event; None for an event of no mode."""
    name, *namespace = event.split("|")
    mode = next((mode for mode in MODES if mode == name.partition("/")[0]), None)
    return StreamPart(mode, data, tuple(namespace), time_from_id(event_id)) if mode else None


def checked_modes(names: Sequence[str]) -> tuple[Mode, ...]:
    """Return the stream modes of these names, each once; "a,b" is two names.

    Raises:
        CommandError: there is no such mode.
    """
    names = names.split(",") if isinstance(names, str) else names
    for name in names:
        if name not in MODES:
            near = get_close_matches(name, MODES, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(MODES)}."
            raise CommandError(f"There is no stream mode '{name}'.", hint=hint)
    return tuple(mode for mode in MODES if mode in names)


def wire_mode(mode: Mode) -> str:
    """Return the mode to request: of the server's two ways to stream messages, the one that sends each token once."""
    return "messages-tuple" if mode == "messages" else mode


def received_modes(wire_modes: Iterable[str]) -> list[str]:
    """Return the modes whose parts arrive when these were requested."""
    return ["messages" if mode == "messages-tuple" else mode for mode in wire_modes]
