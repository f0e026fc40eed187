"""What an open store asks for: an item looked at, saved, deleted, the rows anew. Knows sessions; knows no page, draws nothing.

Nobody overwrites or deletes what they have not seen: the item is fetched again and compared first. The server has no call that
does both at once, so that a write of somebody else in the same few milliseconds is not noticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lg_magics.actions.protected import HINT, refuse_if_protected
from lg_magics.actions.store_search import read_items
from lg_magics.errors import LgError, NotFound
from lg_magics.grammar.words import word_from_text
from lg_magics.model.namespaces import Namespace, shown_namespace
from lg_magics.model.store_values import fingerprint, value_from_text
from lg_magics.resolve.namespaces import offer_namespaces
from lg_magics.session import Session
from lg_magics.tables.store import Item, Items

__all__ = [
    "Outcome",
    "delete",
    "line_of",
    "look_at",
    "read_again",
    "remove",
    "save",
    "write",
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a save or a delete: in words, whether it was done, and the item as it is now (None: there is none)."""

    said: str
    is_done: bool
    item: Item | None


def look_at(session: Session, opened: Items, item: Item) -> Item:
    """An item as it is now.

    Raises:
        NotFound: it is gone. DeploymentError: the deployment does not answer, or refuses.
    """
    found = _now(session, opened, item)
    if found is None:
        raise NotFound(f"{item.key!r} is not in {shown_namespace(item.namespace)} any more.")
    return found


def save(session: Session, opened: Items, item: Item, text: str, seen: str) -> Outcome:
    """Write an item's value, if it still is what was seen.

    Args:
        session: whose.
        opened: what was opened.
        item: which one.
        text: the value, as JSON.
        seen: the fingerprint of the value that the person has seen; "" for none.

    Raises:
        CommandError: the text is no value. DeploymentError: the deployment does not answer, or refuses.
    """
    value = value_from_text(text)
    now = _now(session, opened, item)
    if not _is(now, seen):
        return Outcome(f"{_meanwhile(item, now)} Nothing is saved, and your text is kept.", False, now)
    try:
        write(session, item.namespace, item.key, value, yes=False, hint=_in_a_cell("put", item, " $value"))
    finally:
        session.events.emit("command", "store put")
    written = session.connection.store.find(item.namespace, item.key) or {}
    # with the value that was seen, so that a later save notices whoever wrote in between
    shown = Item({**item.raw, **written, "value": value})
    return Outcome(f"Saved {item.key!r} in {shown_namespace(item.namespace)}.", True, shown)


def delete(session: Session, opened: Items, item: Item, seen: str) -> Outcome:
    """Delete an item, if it still is what was seen.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    now = _now(session, opened, item)
    if not _is(now, seen):
        return Outcome(f"{_meanwhile(item, now)} Nothing is deleted.", False, now)
    try:
        remove(session, item.namespace, item.key, yes=False, hint=_in_a_cell("delete", item))
    finally:
        session.events.emit("command", "store delete")
    return Outcome(f"Deleted {item.key!r} from {shown_namespace(item.namespace)}.", True, None)


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
    """How to write to a protected deployment, which no button does."""
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
    """Nothing is done on another deployment than the one that it was read from."""
    deployment = opened.attrs.get("deployment")
    if deployment != session.connection.url:
        raise LgError(
            f"These items are of {deployment}; connected is {session.connection.url}.", hint="%lg_store search --open"
        )


def write(
    session: Session,
    namespace: Namespace,
    key: str,
    value: Mapping[str, Any],
    *,
    yes: bool,
    hint: str = HINT,
    **how: Any,
) -> None:
    """Write one item: the one place that does, for a line and for a page."""
    refuse_if_protected(session, f"{key!r} in {shown_namespace(namespace)} is not written", yes=yes, hint=hint)
    session.connection.store.put(namespace, key, value, **how)
    offer_namespaces(session, [namespace])


def remove(session: Session, namespace: Namespace, key: str, *, yes: bool, hint: str = HINT) -> None:
    """Delete one item: the one place that does, for a line and for a page."""
    refuse_if_protected(session, f"{key!r} in {shown_namespace(namespace)} is not deleted", yes=yes, hint=hint)
    session.connection.store.delete(namespace, key)
