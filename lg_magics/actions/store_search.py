"""A search of the store: its items, how many there are, and why a comparison was refused. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.errors import DeploymentError, InvalidRequest
from lg_magics.grammar.comparisons import ORDERED
from lg_magics.grammar.words import word_from_text
from lg_magics.model.namespaces import Namespace, shown_namespace
from lg_magics.resolve.namespaces import offer_namespaces
from lg_magics.server.store import MOST
from lg_magics.session import Session
from lg_magics.tables.store import Item, Items, Search

__all__ = ["read_items"]


NO_INDEX = "No item has a score: this deployment's store has no index for them, and --query changed nothing."


def read_items(session: Session, search: Search, *, refresh_ttl: bool | None = None) -> Items:
    """The items that a search finds now, and how many there are altogether, as far as that is cheap to know.

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
    """What to type for the rest."""
    if is_past:
        return "" if search.query else f"--offset {search.offset} is past the last"
    return "" if is_whole else f"--limit N, --offset {search.offset + count} or --all"


def _known(session: Session, search: Search, count: int, *, is_whole: bool, size: int) -> dict[str, Any]:
    """How many there are altogether. A ranked search leaves out what has no rank on some servers, so it is not counted."""
    last = search.offset + count
    try:
        if is_whole and search.offset and not count:
            return _past(session, search)
        if is_whole or search.query:
            return {"total": last} if is_whole else {}
        behind, is_all = _behind(session, search, last, size)
    except DeploymentError:
        return {}  # what was found is true without it
    return {"total": last + behind} if is_all else {"more_than": last + behind}


def _past(session: Session, search: Search) -> dict[str, Any]:
    """What there is before an offset behind which there is nothing."""
    first = list(session.connection.store.pages(search.prefix, filter=search.filter or None, limit=1))
    if not first or search.query:
        return {"is_past": bool(first)}
    count, is_all = _behind(session, search, 0, first[0].bytes)
    return {"is_past": True, "total" if is_all else "more_than": count}


def _behind(session: Session, search: Search, offset: int, size: int) -> tuple[int, bool]:
    store = session.connection.store
    return store.count_behind(search.prefix, filter=search.filter or None, offset=offset, size=size)


def _note(search: Search, items: Sequence[Mapping[str, Any]]) -> str:
    """What somebody may take for an answer, and is none."""
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
    """What a refused comparison means: the in-memory server answers 500 where an item lacks the field, 400 for a text."""
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
    """An item that lacks a field, if there is one: what is missing equals null to the server."""
    try:
        pages = session.connection.store.pages(prefix, filter={key: None}, limit=1)
        return [Item(item) for page in pages for item in page.rows]
    except DeploymentError:
        return []
