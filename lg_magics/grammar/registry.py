"""The decorator and the class of a command: a typed function on a session, its name, and its docstring. Depends on no command.

    @command("thread use", group="Threads")
    def use(session: Session, thread: Annotated[str, Positional(completes="thread")]) -> Thread: ...

The name is a noun and, where there is one, a verb: `thread use` is `%lg_thread use` and `lg.thread.use`; an
empty name is home, bare `%lg`. Commands are not listed here: each function carries its command, and `catalogue`
has the names. `command(options_of=…)` takes the options of another command, with their types, defaults and help.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from lg_magics.grammar.catalogue import magic_name
from lg_magics.grammar.parameters import MAGIC_OPTIONS, Parameter, evaluated, parameters_of

__all__ = ["Command", "command", "command_of"]

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., object])
_MARK = "__lg_command__"
_SECTION = re.compile(r"^(Args|Returns|Raises|Examples?|Yields|Notes?):[ \t]*$", re.M)
_ARGUMENT = re.compile(r"^\*{0,2}(\w+)(?: \([^)]*\))?:[ \t]*(.*)$")


@dataclass(frozen=True, slots=True)
class Docstring:
    """The parts of a docstring that the help uses."""

    summary: str = ""
    description: str = ""
    arguments: dict[str, str] = field(default_factory=dict)
    example: str = ""
    returns: str = ""
    raises: str = ""


def _docstring_from_text(text: str | None) -> Docstring:
    """Split a Google docstring into its parts; missing parts are empty."""
    pieces = _SECTION.split(inspect.cleandoc(text or ""))
    summary, _, description = pieces[0].strip().partition("\n\n")
    sections = {
        name.rstrip("s"): inspect.cleandoc("\n" + body) for name, body in zip(pieces[1::2], pieces[2::2], strict=True)
    }
    return Docstring(
        summary=" ".join(summary.split()),
        description=description.strip(),
        arguments=_arguments(sections.get("Arg", "")),
        example=sections.get("Example", "").strip(),
        returns=sections.get("Return", "").strip(),
        raises=sections.get("Raise", "").strip(),
    )


def _arguments(section: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in section.splitlines():
        if match := _ARGUMENT.match(line):
            current = found.setdefault(match[1], [match[2]])
        else:
            current.append(line.strip())
    return {name: " ".join(" ".join(lines).split()) for name, lines in found.items()}


@dataclass(frozen=True)
class Command:
    """A function with four entry points: the magic, the Python function, the button and the panel row."""

    name: str
    group: str
    function: Callable[..., object] = field(repr=False)
    parameters: tuple[Parameter, ...] = field(repr=False)
    docstring: Docstring = field(repr=False)

    @property
    def noun(self) -> str:
        """The first word of the name."""
        return self.name.partition(" ")[0]

    @property
    def verb(self) -> str:
        """The second word of the name; "" if there is none."""
        return self.name.partition(" ")[2]

    @property
    def magic(self) -> str:
        """The magic's name without the `%` and the verb: `lg_thread`."""
        return magic_name(self.noun)

    @property
    def typed(self) -> str:
        """The command as a person types it: `%lg_thread use`."""
        return f"%{self.magic} {self.verb}".rstrip()

    @property
    def summary(self) -> str:
        """The first sentence of the docstring."""
        return self.docstring.summary

    @property
    def example(self) -> str:
        """The example of the docstring."""
        return self.docstring.example

    @property
    def tail(self) -> Parameter | None:
        """The parameter that takes the text, if there is one."""
        return next((each for each in self.parameters if each.role == "tail"), None)

    @property
    def positionals(self) -> tuple[Parameter, ...]:
        """The positional parameters, without the tail."""
        return tuple(each for each in self.parameters if each.role == "positional")

    @property
    def options(self) -> tuple[Parameter, ...]:
        """The command's own options, in the order of its signature."""
        return tuple(each for each in self.parameters if each.long)

    @property
    def pairs(self) -> Parameter | None:
        """The parameter that takes bare `k=v` words, if there is one."""
        return next((each for each in self.parameters if each.role == "pairs" and each.many), None)

    @property
    def by_flag(self) -> Mapping[str, Parameter]:
        """From each spelling to its option, with the magic's own options and positionals that may be given as options."""
        return {flag: each for each in (*self.parameters, *self.magic_options) for flag in each.flags}

    @property
    def magic_options(self) -> tuple[Parameter, ...]:
        """The options of its magic, beside its own."""
        return tuple(each for name, each in MAGIC_OPTIONS.items() if name != "format" or self.tail)


def command(
    name: str, *, group: str, options_of: Callable[..., object] | None = None, without: Collection[str] = ()
) -> Callable[[AnyFunction], AnyFunction]:
    """Register a function on a session as a command. The function itself is returned unchanged.

    Args:
        name: A noun, or a noun and a verb: `run`, `thread use`. Empty for home.
        group: The heading that it is listed under.
        options_of: A command whose options it takes too, in place of its `**rest`.
        without: The names of the options that it does not take.
    """

    def register(function: AnyFunction) -> AnyFunction:
        docstring = _docstring_from_text(function.__doc__)
        help = docstring.arguments
        if options_of and (lender := command_of(options_of)):
            help = {**_borrow_options(function, options_of, without, lender.docstring.arguments), **help}
        parameters = parameters_of(function, help)
        setattr(function, _MARK, Command(name, group, function, parameters, docstring))
        return function

    return register


def command_of(function: object) -> Command | None:
    """The command that a function carries, or None."""
    found = getattr(function, _MARK, None)
    return found if isinstance(found, Command) else None


def _borrow_options(
    function: Callable[..., object], lender: Callable[..., object], without: Collection[str], help: Mapping[str, str]
) -> Mapping[str, str]:
    """Add the lender's keyword-only parameters to the signature of `function`, except those in `without` and its own.

    Returns:
        The help of the added parameters, from the lender's `help`.
    """
    signature = inspect.signature(function)
    own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
    taken = {each.name for each in own} | set(without)
    borrowed = [
        each.replace(annotation=evaluated(lender, each.annotation))
        for each in inspect.signature(lender).parameters.values()
        if each.kind is each.KEYWORD_ONLY and each.name not in taken
    ]
    vars(function)["__signature__"] = signature.replace(parameters=[*own, *borrowed])
    return {each.name: help[each.name] for each in borrowed if each.name in help}
