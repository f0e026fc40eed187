"""A comparison of two sets of runs: its frames, and the data of its view. Renders nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lg_magics.model.compare import Comparison, Measure, Missing, PairedRow
from lg_magics.model.messages import shortened
from lg_magics.model.result import Result
from lg_magics.tables.cells import cells
from lg_magics.tables.table import Column, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Compared"]

ERROR = 120

MEASURES = (
    Column("score"),
    Column("before", "mean"),
    Column("after", "mean"),
    Column("difference", "mean"),
    Column("low", "mean", "95 % from"),
    Column("high", "mean", "to"),
    Column("better", "number"),
    Column("worse", "number"),
    Column("same", "number"),
)


@dataclass(frozen=True)
class Compared(Result):
    """The result of `%lg_compare`: `.summary`, `.df`, `.changed`."""

    comparison: Comparison

    def __repr__(self) -> str:
        return f"<{self.headline}: {'; '.join(map(measure_words, self.comparison.measures))}>"

    @property
    def headline(self) -> str:
        """`support-v2 against support-v1`."""
        return f"{self.comparison.after} against {self.comparison.before}"

    @property
    def summary(self) -> Table:
        """For each score, and for seconds and tokens: both means, the difference, its 95 % interval, rows better, worse and same.

        For seconds and tokens, fewer are better.
        """
        rows = [_measure_row(each) for each in self.comparison.measures]
        rows += [_measure_row(each, fewer=True) for each in self.comparison.costs]
        return Table("score", MEASURES, tuple(rows), total=len(rows))

    @property
    def df(self) -> pd.DataFrame:
        """One row for each row of both sides, changed ones first: its cells, verdict, both scores, the change in the tools."""
        import pandas as pd

        names = [each.name for each in self.comparison.measures]
        frame = pd.DataFrame([_frame_row(row, names) for row in self.comparison.rows])
        for name in [each for each in frame if frame[each].dtype.kind == "O"]:
            frame[name] = pd.Series(cells(frame[name].tolist()), dtype=object)
        return frame

    @property
    def changed(self) -> Sequence[PairedRow]:
        """The rows that changed, the worst first; each has `before` and `after`, the outcomes side by side."""
        return [row for row in self.comparison.rows if row.verdict != "same"]


def measure_words(measure: Measure) -> str:
    """Return `correct 0.84 against 0.71: +0.13 (95 %: +0.04 to +0.21)`."""
    interval = "" if measure.low is None else f" (95 %: {signed(measure.low)} to {signed(measure.high or 0.0)})"
    return f"{measure.name} {measure.after:.2f} against {measure.before:.2f}: {signed(measure.difference)}{interval}"


def missing_words(missing: Missing, comparison: Comparison) -> str:
    """Return `right: 4 runs of support-v2 have no score (ValueError: no), and are left out of its means`."""
    one = missing.runs == 1
    why = f" ({shortened(missing.error, ERROR)})" if missing.error else ""
    runs = f"{missing.runs:,} run{'s' * (not one)} of {comparison.sides[missing.place]} {'has' if one else 'have'}"
    return f"{missing.name}: {runs} no score{why}, and {'is' if one else 'are'} left out of its means"


def text_words(name: str, pairs: int) -> str:
    """Return `tone: 20 pairs of runs have text, which is not compared`."""
    runs = "pair of runs has" if pairs == 1 else "pairs of runs have"
    return f"{name}: {pairs:,} {runs} text, which is not compared"


def signed(value: float) -> str:
    """Return a difference with its sign, a real minus: `+0.13`, `−0.02`, `0.00`."""
    text = f"{value:+.2f}"
    return "0.00" if float(text) == 0 else text.replace("-", "−")


def _measure_row(measure: Measure, *, fewer: bool = False) -> tuple[Any, ...]:
    better, worse = (measure.worse, measure.better) if fewer else (measure.better, measure.worse)
    numbers = (measure.before, measure.after, measure.difference, measure.low, measure.high)
    rounded = [None if each is None else round(each, 4) for each in numbers]
    return (measure.name, *rounded, better, worse, measure.same)


def _frame_row(row: PairedRow, names: Sequence[str]) -> dict[str, Any]:
    scores: dict[str, Any] = {}
    for name in names:
        before, after = row.scores.get(name, (None, None))
        scores |= {f"{name}_before": before, f"{name}_after": after}
    outputs = {
        f"output_{name}": [each.output for each in side] if len(side) > 1 else side[0].output if side else None
        for name, side in (("before", row.before), ("after", row.after))
    }
    found = {"verdict": row.verdict, **scores, "tools": row.tools or None, "status": row.status or None, **outputs}
    taken = set(row.inputs)
    return {**row.inputs, **{(f"lg_{name}" if name in taken else name): value for name, value in found.items()}}
