"""Make every character of a text visible, for a terminal, a page and a saved notebook. Pure; imports nothing of this package.

A control character can move a terminal's cursor or write its clipboard; a direction mark shows a text in another order
than its own; a character without width hides in a name. `visible_text` replaces each of them:

- C0 and DEL by their pictures: `␛` for ESC, `␍` for CR. Tab and newline stay; CR LF becomes one newline.
- All others by Python's escapes: `\\u202e`, and `\\U000e0041` beyond 16 bits.

Some of these characters are needed to write a language or an emoji, and stay only where they do that:

- ZWJ between two emoji, ZWNJ and ZWJ after a letter of a script that joins letters (Persian, Hindi, …), ZWSP between two
  letters of a script that is written without spaces (Thai, Khmer, …);
- a variation selector that does not follow another one, and those of Chinese characters after one;
- the tags of the flags of England, Scotland and Wales.

The shown text can differ from the original: the exact text is available from the object (`.df`, `.value`, a copy
button). labextension/runtime/visible_text.ts does the same on a page. Both read the characters from visible_text.json, and are
tested with tests/text_fixtures/visible_text.json.

>>> visible_text("\\x1b[31mred\\x07 \\u202efdp.exe")
'␛[31mred␇ \\\\u202efdp.exe'
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

__all__ = ["breakable", "open_end", "visible_json", "visible_line", "visible_text"]

_CLASSES = json.loads((Path(__file__).parent / "visible_text.json").read_text("utf-8"))
# Emoji and other pictures; letters that ZWNJ and ZWJ join or separate; letters of scripts written without spaces.
_EMOJI, _JOINED, _SPACELESS = _CLASSES["emoji"], _CLASSES["joined"], _CLASSES["spaceless"]
_IDEOGRAPHS = _CLASSES["ideographs"]
_FLAGS = "|".join(_CLASSES["flags"].values())

_TAGS = _CLASSES["tags"]
# One class to search for: its characters are replaced, except where _KEPT matches.
_HIDDEN = f"[{''.join(_CLASSES['hidden'].values())}][{_TAGS}]*"
_KEPT = (
    f"(?<=[{_SPACELESS}])\u200b(?=[{_SPACELESS}])"
    f"|(?<=[{_JOINED}])[\u200c\u200d](?![{_TAGS}])"
    f"|(?:(?<=[{_EMOJI}])|(?<=[{_EMOJI}]\ufe0f))\u200d(?=[{_EMOJI}])"
    "|(?<=[\u1820-\u18af])[\u180b-\u180f]"
    f"|(?<![\ufe00-\ufe0f])[\ufe00-\ufe0f](?![{_TAGS}])"
    f"|(?<=[{_IDEOGRAPHS}])[\U000e0100-\U000e01ef](?![{_TAGS}])"
    f"|(?<=\U0001f3f4)(?:{_FLAGS})(?![{_TAGS}])"
)
# The end of a text whose form may change when more of it arrives.
_OPEN_END = (
    f"(?:\r|[{_IDEOGRAPHS}{_JOINED}]|[\ufe00-\ufe0f]+"
    f"|[{_SPACELESS}](?:\u200b[{_SPACELESS}])?\u200b?"
    f"|(?:[{_EMOJI}]\ufe0f?\u200d){{0,9}}[{_EMOJI}][\ufe0f\U0001f3fb-\U0001f3ff]?\u200d?"
    f"|\U0001f3f4[{_TAGS}]{{0,6}})\\Z"
)
_LONGEST_END = 32
_BREAK = r"(?<!\S)\S{501,}"
_PIECE = "\\S{499}[^\\s\u200d](?:[\u0300-\u036f\ufe0f\U0001f3fb-\U0001f3ff]|\u200d\\S)*(?=\\S)"  # no emoji is cut
_IN_LINE = {ord("\n"): "␊", ord("\t"): "␉"}
_MARK = "\0"  # no text that is visible has it


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile on the first use: together these patterns take 5 ms."""
    return re.compile(pattern)


def visible_text(text: str) -> str:
    """Return a text with every character visible; one without hidden characters is returned unchanged.

    Args:
        text: any text, from anywhere.

    Returns:
        The text to show. A second `visible_text` does not change it.

    Example:
        >>> visible_text('path="/srv/\\u202efdp.troper\\u2066"')
        'path="/srv/\\\\u202efdp.troper\\\\u2066"'
    """
    if text.isascii() and text.isprintable():
        return text
    return _compiled(_HIDDEN).sub(_shown, text.replace("\r\n", "\n"))


def visible_line(text: str) -> str:
    """Return a text for one line: `visible_text`, with newlines and tabs as pictures.

    For a name, a title or a note within a line: after a newline it could imitate a further line of this package.

    >>> visible_line("a title\\nr7 · success")
    'a title␊r7 · success'
    """
    return visible_text(text).translate(_IN_LINE)


def _shown(found: re.Match[str]) -> str:
    return found[0] if _is_kept(found) else "".join(map(_form, found[0]))


def _is_kept(found: re.Match[str]) -> bool:
    return _compiled(_KEPT).match(found.string, found.start()) is not None


def _form(character: str) -> str:
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return chr(0x2400 + code) if code < 0x20 else "␡"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def visible_json(text: str) -> str:
    """Return equivalent JSON, with every hidden character of its strings escaped, for a text box.

    >>> visible_json('{"to": "a\\u202eb"}')
    '{"to": "a\\\\u202eb"}'
    """
    return _compiled(_HIDDEN).sub(lambda found: found[0] if _is_kept(found) else json.dumps(found[0])[1:-1], text)


def breakable(text: str) -> list[str]:
    """Split a text where a page may break a line: several pieces where over 500 characters have no space.

    Without such a place, a browser shapes the text again for each line: 60,000 letters freeze a page for seconds.

    >>> [len(piece) for piece in breakable("short " + "x" * 1200)]
    [506, 500, 200]
    """
    return _compiled(_BREAK).sub(_with_breaks, text).split(_MARK) if len(text) > 500 else [text]


def _with_breaks(found: re.Match[str]) -> str:
    return _compiled(_PIECE).sub(lambda piece: piece[0] + _MARK, found[0])


def open_end(text: str) -> str:
    """Return the end of a text whose form may change when more arrives: a CR, a letter before a joiner; "" if there is none.

    >>> open_end("one"), open_end("one\\r")
    ('', '\\r')
    """
    found = _compiled(_OPEN_END).search(text, max(0, len(text) - _LONGEST_END))
    return found[0] if found else ""
