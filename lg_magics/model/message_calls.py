"""Tool calls in a message, in the formats of LangChain, of the wire, and of vendors' blocks. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from lg_magics.model.message_parts import holds, leave, taken_text

__all__ = ["CALLS", "CallKind", "ToolCall", "message_calls", "repeats", "taken_call"]

CallKind: TypeAlias = Literal["", "server", "invalid"]

CALLS: Mapping[str, CallKind] = {
    "tool_call": "",
    "tool_use": "",
    "function_call": "",
    "custom_tool_call": "",
    "server_tool_use": "server",
    "server_tool_call": "server",
    "invalid_tool_call": "invalid",
}
"""The types of blocks that are tool calls."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call of a model.

    Attributes:
        name: the tool's name.
        args: its arguments; {} if they are not a JSON object.
        id: the call's id; "" for none.
        kind: "" for a call that the graph executes, "server" for one that the model's provider executes, "invalid" for one that
            could not be parsed.
        text: the original arguments, if they are not a JSON object.
        error: why it is invalid.
    """

    name: str
    args: Mapping[str, Any]
    id: str = ""
    kind: CallKind = ""
    text: str = ""
    error: str = ""

    @property
    def given(self) -> Mapping[str, Any] | str:
        """The arguments, or their text if they are not a JSON object."""
        return self.text or self.args


def message_calls(rest: dict[str, Any]) -> list[ToolCall]:
    """Return the calls beside a message's content, in the formats of LangChain and of the wire."""
    found: list[ToolCall] = []
    kinds: Mapping[str, CallKind] = {"tool_calls": "", "invalid_tool_calls": "invalid", "function_call": ""}
    for key, kind in kinds.items():
        given = rest.get(key)
        items = given if isinstance(given, list) else [given] if isinstance(given, Mapping) else []
        left = []
        for item in items:
            taken, more = _call_of(item, kind)
            found += taken
            left += [more] if holds(more) else []
        if items:
            leave(rest, key, left)
    return found


def _call_of(item: object, kind: CallKind) -> tuple[list[ToolCall], object]:
    """Return a call beside the content, and the rest of its payload."""
    if not isinstance(item, Mapping):
        return [], item
    rest = {key: value for key, value in item.items() if key != "type" or not isinstance(value, str)}
    inner = rest.get("function")
    if isinstance(inner, Mapping) and not rest.keys() & inner.keys():  # the wire format
        rest = {**{key: value for key, value in rest.items() if key != "function"}, **inner}
    taken = taken_call(rest, kind)
    return taken, rest if taken else item


def taken_call(rest: dict[str, Any], kind: CallKind) -> list[ToolCall]:
    """Remove the call from a mapping and return it; [] if the mapping is not a call."""
    name = rest.get("name")
    if not isinstance(name, str):
        if not (kind == "invalid" and name is None):
            return []
        name = ""
    key = next((each for each in ("args", "arguments", "input") if rest.get(each) is not None), "args")
    args, text = _arguments(rest.get(key))
    if args is None:
        return []
    for each in ("name", key):
        rest.pop(each, None)
    args, text = _streamed(rest, args, text)
    identity = next((text for each in ("call_id", "id") for text in taken_text(rest, each)[:1]), "")
    error = "".join(taken_text(rest, "error")) if kind == "invalid" else ""
    return [ToolCall(name, args, identity, kind, text, error)]


def _streamed(rest: dict[str, Any], args: Mapping[str, Any], text: str) -> tuple[Mapping[str, Any], str]:
    """Return the arguments that a streamed block holds as JSON beside its empty ones."""
    partial = rest.get("partial_json")
    if not isinstance(partial, str):
        return args, text
    found = _arguments(partial)
    if found == (args, text) or not (args or text):
        del rest["partial_json"]
        return found[0] or {}, found[1]
    return args, text


def _arguments(value: object) -> tuple[Mapping[str, Any] | None, str]:
    """Return arguments as an object, or as {} and text; None if they are neither."""
    if value is None:
        return {}, ""
    if isinstance(value, Mapping):
        return value, ""
    if not isinstance(value, str):
        return None, ""
    try:
        read = json.loads(value)
    except (ValueError, RecursionError):
        read = None
    return (read, "") if isinstance(read, dict) else ({}, value)


def repeats(call: ToolCall, earlier: ToolCall) -> bool:
    """Return whether a call adds nothing to an earlier one."""
    is_one = call.name == earlier.name and call.id in ("", earlier.id)
    return is_one and (call.given == earlier.given or not call.given) and call.error in ("", earlier.error)
