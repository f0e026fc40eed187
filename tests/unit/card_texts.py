"""What each card of tests/card_fixtures says, one line per piece of text, as its saved picture (card_html) has it.

`python tests/unit/card_texts.py` writes NAME.txt beside each NAME.json. tests/unit/test_card_html.py checks
that they are fresh, labextension/tests/texts.test.ts that the live card says the same: so the two cannot drift.
"""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

from lg_magics.views.card import Card
from lg_magics.views.card_html import card_html

FOLDER = Path(__file__).parents[1] / "card_fixtures"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def card(name: str) -> Card:
    """A card of that folder."""
    loaded: Card = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return loaded


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


def texts(name: str) -> str:
    """The pieces of text of a card's saved picture, one a line."""
    return texts_of(card_html(card(name), style=False))


def texts_of(html: str) -> str:
    """The pieces of text of any card's saved picture, one a line."""
    reader = _Texts()
    reader.feed(html)
    reader.close()
    return "\n".join(reader.pieces) + "\n"


if __name__ == "__main__":
    for each in NAMES:
        (FOLDER / f"{each}.txt").write_text(texts(each), "utf-8")
