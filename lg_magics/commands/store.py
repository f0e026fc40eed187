"""The store: search it, get, put and delete items, load and export many, list namespaces. Draws nothing."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Annotated, Any, Literal

from lg_magics.actions.many_writes import counted
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.actions.store import offer_namespaces, read_items, remove, write
from lg_magics.actions.store_load import KEPT, KINDS, entries_from, send_entries, write_export
from lg_magics.errors import CommandError, NotFound
from lg_magics.files import path_of
from lg_magics.grammar.kinds import Limit, Offset
from lg_magics.grammar.parameters import AtLeast, AtMost, KeyValues, Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.grammar.words import word_from_text
from lg_magics.model.namespaces import Namespace, namespace_from, shown_namespace, writable
from lg_magics.model.store_values import checked_key, kept_json, kept_value
from lg_magics.server.paging import BUDGET, MOST
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.store import Export, Item, Items, Search
from lg_magics.tables.table import Column, Table

__all__ = [
    "NAMESPACE",
    "delete",
    "export",
    "get",
    "load",
    "namespaces",
    "put",
    "search",
]


KEY = Positional(value="KEY")
LONGEST = 400
MOST_LABELS = 1000
NAMESPACE = Positional(completes="namespace", value="NS")


@command("store search", group="Store")
def search(
    session: Session,
    namespace: Annotated[object, NAMESPACE] = None,
    *,
    filter: Annotated[Mapping[str, object] | None, KeyValues(compares=True)] = None,
    query: Annotated[str | None, Option(value="TEXT")] = None,
    refresh_ttl: Annotated[bool | None, Option(everyday=False)] = None,
    limit: Limit = 10,
    offset: Offset = 0,
    all: bool = False,
    open: bool = False,
) -> Items:
    """List the items under a namespace, with a column for each field of their values.

    A namespace is typed as todo/general/Test; a label's own / as \\/.

    Args:
        namespace: The first labels of their namespaces, or a $tuple of them; the whole store otherwise.
        filter: A condition on a field: k=v and k!=v compare text, k:=v and k!:=v JSON, k>v, k>=v, k<v, k<=v a number; may be
            repeated, and all must be true.
        query: Rank by similarity to this text, if the deployment's store has an index.
        refresh_ttl: Restart the items' time to live; --no-refresh-ttl does not. The deployment's own rule otherwise.
        limit: Show at most so many.
        offset: Skip so many first.
        all: All of them, in pages, regardless of --limit.
        open: On a page: choose an item, see, edit or delete it; Close leaves the table.

    Returns:
        The items: `.df` has a row for each, `.items` has the server's rows.

    Raises:
        CommandError: the namespace is invalid. InvalidRequest: an item's field cannot be compared.
        Unsupported: this deployment has no store.

    Example:
        %lg_store search todo/general/Test
    """
    if all and query:
        raise CommandError("--query needs --limit: it cannot rank with --all.", hint="--query TEXT --limit N")
    wanted = Search(
        namespace_from(namespace), kept_json(filter or {}, "filter"), query or "", None if all else limit, offset
    )
    return replace(read_items(session, wanted, refresh_ttl=refresh_ttl), is_open=open)


@command("store get", group="Store")
def get(
    session: Session,
    namespace: Annotated[object, NAMESPACE],
    key: Annotated[str, KEY],
    *,
    refresh_ttl: Annotated[bool | None, Option(everyday=False)] = None,
) -> Item:
    """Show one item with its whole value.

    Args:
        namespace: Its namespace: todo/general/Test, or a $tuple of labels.
        key: Its key; in quotes if it has spaces.
        refresh_ttl: Restart its time to live; --no-refresh-ttl does not. The deployment's own rule otherwise.

    Returns:
        The item: `.value` is its value.

    Raises:
        NotFound: there is no such item.

    Example:
        %lg_store get profile/general/Test profile
    """
    labels = writable(namespace)
    found = session.connection.store.find(labels, checked_key(key), refresh_ttl=refresh_ttl)
    if found is None:
        raise NotFound(
            f"No item {key!r} in {shown_namespace(labels)} on {session.connection.url}.",
            hint=_near(session, labels, key),
        )
    return Item(found)


@command("store put", group="Store")
def put(
    session: Session,
    namespace: Annotated[object, NAMESPACE],
    key: Annotated[str, KEY],
    value: Annotated[Mapping[str, object] | None, Positional(completes="python", value="VALUE")] = None,
    fields: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    *,
    ttl: Annotated[float | None, Option(value="MINUTES")] = None,
    index: Annotated[Literal["none"] | Sequence[str] | None, Option(value="FIELDS|none", everyday=False)] = None,
    yes: bool = False,
) -> Facts:
    """Put an item into the store, and replace the item with this key.

    Args:
        namespace: Its namespace: todo/general/Test, or a $tuple of labels.
        key: Its key; in quotes if it has spaces or an =.
        value: Its value: a JSON object or a $mapping.
        fields: The value's fields instead, or on top of it: k=v is a text, k:=v JSON or a $name.
        ttl: Minutes until it is deleted; the deployment's own rule otherwise. (The in-memory server never deletes it.)
        index: The fields that --query searches, separated by commas, or none; the deployment's own rule otherwise.
        yes: Also allow it on a protected deployment.

    Returns:
        Whether it was new: `result["replaced"]` is the item that was there before, or None.

    Raises:
        CommandError: the value is not a mapping, or would not be read back unchanged.

    Example:
        %lg_store put notes/Test trip {"city": "Hong Kong", "days": 5}
        %lg_store put notes/Test trip city="Hong Kong" days:=5
    """
    labels, key = writable(namespace), checked_key(key)
    if value is None and fields is None:
        raise CommandError("%lg_store put needs a value.", hint='{"field": …}, k=v pairs, or a $mapping.')
    kept = kept_value({**kept_value({} if value is None else value), **(fields or {})})
    if ttl is not None and ttl <= 0:
        raise CommandError(f"--ttl must be > 0 minutes, got {ttl:g}.", hint="--ttl 60")
    before = session.connection.store.find(labels, key)
    write(session, labels, key, kept, yes=yes, ttl=ttl, index=_index(index))
    return Facts(
        f"Put {key!r} into {shown_namespace(labels)}: {'replaced what was there' if before else 'new'}.",
        (("was", _short(before)),) if before else (),
        data={"namespace": list(labels), "key": key, "value": kept, "replaced": before},
    )


def _index(given: Literal["none"] | Sequence[str] | None) -> Literal[False] | list[str] | None:
    if given is None:
        return None
    return False if given == "none" else [given] if isinstance(given, str) else list(given)


def _short(item: Mapping[str, Any]) -> str:
    text = json.dumps(item.get("value"), ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… {len(text):,} characters"


@command("store delete", group="Store")
def delete(
    session: Session, namespace: Annotated[object, NAMESPACE], key: Annotated[str, KEY], *, yes: bool = False
) -> Facts:
    """Delete an item from the store, and show its old value.

    Args:
        namespace: Its namespace: todo/general/Test, or a $tuple of labels.
        key: Its key; in quotes if it has spaces.
        yes: Also allow it on a protected deployment.

    Returns:
        Whether there was one: `result["deleted"]` is the item, or None.

    Example:
        %lg_store delete notes/Test trip
    """
    labels, key = writable(namespace), checked_key(key)
    before = session.connection.store.find(labels, key)
    data = {"namespace": list(labels), "key": key, "deleted": before}
    where = shown_namespace(labels)
    if before is None:
        return Facts(f"There is no {key!r} in {where}: nothing is deleted. {_near(session, labels, key)}", data=data)
    remove(session, labels, key, yes=yes)
    return Facts(f"Deleted {key!r} from {where}.", (("was", _short(before)),), data=data)


def _near(session: Session, namespace: Namespace, key: str) -> str:
    """A hint for a key that does not exist."""
    pages = session.connection.store.pages(namespace, limit=MOST)
    keys = [
        Item(item).key for page in islice(pages, 2) for item in page.rows if Item(item).namespace == namespace
    ]  # two pages are at most some megabytes
    lower = {each.lower(): each for each in keys}
    near = difflib.get_close_matches(key.lower(), lower, n=3) or [each for each in lower if key.lower() in each][:3]
    if near:
        return f"Did you mean {' or '.join(word_from_text(lower[each]) for each in near)}?"
    if keys:
        return f"%lg_store search {word_from_text(shown_namespace(namespace))} lists them."
    return "Nothing is in that namespace: %lg_store namespaces lists what there is."


@command("store load", group="Store")
def load(
    session: Session,
    namespace: Annotated[object, NAMESPACE],
    source: Annotated[object, Positional(completes="python", value="$frame")] = None,
    *,
    key: Annotated[str | None, Option(value="COLUMN")] = None,
    yes: bool = False,
) -> Facts:
    """Load the rows of a frame into a namespace, or an export into its own namespaces.

    Each row becomes an item: the other columns are its value. Empty cells (NaN, NaT, NA) are left out, None is null, times
    are ISO texts. An item with the same key is replaced. Two rows with one key are refused before anything is sent.

    Args:
        namespace: The namespace of the rows: todo/general/Test, or a $tuple. Or only an export: its file, or $exported.
        source: The frame, or a list of mappings.
        key: With a frame: the column that holds the keys, which are texts or whole numbers.
        yes: Also allow it on a protected deployment.

    Returns:
        The number of items written.

    Raises:
        CommandError: a value in a row would not be read back unchanged; nothing is written.
        DeploymentError: the deployment refused a row; the message names it, and has the number of items written.
        LoadInterrupted: a kernel interrupt; the message has the number of items written.

    Example:
        %lg_store load notes/Test $frame --key id
    """
    if source is None and key is not None:
        raise CommandError("--key is for the rows of a frame: an export has its keys.", hint="%lg_store load $exported")
    entries = entries_from(namespace, source, key)
    refuse_if_protected(session, f"{counted(len(entries), 'item')} are not written", yes=yes)
    send_entries(session, entries)
    known = list(dict.fromkeys(entry.namespace for entry in entries))
    offer_namespaces(session, known)
    into = (
        f" into {shown_namespace(known[0])}" if len(known) == 1 else f" into {len(known):,} namespaces" if known else ""
    )
    data = {"written": len(entries), "namespaces": [list(labels) for labels in known]}
    return Facts(f"Loaded {counted(len(entries), 'item')}{into}.", data=data)


@command("store export", group="Store")
def export(
    session: Session,
    namespace: Annotated[object, NAMESPACE] = None,
    *,
    all: bool = False,
    to: Annotated[str | None, Option(value="FILE.jsonl|FILE.json")] = None,
) -> Export:
    """Export all items under a namespace; %lg_store load restores them. It restarts no time to live.

    Args:
        namespace: The namespace: todo/general/Test, or a $tuple of labels.
        all: Without a namespace: the whole store.
        to: Write them to this file, one item a line or as one list; an existing file is replaced and kept as FILE~.

    Returns:
        The export: `.items`, and `.df`, the frame that a search gives.

    Example:
        %lg_store export todo --all
    """
    prefix = namespace_from(namespace)
    if not (prefix or all):
        raise CommandError(
            "%lg_store export needs a namespace, or --all.", hint="%lg_store export NS, or --all for the whole store."
        )
    path = path_of(to) if to else None
    if path and path.suffix.lower() not in KINDS:
        raise CommandError(f"--to {word_from_text(str(to))}: a file ends in .jsonl or .json.")
    if path and not path.parent.is_dir():
        raise CommandError(f"{path} cannot be written: there is no folder {path.parent}.")
    found = read_items(session, Search(prefix, limit=None)).items
    exported = Export(tuple({name: item[name] for name in KEPT if name in item} for item in found), prefix)
    if path is None:
        return exported
    write_export(path, exported)
    return replace(exported, path=str(to))


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
    """List the namespaces of the store, with the number of items in each if they are few.

    The in-memory server also lists empty namespaces that were only searched.

    Args:
        prefix: Only those that begin with these labels; * stands for any one label.
        suffix: Only those that end with these labels.
        depth: Cut each after so many labels, counted from the root.
        limit: Show at most so many.
        offset: Skip so many first.
        all: All of them, in pages, regardless of --limit.

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
    """The number of items in each namespace, cut after `depth` labels; None if counting would read too much."""
    found: Counter[Namespace] = Counter()
    received = 0
    for page in session.connection.store.pages(prefix):
        found.update(Item(item).namespace[:depth] for item in page.rows)
        received += page.bytes
        if found.total() > MOST or received > BUDGET:
            return None
    return found
