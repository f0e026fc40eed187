"""Parses a line, and the body of a cell, into the call of a command. Pure; depends on no session and no notebook.

Options and positionals come in any order. The text of a command starts at the first word after the positionals that is not an
option, or after `--`, and is taken verbatim to the end. In a cell magic the text is the body.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

from lg_magics.errors import CommandError
from lg_magics.grammar.accept import accept, members
from lg_magics.grammar.line_errors import option_after_text, too_many, unknown_option
from lg_magics.grammar.names import PATH, interpolated, joined_paths
from lg_magics.grammar.parameters import Parameter
from lg_magics.grammar.registry import Command
from lg_magics.grammar.trailing_options import is_option_like, trailing_options
from lg_magics.grammar.values import (
    filter_from_word,
    mapping_from_word,
    pairs_from_word,
    resolved,
    value_from_word,
)
from lg_magics.grammar.words import Line, Word

__all__ = ["Call", "call_from_line"]

NO_NAMES: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Call:
    """The call that a line requests.

    Attributes:
        arguments: Positional arguments of the function, after the session.
        options: Its keyword arguments.
        output: The name to bind the result to; "" for none.
        is_quiet: Whether to show nothing.
        help: `everyday` or `all` if help is requested instead.
    """

    arguments: tuple[object, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)
    output: str = ""
    is_quiet: bool = False
    help: str = ""


def call_from_line(
    command: Command, line: str, body: str | None = None, names: Mapping[str, object] = NO_NAMES
) -> Call:
    """Read a line, and a cell's body, as a call of `command`.

    Args:
        command: The command of the line.
        line: The line after the magic's name and verb.
        body: The cell's other lines for a cell magic, None for a line magic.
        names: Where `$name` and, with -f, `{name}` are looked up.

    Raises:
        CommandError: The line cannot be read; the message says what to type instead.
    """
    return _Reading(command, line, names).call(body)


class _Reading:
    """The state while one line is parsed."""

    def __init__(self, command: Command, line: str, names: Mapping[str, object]) -> None:
        self.command = command
        self.line = Line(line)
        self.names = names
        self.by_flag = command.by_flag
        self.arguments: list[object] = []
        self.placed: set[str] = set()
        self.options: dict[str, object] = {}
        self.pairs: dict[str, object] = {}
        self.paired: set[tuple[str, str]] = set()
        self.magic_options: dict[str, object] = {}
        self.text = ""

    def call(self, body: str | None) -> Call:
        self._read_line()
        if "help" in self.magic_options:
            return Call(help=str(self.magic_options["help"]))
        self._read_body(body)
        self._take_text()
        self._check_all_there()
        self._name_places()
        return Call(
            self._grouped_arguments(),
            {**self.options, **self._bare_pairs()},
            str(self.magic_options.get("output", "")),
            bool(self.magic_options.get("quiet")),
        )

    # -- the line -----------------------------------------------------------------------------------------------

    def _read_line(self) -> None:
        while not self.line.is_at_end and "help" not in self.magic_options:
            word = self.line.peek()
            if word == "--":
                self.line.take()
                return self._take_rest(is_marked=True)
            if is_option_like(word):
                self._take_option()
            elif not self._take_place():
                return self._take_rest(is_marked=False)
        return None

    def _take_place(self) -> bool:
        """Take the next word for a positional or a bare pair, if one is wanted."""
        if self.command.pairs and (pair := self.line.take_pair()):
            self._once_in("", "", pair[0])
            self.pairs |= pairs_from_word(pair[0], pair, None, self.names)
            return True
        places = [
            each
            for each in self.command.positionals
            if each.name not in self.options and each.unless not in self.options
        ]
        if not places or (len(self.arguments) >= len(places) and not places[-1].many):
            return False
        place = places[min(len(self.arguments), len(places) - 1)]
        self.placed.add(place.name)
        self.arguments.append(value_from_word(place, self.line.take_value(), self.names))
        return True

    def _take_rest(self, *, is_marked: bool) -> None:
        rest, start = self.line.rest, self.line.at
        if self.command.tail is None and rest:
            raise too_many(self.command, rest)
        if not is_marked and (option_at := trailing_options(rest, self.by_flag)) is not None:
            raise option_after_text(self.command, self.line.text[:start], rest[:option_at], rest[option_at:])
        self.text = rest

    # -- options ------------------------------------------------------------------------------------------------

    def _take_option(self) -> None:
        flag, glued, _ = self.line.peek().partition("=")
        option = self.by_flag.get(flag)
        if option is None:
            raise unknown_option(self.command, flag, self.by_flag)
        self.line.at += len(flag) + len(glued)
        if not glued:
            self.line.skip_space()
        if option.role == "flag":
            self._take_flag(option, flag, bool(glued))
        elif option.role == "pairs":
            self._take_pairs(option, flag, bool(glued))
        else:
            self._once(option, flag)
            value = value_from_word(option, self._option_value(option, flag, bool(glued)), self.names)
            self._keep(option, _python_name(value) if option is self._magic_option("output") else value)

    def _take_flag(self, option: Parameter, flag: str, is_glued: bool) -> None:
        if int in members(option.type) and flag == option.long and re.fullmatch("[0-9]{1,9}", self.line.peek()):
            self._once(option, flag)
            return self._keep(option, int(self.line.take()))
        if is_glued:
            accept(option, self.line.peek(), hint=f"{flag} takes no value: it means yes{_or_no(option)}.")
        self._once(option, flag)
        if option is self._magic_option("help"):
            self.magic_options["help"] = "all" if self.line.peek() == "all" else "everyday"
        else:
            self._keep(option, flag != option.negative)
        return None

    def _take_pairs(self, option: Parameter, flag: str, is_glued: bool) -> None:
        self._check_value_follows(option, flag, is_glued)
        pair = self.line.take_pair(compares=option.compares)
        word = None if pair else self.line.take_value()
        known = cast("dict[str, object]", self.options.setdefault(option.name, {}))
        if word is not None and word.is_path:
            self.options[option.name] = {**known, **mapping_from_word(option, word, self.names)}
        elif option.compares:
            self.options[option.name] = filter_from_word(flag, known, pair, word, self.names)
        else:
            given = pairs_from_word(flag, pair, word, self.names)
            self._once_in(option.name, f"{flag} ", *given)
            self.options[option.name] = {**known, **given}

    def _option_value(self, option: Parameter, flag: str, is_glued: bool) -> Word:
        self._check_value_follows(option, flag, is_glued)
        return self.line.take_value()

    def _check_value_follows(self, option: Parameter, flag: str, is_glued: bool) -> None:
        following = self.line.peek()
        if not following or (not is_glued and (is_option_like(following) or following == "--")):
            found = f", and {following} is an option" if following else ""
            raise CommandError(f"{flag} needs a value{found}.", hint=f"{flag} {option.value}")

    def _keep(self, option: Parameter, value: object) -> None:
        (self.magic_options if option is self._magic_option(option.name) else self.options)[option.name] = value

    def _magic_option(self, name: str) -> Parameter | None:
        return next((each for each in self.command.magic_options if each.name == name), None)

    def _once(self, option: Parameter, flag: str) -> None:
        is_magic_option = option is self._magic_option(option.name)
        if (
            option.name in self.options
            or option.name in self.placed
            or (is_magic_option and option.name in self.magic_options)
        ):
            raise CommandError(
                f"{flag} is given twice: {self.command.typed} takes one {option.long or option.flags[-1]}."
            )

    def _once_in(self, option: str, flag: str, *keys: str) -> None:
        for key in keys:
            if (option, key) in self.paired:
                raise CommandError(f"{flag}{key} is given twice.", hint="Each key once.")
            self.paired.add((option, key))

    # -- the text -----------------------------------------------------------------------------------------------

    def _read_body(self, body: str | None) -> None:
        if body is None or not body.strip():
            return
        if self.command.tail is None:
            raise CommandError(f"{self.command.typed} takes no text, but the cell has some below it.")
        if self.text:
            raise CommandError(
                "There is text on the line and in the cell.",
                hint=f"%{self.command.typed} takes it from the cell; only options stay on the line.",
            )
        self.text = body.removesuffix("\n")

    def _take_text(self) -> None:
        tail = self.command.tail
        if tail is None or not self.text:
            return
        has_displaced_places = any(each.unless for each in self.command.positionals)
        path = joined_paths(self.text) if has_displaced_places else self.text
        if self.magic_options.get("format"):
            self.options[tail.name] = interpolated(self.text, self.names)
        elif tail.type is object and PATH.fullmatch(path):
            self.options[tail.name] = resolved(Word(path, is_path=True), self.names)
        else:
            self.options[tail.name] = self.text

    # -- missing and excess arguments ---------------------------------------------------------------------------

    def _check_all_there(self) -> None:
        places = [each for each in self.command.positionals if each.required]
        missing = [each.value for each in places if each.name not in self.placed and each.name not in self.options]
        options = {**self.options, **({self.command.pairs.name: 1} if self.command.pairs and self.pairs else {})}
        for each in self.command.parameters:
            if each.required and each.role != "positional" and each.name not in options:
                missing.append(f"{each.long} {each.value}".strip())
        if missing:
            given = [each.value for each in places if each.value not in missing]
            words = " ".join([self.command.typed, *given, *missing])
            raise CommandError(f"{self.command.typed} needs {' and '.join(missing)}.", hint=words)

    def _name_places(self) -> None:
        """Pass the positionals by name if one was given as an option, since the places of the others have changed."""
        places = self.command.positionals
        if any(each.name in self.options for each in places):
            named = [each.name for each in places if each.name in self.placed]
            self.options |= dict(zip(named, self.arguments, strict=True))
            self.arguments = []

    def _grouped_arguments(self) -> tuple[object, ...]:
        """The arguments in order. The words of a `many` parameter that is not `*name` are one tuple."""
        places = self.command.positionals
        if not places or not places[-1].many or places[-1].spread or len(self.arguments) < len(places):
            return tuple(self.arguments)
        alone = len(places) - 1
        return (*self.arguments[:alone], tuple(self.arguments[alone:]))

    def _bare_pairs(self) -> Mapping[str, object]:
        pairs = self.command.pairs
        if pairs is None or not self.pairs:
            return {}
        if not pairs.spread:
            return {pairs.name: self.pairs}
        if option := next((each for each in self.command.options if each.name in self.pairs), None):
            raise CommandError(f"{option.name}=… is an option of {self.command.typed}: {option.long}.")
        return self.pairs


def _python_name(value: object) -> str:
    name = str(value)
    if not name.isidentifier() or keyword.iskeyword(name):
        raise CommandError(f"--output expects a Python name, not {name!r}.")
    return name


def _or_no(option: Parameter) -> str:
    return f", {option.negative} means no" if option.negative else ""
