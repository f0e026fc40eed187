"""Tab completion in lines of our magics: options, verbs, and names of objects. Reads the session, never the network.

It does not offer names with invisible characters: a number or an id names the same object. In the text of a command it offers
nothing. IPython's own completions are suppressed on these lines, except file names where a command takes a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args, get_origin

from lg_magics.errors import CommandError
from lg_magics.grammar.catalogue import CATALOGUE, magic_name, nouns, verbs
from lg_magics.grammar.words import word_from_text
from lg_magics.model.visible_text import visible_text

if TYPE_CHECKING:
    from lg_magics.grammar.parameters import Parameter
    from lg_magics.grammar.registry import Command
    from lg_magics.session import Session

__all__ = ["Completer", "Expected", "expected_at_end"]

_MAGIC = re.compile(r"^\s*(?:[^%=]*=\s*)?(%{1,2})(\w+)[ \t]+(.*)$", re.S)
_OPEN_QUOTE = re.compile(r"""(?<![^ \t])(?:-[\w-]+=)?(?:"[^"]*|'[^']*)$""")
_QUOTE = re.compile(r"""^["']""")
_NOUNS = {magic_name(noun): noun for noun in nouns()}


class Expected(NamedTuple):
    """What may stand at the end of a line.

    Attributes:
        command: The command of the line.
        value: The parameter whose value is expected, if any.
        takes_options: Whether an option is allowed.
        word: The part of the word that is typed already.
    """

    command: Command
    value: Parameter | None
    takes_options: bool
    word: str


class Completer:
    """Completes the lines of our magics in one shell."""

    def __init__(self, shell: Any, current: Callable[[], Session]) -> None:
        self._shell = shell
        self._current = current
        self._matcher: Any = None

    def install(self) -> None:
        """Register before IPython's own matchers. An IPython without this interface completes as before."""
        try:
            from IPython.core.completer import context_matcher
        except ImportError:
            return

        def matcher(context: Any) -> dict[str, Any]:  # IPython sets attributes on matchers, which methods do not allow
            return self._matches(context)

        self._matcher = context_matcher(identifier="lg_magics")(matcher)
        self._shell.Completer.custom_matchers.append(self._matcher)

    def remove(self) -> None:
        """Unregister."""
        if self._matcher in self._shell.Completer.custom_matchers:
            self._shell.Completer.custom_matchers.remove(self._matcher)

    def words(self, line: str) -> list[str]:
        """What may stand at the end of `line`, in order."""
        found = _MAGIC.match(line)
        if found is None or found[2] not in _NOUNS:
            return []
        noun, rest = _NOUNS[found[2]], found[3]
        word = _last_word(rest)
        before = rest[: len(rest) - len(word)]
        offered = list(verbs(noun)) if not before.strip() else []
        offered += self._offered(_expected_in(noun, before, word))
        typed = _QUOTE.sub("", _typed(word))
        return [each for each in dict.fromkeys(offered) if _QUOTE.sub("", each).startswith(typed)]

    def _offered(self, expected: Expected | None) -> list[str]:
        if expected is None:
            return []
        if expected.word.startswith("-") and expected.takes_options:
            options = dict.fromkeys(expected.command.by_flag.values())
            return [flag for each in options for flag in _useful_flags(each)]
        values = self._values(expected.value, expected.word) if expected.value else []
        return [*values, *self._first_options(expected)] if not expected.word else values

    def _first_options(self, expected: Expected) -> list[str]:
        """The everyday options, offered before anything is typed; none where only a value is allowed."""
        if not expected.takes_options:
            return []
        return [each.shown for each in _options(expected.command) if each.everyday]

    def _values(self, parameter: Parameter, word: str) -> list[str]:
        if word.startswith("$"):
            return self._python_names(word[1:])
        if get_origin(parameter.type) is Literal:
            return [str(choice) for choice in get_args(parameter.type) if choice != ""]
        if parameter.completes in ("python", "file"):
            return [f"${name}" for name in self._python_names("")]
        if parameter.completes == "graph":
            return self._graphs()
        names = self._current().completions(parameter.completes) if parameter.completes else ()
        return [word_from_text(name) for name in names if visible_text(name) == name]

    def _python_names(self, typed: str) -> list[str]:
        """The user's names, or the attributes of one. No attribute is read: a property may use the network."""
        names: Mapping[str, object] = self._shell.user_ns
        root, dot, _ = typed.partition(".")
        if dot:
            return [f"{root}.{each}" for each in dir(names.get(root)) if not each.startswith("_")]
        hidden = self._shell.user_ns_hidden
        return [
            name
            for name, value in names.items()
            if not (name.startswith("_") or isinstance(value, ModuleType) or hidden.get(name, self) is value)
        ]

    def _graphs(self) -> list[str]:
        """The notebook's names whose object is a graph or a builder."""
        from lg_magics.local.notebook.record import graph_kind

        names: Mapping[str, object] = self._shell.user_ns
        return [name for name, value in names.items() if name[:1] != "_" and graph_kind(value) not in ("", "factory")]

    def _matches(self, context: Any) -> dict[str, Any]:
        from IPython.core.completer import SimpleCompletion

        line = context.line_with_cursor[: context.cursor_position]
        words = self.words(line)
        replaced = (
            _typed(_last_word(line)) if words else context.token
        )  # IPython's token begins after a colon, a quote, …
        if not words and _is_ours_alone(line):
            words = [context.token]  # the typed word: IPython suppresses other matchers only if ours offers something
        completions = [SimpleCompletion(text=each, type="magic") for each in words]
        return {
            "completions": completions,
            "matched_fragment": replaced,
            "suppress": bool(completions),
            "ordered": True,
        }


def _expected_in(noun: str, before: str, word: str) -> Expected | None:
    """What may stand in the place of `word`, after `before`, on the line of a magic."""
    from lg_magics.grammar.lookup import command_for_line

    try:
        command, line = command_for_line(noun, before)
    except CommandError:
        return None
    if command is None or not (noun in CATALOGUE or before.strip()):
        return None
    return expected_at_end(command, line + word)


def _is_ours_alone(line: str) -> bool:
    """Whether only our completions are offered: the line is of our magics, and no file is expected."""
    found = _MAGIC.match(line)
    if found is None or found[2] not in _NOUNS:
        return False
    word = _last_word(found[3])
    expected = _expected_in(_NOUNS[found[2]], found[3][: len(found[3]) - len(word)], word)
    return not (expected and expected.value and expected.value.completes == "file")


def expected_at_end(command: Command, line: str) -> Expected | None:
    """What may stand at the end of a command's line; None in its text, or where nothing is expected."""
    from lg_magics.grammar.trailing_options import is_option_like
    from lg_magics.grammar.words import Line

    word = _last_word(line)
    rest = Line(line[: len(line) - len(word)])
    by_flag = command.by_flag
    taken = 0
    while not rest.is_at_end:
        flag, glued, _ = rest.peek().partition("=")
        option = by_flag.get(flag)
        if option is None and (is_option_like(flag) or flag == "--"):
            return None
        if option is None or option.role == "flag" or glued:
            if option is None and not _takes_place(command, taken):
                return None
            taken += option is None
            _skip(rest)
            continue
        taken += option.role == "positional"
        rest.take()
        if rest.is_at_end:
            return Expected(command, option, takes_options=False, word=word)
        _skip(rest)
    flag, glued, typed = word.partition("=")
    if glued and flag in by_flag:
        return Expected(command, by_flag[flag], takes_options=False, word=typed)
    place = command.positionals[min(taken, len(command.positionals) - 1)] if _takes_place(command, taken) else None
    return Expected(command, place, takes_options=True, word=word)


def _options(command: Command) -> tuple[Parameter, ...]:
    return (*command.options, *command.magic_options)


def _useful_flags(option: Parameter) -> tuple[str, ...]:
    """The spellings of an option that change something: not `--card`, which is the default."""
    if option.role != "flag":
        return option.flags
    idle = option.long if option.default is True else option.negative if option.default is False else ""
    return tuple(flag for flag in option.flags if flag != idle)


def _takes_place(command: Command, taken: int) -> bool:
    places = command.positionals
    return bool(command.pairs) or bool(places and (taken < len(places) or places[-1].many))


def _skip(line: Any) -> None:
    try:
        if line.take_pair() is None:
            line.take_value()
    except CommandError:
        line.take()


def _last_word(text: str) -> str:
    """The word at the end of a line; with its spaces, if it begins with a quote that is open."""
    opened = _OPEN_QUOTE.search(text)
    return opened[0] if opened else re.split(r"[ \t]", text)[-1]


def _typed(word: str) -> str:
    """The part of a word that its completion replaces: after `--option=`, and after `$`."""
    value = word.partition("=")[2] if word.startswith("-") and "=" in word else word
    return value.removeprefix("$")
