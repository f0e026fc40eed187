"""Turn an answer's Markdown into a tree of allowed nodes. Knows Markdown; knows no HTML, no card and no page.

Hostile text costs no more than honest text: text that is too long, too dense with marks or too deep is not parsed, or not
fully, and is shown as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from lg_magics.views.node import Node, node, shown

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["GrowingMarkdown", "is_link", "markdown", "plain"]

MOST_CHARACTERS = 32_000
MOST_MARKS = 5_000
MOST_CELLS = 8_000
DEEPEST = 32  # levels rendered
_NESTING = 40  # levels the parser follows; it drops deeper ones

_LINK = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_MARKS = re.compile(r"[\[\]!*_~`<>|\n-]")
_BLOCKS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote")
_TAGS = frozenset((*_BLOCKS, "strong", "em", "s", "table", "thead", "tbody", "tr", "th", "td"))


def markdown(text: str) -> list[str | Node]:
    """Return the tree of a text: a safe subset of Markdown, with tables and strikethrough.

    HTML stays text, links go to http, https and mailto only, images become a link, and a newline in prose stays
    a line break.

    >>> markdown("Buy *milk*")
    [['p', {}, 'Buy ', ['em', {}, 'milk']]]
    """
    return GrowingMarkdown().tree(text)


def plain(text: str) -> list[str | Node]:
    """Return text as paragraphs and lines, without parsing it.

    >>> plain("*a\\nb")
    [['p', {}, '*a', ['br', {}], 'b']]
    """
    return [["p", {}, *_lines(part)] for part in re.split(r"\n\s*\n", text) if part.strip()]


def is_link(address: str) -> bool:
    """Return whether an address may become a link."""
    return _LINK.match(address) is not None


class GrowingMarkdown:
    """Parse a text that grows at its end: blocks that can no longer change are parsed once.

    Only the last line of a text can be incomplete, and it can at most join the block before it. So all but
    the last two blocks are final. The result equals that of `markdown` (a property test checks it), at the cost of the tail.
    """

    def __init__(self) -> None:
        self._done = ""
        self._nodes: list[str | Node] = []

    def tree(self, text: str) -> list[str | Node]:
        """Return the tree of the text. A text that does not continue the last one is parsed from its beginning."""
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "�")
        if not text.startswith(self._done):
            self._done, self._nodes = "", []
        if len(text) > MOST_CHARACTERS or len(_MARKS.findall(text)) > MOST_MARKS:
            return plain(text)
        tail = text[len(self._done) :]
        tokens = _parser(tables=_fits_tables(text)).parse(tail)
        if any(token.level >= _NESTING - 1 for token in tokens):
            return plain(text)
        starts = [n for n, token in enumerate(tokens) if token.level == 0 and token.nesting >= 0]
        if len(starts) > 2:
            self._finish(tail, tokens[: starts[-2]], tokens[starts[-2]])
            tokens = tokens[starts[-2] :]
        return [*self._nodes, *_tree(tokens)]

    def _finish(self, tail: str, tokens: list[Token], following: Token) -> None:
        first_line = following.map[0] if following.map else 0
        self._done += "".join(f"{line}\n" for line in tail.split("\n")[:first_line])
        self._nodes = [*self._nodes, *_tree(tokens)]


def _fits_tables(text: str) -> bool:
    """Return whether tables can be parsed. Rows are filled to the width of the head: it needs a narrow head or few lines."""
    lines = text.split("\n")
    return max(line.count("|") for line in lines) * len(lines) <= MOST_CELLS


@cache
def _parser(tables: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt

    class Parser(MarkdownIt):
        def validateLink(self, url: str) -> bool:
            return is_link(url)

    options = {"html": False, "breaks": True, "maxNesting": _NESTING}
    parser = Parser("commonmark", options).disable(["html_block", "html_inline", "reference"])
    return parser.enable(["strikethrough", "table"] if tables else "strikethrough")


def _tree(tokens: Iterable[Token]) -> list[str | Node]:
    builder = _Builder()
    builder.add(tokens)
    return builder.top


class _Builder:
    """Builds nodes with a stack of open elements. One too deep or not allowed is dropped, and its children go to its parent."""

    def __init__(self) -> None:
        self.top: list[Any] = []
        self._open: list[list[Any]] = [self.top]

    def add(self, tokens: Iterable[Token]) -> None:
        for token in tokens:
            if token.nesting > 0:
                self._enter(_opening(token) if len(self._open) < DEEPEST else None)
            elif token.nesting < 0:
                self._open.pop()
            elif token.type == "inline":
                self.add(token.children or ())
            else:
                self._append(_leaf(token))

    def _enter(self, node: list[Any] | None) -> None:
        if node is None:
            self._open.append(self._open[-1])
        else:
            self._open[-1].append(node)
            self._open.append(node)

    def _append(self, node: str | Node) -> None:
        parent = self._open[-1]
        if not isinstance(node, str):
            parent.append(node)
            return
        for piece in shown(node):
            if isinstance(piece, str) and parent and isinstance(parent[-1], str):
                parent[-1] += piece
            else:
                parent.append(piece)


def _opening(token: Token) -> list[Any] | None:
    if token.tag == "a" and is_link(str(token.attrGet("href"))):
        return ["a", {"href": str(token.attrGet("href"))}]
    return [token.tag, {}] if token.tag in _TAGS and not token.hidden else None


def _leaf(token: Token) -> str | Node:
    match token.type:
        case "softbreak" | "hardbreak":
            return ["br", {}]
        case "hr":
            return ["hr", {}]
        case "code_inline":
            return node("code", token.content)
        case "fence" | "code_block":
            return node("pre", node("code", token.content.removesuffix("\n")))
        case "image":
            address = str(token.attrGet("src"))
            return node("a", token.content or address, href=address)
        case _:
            return token.content


def _lines(text: str) -> list[str | Node]:
    first, *others = text.strip("\n").split("\n")
    nodes: list[str | Node] = [*shown(first)]
    for line in others:
        nodes += [["br", {}], *shown(line)]
    return nodes
