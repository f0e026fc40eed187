"""Passes our magics' lines on verbatim. Depends on IPython's input transformers and our magics' names only.

IPython takes a line that ends in `?` as a help request for its last word, and does not call the magic. An open bracket in the
text makes it read the next lines too. So a line that begins with a magic of ours and has text after its name, assigned or not,
is rewritten to the magic's call before IPython's own transformers run. IPython still handles `%lg_run?`, and the trailing
backslash that joins lines.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from IPython.core.inputtransformer2 import (
    TokenTransformBase,
    assemble_continued_line,
    find_end_of_continued_line,
)

from lg_magics.grammar.catalogue import magic_name, nouns, verbs

__all__ = ["TextLine", "line_for_magic"]

_NOUNS = {magic_name(noun): noun for noun in nouns()}
_LINE = re.compile(r"%(\w+)(\?\?$|[ \t]+(?=\S))(.*)$", re.S)
_NOT_CODE = (tokenize.INDENT, tokenize.DEDENT, tokenize.NL)


class TextLine(TokenTransformBase):
    """A line of one of our magics, with text after the magic's name."""

    priority = 1  # HelpEnd has 5 and starts at the same place

    def __init__(self, start: tuple[int, int], percent: tuple[int, int]) -> None:
        super().__init__(start)  # type: ignore[no-untyped-call]  # IPython's class has no types
        self._percent = (percent[0] - 1, percent[1])

    @classmethod
    def find(cls, tokens_by_line: Sequence[Sequence[tokenize.TokenInfo]]) -> TextLine | None:
        """The first such line of a cell."""
        for tokens in tokens_by_line:
            code = [token for token in tokens if token.type not in _NOT_CODE]
            percent = _percent_of_magic(code)
            if percent is not None and _is_ours(percent):
                return cls(code[0].start, percent.start)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        """Rewrite the line to the magic's call."""
        row, column = self._percent
        end = find_end_of_continued_line(lines, row)
        name, text = line_for_magic(assemble_continued_line(lines, self._percent, end)) or ("", "")
        call = f"get_ipython().run_line_magic({name!r}, {text!r})\n"
        return [*lines[:row], lines[row][:column] + call, *lines[end + 1 :]]


def line_for_magic(line: str) -> tuple[str, str] | None:
    """Split `%lg_run text` into the magic's name and its line; None if it is not our magic, or is `%lg_run?`."""
    found = _LINE.match(line)
    if found is None or found[1] not in _NOUNS:
        return None
    name, gap, text = found.groups()
    if gap == "??":
        return name, "--help all"
    verb = text.rstrip("? \t")
    if text.endswith("?") and verb in verbs(_NOUNS[name]):
        return name, f"{verb} --help{' all' if text.endswith('??') else ''}"
    return name, text


def _percent_of_magic(code: Sequence[tokenize.TokenInfo]) -> Any:
    """The `%` that begins the line, or the assigned value."""
    if code and code[0].string == "%":
        return code[0]
    depth = 0
    for token, following in pairwise(code):
        depth += (token.string in "([{") - (token.string in ")]}") if token.type == tokenize.OP else 0
        if token.string == "=" and token.type == tokenize.OP and depth == 0:
            return following if following.string == "%" else None
    return None


def _is_ours(percent: tokenize.TokenInfo) -> bool:
    """Whether the magic at the `%` is ours. A token's line may extend over the following lines."""
    line = percent.line[percent.start[1] :]
    return line_for_magic(line.split("\n", 1)[0].rstrip()) is not None
