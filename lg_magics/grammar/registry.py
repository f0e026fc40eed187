"""The decorator and the class of a command: a typed function on a session, and its name. Depends on no command or session.

    @command("thread use", group="Threads")
    def use(session: Session, thread: Annotated[str, Positional(completes="thread")]) -> Thread: ...

The name is a noun and, where there is one, a verb: `thread use` is `%lg_thread use` and `lg.thread.use`; an
empty name is home, bare `%lg`. Commands are not listed here: each function carries its command, and `catalogue`
has the names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from lg_magics.grammar.catalogue import magic_name
from lg_magics.grammar.docstrings import Docstring, docstring_from_text
from lg_magics.grammar.parameters import MAGIC_OPTIONS, Parameter, parameters_of
from lg_magics.grammar.shared_options import borrow_options

__all__ = ["Command", "command", "command_of"]

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., object])

_MARK = "__lg_command__"


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
        docstring = docstring_from_text(function.__doc__)
        help = docstring.arguments
        if options_of and (lender := command_of(options_of)):
            help = {**borrow_options(function, options_of, without, lender.docstring.arguments), **help}
        parameters = parameters_of(function, help)
        setattr(function, _MARK, Command(name, group, function, parameters, docstring))
        return function

    return register


def command_of(function: object) -> Command | None:
    """The command that a function carries, or None."""
    found = getattr(function, _MARK, None)
    return found if isinstance(found, Command) else None
