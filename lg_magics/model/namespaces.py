r"""A namespace of the store: a tuple of labels, typed as `todo/general/Test`. Pure.

`/` alone is the root, which contains everything. In a label `/` is typed `\/`, and `\` is typed `\\`.

>>> namespace_from(r"notes/a\/b")
('notes', 'a/b')
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lg_magics.errors import CommandError, type_phrase

__all__ = ["ROOT", "Namespace", "namespace_from", "shown_namespace", "writable"]

Namespace = tuple[str, ...]

ROOT = "/"
_PIECE = re.compile(r"\\([\\/])|(/)|([^\\/]+|\\)")
_UNSENDABLE = re.compile("[\0\ud800-\udfff]")


def namespace_from(given: object) -> Namespace:
    """Return the namespace for a text, or a tuple or list of labels; the root for None.

    Raises:
        CommandError: it is neither, or the server would reject one of its labels.
    """
    if given is None:
        return ()
    if isinstance(given, str):
        labels: Sequence[object] = () if given == ROOT else _labels(given)
    elif isinstance(given, Sequence) and not isinstance(given, bytes):
        labels = given
    else:
        raise CommandError(
            f"This is no namespace but {type_phrase(given)}.", hint='todo/general/Test, or ("todo", "general", "Test").'
        )
    return _checked(labels, given)


def writable(given: object) -> Namespace:
    """Return a namespace that can hold items.

    Raises:
        CommandError: it is the root, or not a namespace.
    """
    labels = namespace_from(given)
    if not labels:
        raise CommandError("An item is in a namespace, and not in the root.", hint="%lg_store namespaces lists them.")
    return labels


def shown_namespace(namespace: Sequence[str]) -> str:
    """Return a namespace as it is typed."""
    return "/".join(label.replace("\\", "\\\\").replace("/", "\\/") for label in namespace) or ROOT


def _labels(text: str) -> list[str]:
    labels = [""]
    for escaped, slash, plain in _PIECE.findall(text):
        if slash:
            labels.append("")
        else:
            labels[-1] += escaped or plain
    return labels


def _checked(labels: Sequence[object], given: object) -> Namespace:
    """Check the server's rules for namespaces, measured on langgraph-api 0.16."""
    checked = tuple(_checked_label(label, given) for label in labels)
    if checked and checked[0] == "langgraph":
        raise CommandError("The store keeps the namespace langgraph for itself.", hint="Begin with another label.")
    return checked


def _checked_label(label: object, given: object) -> str:
    if not isinstance(label, str):
        raise CommandError(f"A namespace has texts for labels: {given!r} has {type_phrase(label)}.")
    if not label:
        raise CommandError(
            f"The namespace {given!r} has an empty label.", hint="todo/general/Test is one; / alone is the whole store."
        )
    if "." in label:
        raise CommandError(f"A label of a namespace cannot hold a dot, as {label!r} does.")
    if _UNSENDABLE.search(label):
        raise CommandError(f"The label {label!r} holds a character that the store cannot keep.")
    return label
