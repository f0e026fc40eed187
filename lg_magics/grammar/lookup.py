"""Finds the command of a name or of a magic's line. Imports a command's module only when that command is needed.

A verb is read before anything else. A noun without a command of its own calls its verb `show` or `search`.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterator

from lg_magics.errors import CommandError
from lg_magics.grammar.catalogue import CATALOGUE, default_verb, magic_name, nouns, verbs
from lg_magics.grammar.registry import Command, command_of
from lg_magics.grammar.trailing_options import is_option_like
from lg_magics.grammar.words import SPACE

__all__ = ["command_for_line", "command_named", "commands"]


def command_named(name: str) -> Command:
    """The command of a name of the catalogue; imports its module."""
    module = importlib.import_module(f"lg_magics.commands.{CATALOGUE[name]}")
    for function in vars(module).values():
        found = command_of(function)
        if found is not None and found.name == name:
            return found
    raise LookupError(f"{module.__name__} has no command {name!r}")


def commands() -> Iterator[Command]:
    """Every command, in the order of the catalogue; imports all their modules."""
    return map(command_named, CATALOGUE)


def command_for_line(noun: str, line: str) -> tuple[Command | None, str]:
    """Find the command that a magic's line is for.

    Returns:
        The command and the rest of the line. The command is None for `--help` of a noun without a verb.

    Raises:
        CommandError: The noun has verbs only, and the line begins with none of them.
    """
    line = line.lstrip(SPACE)
    word = line.split(None, 1)[0] if line else ""
    if word in verbs(noun):
        return command_named(f"{noun} {word}"), line[len(word) :]
    if not noun and word and word in nouns():
        raise CommandError("%lg takes no words.", hint=f"Did you mean %lg_{word}?")
    if noun in CATALOGUE:
        return command_named(noun), line
    if word == "--help":
        return None, ""
    default = default_verb(noun)
    if default and (not word or is_option_like(word)):
        return command_named(f"{noun} {default}"), line
    raise _no_such_verb(noun, word)


def _no_such_verb(noun: str, word: str) -> CommandError:
    known, typed = verbs(noun), f"%{magic_name(noun)}"
    near = difflib.get_close_matches(word, known, n=1)
    hint = f"Did you mean {typed} {near[0]}?" if near else f"{typed} {'|'.join(known)}"
    return CommandError(f"{typed} has no verb {word!r}." if word else f"{typed} needs a verb.", hint=hint)
