"""Show one stream part as a short header and a few lines, of any size: `updates · plan`, `step: 0`. No ids, no times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lg_magics.model.interrupts import Interrupt, interrupts_from_payload
from lg_magics.model.node_names import shown_node
from lg_magics.model.plain_text import brief, brief_lines, one_line
from lg_magics.model.stream_parts import StreamPart
from lg_magics.model.visible_text import visible_text

__all__ = ["shown_part", "way_to"]

INDENT = "  "
LONGEST_NAME = 60


def shown_part(part: StreamPart) -> str:
    """Return the part as lines of text, each ended with a newline."""
    found = [(" · ".join(filter(None, (part.mode, *names))), lines) for names, lines in _sections(part)]
    return "".join(f"{line}\n" for header, lines in found for line in (header, *(INDENT + line for line in lines)))


def way_to(namespace: Sequence[str], node: str = "") -> str:
    """Return a place by its names only: `research › search`."""
    names = [*(step.partition(":")[0] for step in namespace), shown_node(node)]
    return " › ".join(visible_text(name[:LONGEST_NAME]).replace("\n", " ") for name in names if name)


def _sections(part: StreamPart) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Yield the words of the header after the mode, and the lines below it."""
    data, where = part.data, part.namespace
    if not isinstance(data, Mapping):
        yield (way_to(where, part.node),), [brief(data)]
        return
    match part.mode:
        case "updates":
            for node, change in data.items():
                yield (way_to(where, "" if node == "__interrupt__" else node),), _change(node, change)
        case "tasks":
            yield (way_to(where, part.node), _task_word(data)), _task(data)
        case "checkpoints":
            yield (way_to(where), _step(data)), _checkpoint(data)
        case "debug":
            yield _debug(part, data)
        case "events":
            yield (way_to(where, part.node), _word(data.get("event"))), brief_lines(data.get("data"))
        case _:
            yield (way_to(where),), brief_lines(data)


def _change(node: str, change: Any) -> list[str]:
    if node != "__interrupt__":
        return brief_lines(change)
    return _interrupt_lines(interrupts_from_payload(change)) or ["stopped at a breakpoint"]


def _interrupt_lines(interrupts: Sequence[Interrupt]) -> list[str]:
    found = [one_line(text) for each in interrupts for text in (f"asks: {each.question}", each.detail)]
    return [line for line in found if line]


def _task_word(task: Mapping[str, Any]) -> str:
    if "result" not in task and "error" not in task:
        return "starts"
    return "fails" if task.get("error") else "asks" if task.get("interrupts") else "ends"


def _task(task: Mapping[str, Any]) -> list[str]:
    if task.get("error"):
        return [brief(task["error"])]
    if asked := interrupts_from_payload(task.get("interrupts")):
        return _interrupt_lines(asked)
    return brief_lines(task.get("result", task.get("input")))


def _checkpoint(checkpoint: Mapping[str, Any]) -> list[str]:
    following = checkpoint.get("next")
    nodes = ", ".join(map(str, following)) if isinstance(following, Sequence) and following else "nothing"
    return [visible_text(f"next: {nodes}"[:LONGEST_NAME]), *brief_lines(checkpoint.get("values"))]


def _step(checkpoint: Mapping[str, Any]) -> str:
    metadata = checkpoint.get("metadata")
    return f"step {_word(metadata.get('step'))}" if isinstance(metadata, Mapping) and "step" in metadata else ""


def _debug(part: StreamPart, data: Mapping[str, Any]) -> tuple[tuple[str, ...], list[str]]:
    payload, kind = data.get("payload"), _word(data.get("type"))
    if not isinstance(payload, Mapping):
        return (way_to(part.namespace), kind), brief_lines(data)
    lines = _checkpoint(payload) if kind == "checkpoint" else _task(payload)
    return (way_to(part.namespace, part.node), kind, f"step {_word(data.get('step'))}"), lines


def _word(value: object) -> str:
    return visible_text(str(value)[:LONGEST_NAME]).replace("\n", " ")
