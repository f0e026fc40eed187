"""The namespaces of the store: list them, count what is in them, offer them to completion. Writes nothing."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from lg_magics.grammar.kinds import Limit, Offset
from lg_magics.grammar.parameters import AtLeast, AtMost, Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.model.namespaces import Namespace, namespace_from, shown_namespace
from lg_magics.resolve.namespaces import offer_namespaces
from lg_magics.server.paging import BUDGET, MOST
from lg_magics.session import Session
from lg_magics.tables.store import Item
from lg_magics.tables.table import Column, Table

MOST_LABELS = 1000

__all__ = ["NAMESPACE", "namespaces"]

NAMESPACE = Positional(completes="namespace", value="NS")


@command("store namespaces", group="Store")
def namespaces(
    session: Session,
    prefix: Annotated[object, Positional(completes="namespace", value="PREFIX")] = None,
    *,
    suffix: Annotated[object, Option(value="SUFFIX", completes="namespace")] = None,
    depth: Annotated[int | None, AtLeast(1), AtMost(MOST_LABELS)] = None,
    limit: Limit = 100,
    offset: Offset = 0,
    all: bool = False,
) -> Table:
    """List the namespaces of the store, with how many items are under each where they are few.

    The in-memory server also lists namespaces that were only asked for, and hold nothing.

    Args:
        prefix: Only those that begin with these labels; * stands for any one label.
        suffix: Only those that end with these labels.
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
    store = session.connection.store
    last = namespace_from(suffix)
    found = store.namespaces(labels, suffix=last, depth=depth, limit=None if all else limit, offset=offset)
    shown = [each for each in found.rows if each]  # nothing can be in the root itself
    counts = None if "*" in labels or (last and depth) else _counts(session, labels, depth)
    offer_namespaces(session, shown)
    return Table(
        f"namespace under {shown_namespace(labels)}" if labels else "namespace",
        (Column("namespace"), Column("items", "number"), Column("labels", "list", None)),
        tuple((shown_namespace(each), None if counts is None else counts[each], list(each)) for each in shown),
        is_whole=found.is_whole and not offset,
        offset=offset,
        more="" if found.is_whole else f"--limit N, --offset {offset + limit} or --all",
        attrs={"deployment": session.connection.url, "prefix": shown_namespace(labels)},
    )


def _counts(session: Session, prefix: Namespace, depth: int | None) -> Counter[Namespace] | None:
    """How many items are in each namespace, cut after `depth` labels; None where counting would read too much."""
    counted: Counter[Namespace] = Counter()
    received = 0
    for page in session.connection.store.pages(prefix):
        counted.update(Item(item).namespace[:depth] for item in page.rows)
        received += page.bytes
        if counted.total() > MOST or received > BUDGET:
            return None
    return counted
