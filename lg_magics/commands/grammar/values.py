"""A word of the line → a value of the type its parameter wants, or an error that says what was expected."""

from __future__ import annotations

import difflib
import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

from lg_magics.errors import CommandError, kind_of
from lg_magics.model.json_text import strict_json

from .comparisons import compared
from .names import path_from_text, value_of
from .parameters import Parameter
from .words import Word, pair_from_text

__all__ = ["expected", "filter_from_word", "pairs_from_object", "pairs_from_word", "resolved", "value_from_word"]

Names = Mapping[str, object]
Pair = tuple[str, str, Word]

_YES_AND_NO = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


def value_from_word(parameter: Parameter, word: Word, names: Names) -> object:
    """The value of an option or a positional.

    Raises:
        CommandError: The word is nothing of the parameter's type.
    """
    spelling = parameter.long or parameter.name.upper()
    if word.is_path:
        return _from_object(parameter.type, resolved(word, names), spelling)
    if word.text.startswith("$") and not word.is_quoted:
        raise CommandError(f"{spelling}: {word.text} is no Python name.", hint="Put quotes around text with a $.")
    try:
        return _from_text(parameter.type, word.text, parameter.completes)
    except ValueError as error:
        raise CommandError(f"{spelling} expects {expected(parameter)}, not {word.text!r}.{error}") from None


def resolved(word: Word, names: Names) -> object:
    """The object behind a `$name`."""
    path = path_from_text(word.text[1:])
    if path is None:
        raise CommandError(f"{word.text} is no Python name.")
    return value_of(path, names)


def pairs_from_word(spelling: str, pair: Pair | None, word: Word | None, names: Names) -> Mapping[str, object]:
    """One pair, or all pairs of a `$mapping`, as a mapping.

    Raises:
        CommandError: It is neither, or what follows `:=` is no JSON. The value is not told: it may be a secret.
    """
    if word is not None and word.is_path:
        return pairs_from_object(spelling, resolved(word, names))
    pair = pair or (pair_from_text(word.text) if word else None)
    if pair is None:
        raise CommandError(f"{spelling} expects K=V.", hint="k=v is text, k:=v is JSON or a $name.")
    key, sign, value = pair
    return {key: _value_of_pair(spelling, key, sign, value, names)}


def filter_from_word(
    spelling: str, known: Mapping[str, object], pair: Pair | None, word: Word | None, names: Names
) -> Mapping[str, object]:
    """What `pairs_from_word` gathers where pairs compare: the filter `known` with one more condition.

    Raises:
        CommandError: It is neither a pair nor a mapping, or does not fit what is known.
    """
    if word is not None and word.is_path:
        return {**known, **pairs_from_object(spelling, resolved(word, names))}
    pair = pair or (pair_from_text(word.text, compares=True) if word else None)
    if pair is None:
        raise CommandError(f"{spelling} expects K=V.", hint="k=v, k!=v: a text; k:=v: JSON; k>=v, k<v: a number.")
    key, sign, value = pair
    return compared(spelling, known, key, sign, _value_of_pair(spelling, key, sign, value, names))


def _value_of_pair(spelling: str, key: str, sign: str, value: Word, names: Names) -> object:
    if value.is_path:
        return resolved(value, names)
    return _json(value.text, f"{spelling} {key}{sign}") if sign.endswith(":=") else value.text


def pairs_from_object(spelling: str, value: object) -> Mapping[str, object]:
    """Check that an object is a mapping from text."""
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return value
    raise CommandError(f"{spelling} expects K=V or a mapping, got {kind_of(value)}.")


def expected(parameter: Parameter) -> str:
    """In words, what a parameter takes."""
    return " or ".join(dict.fromkeys(_in_words(member, parameter.completes) for member in _members(parameter.type)))


def _in_words(wanted: Any, completes: str) -> str:
    if get_origin(wanted) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(wanted) if choice != "")
    if _is(wanted, Mapping):
        return "a JSON object or a $mapping"
    if _is(wanted, Sequence):
        return "names with commas between them"
    if wanted in (object, Any):
        return f"a {completes} or a $name" if _is_reference(completes) else "JSON or a $name"
    words = {int: "a whole number", float: "a number", str: "text", bool: "on or off"}
    return words.get(wanted, f"a $name of a {getattr(wanted, '__name__', wanted)}")


def _from_text(wanted: Any, text: str, completes: str) -> object:
    """Try the members of a union in their order, text last. ValueError holds what to add to the message."""
    members = _members(wanted)
    added = ""
    for member in sorted(members, key=lambda each: each is str):
        convert = _converter(member, completes)
        try:
            return convert(text)
        except json.JSONDecodeError as error:
            if text[:1] in ("{", "["):  # meant as JSON
                added = f" {error.msg} at character {error.pos + 1}."
        except (ValueError, RecursionError) as error:
            if len(members) == 1 and get_origin(member) is Literal:
                added = str(error)
    raise ValueError(added)


def _converter(wanted: Any, completes: str) -> Callable[[str], object]:
    if get_origin(wanted) is Literal:
        return lambda text: _choice(text, get_args(wanted))
    if _is(wanted, Mapping):
        return _json_object
    if _is(wanted, Sequence):
        return lambda text: _listed(text, get_origin(wanted) or wanted)
    if wanted in (object, Any):
        return str if _is_reference(completes) else strict_json
    plain: dict[Any, Callable[[str], object]] = {int: int, float: _number, str: str, bool: _yes_or_no}
    return plain.get(wanted, _nothing_from_text)


def _from_object(wanted: Any, value: object, spelling: str) -> object:
    for member in _members(wanted):
        if member is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if member is str and isinstance(value, os.PathLike):
            return os.fspath(value)
        if _fits(member, value):
            return value
    words = " or ".join(dict.fromkeys(_in_words(member, "") for member in _members(wanted)))
    raise CommandError(f"{spelling} expects {words}, got {kind_of(value)}.")


def _fits(wanted: Any, value: object) -> bool:
    if wanted in (object, Any):
        return True
    if get_origin(wanted) is Literal:
        return value in get_args(wanted)
    if _is(wanted, Sequence):
        return isinstance(value, Sequence) and not isinstance(value, (str, bytes))
    if isinstance(value, bool):
        return wanted is bool
    return isinstance(value, get_origin(wanted) or wanted)


def _members(wanted: Any) -> tuple[Any, ...]:
    return get_args(wanted) if get_origin(wanted) is Union else (wanted,)


def _is(wanted: Any, kind: type) -> bool:
    origin = get_origin(wanted) or wanted
    return isinstance(origin, type) and issubclass(origin, kind) and not issubclass(origin, (str, bytes))


def _is_reference(completes: str) -> bool:
    return completes not in ("", "python")


def _choice(text: str, choices: Sequence[object]) -> object:
    for choice in choices:
        if str(choice) == text:
            return choice
    near = difflib.get_close_matches(text, list(map(str, choices)), n=1)
    raise ValueError(f" Did you mean {near[0]}?" if near else "")


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


def _listed(text: str, kind: type) -> object:
    items = json.loads(text) if text.startswith("[") else [item.strip() for item in text.split(",") if item.strip()]
    return tuple(items) if kind is tuple else items


def _nothing_from_text(text: str) -> object:
    raise ValueError


def _json(text: str, spelling: str) -> object:
    try:
        return strict_json(text)
    except (ValueError, RecursionError):
        raise CommandError(f"{spelling} expects JSON or a $name.", hint="k=v is text.") from None
