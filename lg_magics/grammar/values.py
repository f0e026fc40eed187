"""Converts a word of the line to a value of its parameter's type. Depends on the names that it gets; on no session."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast, get_args, get_origin

from lg_magics.errors import CommandError
from lg_magics.grammar.accept import CURRENT, accept, is_kind, listed, members
from lg_magics.grammar.comparisons import compared
from lg_magics.grammar.names import filled_json, paths_from_text, value_of
from lg_magics.grammar.parameters import Parameter
from lg_magics.grammar.words import Word, pair_from_text
from lg_magics.model.json_text import strict_json

__all__ = ["filter_from_word", "mapping_from_word", "pairs_from_word", "resolved", "value_from_word"]

Names = Mapping[str, object]
Pair = tuple[str, str, Word]

_YES_AND_NO = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


def value_from_word(parameter: Parameter, word: Word, names: Names) -> object:
    """The value of an option or a positional.

    Raises:
        CommandError: The word does not fit the parameter's type.
    """
    if word.is_path or word.has_names:
        value = resolved(word, names)
        if value is None:  # it would mean that the option is not given, or the current object: a deletion too
            _refuse_none(parameter, word)
        return accept(parameter, value)
    if word.text.startswith("$") and not word.is_quoted:
        spelling = parameter.long or parameter.name.upper()
        raise CommandError(f"{spelling}: {word.text} is not a Python name.", hint="Put quotes around text with a $.")
    try:
        return accept(parameter, _from_text(parameter.type, word.text, parameter.completes))
    except ValueError as error:
        hint = str(error)
    if any(each in (object, Any) for each in members(parameter.type)):  # in Python it takes any object
        name = parameter.name.rstrip("_")
        raise CommandError(f"{name} must be JSON or a $name, got {word.text!r}.", hint=hint)
    return accept(parameter, _meant(parameter.type, word.text), hint=hint)


def _refuse_none(parameter: Parameter, word: Word) -> None:
    """Refuse a `$name` that is None: the command would take it as not given. Commands check a positional of any type."""
    if _is_reference(parameter.completes):
        raise CommandError(f"{word.text} is None, and names no {parameter.completes}.", hint=CURRENT)
    if parameter.long or not any(each in (object, Any) for each in members(parameter.type)):
        raise CommandError(
            f"{parameter.long or parameter.name}: {word.text} is None.", hint="Leave it out for the default."
        )


def resolved(word: Word, names: Names) -> object:
    """The object of a `$name`, a list of the objects of `$f,$g`, or JSON with its `$name`s replaced."""
    if word.has_names:
        return filled_json(word.text, names)
    paths = paths_from_text(word.text)
    if paths is None:
        raise CommandError(f"{word.text} is not a Python name.")
    values = [value_of(path, names) for path in paths]
    return values if len(values) > 1 else values[0]


def mapping_from_word(parameter: Parameter, word: Word, names: Names) -> dict[str, object]:
    """The mapping of a `$name` in place of pairs.

    Raises:
        CommandError: It is None, which would drop a filter, or no mapping.
    """
    value = resolved(word, names)
    if value is None:
        _refuse_none(parameter, word)
    return cast("dict[str, object]", accept(parameter, value))


def pairs_from_word(spelling: str, pair: Pair | None, word: Word | None, names: Names) -> Mapping[str, object]:
    """Convert one pair to a mapping.

    Raises:
        CommandError: It is not a pair, or the value after `:=` is not JSON. The message omits the value: it may be a secret.
    """
    pair = pair or (pair_from_text(word.text) if word else None)
    if pair is None:
        raise CommandError(f"{spelling} expects K=V.", hint="k=v is text, k:=v is JSON or a $name.")
    key, sign, value = pair
    return {key: _value_of_pair(spelling, key, sign, value, names)}


def filter_from_word(
    spelling: str, known: Mapping[str, object], pair: Pair | None, word: Word | None, names: Names
) -> Mapping[str, object]:
    """Add a pair or a comparison to the filter `known`.

    Raises:
        CommandError: It is not a pair, or contradicts the filter.
    """
    pair = pair or (pair_from_text(word.text, compares=True) if word else None)
    if pair is None:
        raise CommandError(f"{spelling} expects K=V.", hint="k=v, k!=v: a text; k:=v: JSON; k>=v, k<v: a number.")
    key, sign, value = pair
    return compared(spelling, known, key, sign, _value_of_pair(spelling, key, sign, value, names))


def _value_of_pair(spelling: str, key: str, sign: str, value: Word, names: Names) -> object:
    if value.is_path or (value.has_names and sign.endswith(":=")):
        return resolved(value, names)
    return _json(value.text, f"{spelling} {key}{sign}") if sign.endswith(":=") else value.text


def _from_text(wanted: Any, text: str, completes: str) -> object:
    """Convert text to a type. Members of a union are tried in their order, text last. ValueError has the hint to show."""
    hint = ""
    for member in sorted(members(wanted), key=lambda each: each is str):
        try:
            value = _converter(member, completes)(text)
            if member is int and str in members(wanted) and str(value) != text:
                continue  # 007 may be an id
            return value
        except json.JSONDecodeError as error:
            if text[:1] in ("{", "["):  # meant as JSON
                hint = f"{error.msg} at character {error.pos + 1}."
        except (ValueError, RecursionError):
            continue
    raise ValueError(hint)


def _meant(wanted: Any, text: str) -> object:
    """Convert text that does not fit a type to a number or JSON, for the error message; else return it as it is."""
    try:
        if int in members(wanted) or float in members(wanted):
            return float(text)
        return strict_json(text) if any(is_kind(each, Mapping) for each in members(wanted)) else text
    except (ValueError, RecursionError):
        return text


def _converter(wanted: Any, completes: str) -> Callable[[str], object]:
    if get_origin(wanted) is Literal:
        return lambda text: _choice(text, get_args(wanted))
    if is_kind(wanted, Mapping):
        return _json_object
    if is_kind(wanted, Sequence):
        return listed
    if wanted in (object, Any):
        return str if _is_reference(completes) else strict_json
    plain: dict[Any, Callable[[str], object]] = {int: int, float: _number, str: str, bool: _yes_or_no}
    return plain.get(wanted, _nothing_from_text)


def _is_reference(completes: str) -> bool:
    return completes not in ("", "python")


def _choice(text: str, choices: Sequence[object]) -> object:
    for choice in choices:
        if str(choice) == text:
            return choice
    raise ValueError


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _yes_or_no(text: str) -> bool:
    if text.lower() not in _YES_AND_NO:
        raise ValueError
    return _YES_AND_NO[text.lower()]


def _json_object(text: str) -> object:
    value = strict_json(text)
    if not isinstance(value, dict):
        raise ValueError
    return value


def _nothing_from_text(text: str) -> object:
    raise ValueError


def _json(text: str, spelling: str) -> object:
    try:
        return strict_json(text)
    except (ValueError, RecursionError):
        raise CommandError(f"{spelling} expects JSON or a $name.", hint="k=v is text.") from None
