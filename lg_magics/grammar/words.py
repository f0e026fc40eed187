"""Splits a line into words, one at a time: quotes, `$name`, JSON. Depends on no option and no type; resolves nothing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from lg_magics.errors import CommandError
from lg_magics.grammar.names import PATH, json_with_names

__all__ = ["SPACE", "Line", "Word", "pair_from_text", "word_from_text"]

SPACE = " \t\n\r\f\v"
_KEY = re.compile(r"""((?:[^ \t\n\r\f\v=:"'$]|:(?!=))+)(:=|=)""")
_COMPARISON = re.compile(r"""((?:[^ \t\n\r\f\v=:!<>"'$]|:(?!=))+)(!:=|:=|!=|>=|<=|>|<|=)""")
_PLAIN = re.compile(r"""[^\s"'$\-{\[=\\][^\s=\\]*""")
_ESCAPED = {'"': re.compile(r'\\(["\\])'), "'": re.compile(r"\\(')")}


@dataclass(frozen=True, slots=True)
class Word:
    """One value of a line: its text without quotes, and its kind; `has_names` is JSON with `$name`s in it."""

    text: str
    is_quoted: bool = False
    is_path: bool = False
    has_names: bool = False


class Line:
    """A line and a place in it."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at
        self.skip_space()

    @property
    def is_at_end(self) -> bool:
        """Whether the whole line was read."""
        return self.at >= len(self.text)

    @property
    def rest(self) -> str:
        """The rest of the line, verbatim."""
        return self.text[self.at :]

    def skip_space(self) -> None:
        """Skip to the next word."""
        while self.at < len(self.text) and self.text[self.at] in SPACE:
            self.at += 1

    def peek(self) -> str:
        """The next word up to a space, without reading it."""
        return self._up_to_space()

    def take(self) -> str:
        """Read the next word up to a space."""
        word = self._up_to_space()
        self._go(len(word))
        return word

    def take_value(self) -> Word:
        """Read one value: quoted, a `$name`, JSON in brackets, or a plain word.

        Raises:
            CommandError: A quote is not closed, or text follows a closing quote without a space.
        """
        first = self.text[self.at : self.at + 1]
        if first in _ESCAPED:
            return self._quoted(first)
        if path := PATH.match(self.text, self.at):
            self._go(len(path[0]))
            return Word(path[0], is_path=True)
        return self._json() or Word(self.take())

    def take_pair(self, *, compares: bool = False) -> tuple[str, str, Word] | None:
        """Read `key=value` or `key:=value` as key, sign and value; None if the next word is not a pair.

        With `compares` the sign may also be one of `comparisons.SIGNS`.
        """
        key = (_COMPARISON if compares else _KEY).match(self.text, self.at)
        if key is None:
            return None
        self.at = key.end()
        if self.text[self.at : self.at + 1] in ("", *SPACE):
            self.skip_space()
            return key[1], key[2], Word("")
        return key[1], key[2], self.take_value()

    def _go(self, length: int) -> None:
        self.at += length
        self.skip_space()

    def _up_to_space(self) -> str:
        end = self.at
        while end < len(self.text) and self.text[end] not in SPACE:
            end += 1
        return self.text[self.at : end]

    def _quoted(self, quote: str) -> Word:
        end = self.at + 1
        while end < len(self.text) and self.text[end] != quote:
            end += 2 if self.text[end] == "\\" and self.text[end + 1 : end + 2] in (quote, "\\") else 1
        if end >= len(self.text):
            raise CommandError(f"The quote is never closed: {self._shown(self.text[self.at :])}")
        inner = _ESCAPED[quote].sub(r"\1", self.text[self.at + 1 : end])
        self._end_of_word(end + 1)
        return Word(inner, is_quoted=True)

    def _end_of_word(self, end: int) -> None:
        if self.text[end : end + 1] not in ("", *SPACE):
            raise CommandError(f"A space is missing after the quote: {self._shown(self.text[self.at :])}")
        self._go(end - self.at)

    def _json(self) -> Word | None:
        """Read JSON in brackets, which may hold spaces; None if it is not JSON: then it is a plain word."""
        if self.text[self.at : self.at + 1] not in ("{", "["):
            return None
        try:
            _, end = json.JSONDecoder().raw_decode(self.text, self.at)
        except (ValueError, RecursionError):
            return self._json_with_names()
        if self.text[end : end + 1] not in ("", *SPACE):
            return None
        word = self.text[self.at : end]
        self._go(end - self.at)
        return Word(word)

    def _json_with_names(self) -> Word | None:
        word = json_with_names(self.text, self.at)
        if word is None or self.text[self.at + len(word) : self.at + len(word) + 1] not in ("", *SPACE):
            return None
        self._go(len(word))
        return Word(word, has_names=True)

    @staticmethod
    def _shown(text: str) -> str:
        return text if len(text) <= 40 else text[:39] + "…"


def pair_from_text(text: str, *, compares: bool = False) -> tuple[str, str, Word] | None:
    """Split a pair that was quoted as a whole, `"name=a b"`; None if it is not a pair."""
    key = (_COMPARISON if compares else _KEY).match(text)
    return (key[1], key[2], Word(text[key.end() :], is_quoted=True)) if key else None


def word_from_text(text: str) -> str:
    """Write text as one word of a line, in quotes if it needs them."""
    if _PLAIN.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
