"""The Python entry point: each command as a function without a session argument. Depends on the catalogue; on no shell.

`lg.run("hi")` is the command `run` on the current session. A noun with verbs is a small object: `lg.thread.use("t2")`;
`lg.thread()` does the same as bare `%lg_thread`.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lg_magics.grammar.accept import surely_fits
from lg_magics.grammar.calling import call_command
from lg_magics.grammar.catalogue import CATALOGUE, default_verb, nouns, verbs
from lg_magics.grammar.help import help_of_noun
from lg_magics.grammar.line_errors import misfit
from lg_magics.grammar.lookup import command_named
from lg_magics.grammar.parameters import plain_annotation
from lg_magics.grammar.registry import Command
from lg_magics.model.visible_text import visible_text
from lg_magics.server.waits import notes_to

if TYPE_CHECKING:
    from lg_magics.session import Session

__all__ = ["HOME", "Noun", "PythonFunctions", "bound_function"]

HOME = "home"
"""The Python name of the command that is bare `%lg`."""

Current = Callable[[], "Session"]


class PythonFunctions:
    """Finds functions and nouns by name, and creates each once."""

    def __init__(self, current: Current) -> None:
        self._current = current
        self._made: dict[str, Callable[..., object]] = {}

    def names(self) -> list[str]:
        """All names: one for each noun."""
        return [noun or HOME for noun in nouns()]

    def find(self, name: str) -> Callable[..., object] | None:
        """The function or noun of this name, or None."""
        if name not in self._made:
            noun = "" if name == HOME else name
            if noun not in nouns():
                return None
            self._made[name] = self._make(noun)
        return self._made[name]

    def _make(self, noun: str) -> Callable[..., object]:
        return Noun(noun, self._current) if verbs(noun) else bound_function(command_named(noun), self._current)


class Noun:
    """A noun with verbs: its verbs are attributes, and calling it calls the noun's own command."""

    def __init__(self, noun: str, current: Current) -> None:
        self.__module__ = "lg_magics"
        self.__name__ = self.__qualname__ = noun
        self._current = current
        self._made: dict[str, Callable[..., object]] = {}

    def __repr__(self) -> str:
        return f"<lg.{self.__name__}: {', '.join(verbs(self.__name__))}>"

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *map(_python_verb, verbs(self.__name__))]

    def __reduce__(self) -> str:
        """Pickle it by its name, as a function; another process uses its own session."""
        return self.__qualname__

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name.startswith("_"):  # pickle and copy look for some before the object has a name
            raise AttributeError(name)
        for verb in verbs(self.__name__):
            if _python_verb(verb) == name:
                function = self._function(f"{self.__name__} {verb}")
                setattr(self, name, function)
                return function
        raise AttributeError(f"lg.{self.__name__} has no verb {name!r}: {', '.join(verbs(self.__name__))}")

    def __call__(self, *arguments: Any, **options: Any) -> object:
        """Call the command of the bare noun."""
        name = self.__name__ if self.__name__ in CATALOGUE else f"{self.__name__} {default_verb(self.__name__)}"
        if name not in CATALOGUE:
            raise TypeError(f"lg.{self.__name__} needs a verb: {', '.join(verbs(self.__name__))}")
        return self._function(name)(*arguments, **options)

    def getdoc(self) -> str:
        """The help that `lg.thread?` shows."""
        return help_of_noun(self.__name__, [command_named(f"{self.__name__} {verb}") for verb in verbs(self.__name__)])

    def _function(self, name: str) -> Callable[..., object]:
        return bound_function(command_named(name), self._current)


def bound_function(command: Command, current: Current) -> Callable[..., object]:
    """Bind a command to the current session; the function has the command's name, signature and docstring.

    Arguments that do not fit the signature raise CommandError before anything is done, as on a line.
    """
    function, signature = command.function, _signature(command.function)

    def bound(*arguments: Any, **options: Any) -> object:
        if not surely_fits(function, arguments, options):
            try:
                signature.bind(*arguments, **options)
            except TypeError as problem:
                raise misfit(f"lg.{bound.__qualname__}", str(problem), options, signature.parameters) from None
        session = current()
        with notes_to(_print_note if session.shows_notes() else None):
            return call_command(command, session, arguments, options)

    bound.__name__ = _python_verb(command.verb or command.noun) or HOME
    bound.__qualname__ = ".".join(map(_python_verb, command.name.split())) or HOME
    bound.__doc__ = function.__doc__
    bound.__module__ = "lg_magics"
    bound.__signature__ = signature  # type: ignore[attr-defined]  # inspect reads it
    return bound


def _print_note(words: str) -> None:
    """Print what a call waits for, to stderr."""
    if words:
        print(visible_text(words), file=sys.stderr)


def _signature(function: Callable[..., object]) -> inspect.Signature:
    """The signature without the session and without the markers that only the line needs."""
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())[1:]
    return signature.replace(
        parameters=[each.replace(annotation=plain_annotation(function, each.annotation)) for each in parameters],
        return_annotation=plain_annotation(function, signature.return_annotation),
    )


def _python_verb(verb: str) -> str:
    return verb.replace("-", "_")
