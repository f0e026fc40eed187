"""The parts of one output, as a notebook saves them and a terminal prints them. Every result passes through here.

Every output that does has two properties: text/plain has no hidden character, and all parts together take at most 150 kB in
the notebook's file; a cell also saves printed text and errors. Too large a part is cut at its long texts, and a
note names what has the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lg_magics.model.bounds import cut, fair_share, saved_size
from lg_magics.model.visible_text import visible_text
from lg_magics.views.node import html, node

__all__ = ["LARGEST", "PICTURE", "output"]

LARGEST = 150_000  # bytes of an output's parts together
PICTURE = 60_000  # bytes of the HTML and the text beside a view's JSON
PLAIN, HTML = "text/plain", "text/html"
NOTE = 400  # bytes of the note about a cut
SHORTEST = 60  # bytes of a text to keep before texts are dropped
LONGEST_TAG = 2_000
LONGEST_REST = 300

_TOKENS = re.compile(r"<style>.*?</style>|<(?!wbr>)[^>]*>|(?:<wbr>)?[^<]+(?:<wbr>[^<]*)*", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z0-9]+)")
_PART = re.compile(r"(?:&[^;\s]*|<[^>]*)\Z")
_WRITTEN = {"&amp;": 1, "&lt;": 1, "&gt;": 1, "&quot;": 1, "&#x27;": 1, "<wbr>": 0}
_VOID = frozenset({"br", "hr", "wbr"})


def output(parts: Mapping[str, str], rest: str = "", largest: int = LARGEST) -> dict[str, str]:
    """Return the parts of an output by MIME type, without hidden characters and within a limit.

    Args:
        parts: the parts; HTML must be made by `html`.
        rest: the line for the whole result: `lg.state(thread="t1")`; if it is unknown, the note names the object itself.
        largest: the maximum bytes of all parts together.

    Returns:
        The same parts; a picture that cannot be cut is dropped if it is too large.
    """
    shown = {kind: visible_text(part) if kind == PLAIN else part for kind, part in parts.items()}
    sizes = {kind: saved_size(part) for kind, part in shown.items()}
    if sum(sizes.values()) <= largest:
        return shown
    share = fair_share(list(sizes.values()), largest)
    known = rest if len(rest) <= LONGEST_REST else ""
    note = f"Shown in part. {known or 'The object that this is, _ after its cell,'} has all."
    bounded = {}
    for kind, part in shown.items():
        if sizes[kind] <= share:
            bounded[kind] = part
        elif kind == PLAIN:
            bounded[kind] = _cut_text(part, share, note)
        elif kind == HTML:
            bounded[kind] = _cut_html(part, share, note)
    return bounded


def _cut_text(text: str, budget: int, note: str) -> str:
    """Return the text with its long lines cut, and then its last lines dropped."""
    lines = text.split("\n")
    sizes = [saved_size(line) for line in lines]
    share = max(SHORTEST, fair_share(sizes, budget - NOTE) - 30)
    shown: list[str] = []
    left = budget - NOTE
    for line, size in zip(lines, sizes, strict=True):
        short = cut(line, share * max(1, len(line.encode())) // size) if size > share + 30 else line
        left -= saved_size(short)
        if left < 0:
            break
        shown.append(short)
    more = [f"({len(lines) - len(shown):,} more lines)"] if len(shown) < len(lines) else []
    return "\n".join([*shown, *more, note])


def _cut_html(html: str, budget: int, note: str) -> str:
    """Return the HTML with its long texts cut, and then its last elements dropped; every element is closed."""
    tokens = [_short_tag(token) for token in _TOKENS.findall(html)]
    sizes = [saved_size(token) for token in tokens]
    is_text = [not token.startswith("<") or token.startswith("<wbr>") for token in tokens]
    texts = [size for size, text in zip(sizes, is_text, strict=True) if text]
    share = max(SHORTEST, fair_share(texts, budget - NOTE - sum(sizes) + sum(texts)) - 40)
    shown: list[str] = []
    closing: list[str] = []
    left, more = budget - NOTE, 0
    for token, size, text in zip(tokens, sizes, is_text, strict=True):
        short = _cut_markup(token, share) if text and size > share + 40 else token
        left -= saved_size(short) + (0 if text else len(token))  # an element is closed too
        if left < 0:
            more += _length(token) if text else 0
            continue
        shown.append(short)
        _count_open(closing, token)
    frame = closing[:1] or [shown.pop()]
    left_out = _line(f"({more:,} more characters)", "lg-soft") if more else ""
    return "".join([*shown, *reversed(closing[1:]), left_out, _line(note, "lg-note"), *frame])


def _line(words: str, name: str) -> str:
    return html(node("div", words, class_=name))


def _count_open(closing: list[str], token: str) -> None:
    tag = _TAG.match(token)
    if tag is None or token.startswith("<style>") or tag[2] in _VOID:
        return
    if tag[1]:
        closing.pop()
    else:
        closing.append(f"</{tag[2]}>")


def _short_tag(token: str) -> str:
    """Return a tag without its attributes if they are long: a title that repeats a text, an address."""
    tag = _TAG.match(token)
    is_long = tag is not None and len(token) > LONGEST_TAG and not token.startswith("<style>")
    return f"<{tag[2]}>" if tag is not None and is_long else token


def _cut_markup(text: str, size: int) -> str:
    kept = text[: len(text) * size // max(1, saved_size(text))]
    kept = kept[:-12] + _PART.sub("", kept[-12:])
    return f"{kept}… {_length(text) - _length(kept):,} more characters"


def _length(markup: str) -> int:
    """Return the number of visible characters."""
    return len(markup) - sum((len(each) - seen) * markup.count(each) for each, seen in _WRITTEN.items())
