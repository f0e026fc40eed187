"""What a function of the Python door was given, held against what its command takes. Knows types; knows no line.

Only texts, mappings and whole numbers are looked at: another thing in their place fails somewhere inside, or is sent as what
nobody meant. A number of any library is one, and what refers to a thing is seen to by who resolves it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any, Union, get_args, get_origin

from lg_magics.errors import CommandError, kind_of

from .parameters import Parameter

__all__ = ["check_given"]

WORDS: Mapping[Any, str] = {str: "a text", Mapping: "a mapping", int: "a whole number"}


def check_given(name: str, parameters: Sequence[Parameter], given: Mapping[str, object]) -> None:
    """Refuse what surely is no text, mapping or whole number where only that is wanted.

    Args:
        name: of the function, for the message.
        parameters: of its command.
        given: the arguments by their names.

    Raises:
        CommandError: it is not; the message names the parameter. The value is not told: it may be a secret.
    """
    for parameter in parameters:
        value = given.get(parameter.name)
        if parameter.name not in given or parameter.many or parameter.spread or parameter.role == "flag":
            continue
        may_be_none = parameter.default is None and not parameter.required
        wanted = [_plain(each) for each in _members(parameter.type)]
        if set(wanted) <= set(WORDS) and not (
            (value is None and may_be_none) or any(_fits(each, value) for each in wanted)
        ):
            words = " or ".join(WORDS[each] for each in wanted)
            raise CommandError(f"{name}: {parameter.name} is {words}, and not {kind_of(value)}.")


def _members(wanted: Any) -> Sequence[Any]:
    return get_args(wanted) if get_origin(wanted) is Union else (wanted,)


def _plain(wanted: Any) -> Any:
    return get_origin(wanted) or wanted


def _fits(wanted: Any, value: object) -> bool:
    if wanted is int:
        return isinstance(value, Integral) and not isinstance(value, bool)
    return isinstance(value, (str, os.PathLike) if wanted is str else Mapping)
