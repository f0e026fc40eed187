"""Pairs that also compare: `n>=5` → a filter in the store's own words, `{"n": {"$gte": 5}}`. Pure; resolves nothing.

`k=v` and `k!=v` compare text, `k:=v` and `k!:=v` JSON. `k>v` and its like compare a number, if the value looks like one.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping

from lg_magics.errors import CommandError, type_phrase

__all__ = ["ORDERED", "SIGNS", "compared", "is_comparison"]

SIGNS: Mapping[str, str] = {
    "!:=": "$ne",
    ":=": "$eq",
    "!=": "$ne",
    ">=": "$gte",
    "<=": "$lte",
    ">": "$gt",
    "<": "$lt",
    "=": "$eq",
}
"""The signs that a person types, longest first, and the server's operator for each."""

ORDERED = frozenset({"$gt", "$gte", "$lt", "$lte"})
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


def compared(spelling: str, known: Mapping[str, object], key: str, sign: str, value: object) -> Mapping[str, object]:
    """Add a comparison to the filter `known`. Two comparisons of one key must both be true.

    Raises:
        CommandError: the same comparison is given twice, or the value has no order.
    """
    operator = SIGNS[sign]
    if operator in ORDERED:
        value = _ordered(f"{spelling} {key}{sign}", value)
    if key not in known and operator == "$eq":
        return {**known, key: value}
    before = known.get(key, {})
    conditions = before if key not in known or is_comparison(before) else {"$eq": before}
    assert isinstance(conditions, Mapping)
    if operator in conditions:
        raise CommandError(f"{spelling} {key}{sign} is given twice.", hint="All comparisons must be true.")
    return {**known, key: {**conditions, operator: value}}


def is_comparison(condition: object) -> bool:
    """Whether a filter's entry is a mapping of operators, and not a value."""
    return isinstance(condition, Mapping) and any(str(key).startswith("$") for key in condition)


def _ordered(spelling: str, value: object) -> object:
    """Convert text that looks like a number; keep other text, which some deployments can order."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        number = json.loads(value)
        return number if math.isfinite(number) else value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise CommandError(f"{spelling} compares with a number, not with {type_phrase(value)}.")
    return value
