"""Saved HTML as the tests read it: its pieces of text, its tags and attributes."""

from __future__ import annotations

from html.parser import HTMLParser

OURS = {"div", "span", "b", "i", "code", "pre", "details", "summary", "ol", "ul", "li", "p", "a", "br", "hr"} | {
    *("h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "strong", "em", "s"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    "class",
    "role",
    "aria-label",
    "aria-hidden",
    "title",
    "tabindex",
    "href",
    "target",
    "rel",
    "style",
    "data-saved",
}


class Tags(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self.still_open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, dict(attrs)))
        if tag not in ("br", "hr"):
            self.still_open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.still_open.pop() == tag


class _Texts(HTMLParser):
    """The pieces of text outside of `data-saved` elements, which the live card does not have."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._saved_only = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._saved_only = any(name == "data-saved" for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        piece = " ".join(data.split())
        if piece and not self._saved_only:
            self.pieces.append(piece)

    def handle_endtag(self, tag: str) -> None:
        self._saved_only = False


def texts_of(html: str) -> str:
    """The pieces of text of any card's saved picture, one a line."""
    reader = _Texts()
    reader.feed(html)
    reader.close()
    return "\n".join(reader.pieces) + "\n"
