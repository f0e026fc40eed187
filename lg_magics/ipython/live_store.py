"""Open items of the store: rows to choose, a value to read, edit and delete. Draws nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lg_magics.actions.open_store import WriteOutcome, delete, line_of, read_again, read_item, save
from lg_magics.errors import CommandError, Conflict, NotFound
from lg_magics.ipython.open_view import OpenView, end_all
from lg_magics.live.live_view import Lost, Rendered, Unsubscribe
from lg_magics.live.rereads import Rereads
from lg_magics.model.namespaces import shown_namespace
from lg_magics.views.bundle import bundle
from lg_magics.views.output import LARGEST, PICTURE
from lg_magics.views.store import identity, item_tree, items_tree

if TYPE_CHECKING:
    from lg_magics.session import Session
    from lg_magics.tables.store import Item, Items

__all__ = ["LiveStore", "show_items"]


def show_items(items: Items, session: Session) -> None:
    """Open items on the page, and close those that were open before."""
    LiveStore(items, session).open.show(PICTURE)


class LiveStore:
    """One search that is open on a page. An item that was shown once can be requested until the search is closed."""

    def __init__(self, items: Items, session: Session) -> None:
        self._items = items
        self._session = session
        self._connect = session.connection.deployment.typed
        self._known: dict[str, Item] = {}
        self._conflicts: set[str] = set()
        self._revision = 0
        self._message = ""
        self._is_writing = False
        self._reads = Rereads(lambda: read_again(session, self._items), self._take)
        self.open = OpenView(
            "store",
            self._rendered,
            lambda largest: bundle(self._items, largest or LARGEST),
            actions={"save": self._save, "delete": self._delete},
            reads={"detail": self._detail},
            loop=session.loop,
            subscribe=self._subscribe,
        )

    def _rendered(self) -> Rendered:
        self._known.update((identity(item), item) for item in self._items)
        lost = Lost("store", (shown_namespace(self._items.search.prefix),), self._connect)
        message = " ".join(filter(None, (self._message, self._reads.failure)))
        return Rendered(items_tree(self._items, message=message, revision=self._revision), lost)

    def _take(self, items: Items) -> None:
        self._items = items

    # -- updates ------------------------------------------------------------------------------------------------

    def _subscribe(self, changed: Callable[[], None]) -> Unsubscribe:
        def called(command: str) -> None:
            if command.startswith("store ") and not self._is_writing:
                self._reads.soon(changed)

        return end_all([self._session.events.subscribe("command", called)])

    # -- actions ------------------------------------------------------------------------------------------------

    def _detail(self, arguments: Mapping[str, Any]) -> object:
        item = self._item(arguments.get("choice"))
        is_conflict, is_there = identity(item) in self._conflicts, True
        try:
            item = read_item(self._session, self._items, item)
        except NotFound:
            is_there = False
        return {"tree": item_tree(item, line=line_of(item), is_there=is_there, is_conflict=is_conflict)}

    def _save(self, arguments: Mapping[str, Any]) -> None:
        item = self._item(arguments.get("id"))
        form = arguments.get("form")
        text, began_with = (form.get("text"), form.get("edit")) if isinstance(form, Mapping) else (None, None)
        seen = arguments.get("seen", began_with)
        if not isinstance(text, str) or not isinstance(seen, str):
            raise CommandError("The request to save needs a text, and the fingerprint of the value that was shown.")
        self._write(item, lambda: save(self._session, self._items, item, text, seen))

    def _delete(self, arguments: Mapping[str, Any]) -> None:
        item, seen = self._item(arguments.get("id")), arguments.get("seen")
        if not isinstance(seen, str):
            raise CommandError("The request to delete needs the fingerprint of the value that was shown.")
        self._write(item, lambda: delete(self._session, self._items, item, seen))

    def _write(self, item: Item, write: Callable[[], WriteOutcome]) -> None:
        """Write, then read the rows again: they may have changed even if nothing was written."""
        self._message = ""
        self._is_writing = True
        try:
            outcome = write()
        finally:
            self._is_writing = False
        self._revision += 1
        if not outcome.is_done:
            self._conflicts.add(identity(item))
            self._reads.after("")
            raise Conflict(outcome.message)
        self._conflicts.discard(identity(item))
        self._items = _with_outcome(self._items, item, outcome.item)
        self._message = self._reads.after(outcome.message)

    def _item(self, identity: object) -> Item:
        item = self._known.get(identity) if isinstance(identity, str) else None
        if item is None:
            raise CommandError("This item is not among the rows any more.", hint="Choose another.")
        return item


def _with_outcome(items: Items, item: Item, now: Item | None) -> Items:
    """The rows with an item as it was written; without it if it was deleted."""
    rows = [(now if identity(each) == identity(item) else each) for each in items]
    return replace(items, items=tuple(each.raw for each in rows if each is not None))
