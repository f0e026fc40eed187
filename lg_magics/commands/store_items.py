"""One item of the store: get, put, delete. Knows keys and values; knows neither many items nor a page."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, Literal

from lg_magics.actions.store import remove, write
from lg_magics.commands.store_namespaces import NAMESPACE
from lg_magics.errors import CommandError, NotFound
from lg_magics.grammar.parameters import KeyValues, Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.grammar.words import word_from_text
from lg_magics.model.namespaces import Namespace, shown_namespace
from lg_magics.model.store_values import kept_json, kept_value
from lg_magics.resolve.namespaces import writable
from lg_magics.server.store import MOST
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.store import Item

__all__ = ["checked_key", "delete", "get", "put", "remove", "write"]

KEY = Positional(value="KEY")
LONGEST = 400


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
        refresh_ttl: Count its time to live from anew; --no-refresh-ttl does not, whatever the deployment's rule is.

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
    """Put an item into the store, in place of the one that is there.

    Args:
        namespace: Its namespace: todo/general/Test, or a $tuple of labels.
        key: Its key; in quotes if it has spaces or an =.
        value: Its value: a JSON object or a $mapping.
        fields: The value's fields instead, or on top of it: k=v is a text, k:=v JSON or a $name.
        ttl: Minutes until it goes; the deployment's own rule otherwise. (The in-memory server keeps it for good.)
        index: Which fields --query looks at, with commas between them, or none; the deployment's own rule otherwise.
        yes: Do it on a protected deployment too.

    Returns:
        Whether it was new: `result["replaced"]` is the item that was there before, or None.

    Raises:
        CommandError: the value is no mapping, or holds what would come back changed.

    Example:
        %lg_store put notes/Test trip {"city": "Hong Kong", "days": 5}
        %lg_store put notes/Test trip city="Hong Kong" days:=5
    """
    labels, key = writable(namespace), checked_key(key)
    if value is None and fields is None:
        raise CommandError("Put what?", hint='{"field": …}, k=v pairs, or a $mapping.')
    kept = kept_value({**kept_value({} if value is None else value), **(fields or {})})
    if ttl is not None and ttl <= 0:
        raise CommandError(f"--ttl {ttl:g} is over before it begins.", hint="Give it minutes, as 0.5 or 60.")
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
    """Delete an item from the store, and say what it was.

    Args:
        namespace: Its namespace: todo/general/Test, or a $tuple of labels.
        key: Its key; in quotes if it has spaces.
        yes: Do it on a protected deployment too.

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


def checked_key(key: object) -> str:
    """A key that the server can hold.

    Raises:
        CommandError: it is empty, no text, or would come back changed.
    """
    if not isinstance(key, str) or not key:
        raise CommandError(f"A key is a text that is not empty, not {key!r}.")
    kept_json(key, f"the key {key!r}")
    return key


def _near(session: Session, namespace: Namespace, key: str) -> str:
    """What to type instead of a key that is not there."""
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
