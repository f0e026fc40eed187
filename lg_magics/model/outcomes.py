"""Results of a batch's runs, for files and comparisons. Pure.

A line of the file is a JSON object:

    {"row": 0, "inputs": {"city": "Paris"}, "assistant": "agent", "repeat": 1, "status": "success", "output": "It is 16 °C …",
     "error": "", "seconds": 1.2, "tokens": 87, "tools": ["weather_search"], "scores": {"right": {"score": 1.0}}}
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lg_magics.errors import CommandError
from lg_magics.model.batch import Entry
from lg_magics.model.batch_rows import Rows, json_of, json_of_cells
from lg_magics.model.changes import ABSENT
from lg_magics.model.scores import Scored

__all__ = ["Outcome", "lines_of", "outcome_of", "outcomes_from_lines"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one run of one row."""

    row: int
    inputs: Mapping[str, Any]
    assistant: str
    repeat: int
    status: str
    output: Any = None
    error: str = ""
    seconds: float | None = None
    tokens: int | None = None
    tools: tuple[str, ...] = ()
    scores: Mapping[str, Scored] = field(default_factory=dict)


def outcome_of(entry: Entry, rows: Rows) -> Outcome:
    """Return the result of a batch's run; the cells of its row in their stored form."""
    return Outcome(
        entry.row,
        json.loads(json_of_cells(rows.row(entry.row))),
        entry.assistant,
        entry.repeat,
        entry.status,
        entry.output,
        entry.error,
        entry.seconds,
        entry.tokens,
        entry.tools,
        entry.scores,
    )


def lines_of(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield the lines of a file."""
    for each in outcomes:
        scores = {name: _written(score) for name, score in each.scores.items()}
        plain = {name: getattr(each, name) for name in Outcome.__slots__}
        yield json_of({**plain, "tools": list(each.tools), "scores": scores}) + "\n"


def _written(score: Scored) -> dict[str, Any]:
    more = {"comment": score.comment, "error": score.error}
    return {"score": score.value, **{name: text for name, text in more.items() if text}}


def outcomes_from_lines(lines: Iterable[str], name: str) -> list[Outcome]:
    """Parse a file's lines; `name` is its name in errors.

    Raises:
        CommandError: a line is not an outcome, or the file is empty.
    """
    found: dict[tuple[int, str, int], Outcome] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            outcome = _read(line, f"Line {number} of {name}")
            key = outcome.row, outcome.assistant, outcome.repeat
            if key in found:
                again = f"row {key[0]}, repeat {key[2]} of {key[1]} stands in it twice"
                raise CommandError(f"Line {number} of {name}: {again}.", hint="A file holds the runs of one batch.")
            found[key] = outcome
    if not found:
        raise CommandError(f"{name} is empty.", hint='batch.save("baseline.jsonl") writes one.')
    return list(found.values())


def _read(line: str, where: str) -> Outcome:
    try:
        value = json.loads(line)
        return Outcome(
            _of(value, "row", int),
            _of(value, "inputs", dict),
            _of(value, "assistant", str),
            _of(value, "repeat", int),
            _of(value, "status", str),
            value.get("output"),
            _of(value, "error", str, ""),
            _of(value, "seconds", (int, float), None),
            _of(value, "tokens", int, None),
            tuple(map(str, _of(value, "tools", list, []))),
            {str(key): _score(score) for key, score in _of(value, "scores", dict, {}).items()},
        )
    except (ValueError, RecursionError, AttributeError) as problem:
        why = problem if type(problem) is ValueError else "it is not a JSON object"
        raise CommandError(
            f"{where} is not the outcome of a run: {why}.", hint='batch.save("baseline.jsonl") writes such a file.'
        ) from None


REQUIRED = object()


def _of(value: Mapping[str, Any], name: str, kind: Any, otherwise: Any = REQUIRED) -> Any:
    held = value.get(name, otherwise)
    if held is None and otherwise is None:
        return None
    if held is REQUIRED or not isinstance(held, kind) or isinstance(held, bool) or not _is_finite(held):
        raise ValueError(f"its '{name}' is missing" if held is REQUIRED else f"its '{name}' does not fit")
    return held


def _is_finite(value: object) -> bool:
    """Return whether a value is not a number, or a finite one."""
    try:
        return not isinstance(value, int | float) or math.isfinite(value)
    except OverflowError:
        return False


def _score(value: Any) -> Scored:
    score = value.get("score") if isinstance(value, dict) else ABSENT
    if not isinstance(score, bool | int | float | str | None) or not _is_finite(score):
        raise ValueError("a score does not fit")
    return Scored(value.get("score"), str(value.get("comment") or ""), str(value.get("error") or ""))
