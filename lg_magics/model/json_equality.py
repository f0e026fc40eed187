"""Equality of JSON values, where true is not 1: Python's `==` does not distinguish them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["same_json"]


def same_json(one: object, other: object, *, exact: bool = False) -> bool:
    """Return whether two values are equal as JSON. Numbers are compared by their value.

    >>> same_json({"n": [1, 2]}, {"n": (1.0, 2)}), same_json(1, True), same_json(1, 1.0, exact=True)
    (True, False, False)

    Args:
        one: a value.
        other: another one.
        exact: whether 1 is not 1.0, as in Python code that reads the value.
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        if exact and isinstance(one, float) is not isinstance(other, float):
            return False
        return one == other or (one != one and other != other)  # NaN, which Python's files may hold
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_json(one[name], other[name], exact=exact) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same_json(*pair, exact=exact) for pair in zip(one, other, strict=True))
    return one == other
