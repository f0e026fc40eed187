"""The store for commands and open views: search it, write and delete an item. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.actions.protected import HINT, refuse_if_protected
from lg_magics.errors import DeploymentError, InvalidRequest
from lg_magics.grammar.comparisons import ORDERED
from lg_magics.grammar.words import word_from_text
from lg_magics.model.namespaces import Namespace, shown_namespace
from lg_magics.server.paging import MOST
from lg_magics.session import Session
from lg_magics.tables.store import Item, Items, Search

__all__ = ["offer_namespaces", "read_items", "remove", "write"]

NO_INDEX = "No item has a score: this deployment's store has no index for them, and --query changed nothing."


def offer_namespaces(session: Session, namespaces: Sequence[Namespace]) -> None:
    """Let completion offer these namespaces; those that need quotes in a line are left out."""
    known = session.completions("namespace")
    new = [shown for each in namespaces if each and word_from_text(shown := shown_namespace(each)) == shown]
    session.remember_words("namespace", list(dict.fromkeys([*known, *new]))[-MOST:])


def read_items(session: Session, search: Search, *, refresh_ttl: bool | None = False) -> Items:
    """Read the items of a search, and their total number if that is cheap to get. `refresh_ttl` is as in `Store.pages`.

    Raises:
        InvalidRequest: an item's field cannot be compared. DeploymentError: the deployment does not answer, or refuses.
    """
    wanted = None if search.limit is None else search.limit + 1
    pages = session.connection.store.pages(
        search.prefix,
        filter=search.filter or None,
        query=search.query or None,
        refresh_ttl=refresh_ttl,
        limit=wanted,
        offset=search.offset,
    )
    found: list[dict[str, Any]] = []
    received = 0
    try:
        for page in pages:
            found += page.rows
            received += page.bytes
            session.progress(f"{len(found):,} items …" if len(found) > MOST else "")
    except DeploymentError as problem:
        raise _explained(session, search, problem) from problem
    finally:
        session.progress("")
    items = found[: search.limit]
    offer_namespaces(session, [tuple(item.get("namespace") or ()) for item in items])
    is_whole = len(items) == len(found)
    known = _known(session, search, len(items), is_whole=is_whole, size=received // max(len(found), 1))
    return Items(
        tuple(items),
        search,
        is_whole=is_whole,
        more=_more(search, len(items), is_whole=is_whole, is_past=bool(known.get("is_past"))),
        note=_note(search, items),
        attrs={
            "deployment": session.connection.url,
            "namespace": shown_namespace(search.prefix),
            "filter": dict(search.filter),
            "query": search.query,
            "offset": search.offset,
        },
        **known,
    )


def _more(search: Search, count: int, *, is_whole: bool, is_past: bool) -> str:
    """The options to type for the rest."""
    if is_past:
        return "" if search.query else f"--offset {search.offset} is past the last"
    return "" if is_whole else f"--limit N, --offset {search.offset + count} or --all"


def _known(session: Session, search: Search, count: int, *, is_whole: bool, size: int) -> dict[str, Any]:
    """The total number of items. A ranked search is not counted: some servers leave out items without a rank."""
    last = search.offset + count
    try:
        if is_whole and search.offset and not count:
            return _past(session, search)
        if is_whole or search.query:
            return {"total": last} if is_whole else {}
        behind, is_all = _behind(session, search, last, size)
    except DeploymentError:
        return {}  # the found items are correct without it
    return {"total": last + behind} if is_all else {"more_than": last + behind}


def _past(session: Session, search: Search) -> dict[str, Any]:
    """The number of items before an offset that is past the last item."""
    first = list(session.connection.store.pages(search.prefix, filter=search.filter or None, limit=1))
    if not first or search.query:
        return {"is_past": bool(first)}
    count, is_all = _behind(session, search, 0, first[0].bytes)
    return {"is_past": True, "total" if is_all else "more_than": count}


def _behind(session: Session, search: Search, offset: int, size: int) -> tuple[int, bool]:
    store = session.connection.store
    return store.count_behind(search.prefix, filter=search.filter or None, offset=offset, size=size)


def _note(search: Search, items: Sequence[Mapping[str, Any]]) -> str:
    """A note on a result that a person may misread."""
    if search.query and items and all(item.get("score") is None for item in items):
        return NO_INDEX
    texts = [key for key, value in search.filter.items() if isinstance(value, str) and _looks_typed(value)]
    if texts and not items:
        (first, *_) = texts
        return f"{first}={search.filter[first]} is about a text: {first}:={search.filter[first]} is about JSON."
    return ""


def _looks_typed(text: str) -> bool:
    return text in ("true", "false", "null") or text.lstrip("-").replace(".", "", 1).isdigit()


def _explained(session: Session, search: Search, problem: DeploymentError) -> DeploymentError:
    """Explain a refused comparison: the in-memory server answers 500 if an item lacks the field, 400 for a text."""
    ordered = [key for key, condition in search.filter.items() if _orders(condition)]
    if not ordered or problem.status_code not in (400, 500):
        return problem
    lacking = [f"{item.key!r} has no {key}" for key in ordered for item in _lacking(session, search.prefix, key)]
    where, why = shown_namespace(search.prefix), lacking[0] if lacking else "not all of them are numbers"
    return InvalidRequest(
        f"{' and '.join(ordered)} cannot be compared in every item of {where}: {why}.",
        hint=f"Narrow the namespace, or compare in the frame: %lg_store search {word_from_text(where)} --all -o found",
        status_code=problem.status_code,
    )


def _orders(condition: object) -> bool:
    return isinstance(condition, Mapping) and not ORDERED.isdisjoint(condition)


def _lacking(session: Session, prefix: Namespace, key: str) -> list[Item]:
    """An item that lacks a field, if there is one: the server treats a missing field as null."""
    try:
        pages = session.connection.store.pages(prefix, filter={key: None}, limit=1)
        return [Item(item) for page in pages for item in page.rows]
    except DeploymentError:
        return []


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
    """Write one item, for a line or a page."""
    refuse_if_protected(session, f"{key!r} in {shown_namespace(namespace)} is not written", yes=yes, hint=hint)
    session.connection.store.put(namespace, key, value, **how)
    offer_namespaces(session, [namespace])


def remove(session: Session, namespace: Namespace, key: str, *, yes: bool, hint: str = HINT) -> None:
    """Delete one item, for a line or a page."""
    refuse_if_protected(session, f"{key!r} in {shown_namespace(namespace)} is not deleted", yes=yes, hint=hint)
    session.connection.store.delete(namespace, key)
