"""What is in the store: search, with conditions, in pages. Knows what the server's refusals mean; writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from lg_magics.actions.store_search import read_items
from lg_magics.commands.store_namespaces import NAMESPACE
from lg_magics.errors import CommandError
from lg_magics.grammar.kinds import Limit, Offset
from lg_magics.grammar.parameters import KeyValues, Option
from lg_magics.grammar.registry import command
from lg_magics.model.namespaces import namespace_from
from lg_magics.model.store_values import kept_json
from lg_magics.session import Session
from lg_magics.tables.store import Items, Search

__all__ = ["read_items", "search"]


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
        filter: A condition on a field: k=v and k!=v are about a text, k:=v and k!:=v about JSON, k>v, k>=v, k<v, k<=v
            about a number; may be repeated, and all must be true.
        query: Rank by nearness to this text, where the deployment's store has an index.
        refresh_ttl: Count the items' time to live from anew; --no-refresh-ttl does not, whatever the deployment's rule is.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is, in pages.
        open: On a page: choose an item, see, edit or delete it; Close leaves the table.

    Returns:
        The items: `.df` has a row for each, `.items` has them as the server does.

    Raises:
        CommandError: no such namespace can be. InvalidRequest: an item's field cannot be compared.
        Unsupported: this deployment has no store.

    Example:
        %lg_store search todo/general/Test
    """
    if all and query:
        raise CommandError("--query ranks, and --all has no end to rank to.", hint="--query TEXT --limit N")
    wanted = Search(
        namespace_from(namespace), kept_json(filter or {}, "filter"), query or "", None if all else limit, offset
    )
    return replace(read_items(session, wanted, refresh_ttl=refresh_ttl), is_open=open)
