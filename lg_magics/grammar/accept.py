"""Checks and converts a value for its parameter. The same check for lines, Python functions, buttons and rows. Knows no line.

A line converts a word to a value first (see `values`). The check does not depend on where a value comes from.
"""

from __future__ import annotations

import difflib
import inspect
import json
import math
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, partial
from numbers import Integral, Real
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from lg_magics.errors import CommandError, type_phrase
from lg_magics.grammar.parameters import Parameter
from lg_magics.model.json_text import check_json

__all__ = ["CURRENT", "accept", "accept_call", "is_kind", "listed", "members", "surely_fits"]

CURRENT = "Leave it out if you mean the current one."  # a value that names none must not mean it: it may be deleted
_OBJECTS = ("assistant", "batch", "cron", "run", "thread")
_SHOWN = 40


def accept_call(
    function: Callable[..., object],
    parameters: Sequence[Parameter],
    arguments: Sequence[object],
    options: Mapping[str, object],
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Check the arguments of a call of `function`, without the session, and convert them.

    Raises:
        CommandError: A value does not fit its parameter.
        TypeError: The arguments do not fit the signature.
    """
    bound = None
    given = _by_name(function, arguments, options)
    if given is None:
        bound = _signature(function).bind(None, *arguments, **options)
        given = bound.arguments
    for each in parameters:
        if each.name not in given:
            continue
        if each.role == "positional" and each.many and isinstance(given[each.name], Collection):
            given[each.name] = tuple(accept(each, value) for value in given[each.name])
        elif not each.spread:
            given[each.name] = accept(each, given[each.name])
        elif each.is_json:
            for name, value in given[each.name].items():
                check_json(value, name)
    return ((), given) if bound is None else (bound.args[1:], bound.kwargs)


def surely_fits(function: Callable[..., object], arguments: Sequence[object], options: Mapping[str, object]) -> bool:
    """Whether a call of `function`, without the session, fits its signature. If False, it may fit: a bind decides."""
    return _by_name(function, arguments, options) is not None


def _by_name(
    function: Callable[..., object], arguments: Sequence[object], options: Mapping[str, object]
) -> dict[str, Any] | None:
    """The arguments by name. `Signature.bind` does the same in 0.1 ms, since it goes through all parameters several times.

    Returns:
        None if they do not fit, or if the function has `*words` or `**pairs`.
    """
    form = _form(function)
    if form is None or len(arguments) > len(form.positional):
        return None
    given = dict(zip(form.positional, arguments, strict=False))
    if not (given.keys().isdisjoint(options) and form.names.issuperset(options)):
        return None
    given.update(options)
    return given if given.keys() >= form.required else None


class _Form(NamedTuple):
    """The parameters of a function, without the session."""

    positional: tuple[str, ...]
    names: frozenset[str]
    required: frozenset[str]


@cache
def _form(function: Callable[..., object]) -> _Form | None:
    """The form of a function; None if it has `*words` or `**pairs`."""
    parameters = list(_signature(function).parameters.values())[1:]
    by_place = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    if any(each.kind not in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY) for each in parameters):
        return None
    return _Form(
        tuple(each.name for each in by_place),
        frozenset(each.name for each in parameters),
        frozenset(each.name for each in parameters if each.default is each.empty),
    )


@cache
def _signature(function: Callable[..., object]) -> inspect.Signature:
    """The signature of a command; making one takes 0.1 ms."""
    return inspect.signature(function)


def accept(parameter: Parameter, value: object, *, hint: str = "") -> object:
    """Convert a value to its parameter's type: a path to text, a numpy number to a Python one, `a,b` to a list.

    Args:
        parameter: the parameter.
        value: the value.
        hint: the hint of the error; otherwise a near spelling, if there is one.

    Raises:
        CommandError: The value does not fit. The message holds the value only if it cannot be a secret.
    """
    if value is None and parameter.default is None and not parameter.required:
        return None
    for convert, is_mapping in _ways(parameter.type):
        try:
            accepted = convert(value)
        except (TypeError, ValueError):
            continue
        for bound in parameter.bounds:
            if not bound.allows(accepted):
                raise CommandError(f"{_name(parameter)} must be {bound.words}, got {_number_words(accepted)}.")
        if parameter.is_json or is_mapping:
            check_json(accepted, _name(parameter))
        if parameter.completes in _OBJECTS and isinstance(accepted, str) and not accepted.strip():
            raise CommandError(
                f"{_name(parameter)} is an empty text, and names no {parameter.completes}.", hint=CURRENT
            )
        return accepted
    got = _got(parameter, value)
    raise CommandError(
        f"{_name(parameter)} must be {_wanted(parameter)}, got {got}.", hint=hint or _near(parameter, value)
    )


def members(wanted: Any) -> tuple[Any, ...]:
    """The members of a union; the type itself otherwise."""
    return get_args(wanted) if get_origin(wanted) is Union else (wanted,)


def is_kind(wanted: Any, kind: type) -> bool:
    """Whether a type is a subclass of `kind` (Mapping or Sequence), and not text."""
    origin = get_origin(wanted) or wanted
    return isinstance(origin, type) and issubclass(origin, kind) and not issubclass(origin, (str, bytes))


def listed(text: str) -> list[str]:
    """The names in a text: `a, b`, or a JSON list. ValueError: it begins as a JSON list, but is not valid JSON."""
    if text.startswith("["):
        try:
            return list(json.loads(text))
        except RecursionError:
            raise ValueError("it is nested too deep") from None
    return [item.strip() for item in text.split(",") if item.strip()]


@cache
def _ways(wanted: Any) -> tuple[tuple[Callable[[Any], object], bool], ...]:
    """For each member of a type, its converter, which raises ValueError or TypeError, and whether it is a mapping."""
    return tuple((_converter(each), is_kind(each, Mapping)) for each in members(wanted))


def _converter(wanted: Any) -> Callable[[Any], object]:
    if wanted in (object, Any):
        return _same
    if get_origin(wanted) is Literal:
        return partial(_choice, get_args(wanted))
    if wanted in _CONVERTERS:
        return _CONVERTERS[wanted]
    if is_kind(wanted, Mapping):
        return _mapping
    if is_kind(wanted, Sequence):
        return _names
    return partial(_instance, get_origin(wanted) or wanted)


def _same(value: Any) -> object:
    return value


def _instance(kind: type, value: Any) -> object:
    if isinstance(value, bool) or not isinstance(value, kind):
        raise ValueError
    return value


def _choice(choices: Sequence[object], value: Any) -> object:
    for each in choices:
        if isinstance(value, type(each)) and value == each:
            return each
    raise ValueError


def _switch(value: Any) -> bool:
    if isinstance(value, bool) or (type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_")):
        return bool(value)
    raise ValueError


def _whole_number(value: Any) -> int:
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    raise ValueError


def _number(value: Any) -> float:
    if isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise ValueError


def _text(value: Any) -> str:
    text = os.fspath(value) if isinstance(value, os.PathLike) else value
    if isinstance(text, str):
        return text
    raise ValueError


def _mapping(value: Any) -> Mapping[str, object]:
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return value
    raise ValueError


def _names(value: Any) -> list[str]:
    found = listed(value) if isinstance(value, str) else value
    if not isinstance(found, Collection) or isinstance(found, (Mapping, bytes, bytearray)):
        raise ValueError
    names = list(found)
    if all(isinstance(each, str) for each in names):
        return names
    raise ValueError


_CONVERTERS: Mapping[Any, Callable[[Any], object]] = {
    bool: _switch,
    int: _whole_number,
    float: _number,
    str: _text,
}

# -- the words of an error --------------------------------------------------------------------------------------


def _name(parameter: Parameter) -> str:
    return parameter.name.rstrip("_")


def _wanted(parameter: Parameter) -> str:
    """The type that a parameter takes, in words."""
    unit = next((f" of {bound.unit}" for bound in parameter.bounds if bound.unit), "")
    return " or ".join(dict.fromkeys(_in_words(member, unit) for member in members(parameter.type)))


def _in_words(wanted: Any, unit: str) -> str:
    if get_origin(wanted) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(wanted) if choice != "")
    if is_kind(wanted, Mapping):
        return "a mapping"
    if is_kind(wanted, Sequence):
        return "a list of names"
    words = {int: f"a whole number{unit}", float: f"a number{unit}", str: "text", bool: "True or False"}
    return words.get(wanted, f"a {getattr(wanted, '__name__', wanted)}")


def _got(parameter: Parameter, value: object) -> str:
    """A value in words. Text is shown only for parameters that take no text, because it may be a secret."""
    harmless = (bool, int, float)
    can_be_shown = all(get_origin(each) is Literal or each in harmless for each in members(parameter.type))
    if isinstance(value, Mapping):
        return "one with a key that is not text" if "mapping" in _wanted(parameter) else type_phrase(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if not can_be_shown or not isinstance(value, (str, Real)):
        return type_phrase(value)
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…")
    return _number_words(value)


def _number_words(number: object) -> str:
    return f"{number:g}" if isinstance(number, float) else str(number)


def _near(parameter: Parameter, value: object) -> str:
    choices = [
        str(each) for member in members(parameter.type) if get_origin(member) is Literal for each in get_args(member)
    ]
    near = difflib.get_close_matches(value, choices, n=1) if isinstance(value, str) else []
    return f"Did you mean {near[0]}?" if near else ""
