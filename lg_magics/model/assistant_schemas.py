"""An assistant's graph schemas and its own settings, and definite problems of runs by both. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from lg_magics.model.assistant_settings import settings_from_row
from lg_magics.model.schema_check import CLOSE, CheckedSchema, Problem, input_problem

__all__ = ["AssistantSchemas", "conversation_key_in", "settings_problem"]


class AssistantSchemas:
    """An assistant's row and the payload of its schemas, ready to check runs."""

    def __init__(self, row: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
        self.row = row
        self.payload = payload
        self.name = str(row.get("name") or row.get("graph_id") or "the graph")
        self.input = CheckedSchema(payload.get("input_schema"))
        self.settings = CheckedSchema(payload.get("context_schema") or payload.get("config_schema"))
        self.state = CheckedSchema(payload.get("state_schema"), subject="the state", is_enforced=False)
        self._own = settings_from_row(row).values

    @property
    def conversation_key(self) -> str:
        """The input key for messages; from the state's schema if the input has none. "" if unknown."""
        return self.input.conversation_key if self.input.schema else self.state.conversation_key

    def problem(self, value: Any, given: Mapping[str, Any], *, is_text: bool, is_new_thread: bool) -> Problem | None:
        """Return a definite problem of a run; None if there is none.

        Args:
            value: the run's input.
            given: its configurable values or context, with the session's defaults.
            is_text: whether the input was typed as a text.
            is_new_thread: whether its thread has no earlier runs.
        """
        takes_none = is_text and not self.input.schema and self.state.is_closed and not self.state.conversation_key
        schema = self.state if takes_none else self.input
        return input_problem(
            schema, value, graph=self.name, is_text=is_text, is_new_thread=is_new_thread
        ) or settings_problem(self.settings, {**self._own, **given}, graph=self.name)

    def values_problem(self, values: Any) -> Problem | None:
        """Return a definite problem of values to write into the state; None if there is none."""
        return input_problem(self.state, values, graph=self.name, is_text=False, is_new_thread=False)

    def unset(self, given: Mapping[str, Any]) -> Problem | None:
        """Return the required settings that neither the assistant nor the run provides."""
        return _unset_settings(self.settings, {**self._own, **given}, graph=self.name)


def conversation_key_in(payload: Mapping[str, Any]) -> str:
    """Return a graph's key for messages, from the payload of its schemas; "" if it has none, or several."""
    return AssistantSchemas({}, payload).conversation_key


def settings_problem(schema: CheckedSchema, given: Mapping[str, Any], *, graph: str) -> Problem | None:
    """Return a definite problem of a run's configurable values or context; None if there is none."""
    if not schema.is_closed:
        return None
    for name in given:
        left = [each for each in schema.properties if each not in given]
        if name not in schema.properties and (near := difflib.get_close_matches(name, left, 1, CLOSE)):
            return Problem(f"{graph} has no setting '{name}'", f"Did you mean {near[0]}?")
    if schema.is_enforced:
        return _unset_settings(schema, given, graph=graph)
    return None


def _unset_settings(schema: CheckedSchema, given: Mapping[str, Any], *, graph: str) -> Problem | None:
    """Return the problem of required settings that are not set; None if there are none."""
    unset = [name for name in schema.required if name not in given]
    if not unset:
        return None
    wanted = ", ".join(schema.described(name) for name in unset[:4])
    pairs = " ".join(f"{name}=…" for name in unset[:4])
    return Problem(f"{graph} requires {wanted}, which {'is' if len(unset) == 1 else 'are'} not set", f"%lg_set {pairs}")
