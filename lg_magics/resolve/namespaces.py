"""Which namespace of the store a person means, and those that completion offers. Reads nothing."""

from __future__ import annotations

from collections.abc import Sequence

from lg_magics.errors import CommandError
from lg_magics.grammar.words import word_from_text
from lg_magics.model.namespaces import Namespace, namespace_from, shown_namespace
from lg_magics.server.paging import MOST
from lg_magics.session import Session

__all__ = ["offer_namespaces", "writable"]


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
