"""Open items of the store for clicks: read, save and delete one of them, and read all again. Draws nothing.

Before it overwrites or deletes an item, it reads the item again and compares it, so that no one overwrites a value that they
have not seen. The server has no atomic call for this: another client's write in the same few milliseconds is not detected.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from lg_magics.actions.store import read_items, remove, write
from lg_magics.errors import DeploymentError, LgError, NotFound
from lg_magics.grammar.words import word_from_text
from lg_magics.model.namespaces import shown_namespace
from lg_magics.model.store_values import fingerprint, value_from_text
from lg_magics.session import Session
from lg_magics.tables.store import Item, Items

__all__ = ["WriteOutcome", "delete", "line_of", "read_again", "read_item", "save"]


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """The result of a save or a delete: a sentence, whether it was done, and the item as it is now (None: there is none)."""

    message: str
    is_done: bool
    item: Item | None


def read_item(session: Session, opened: Items, item: Item) -> Item:
    """An item as it is now.

    Raises:
        NotFound: it is gone. DeploymentError: the deployment does not answer, or refuses.
    """
    found = _now(session, opened, item)
    if found is None:
        raise NotFound(f"{item.key!r} is not in {shown_namespace(item.namespace)} any more.")
    return found


def save(session: Session, opened: Items, item: Item, text: str, seen: str) -> WriteOutcome:
    """Write an item's value, if the item has not changed since the person saw it, or has this value already.

    Args:
        session: the session.
        opened: the open search.
        item: the item.
        text: the value, as JSON.
        seen: the fingerprint of the value that the person has seen; "" for none.

    Raises:
        CommandError: the text is not a value. DeploymentError: the deployment does not answer, or refuses.
    """
    value = value_from_text(text)
    now = _now(session, opened, item)
    if not _is(now, seen) and not _is(now, fingerprint(value)):
        return WriteOutcome(f"{_meanwhile(item, now)} Nothing is saved, and your text is kept.", False, now)
    try:
        write(session, item.namespace, item.key, value, yes=False, hint=_in_a_cell("put", item, " $value"))
    finally:
        session.events.emit("command", "store put")
    written: Mapping[str, Any] = {}
    with suppress(DeploymentError):  # the value is saved; only its new times are not known
        written = session.connection.store.find(item.namespace, item.key) or {}
    # with the value that was saved here, so that a later save detects a write in between
    shown = Item({**item.raw, **written, "value": value})
    return WriteOutcome(f"Saved {item.key!r} in {shown_namespace(item.namespace)}.", True, shown)


def delete(session: Session, opened: Items, item: Item, seen: str) -> WriteOutcome:
    """Delete an item, if it has not changed since the person saw it.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    now = _now(session, opened, item)
    if not _is(now, seen):
        return WriteOutcome(f"{_meanwhile(item, now)} Nothing is deleted.", False, now)
    try:
        remove(session, item.namespace, item.key, yes=False, hint=_in_a_cell("delete", item))
    finally:
        session.events.emit("command", "store delete")
    return WriteOutcome(f"Deleted {item.key!r} from {shown_namespace(item.namespace)}.", True, None)


def read_again(session: Session, opened: Items) -> Items:
    """The same search as it is now.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    _check_deployment(session, opened)
    return replace(read_items(session, opened.search), is_open=True)


def line_of(item: Item) -> str:
    """The line that shows an item."""
    return f"%lg_store get {_words_of(item)}"


def _in_a_cell(verb: str, item: Item, more: str = "") -> str:
    """The line that writes to a protected deployment, which buttons cannot do."""
    return f"In a cell: %lg_store {verb} --yes {_words_of(item)}{more}"


def _words_of(item: Item) -> str:
    return f"{word_from_text(shown_namespace(item.namespace))} {word_from_text(item.key)}"


def _now(session: Session, opened: Items, item: Item) -> Item | None:
    _check_deployment(session, opened)
    found = session.connection.store.find(item.namespace, item.key)
    return Item(found) if found else None


def _is(now: Item | None, seen: str) -> bool:
    return fingerprint(now.value if now else None) == seen


def _meanwhile(item: Item, now: Item | None) -> str:
    return f"{item.key!r} was {'changed' if now else 'deleted'} meanwhile."


def _check_deployment(session: Session, opened: Items) -> None:
    """Refuse if the session is on another deployment than the one that the items were read from."""
    if (opened_on := opened.attrs.get("deployment")) != session.connection.url:
        raise LgError(
            f"These items were opened on {opened_on}, but the session is now connected to {session.connection.url}.",
            hint="%lg_store search --open shows the ones there.",
        )
