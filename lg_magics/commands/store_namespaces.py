"""The namespaces of the store: list them, count what is in them, offer them to completion. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from lg_magics.commands.grammar.kinds import Limit, Offset
from lg_magics.commands.grammar.parameters import AtLeast, AtMost, Positional
from lg_magics.commands.grammar.registry import command
from lg_magics.commands.grammar.words import word_from_text
from lg_magics.errors import CommandError
from lg_magics.model.namespaces import Namespace, namespace_from, shown_namespace
from lg_magics.server.history import BUDGET
from lg_magics.server.store import MOST, item_pages, list_namespaces
from lg_magics.session import Session
from lg_magics.tables.store import Item
from lg_magics.tables.table import Column, Table

MOST_LABELS = 1000

__all__ = ["NAMESPACE", "namespaces", "offer_namespaces", "writable"]

NAMESPACE = Positional(completes="namespace", value="NS")


@command("store namespaces", group="Store")
def namespaces(
    session: Session,
    prefix: Annotated[object, Positional(completes="namespace", value="PREFIX")] = None,
    *,
    depth: Annotated[int | None, AtLeast(1), AtMost(MOST_LABELS)] = None,
    limit: Limit = 100,
    offset: Offset = 0,
    all: bool = False,
) -> Table:
    """List the namespaces of the store, with how many items are under each where they are few.

    The in-memory server also lists namespaces that were only asked for, and hold nothing.

    Args:
        prefix: Only those that begin with these labels; * stands for any one label.
        depth: Cut each after so many labels, counted from the root.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is, in pages.

    Returns:
        A table: `.df` has `labels`, the namespaces as lists.

    Example:
        %lg_store namespaces --depth 1
    """
    labels = namespace_from(prefix)
    end = None if all else limit
    found = _found(session, labels, depth, offset, None if all else limit + 1)
    shown = [each for each in found[:end] if each]  # nothing can be in the root itself
    counts = None if "*" in labels else _counts(session, labels, depth)
    offer_namespaces(session, shown)
    is_last = all or len(found) <= limit
    return Table(
        f"namespace under {shown_namespace(labels)}" if labels else "namespace",
        (Column("namespace"), Column("items", "number"), Column("labels", "list", None)),
        tuple((shown_namespace(each), None if counts is None else counts[each], list(each)) for each in shown),
        is_whole=is_last and not offset,
        offset=offset,
        more="" if is_last else f"--limit N, --offset {offset + limit} or --all",
        attrs={"deployment": session.connection.url, "prefix": shown_namespace(labels)},
    )


def _found(
    session: Session, labels: Namespace, depth: int | None, offset: int, limit: int | None
) -> list[tuple[str, ...]]:
    """So many namespaces behind `offset`, in pages if all are wanted."""
    if limit is not None:
        return list_namespaces(session.connection, labels, depth=depth, limit=limit, offset=offset)
    found: list[tuple[str, ...]] = []
    while True:
        at = offset + len(found)
        page = list_namespaces(session.connection, labels, depth=depth, limit=MOST, offset=at)
        found += page
        if len(page) < MOST:
            return found


def _counts(session: Session, prefix: Namespace, depth: int | None) -> Counter[Namespace] | None:
    """How many items are in each namespace, cut after `depth` labels; None where counting would read too much."""
    counted: Counter[Namespace] = Counter()
    received = 0
    for page, size in item_pages(session.connection, prefix):
        counted.update(Item(item).namespace[:depth] for item in page)
        received += size
        if counted.total() > MOST or received > BUDGET:
            return None
    return counted


def offer_namespaces(session: Session, met: Sequence[Namespace]) -> None:
    """Let completion offer these namespaces; those that need quotes in a line are left out."""
    known = session.completions("namespace")
    new = [shown for each in met if each and word_from_text(shown := shown_namespace(each)) == shown]
    session.remember_words("namespace", list(dict.fromkeys([*known, *new]))[-MOST:])


def writable(namespace: object) -> Namespace:
    """A namespace that can hold items.

    Raises:
        CommandError: it is the root, or none.
    """
    labels = namespace_from(namespace)
    if not labels:
        raise CommandError("An item is in a namespace, and not in the root.", hint="%lg_store namespaces lists them.")
    return labels
