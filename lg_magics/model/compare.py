"""Compare two sets of outcomes, paired by row and repeat: better, worse, and how certain. Pure.

A row is a pair of rows with equal cells in the columns that both sides have. For each score a row has one difference: the mean
over its repeats. The interval is that of the mean difference over other rows of the same kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from lg_magics.errors import CommandError
from lg_magics.model.batch_rows import json_of
from lg_magics.model.interval import bootstrap_interval
from lg_magics.model.outcomes import Outcome

__all__ = [
    "NO_CHANGE",
    "SUCCESS",
    "Comparison",
    "Measure",
    "Missing",
    "PairedRow",
    "Side",
    "compared",
    "status_changed",
    "tools_changed",
]

SUCCESS = "success"
"""The score that every run has: whether it succeeded."""
COSTS = ("seconds", "tokens")
NO_CHANGE = 1e-9
"""Smaller differences count as none: they come from rounding of means."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its name and its outcomes."""

    name: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """A score, or a cost, of both sides.

    Attributes:
        name: `correct`, `seconds`, `tokens`.
        before, after: the mean over the rows that have it on both sides.
        difference: after − before; `low` and `high` bound its 95 % interval, None for a single row.
        better, worse, same: the number of rows; more is better for a score.
        rows: the number of rows that have it on both sides.
    """

    name: str
    before: float
    after: float
    difference: float
    low: float | None
    high: float | None
    better: int
    worse: int
    same: int

    @property
    def rows(self) -> int:
        """The number of rows that have it on both sides."""
        return self.better + self.worse + self.same


@dataclass(frozen=True, slots=True)
class PairedRow:
    """A row of both sides.

    Attributes:
        place: its index in the second side.
        inputs: its cells.
        before, after: its outcomes, by repeat; only those with a partner.
        scores: the means before and after, by name.
        tools: the change in the called tools, in words; "" if there is none.
        status: the change in how the runs ended, in words.
        has_other_output: whether an output changed.
    """

    place: int
    inputs: Mapping[str, Any]
    before: tuple[Outcome, ...]
    after: tuple[Outcome, ...]
    scores: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    tools: str = ""
    status: str = ""
    has_other_output: bool = False

    @property
    def gain(self) -> float:
        """The sum of the differences of its scores: negative for a row that got worse."""
        return sum(after - before for before, after in self.scores.values())

    @property
    def verdict(self) -> str:
        """One word: worse, better, changed or same. A row that lost in one score and gained in another is worse."""
        differences = [after - before for before, after in self.scores.values()]
        if any(each < -NO_CHANGE for each in differences):
            return "worse"
        if any(each > NO_CHANGE for each in differences):
            return "better"
        return "changed" if self.tools or self.status or self.has_other_output else "same"


@dataclass(frozen=True, slots=True)
class Missing:
    """Successful runs without a score that their partners have, or whose scorer failed.

    Attributes:
        name: the score's name.
        place: the side that lacks it: 0 before, 1 after.
        runs: the number of such runs.
        error: the scorer's error for the first of them; "" if it returned no number.
    """

    name: str
    place: int
    runs: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of a comparison.

    Attributes:
        before, after: the names of the sides.
        measures: the scores, with the one of all runs last.
        costs: seconds and tokens, if both sides have them.
        rows: every row of both sides, changed ones first: the worst, then the best, then other differences.
        unpaired: the number of rows of each side without a partner.
        repeats: the largest number of repeats of a row on both sides.
        missing: scores that some runs lack, which are left out of the means.
        texts: by score, the number of pairs of runs that have text in place of a number; they are not compared.
    """

    before: str
    after: str
    measures: tuple[Measure, ...]
    costs: tuple[Measure, ...]
    rows: tuple[PairedRow, ...]
    unpaired: tuple[int, int]
    repeats: int
    missing: tuple[Missing, ...] = ()
    texts: Mapping[str, int] = field(default_factory=dict)

    @property
    def sides(self) -> tuple[str, str]:
        """The names of both sides."""
        return self.before, self.after


def compared(before: Side, after: Side) -> Comparison:
    """Compare two sides.

    Raises:
        CommandError: they have no row in common.
    """
    pairs, unpaired = _paired(before, after)
    rows = [_paired_row(*pair) for pair in pairs]
    names = dict.fromkeys(name for row in rows for name in row.scores if name != SUCCESS)
    all_good = all(row.scores.get(SUCCESS) == (1.0, 1.0) for row in rows)
    names |= {} if all_good and names else {SUCCESS: None}
    order = {"worse": 0, "better": 1, "changed": 2, "same": 3}
    return Comparison(
        before.name,
        after.name,
        tuple(measure for name in names if (measure := _measure(name, [row.scores.get(name) for row in rows]))),
        tuple(cost for name in COSTS if (cost := _cost(name, rows))),
        tuple(sorted(rows, key=lambda row: (order[row.verdict], -abs(row.gain), not row.tools, row.place))),
        unpaired,
        max(len(row.after) for row in rows),
        tuple(_missing(rows)),
        _texts(rows),
    )


def _missing(rows: Sequence[PairedRow]) -> Iterator[Missing]:
    pairs = [pair for row in rows for pair in zip(row.before, row.after, strict=True)]
    for name in dict.fromkeys(name for pair in pairs for each in pair for name in each.scores):
        for place in (0, 1):
            lacking = [pair[place] for pair in pairs if _lacks(pair[place], pair[1 - place], name)]
            if lacking:
                errors = (each.scores[name].error for each in lacking if name in each.scores)
                yield Missing(_shown_name(name), place, len(lacking), next(filter(None, errors), ""))


def _lacks(outcome: Outcome, partner: Outcome, name: str) -> bool:
    """Return whether a successful run has no number where its partner has one, or where its scorer failed."""
    if outcome.status != SUCCESS or _number(outcome, name=name) is not None:
        return False
    return _number(partner, name=name) is not None or (name in outcome.scores and bool(outcome.scores[name].error))


def _texts(rows: Sequence[PairedRow]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for pair in (pair for row in rows for pair in zip(row.before, row.after, strict=True)):
        for name in dict.fromkeys(name for each in pair for name in each.scores):
            values = [each.scores[name].value for each in pair if name in each.scores]
            has_number = any(_number(each, name=name) is not None for each in pair)
            found[_shown_name(name)] += any(isinstance(value, str) for value in values) and not has_number
    return {name: count for name, count in found.items() if count}


def _paired(before: Side, after: Side) -> tuple[list[tuple[list[Outcome], list[Outcome]]], tuple[int, int]]:
    """Pair the rows with equal cells in the columns that both have; return their outcomes, and the number of unpaired rows."""
    columns = [name for name in _columns(after) if name in _columns(before)]
    if not columns and not (_columns(before) == _columns(after) == []):
        raise CommandError(f"{before.name} and {after.name} have no column in common: their rows cannot be paired.")
    theirs, ours = (_rows(side, columns) for side in (before, after))
    common = [key for key in ours if key in theirs and _repeats(ours[key]) & _repeats(theirs[key])]
    if not common:
        raise CommandError(f"{before.name} and {after.name} have no row in common.")
    return [(theirs[key], ours[key]) for key in common], (len(theirs) - len(common), len(ours) - len(common))


def _columns(side: Side) -> list[str]:
    return list(dict.fromkeys(name for outcome in side.outcomes for name in outcome.inputs))


def _rows(side: Side, columns: Sequence[str]) -> dict[tuple[str, int], list[Outcome]]:
    """Group the outcomes by row. Rows with equal cells are distinguished by their order."""
    by_row: dict[int, list[Outcome]] = {}
    for outcome in sorted(side.outcomes, key=lambda each: (each.row, each.repeat)):
        by_row.setdefault(outcome.row, []).append(outcome)
    counts: Counter[str] = Counter()
    found = {}
    for outcomes in by_row.values():
        text = json_of([_paired_cell(outcomes[0].inputs.get(name)) for name in columns])
        found[text, counts[text]] = outcomes
        counts[text] += 1
    return found


def _paired_cell(cell: Any) -> Any:
    """Return a cell's key for pairing: pandas turns 1 into 1.0 if another cell is empty, and the order of keys does not count."""
    if isinstance(cell, dict):
        return {key: _paired_cell(cell[key]) for key in sorted(cell)}
    if isinstance(cell, list):
        return [_paired_cell(each) for each in cell]
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _repeats(outcomes: Iterable[Outcome]) -> set[int]:
    return {each.repeat for each in outcomes}


def _paired_row(before: Sequence[Outcome], after: Sequence[Outcome]) -> PairedRow:
    repeats = _repeats(before) & _repeats(after)
    before, after = (tuple(each for each in side if each.repeat in repeats) for side in (before, after))
    return PairedRow(
        after[0].row if after else -1,
        after[0].inputs if after else {},
        before,
        after,
        _scores(before, after),
        tools_changed(before, after),
        status_changed(before, after),
        [each.output for each in before] != [each.output for each in after],
    )


def _scores(before: Sequence[Outcome], after: Sequence[Outcome]) -> dict[str, tuple[float, float]]:
    names = dict.fromkeys(name for each in (*before, *after) for name in each.scores)
    found = {_shown_name(name): pair for name in names if (pair := _means(before, after, partial(_number, name=name)))}
    ended = _means(before, after, lambda each: float(each.status == SUCCESS))
    return {**found, **({SUCCESS: ended} if ended else {})}


def _shown_name(name: str) -> str:
    """Return a score's name beside the scores that every run has; a frame's columns get the same prefix."""
    return f"lg_{name}" if name in (SUCCESS, "output", *COSTS) else name


def _number(outcome: Outcome, *, name: str) -> float | None:
    value = outcome.scores[name].value if name in outcome.scores else None
    return float(value) if isinstance(value, bool | int | float) else None


def _means(
    before: Sequence[Outcome], after: Sequence[Outcome], of: Callable[[Outcome], float | None]
) -> tuple[float, float] | None:
    """Return the means over the repeats that have a number on both sides."""
    pairs = [(of(one), of(other)) for one, other in zip(before, after, strict=True)]
    known = [(one, other) for one, other in pairs if one is not None and other is not None]
    if not known:
        return None
    return sum(one for one, _ in known) / len(known), sum(other for _, other in known) / len(known)


def _cost(name: str, rows: Sequence[PairedRow]) -> Measure | None:
    return _measure(name, [_means(row.before, row.after, partial(_cost_of, name=name)) for row in rows])


def _cost_of(outcome: Outcome, *, name: str) -> float | None:
    value: float | None = getattr(outcome, name)
    return value


def _measure(name: str, pairs: Iterable[tuple[float, float] | None]) -> Measure | None:
    known = [pair for pair in pairs if pair is not None]
    if not known:
        return None
    differences = [after - before for before, after in known]
    low, high = bootstrap_interval(differences) or (None, None)
    return Measure(
        name,
        sum(before for before, _ in known) / len(known),
        sum(after for _, after in known) / len(known),
        sum(differences) / len(known),
        low,
        high,
        sum(each > NO_CHANGE for each in differences),
        sum(each < -NO_CHANGE for each in differences),
        sum(abs(each) <= NO_CHANGE for each in differences),
    )


def tools_changed(before: Sequence[Outcome], after: Sequence[Outcome]) -> str:
    """Return the change in tools: `calls cancel_order 3 times instead of 1, no longer calls find_order`."""
    if Counter(each.tools for each in before) == Counter(each.tools for each in after):
        return ""
    counts = [Counter(name for each in side for name in each.tools) for side in (before, after)]
    parts = []
    for name in dict.fromkeys(name for each in (*after, *before) for name in each.tools):
        was, now = (count[name] for count in counts)
        if was and now and was != now:
            parts.append(f"calls {name} {_times(now, len(after))} instead of {_times(was, len(before))}")
        elif was != now:
            parts.append(f"calls {name}" if now else f"no longer calls {name}")
    return ", ".join(parts) or "calls tools in another order"


def _times(count: int, repeats: int) -> str:
    share = count / max(1, repeats)
    return f"{share:g} time{'s' * (share != 1)}" if share == int(share) else f"{share:.1f} times"


def status_changed(before: Sequence[Outcome], after: Sequence[Outcome]) -> str:
    """Return the change in statuses: `error instead of success`."""
    was, now = (_statuses(side) for side in (before, after))
    return "" if was == now else f"{now} instead of {was}"


def _statuses(side: Iterable[Outcome]) -> str:
    counts = Counter(each.status for each in side)
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
