"""Finds a command's own options after its text. Pure; depends on the spellings, converts nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lg_magics.errors import CommandError
from lg_magics.grammar.parameters import Parameter
from lg_magics.grammar.words import Line

__all__ = ["is_option_like", "trailing_options"]

_NUMBER = re.compile(r"-\.?\d")
_DASHED = re.compile(r"(?<![^ \t\n\r\f\v])-[^ \t\n\r\f\v]+")


def is_option_like(word: str) -> bool:
    """Whether a word is an option: it begins with a dash, and is neither `-` nor a negative number."""
    return len(word) > 1 and word.startswith("-") and not _NUMBER.match(word)


def trailing_options(text: str, by_flag: Mapping[str, Parameter]) -> int | None:
    """The place in `text` where the options at its end begin: `hello --wait` gives 6, `hello` gives None."""
    at = 0
    for found in _DASHED.finditer(text):
        if found.start() < at or found[0].partition("=")[0] not in by_flag:
            continue
        at = _end_of_options(text, found.start(), by_flag)
        if at >= len(text):
            return found.start()
    return None


def _end_of_options(text: str, at: int, by_flag: Mapping[str, Parameter]) -> int:
    """The end of the options that begin at `at`: the end of the text, or the first word that is not an option."""
    line = Line(text, at)
    while not line.is_at_end:
        flag, glued, _ = line.peek().partition("=")
        option = by_flag.get(flag)
        if option is None:
            break
        start = line.at
        line.at += len(flag) + len(glued)
        line.skip_space()
        if option.role != "flag" and not line.is_at_end and not _skip_value(line):
            return start + 1
    return line.at


def _skip_value(line: Line) -> bool:
    """Skip an option's value of any kind; False if no value follows."""
    if is_option_like(line.peek()):
        return False
    try:
        if line.take_pair() is None:
            line.take_value()
    except CommandError:
        return False
    return True
