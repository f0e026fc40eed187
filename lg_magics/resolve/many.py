"""References to many objects of one kind: a list, the rows of a table or a frame, or a mix of these. Sends no request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lg_magics.errors import UnknownReference, type_phrase
from lg_magics.model.references import is_full_id

__all__ = ["elements_of", "id_in", "is_many", "rows_of"]


def id_in(thing: object, field: str) -> str | None:
    """The full id under `field` (`thread_id`) of an object or a row, in lower case; None if it has none."""
    found = thing.get(field) if isinstance(thing, Mapping) else getattr(thing, field, None)
    return found.lower() if isinstance(found, str) and is_full_id(found) else None


def is_many(reference: object, field: str) -> bool:
    """Whether a reference is a list or a table, and not a single object."""
    return reference is not None and not isinstance(reference, str) and id_in(reference, field) is None


def rows_of(reference: object) -> object:
    """The rows of a frame as dicts; anything else as it is."""
    to_dict = getattr(reference, "to_dict", None)
    return to_dict("records") if callable(to_dict) and hasattr(reference, "columns") else reference


def elements_of(reference: object, field: str, noun: str, number: str) -> list[str]:
    """The objects of a list, a table or a frame: each as the text that was given, or as its full id.

    Args:
        reference: what was given; a single object is a list of one.
        field: the field with the id: thread_id.
        noun: the noun for an object: thread.
        number: a number to name one by: t2.

    Raises:
        UnknownReference: it is not a list, or an element has no such field.
    """
    if isinstance(reference, str):
        return [reference]
    if (identity := id_in(reference, field)) is not None:
        return [identity]
    hint = f"Name one by its number ({number}), or give a list, or a table with a column {field}."
    rows = rows_of(reference)
    if not isinstance(rows, Iterable) or isinstance(rows, Mapping | bytes):
        raise UnknownReference(f"A {noun} is needed, got {type_phrase(reference)}.", hint=hint)
    found = dict[str, None]()
    for row in rows:
        element = row if isinstance(row, str) else id_in(row, field)
        if element is None:
            raise UnknownReference(f"Each element must be a {noun}, got {type_phrase(row)}.", hint=hint)
        found[element.lower() if is_full_id(element) else element] = None
    return list(found)
