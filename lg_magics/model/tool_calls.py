"""Tool calls that a person decides on, in the formats of LangChain's middleware and the Agent Inbox. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from lg_magics.model.schema import resolved

__all__ = [
    "DECISIONS",
    "WAYS",
    "Action",
    "Way",
    "action_requests",
    "batched",
    "decision_schema",
    "first",
    "inbox",
    "inbox_requests",
    "json_text",
    "per_call",
    "question_key",
]

Way: TypeAlias = Literal["approve", "accept", "edit", "reject", "respond", "ignore"]
WAYS: tuple[Way, ...] = ("accept", "edit", "respond", "ignore")
"""The possible answers to a request of the Agent Inbox."""
DECISIONS: tuple[Way, ...] = ("approve", "edit", "reject", "respond")
"""The possible decisions on a tool call."""

QUESTION_KEYS = ("question", "description", "message", "prompt", "query", "text")
REPEATED = re.compile(r"\s*\n\nTool: .*?\nArgs: .*\Z", re.DOTALL)
"""The middleware repeats the call after its description."""
MOST_ACTIONS = 100


@dataclass(frozen=True, slots=True)
class Action:
    """One tool call to decide on.

    Attributes:
        name: The tool, or the action.
        args: Its arguments.
        ways: The allowed decisions.
        description: The graph's description of it.
        schema: The JSON schema of its arguments; None if unknown.
    """

    name: str
    args: Mapping[str, Any]
    ways: tuple[Way, ...]
    description: str = ""
    schema: Mapping[str, Any] | None = None

    @property
    def call(self) -> str:
        """The action as a call: `book_flight(price=640, to="HKG")`."""
        return f"{self.name}({', '.join(f'{key}={json_text(value)}' for key, value in self.args.items())})"


def question_key(value: Mapping[str, Any]) -> str:
    """Return the key of a mapping's question; "" for none."""
    return next((key for key in QUESTION_KEYS if isinstance(value.get(key), str) and value[key].strip()), "")


def first(value: Any) -> Any:
    """Return the item of a list of one; anything else unchanged."""
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    return value


def json_text(value: Any) -> str:
    """Return any value as JSON."""
    return json.dumps(value, ensure_ascii=False, default=str)


def action_requests(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the requests of the batched format; [] for another format."""
    requests, configs = value.get("action_requests"), value.get("review_configs")
    if not isinstance(requests, list) or not isinstance(configs, list) or not 0 < len(requests) <= MOST_ACTIONS:
        return []
    found = [each for each in requests if isinstance(each, Mapping) and isinstance(each.get("name"), str)]
    return found if len(found) == len(requests) else []


def batched(value: Mapping[str, Any]) -> Iterator[Action]:
    """Yield the actions of the batched format."""
    configs = {str(each.get("action_name")): each for each in value["review_configs"] if isinstance(each, Mapping)}
    for request in action_requests(value):
        config = configs.get(str(request["name"]), {})
        schema = config.get("args_schema")
        yield _action(request, config.get("allowed_decisions"), schema if isinstance(schema, Mapping) else None)


def per_call(value: Mapping[str, Any], schema: Mapping[str, Any] | None) -> Action:
    """Return the action of the per-call format; its schema lists the allowed decisions."""
    if schema is None:
        return _action(value, list(DECISIONS), None)
    allowed = [way for way in DECISIONS if decision_schema(schema, way) is not None]
    edit = decision_schema(schema, "edit")
    args = _property(_property(edit, "edited_action", schema), "args", schema) if edit is not None else None
    allowed = allowed or list(DECISIONS)  # another kind of schema: its own check decides
    return _action(value, allowed, {**args, "$defs": schema["$defs"]} if args and "$defs" in schema else args)


def decision_schema(schema: Mapping[str, Any], way: str) -> Mapping[str, Any] | None:
    """Return the part of a `response_schema` for one decision, by its `type`; None if it is not allowed."""
    whole = resolved(schema, schema)
    members = next((whole[key] for key in ("oneOf", "anyOf") if isinstance(whole.get(key), list)), [whole])
    for member in members:
        found = resolved(member, schema)
        kind = _property(found, "type", schema) or {}
        if kind.get("const") == way or kind.get("enum") == [way]:
            return {**found, "$defs": schema["$defs"]} if "$defs" in schema else found
    return None


def _property(schema: Any, name: str, root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    properties = resolved(schema, root).get("properties")
    return resolved(properties.get(name), root) if isinstance(properties, Mapping) and name in properties else None


def _action(request: Mapping[str, Any], allowed: object, schema: Mapping[str, Any] | None) -> Action:
    args, said = request.get("args"), request.get("description")
    ways = [way for way in DECISIONS if not isinstance(allowed, list) or way in allowed]
    description = REPEATED.sub("", said).strip() if isinstance(said, str) else ""
    return Action(str(request["name"]), args if isinstance(args, Mapping) else {}, tuple(ways), description, schema)


def inbox_requests(value: Any) -> list[Mapping[str, Any]]:
    """Return the requests of the Agent Inbox, one or a list; [] for another format."""
    found = value if isinstance(value, list) else [value]
    is_inbox = all(isinstance(each, Mapping) and isinstance(each.get("action_request"), Mapping) for each in found)
    return found if is_inbox and len(found) <= MOST_ACTIONS else []


def inbox(request: Mapping[str, Any]) -> Action:
    """Return the action of a request of the Agent Inbox."""
    asked, config, said = request["action_request"], request.get("config"), request.get("description")
    args = asked.get("args")
    ways = [way for way in WAYS if not isinstance(config, Mapping) or config.get(f"allow_{way}")]
    words = said if isinstance(said, str) and said.strip() else next(_description(request), "")
    return Action(str(asked.get("action")), args if isinstance(args, Mapping) else {}, tuple(ways), words)


def _description(request: Mapping[str, Any]) -> Iterator[str]:
    if key := question_key(request):
        yield str(request[key])
