"""Numbers that were measured, and what can be said of them. Pure: knows neither a clock nor what was measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from random import Random
from statistics import median, quantiles

__all__ = ["Line", "Samples", "difference", "in_turns", "ratio"]


@dataclass(frozen=True)
class Samples:
    """Some measurements of one thing, in `unit`, in the order in which they were taken."""

    values: Sequence[float]
    unit: str = "ms"

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def p95(self) -> float:
        return sorted(self.values)[ceil(0.95 * len(self.values)) - 1]

    def __str__(self) -> str:
        low, _, high = map(_short, quantiles(self.values, n=4, method="inclusive"))
        spread = f" ({low}–{high})" if low != high else ""
        return f"{_short(self.median)}{spread} {self.unit}"


@dataclass(frozen=True)
class Line:
    """One line of the table. `is_within` is None where there is no limit."""

    name: str
    ours: str
    raw: str = ""
    compared: str = ""
    limit: str = ""
    is_within: bool | None = None

    @property
    def verdict(self) -> str:
        return "" if self.is_within is None else "ok" if self.is_within else "OVER"


def in_turns(ways: Mapping[str, Callable[[], float]], rounds: int, *, warm_up: int = 3) -> dict[str, Samples]:
    """Measure each way once a round, in an order that changes, and leave the first rounds out."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    order = Random(0)  # so that no way always comes after the same other one
    for number in range(warm_up + rounds):
        for name in order.sample(list(ways), len(ways)):
            value = ways[name]()
            if number >= warm_up:
                taken[name].append(value)
    return {name: Samples(values) for name, values in taken.items()}


def ratio(ours: Samples, raw: Samples) -> str:
    """How many times the raw one ours is."""
    low, _, high = quantiles([a / b for a, b in zip(ours.values, raw.values, strict=True)], n=4, method="inclusive")
    return f"× {ours.median / raw.median:.2f} ({low:.2f}–{high:.2f})"


def difference(ours: Samples, raw: Samples) -> str:
    """How much more than the raw one ours is."""
    low, _, high = quantiles([a - b for a, b in zip(ours.values, raw.values, strict=True)], n=4, method="inclusive")
    return f"{ours.median - raw.median:+.2f} ({low:+.2f} to {high:+.2f}) {ours.unit}"


def _short(value: float) -> str:
    if value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 100 else f"{value:,.0f}"
