"""The parameters of a command, compiled from its signature. Depends on types and help words; on no line, no session.

Option        a keyword-only parameter: `--assistant NAME`, a bool is `--wait` and `--no-wait`, a `bool | int` also `--xray 2`
KeyValues     an option that may be repeated and gathers `k=v` pairs; on a positional or `**pairs`, bare words
Positional    a positional parameter; `*references` takes any number of them
Tail          the last positional parameter: the rest of the line, verbatim
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

__all__ = [
    "MAGIC_OPTIONS",
    "AsJson",
    "AtLeast",
    "AtMost",
    "KeyValues",
    "Option",
    "Parameter",
    "Positional",
    "Tail",
    "evaluated",
    "parameters_of",
    "plain_annotation",
]

Role = Literal["option", "flag", "pairs", "positional", "tail"]


@dataclass(frozen=True, slots=True)
class Option:
    """An option with a value, or a flag.

    Attributes:
        short: The short spelling, as `-a`.
        value: The word for the value in the help; derived from the type if empty.
        completes: The kind of object that its value names: `assistant`, `thread`, `run`, `python`, …
        everyday: False hides it from the short help.
    """

    short: str = ""
    value: str = ""
    completes: str = ""
    everyday: bool = True


@dataclass(frozen=True, slots=True)
class KeyValues:
    """An option that gathers pairs: `k=v` is text, `k:=v` is JSON or `$name`, `$mapping` is many at once.

    With `compares`, it also takes `k!=v`, `k>=v` and so on, and gathers a filter (see `comparisons`).
    """

    short: str = ""
    value: str = "K=V"
    completes: str = ""
    everyday: bool = True
    compares: bool = False


@dataclass(frozen=True, slots=True)
class Positional:
    """A word of the line by its place; `many` takes all that follow (a `*parameter` always does).

    With `short`, it may also be given as an option: `Positional("thread", short="-t")` as `-t t2` and as `--thread t2`. With
    `unless`, it takes no word after that option: the text follows.
    """

    completes: str = ""
    many: bool = False
    value: str = ""
    short: str = ""
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Tail:
    """The rest of the line, or the body of a cell, verbatim."""

    value: str = ""


@dataclass(frozen=True, slots=True)
class AsJson:
    """The parameter's value is sent to the server as JSON: `Annotated[object, Option("-i"), AsJson()]`. A mapping always is."""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The smallest number that a parameter takes: `Annotated[int, AtLeast(1)]`; `unit` is the unit of the number."""

    number: float
    unit: str = ""

    @property
    def words(self) -> str:
        """The condition in words: `at least 1`, `>= 0 seconds`."""
        return f">= {self.number:g} {self.unit}" if self.unit else f"at least {self.number:g}"

    def allows(self, value: Any) -> bool:
        """Whether a number is large enough."""
        return bool(value >= self.number)


@dataclass(frozen=True, slots=True)
class AtMost:
    """The largest number that a parameter takes."""

    number: int
    unit: str = ""

    @property
    def words(self) -> str:
        """The condition in words: `at most 64`."""
        return f"at most {self.number}"

    def allows(self, value: Any) -> bool:
        """Whether a number is small enough."""
        return bool(value <= self.number)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One compiled parameter, with everything that the grammar, the help and the completion need.

    Attributes:
        many: It takes any number of words of the line.
        spread: It is `*name` or `**name` in the function's signature.
        compares: Its pairs may also be comparisons.
        unless: After this option it takes no word.
        bounds: The range of a number.
        is_json: Its value is sent to the server as JSON.
    """

    name: str
    role: Role
    type: Any = str
    required: bool = False
    default: object = None
    short: str = ""
    value: str = ""
    completes: str = ""
    many: bool = False
    spread: bool = False
    compares: bool = False
    unless: str = ""
    everyday: bool = True
    help: str = ""
    bounds: tuple[AtLeast | AtMost, ...] = ()
    is_json: bool = False

    @property
    def long(self) -> str:
        """The long spelling of an option, `--interrupt-before`; "" if it is not an option."""
        if self.role not in ("option", "flag", "pairs") or self.many:
            return ""
        return "--" + self.name.rstrip("_").replace("_", "-")

    @property
    def negative(self) -> str:
        """The spelling that turns a flag off, `--no-wait`; "" if it is not a flag."""
        return self.long.replace("--", "--no-", 1) if self.role == "flag" and self.name not in _ONE_WAY else ""

    @property
    def flags(self) -> tuple[str, ...]:
        """Every spelling of an option, or of a positional that may be given as one."""
        if self.role == "positional":
            return (self.short, f"--{self.completes}") if self.short else ()
        return tuple(flag for flag in (self.short, self.long, self.negative) if flag)

    @property
    def shown(self) -> str:
        """The spelling of an option, or the word for a positional or tail, as the help shows it."""
        if self.role == "flag" and self.default is True:
            return self.negative
        return self.long or self.value


_ONE_WAY = frozenset({"quiet", "help", "format"})

MAGIC_OPTIONS: Mapping[str, Parameter] = {
    "output": Parameter("output", "option", short="-o", value="NAME", help="Bind the result to this name too."),
    "quiet": Parameter("quiet", "flag", type=bool, default=False, help="Show nothing."),
    "format": Parameter(
        "format", "flag", type=bool, default=False, short="-f", help="Fill in {name} in the text with Python values."
    ),
    "help": Parameter("help", "flag", type=bool, default=False, help="This help; --help all has the rare options."),
}
"""The options of every magic beside its command's own (`format` only where there is text)."""

_Marker = Option | KeyValues | Positional | Tail


def parameters_of(function: Callable[..., object], help_by_name: Mapping[str, str]) -> tuple[Parameter, ...]:
    """Compile the parameters of `function`, all but its first, the session.

    Raises:
        TypeError: The signature makes lines ambiguous.
    """
    given = list(inspect.signature(function).parameters.values())[1:]
    compiled = tuple(_parameter(function, each, help_by_name.get(each.name, "")) for each in given)
    _check(function.__qualname__, compiled)
    return compiled


def _parameter(function: Callable[..., object], given: inspect.Parameter, help_text: str) -> Parameter:
    annotation, extras = _annotation(function, given)
    marker = next((each for each in extras if isinstance(each, _Marker)), None) or _marker_by_place(given)
    required = given.default is given.empty and given.kind in (given.POSITIONAL_OR_KEYWORD, given.KEYWORD_ONLY)
    spread = given.kind in (given.VAR_POSITIONAL, given.VAR_KEYWORD)
    is_json = isinstance(marker, KeyValues) or any(isinstance(each, AsJson) for each in extras)
    common: dict[str, Any] = {"type": annotation, "required": required, "spread": spread, "help": help_text}
    common |= {"default": None if given.default is given.empty else given.default, "is_json": is_json}
    common |= {"bounds": tuple(each for each in extras if isinstance(each, AtLeast | AtMost))}
    match marker:
        case Tail(value):
            return Parameter(given.name, "tail", value=value or given.name.upper(), **common)
        case Positional(completes, many, value, short, unless):
            value = value or _value_word(given.name, annotation if get_origin(annotation) is Literal else str)
            common |= {"many": many or spread, "completes": completes, "unless": unless}
            common["type"] = next(iter(get_args(annotation)), str) if many and not spread else annotation
            return Parameter(given.name, "positional", short=short, value=value, **common)
        case KeyValues(short, value, completes, everyday, compares):
            common |= {"many": given.kind is not given.KEYWORD_ONLY, "completes": completes, "everyday": everyday}
            return Parameter(given.name, "pairs", short=short, value=value, compares=compares, **common)
        case Option(short, value, completes, everyday):
            role: Role = "flag" if bool in (annotation, *get_args(annotation)) else "option"
            value = value or _value_word(given.name, annotation)
            common |= {"short": short, "value": value, "completes": completes, "everyday": everyday}
            return Parameter(given.name, role, **common)


def _marker_by_place(given: inspect.Parameter) -> _Marker:
    if given.kind is given.VAR_KEYWORD:
        return KeyValues()
    return Option() if given.kind is given.KEYWORD_ONLY else Positional()


def plain_annotation(function: Callable[..., object], annotation: Any) -> Any:
    """An annotation of `function` as a type, without markers; as it was written if its names are not importable."""
    try:
        annotation = evaluated(function, annotation)
    except NameError:
        return annotation
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _annotation(function: Callable[..., object], given: inspect.Parameter) -> tuple[Any, Sequence[Any]]:
    """The parameter's type without `None`, and what its annotation adds: its marker, its bounds, AsJson."""
    try:
        annotation = evaluated(function, given.annotation)
    except NameError as error:
        raise TypeError(f"{function.__qualname__}: the type of {given.name!r} is not importable: {error}") from error
    extras: Sequence[Any] = ()
    if get_origin(annotation) is Annotated:
        annotation, *extras = get_args(annotation)
    return _without_none(annotation if annotation is not inspect.Parameter.empty else str), extras


def evaluated(function: Callable[..., object], annotation: Any) -> Any:
    """An annotation of `function` as an object, markers and all."""
    if not isinstance(annotation, str):
        return annotation
    names = {"Mapping": Mapping, "Sequence": Sequence, **getattr(function, "__globals__", {})}
    return eval(annotation, names)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        members = tuple(member for member in get_args(annotation) if member is not type(None))
        return members[0] if len(members) == 1 else Union[members]  # noqa: UP007 - made at run time
    return annotation


def _value_word(name: str, annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return "|".join(str(choice) for choice in get_args(annotation) if choice != "")
    words = {bool: "", bool | int: "[N]", int: "N", float: "NUMBER"}
    return words.get(annotation, re.sub(r".*_", "", name.rstrip("_")).upper())


def _check(owner: str, parameters: Sequence[Parameter]) -> None:
    places = [each for each in parameters if each.role in ("positional", "tail")]
    if any(each.role == "tail" for each in places[:-1]):
        raise TypeError(f"{owner}: a Tail is the last positional parameter, and there is only one")
    if (
        places
        and places[-1].role == "tail"
        and not all((each.required or each.unless) and not each.many for each in places[:-1])
    ):
        raise TypeError(f"{owner}: before a Tail, every positional parameter must be a required one")
    spellings = [flag for each in (*parameters, *MAGIC_OPTIONS.values()) for flag in each.flags]
    if twice := sorted({flag for flag in spellings if spellings.count(flag) > 1}):
        raise TypeError(f"{owner}: {', '.join(twice)} means two things")
