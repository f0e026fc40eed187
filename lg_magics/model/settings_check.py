"""Find definite problems of a run's configurable values or context, by the graph's own schemas. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from lg_magics.model.schema_check import CLOSE, CheckedSchema, Problem

__all__ = ["settings_problem", "unset_settings"]


def settings_problem(schema: CheckedSchema, given: Mapping[str, Any], *, graph: str) -> Problem | None:
    """Return a definite problem of a run's configurable values or context; None if there is none."""
    if not schema.is_closed:
        return None
    for name in given:
        left = [each for each in schema.properties if each not in given]
        if name not in schema.properties and (near := difflib.get_close_matches(name, left, 1, CLOSE)):
            return Problem(f"{graph} has no setting '{name}'", f"Did you mean {near[0]}?")
    if schema.is_enforced:
        return unset_settings(schema, given, graph=graph)
    return None


def unset_settings(schema: CheckedSchema, given: Mapping[str, Any], *, graph: str) -> Problem | None:
    """Return the problem of required settings that are not set; None if there are none."""
    unset = [name for name in schema.required if name not in given]
    if not unset:
        return None
    wanted = ", ".join(schema.described(name) for name in unset[:4])
    pairs = " ".join(f"{name}=…" for name in unset[:4])
    return Problem(f"{graph} wants {wanted}, and nobody set {'it' if len(unset) == 1 else 'them'}", f"%lg_set {pairs}")
