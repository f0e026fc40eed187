"""Open items of the store: one trait to the page, messages both ways. Knows its JSON; knows no session and no server.

What travels: the trait `store` to the page; `{"action": "select", "id"}`, `{"action": "save", "id", "text", "seen"}`,
`{"action": "delete", "id", "seen"}` and `{"action": "close"}` from it; `{"action": "detail", "detail"}`, `{"action": "saved" |
"deleted", "id", "message"}`, `{"action": "changed", "id", "message", "detail"}`, `{"action": "failed", "id", "message"}` to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

import traitlets

from lg_magics.views.built import built
from lg_magics.views.store_view import ItemDetail, ItemsJson
from lg_magics.widgets.comm_thread import hear_while_busy
from lg_magics.widgets.live import LiveWidget

__all__ = ["StoreActions", "StoreWidget"]


class StoreActions(Protocol):
    """Who does what a page asks for. Called on the kernel's main thread or on one of its subshells; returns at once.

    Ids and fingerprints are any text that a page may send.
    """

    def select(self, item_id: str) -> None:
        """Somebody wants to look at an item."""

    def save(self, item_id: str, text: str, seen: str) -> None:
        """Somebody wants an item to have this value, and has seen the one with this fingerprint."""

    def delete(self, item_id: str, seen: str) -> None:
        """Somebody wants an item deleted; it was asked for twice."""

    def close(self) -> None:
        """Nothing more will be asked for."""


class StoreWidget(LiveWidget):
    """Items that live on a page.

    Args:
        store: What to show first.
        actions: Who does what is asked for.

    Raises:
        LgError: The front end was not built (when this module is imported).
    """

    _esm = built("store.js")
    _css = built("store.css")
    kind = "store"
    view_trait = "store"
    store = traitlets.Dict().tag(sync=True)

    def __init__(self, store: ItemsJson, actions: StoreActions) -> None:
        super().__init__(store=store)
        self._actions = actions
        hear_while_busy(self.comm)
        self.on_msg(self._hear)

    def show_detail(self, detail: ItemDetail) -> None:
        """Answer a select."""
        self.send({"action": "detail", "detail": detail})

    def say_done(self, what: Literal["saved", "deleted"], item_id: str, message: str) -> None:
        """Answer a save or a delete."""
        self.send({"action": what, "id": item_id, "message": message})

    def say_changed(self, item_id: str, message: str, detail: ItemDetail | None) -> None:
        """Say that nothing was done since the item is another than was seen: as it is now, None for gone."""
        self.send({"action": "changed", "id": item_id, "message": message, "detail": detail})

    def fail(self, item_id: str, message: str) -> None:
        """Say that what was asked for could not be done; "" is about no item."""
        self.send({"action": "failed", "id": item_id, "message": message})

    def _hear(self, _widget: object, content: Any, _buffers: object) -> None:
        """A message from the page: any thread, any content, any number of times."""
        match content:
            case {"action": "close"}:
                self._actions.close()
            case {"action": "select", "id": str(item_id)}:
                self._tried(item_id, lambda: self._actions.select(item_id))
            case {"action": "save", "id": str(item_id), "text": str(text), "seen": str(seen)}:
                self._tried(item_id, lambda: self._actions.save(item_id, text, seen))
            case {"action": "delete", "id": str(item_id), "seen": str(seen)}:
                self._tried(item_id, lambda: self._actions.delete(item_id, seen))

    def _tried(self, item_id: str, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - the edge: it is told to the person who pressed
            self.fail(item_id, str(error))
