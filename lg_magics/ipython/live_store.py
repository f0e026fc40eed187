"""Items of the store on a page: to look at, edit and delete. Knows the widget and the display; leaves work to commands.

One search is open at a time. Opening another, or Close, puts HTML and text in its place: that is what a saved notebook can show
without a kernel. What is asked for is done on worker threads, so that it works while a cell is running.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from IPython.display import DisplayHandle, display

from lg_magics.commands.open_store import Outcome, delete, line_of, look_at, read_again, save
from lg_magics.ipython.page_work import PageWork
from lg_magics.views.bundle import bundle
from lg_magics.views.output import PICTURE
from lg_magics.views.store_view import ItemsJson, detail_json, identity, items_json

if TYPE_CHECKING:
    from lg_magics.session import Session
    from lg_magics.tables.store import Item, Items

__all__ = ["LiveStore", "show_items"]

_open: LiveStore | None = None


def show_items(items: Items, session: Session) -> None:
    """Open items on the page; those that were open before are closed."""
    global _open
    if _open is not None:
        _open.close()
    _open = LiveStore(items, session)
    _open.show()


class LiveStore:
    """One search that is open on a page. An item that was shown once can be asked for until it is closed."""

    def __init__(self, items: Items, session: Session) -> None:
        from lg_magics.widgets.store import StoreWidget

        self._items = items
        self._session = session
        self._known: dict[str, Item] = {}
        self._writing = threading.Lock()  # one write, and what is read behind it, after the other
        self._drawing = threading.Lock()
        self._is_over = False
        self._handle: DisplayHandle | None = None
        self._widget = StoreWidget(self._json(), self)
        self._work = PageWork(session.loop, self._widget.fail)

    def show(self) -> None:
        """Put it on the page."""
        view, metadata = self._widget._repr_mimebundle_()
        self._handle = display({**view, **bundle(self._items, PICTURE)}, raw=True, metadata=metadata, display_id=True)

    def close(self) -> None:
        """Put what it shows in its place, for good."""
        with self._drawing:
            if self._is_over:
                return
            self._is_over = True
            picture = bundle(self._items)
            self._widget.put(self._json(), picture, is_over=True)
        if self._handle is not None:
            self._work.context.copy().run(self._handle.update, picture, raw=True)

    # -- what a person asks for ---------------------------------------------------------------------------------

    def select(self, item_id: str) -> None:
        """Look at an item as it is now."""
        if item := self._item(item_id):
            self._work.do(
                lambda: self._widget.show_detail(detail_json(look_at(self._session, self._items, item))), item_id
            )

    def save(self, item_id: str, text: str, seen: str) -> None:
        """Save an item's value, if it is still the one that was seen."""
        if item := self._item(item_id):
            self._work.do(lambda: self._save(item, text, seen), item_id)

    def delete(self, item_id: str, seen: str) -> None:
        """Delete an item, if it is still the one that was seen."""
        if item := self._item(item_id):
            self._work.do(lambda: self._delete(item, seen), item_id)

    def _save(self, item: Item, text: str, seen: str) -> None:
        with self._writing:
            outcome = save(self._session, self._items, item, text, seen)
        if self._is_done(item, outcome) and outcome.item:
            self._widget.show_detail(detail_json(outcome.item))
            self._widget.say_done("saved", identity(item), outcome.said)
            self._read_again()

    def _delete(self, item: Item, seen: str) -> None:
        with self._writing:
            outcome = delete(self._session, self._items, item, seen)
        if self._is_done(item, outcome):
            self._widget.say_done("deleted", identity(item), outcome.said)
            self._read_again()

    def _is_done(self, item: Item, outcome: Outcome) -> bool:
        """Whether it was done. If not, the page is told, and gets the rows as they are now: they were others."""
        if not outcome.is_done:
            now = detail_json(outcome.item) if outcome.item else None
            self._widget.say_changed(identity(item), outcome.said, now)
            self._read_again()
        return outcome.is_done

    def _item(self, item_id: str) -> Item | None:
        return None if self._is_over else self._known.get(item_id)

    # -- what changes -------------------------------------------------------------------------------------------

    def _read_again(self) -> None:
        with self._writing:
            found = read_again(self._session, self._items)
            with self._drawing:
                if not self._is_over:
                    self._items = found
                    self._widget.put(self._json())

    def _json(self) -> ItemsJson:
        self._known.update((identity(item), item) for item in self._items)
        return items_json(self._items, line_of)
