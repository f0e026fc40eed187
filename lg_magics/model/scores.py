"""Scorers with the signature of LangSmith's evaluators: their arguments and their results. Pure: calls no scorer.

A scorer takes any of these, by name: `inputs` (the run's input), `outputs` (its result), `reference_outputs`, `run`,
`example`, and, beyond LangSmith, `output` (the answer as in the frame) and `row` (the row, a dict). It returns a
bool, a number, a text, a mapping `{key, score, comment}`, or a list of such mappings.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any

from lg_magics.errors import CommandError, type_phrase
from lg_magics.model.template import is_missing

__all__ = [
    "NAMES",
    "ScoreNames",
    "ScoreValue",
    "Scored",
    "ScoredExample",
    "ScoredRun",
    "Scorer",
    "replaced_scores",
    "scorers_from",
    "scores_from",
]

ScoreValue = bool | int | float | str | None
NAMES = ("inputs", "outputs", "reference_outputs", "run", "example", "output", "row")
LANGSMITH = NAMES[:3]
RETURNS = "A scorer returns a bool, a number, a text, {'key', 'score', 'comment'}, or a list of such mappings."
NAMELESS = ("<lambda>", "_wrapped_evaluator", "wrapper", "wrapped")


@dataclass(frozen=True, slots=True)
class Scored:
    """One score of one run: its value, the scorer's comment, or the error instead.

    `scorer` is the name of the scorer that returned it, or failed; "" if it is read from a file.
    """

    value: ScoreValue = None
    comment: str = ""
    error: str = ""
    scorer: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ScoredRun:
    """A run as a scorer receives it, with the names of LangSmith's runs."""

    id: str
    inputs: Any
    outputs: Any
    thread_id: str = ""
    error: str | None = None
    seconds: float | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ScoredExample:
    """A row as a scorer receives it, with the names of LangSmith's examples."""

    inputs: Any
    outputs: Any
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scorer:
    """A function that scores runs.

    Attributes:
        name: the function's own name, or its key in a mapping; the name of its score unless it returns a key.
        is_named: whether it is a key of a mapping: then a key that the function returns is ignored.
        takes: the names of its arguments.
    """

    name: str
    call: Callable[..., Any]
    takes: tuple[str, ...]
    is_named: bool = False


def scorers_from(score: object, *, has_reference: bool) -> tuple[Scorer, ...]:
    """Return the given scorers: a function, several of them, or a mapping from names to functions.

    Raises:
        CommandError: one is not a function, or requires an argument that does not exist.
    """
    if score is None:
        return ()
    if isinstance(score, Mapping):
        named = {str(name): _scorer(call, str(name), has_reference=has_reference) for name, call in score.items()}
        return tuple(named.values())
    calls = list(score) if isinstance(score, Sequence) and not isinstance(score, str) else [score]
    names: list[str] = []
    for call in calls:
        own = _name_of(call)
        others = (f"{own}_{n}" for n in itertools.count(2))
        name = next(name for name in itertools.chain((own,), others) if name not in names)
        names.append(name)
    return tuple(
        _scorer(call, name, has_reference=has_reference, is_named=False)
        for call, name in zip(calls, names, strict=True)
    )


def _name_of(call: object) -> str:
    inner = call.func if isinstance(call, functools.partial) else call
    name = str(getattr(inner, "__name__", "") or type(inner).__name__)
    return "score" if name in NAMELESS else name


def _scorer(call: object, name: str, *, has_reference: bool, is_named: bool = True) -> Scorer:
    if not callable(call):
        raise CommandError(
            f"A scorer is a function, not {type_phrase(call)}.", hint="--score $f, --score $f,$g, or --score $mapping"
        )
    takes = _takes(call, name)
    if "reference_outputs" in takes and not has_reference and _needs(call, "reference_outputs"):
        raise CommandError(f"The scorer {name} takes reference_outputs, and there are none.", hint="--reference COLUMN")
    return Scorer(name, call, takes, is_named)


def _takes(call: Callable[..., Any], name: str) -> tuple[str, ...]:
    """Return the names of a function's arguments.

    Raises:
        CommandError: it requires another argument, or one without a name.
    """
    try:
        parameters = list(inspect.signature(call).parameters.values())
    except (TypeError, ValueError):
        raise CommandError(f"The scorer {name} does not say what it takes.", hint=TAKES) from None
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    takes = tuple(each.name for each in parameters if each.kind in by_name and each.name in NAMES)
    for each in parameters:
        is_open = each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD) or each.default is not each.empty
        if not is_open and each.name not in takes:
            raise CommandError(f"The scorer {name} takes '{each.name}', which no scorer gets.", hint=TAKES)
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        takes = (*takes, *(each for each in LANGSMITH if each not in takes))
    return takes


TAKES = f"It may take any of {', '.join(NAMES)}: def f(outputs, reference_outputs): …"


def _needs(call: Callable[..., Any], name: str) -> bool:
    parameter = inspect.signature(call).parameters.get(name)
    return parameter is not None and parameter.default is parameter.empty


class ScoreNames:
    """The names of each scorer's scores: equal for all rows, even if a scorer fails in one of them."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str, int], str] = {}  # by scorer, key, and index among the scores with this key
        self._last: dict[str, tuple[str, ...]] = {}

    def name(self, scorer: str, key: str, count: int = 0) -> str:
        """Return a score's name: its key; if that is taken, with the scorer's name in front, then with a number."""
        place = scorer, key, count
        if place not in self._names:
            taken = set(self._names.values())
            others = (f"{scorer}_{key}_{n}" for n in itertools.count(2))
            names = itertools.chain((key, f"{scorer}_{key}"), others)
            self._names[place] = next(name for name in names if name not in taken)
        return self._names[place]

    def note(self, scorer: str, names: Iterable[str]) -> None:
        """Record which scores a scorer returned last."""
        self._last[scorer] = tuple(names) or self._last.get(scorer, ())

    @property
    def known(self) -> frozenset[str]:
        """The scorers that have returned a score."""
        return frozenset(scorer for scorer, names in self._last.items() if names)

    def failures(self, scorer: str, error: str) -> dict[str, Scored]:
        """Return a failed scorer's error under the names of the scores that it returned last, or under its own name."""
        names = self._last.get(scorer) or (self.name(scorer, scorer),)
        return dict.fromkeys(names, Scored(error=error, scorer=scorer))

    def renamed(self, scores: Mapping[str, Scored], scorers: Collection[str]) -> dict[str, Scored]:
        """Return a run's scores. The errors that these scorers raised before they returned a score get the score's name."""
        found: dict[str, Scored] = {}
        for name, each in scores.items():
            is_early = each.error and each.scorer in scorers and name == self._names.get((each.scorer, each.scorer, 0))
            found |= self.failures(each.scorer, each.error) if is_early else {name: each}
        return found


def replaced_scores(
    before: Mapping[str, Scored], found: Mapping[str, Scored], scorers: Collection[str]
) -> dict[str, Scored]:
    """Return a run's scores. Those of these scorers, and others of the same names, are replaced by the ones found."""
    kept = {name: found.get(name, each) for name, each in before.items() if name in found or each.scorer not in scorers}
    return {**kept, **found}


def scores_from(returned: object, scorer: Scorer, names: ScoreNames) -> dict[str, Scored]:
    """Return the scores that a scorer returned, by name.

    Raises:
        TypeError: it is not a score.
    """
    items = [_one(item, scorer.name) for item in _items(returned)]
    found: dict[str, Scored] = {}
    counts: Counter[str] = Counter()
    for key, scored in items:
        if scorer.is_named:
            key = scorer.name if len(items) == 1 else f"{scorer.name}_{key}"
        found[names.name(scorer.name, key, counts[key])] = replace(scored, scorer=scorer.name)
        counts[key] += 1
    names.note(scorer.name, found)
    return found


def _items(returned: object) -> list[object]:
    if returned is None:
        return []
    if isinstance(returned, Mapping) and isinstance(results := returned.get("results"), list | tuple):
        return list(results)
    return list(returned) if isinstance(returned, list | tuple) else [returned]


def _one(item: object, name: str) -> tuple[str, Scored]:
    if is_dataclass(item) and not isinstance(item, type):
        item = asdict(item)
    elif callable(dump := getattr(item, "model_dump", None)):
        item = dump()
    if not isinstance(item, Mapping):
        return name, Scored(_value(item))
    if not {"score", "value"} & item.keys():
        raise TypeError(f"it returned a mapping without 'score'. {RETURNS}")
    value = item.get("score") if item.get("score") is not None else item.get("value")
    return str(item.get("key") or name), Scored(_value(value), str(item.get("comment") or ""))


def _value(value: Any) -> ScoreValue:
    if callable(item := getattr(value, "item", None)) and not isinstance(value, str):  # numpy's own numbers
        value = item()
    if is_missing(value):
        return None
    if isinstance(value, bool | str):
        return value
    try:
        number = float(value)
    except OverflowError:
        raise TypeError("it returned a number larger than any float, which is not a score.") from None
    except (TypeError, ValueError):
        raise TypeError(f"it returned {type_phrase(value)}. {RETURNS}") from None
    if not math.isfinite(number):
        raise TypeError(f"it returned {number}, which is not a score.")
    return int(value) if isinstance(value, int) else number


def own_copy(value: Any) -> Any:
    """Return a copy of JSON data, at any depth; other values are not copied."""
    if isinstance(value, ScoredRun | ScoredExample):
        return replace(value, **{each.name: own_copy(getattr(value, each.name)) for each in fields(value)})
    if isinstance(value, dict):
        return {key: own_copy(each) for key, each in value.items()}
    return [own_copy(each) for each in value] if isinstance(value, list) else value
