"""One part of a run's stream as the server sent it, under the mode that it was asked for by. Pure; reads nothing into it.

Facts of the wire (langgraph-api 0.16): a subgraph's part is named `updates|sub:<uuid>`; tokens are asked for as
`messages-tuple` and come as `messages`; `metadata` and `error` come in every mode.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, get_args

from lg_magics.errors import CommandError
from lg_magics.model.events import time_from_id

__all__ = ["MODES", "Mode", "StreamPart", "checked_modes", "part_from_event", "told_modes", "wire_mode"]

Mode = Literal["values", "updates", "messages", "custom", "tasks", "checkpoints", "debug", "events"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class StreamPart:
    """What the server sent in one of the stream modes.

    Attributes:
        mode: the stream mode.
        data: as it came: in `messages` a pair of a message chunk and its metadata, in `updates` a mapping by node, ….
        namespace: where it comes from a subgraph, the way there: ("research:<uuid>",); () for the graph itself.
        at: seconds since the epoch, the server's clock; None if it did not say.
    """

    mode: Mode
    data: Any
    namespace: tuple[str, ...] = ()
    at: float | None = None

    @property
    def node(self) -> str:
        """The node, or several with commas, that it tells of; "" if it tells of none."""
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
    """A part from what the server sent; None for what belongs to no mode."""
    name, *namespace = event.split("|")
    mode = next((mode for mode in MODES if mode == name.partition("/")[0]), None)
    return StreamPart(mode, data, tuple(namespace), time_from_id(event_id)) if mode else None


def checked_modes(names: Sequence[str]) -> tuple[Mode, ...]:
    """The stream modes of these names, each once; "a,b" is two names.

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
    """What the server is asked for: of its two ways to stream messages, the one that sends each token once."""
    return "messages-tuple" if mode == "messages" else mode


def told_modes(wire_modes: Iterable[str]) -> list[str]:
    """The modes whose parts come where these were asked for."""
    return ["messages" if mode == "messages-tuple" else mode for mode in wire_modes]
