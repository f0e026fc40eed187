"""References to a run or a thread: r7, t2, last, last~2, an id, a unique part of one. Pure.

Ids are time-ordered, so the first eight characters of everything created within a minute are equal: an id is shown by its
tail (`r7 ·30ac8`), and a part of an id counts only if it is unique among the ids that the session knows.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lg_magics.errors import UnknownReference
from lg_magics.model.visible_text import visible_line

__all__ = ["Known", "Numbering", "is_full_id", "is_part_of_id", "resolve", "short_id"]

FULL_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
LAST = re.compile(r"last(?:~(\d+))?\Z")
TAIL = {"r": 5, "t": 6}
SHORTEST_PART = 4


@dataclass(frozen=True, slots=True)
class Known:
    """A candidate for a reference. `about` (title, age, status) helps a person to choose."""

    number: str
    id: str
    about: str = ""
    name: str = ""


class Numbering:
    """Numbers ids in the order they first appear: r1, r2 …, t1, t2 …. Thread-safe by the GIL's dict and count."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._numbers: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._count = itertools.count(1)

    def number(self, identity: str) -> str:
        """Return the number of `identity`; assign the next one if it has none."""
        if identity not in self._numbers:
            number = self._numbers.setdefault(identity, f"{self.prefix}{next(self._count)}")
            self._ids[number] = identity
        return self._numbers[identity]

    def id_of(self, number: str) -> str | None:
        """Return the id with this number; None if there is none."""
        return self._ids.get(number)

    def known(self, name: str) -> str | None:
        """Return the id with this number, or a numbered id itself; None if there is none."""
        return self._ids.get(name) or (name if name in self._numbers else None)

    def ids(self) -> list[str]:
        """Return every numbered id, in order."""
        return list(self._numbers)


def is_full_id(text: str) -> bool:
    """Return whether `text` is a full id (a UUID)."""
    return FULL_ID.fullmatch(text) is not None


def short_id(number: str, identity: str) -> str:
    """Return a display form: `r7 ·30ac8`."""
    return f"{number} ·{identity[-TAIL.get(number[:1], 5) :]}"


def resolve(
    reference: str, known: Sequence[Known], *, kind: str, listed_by: str, where: str = "in this session"
) -> Known:
    """Return the one candidate that `reference` means.

    Args:
        reference: a number, a full id, `last`, `last~2`, a given name, or a unique prefix or suffix of an id.
        known: the candidates, oldest first.
        kind: their name in errors: "run", "thread".
        listed_by: the command that lists them, for the hint.
        where: the place of the candidates, for errors.

    Raises:
        UnknownReference: no candidate, or more than one, matches. An unknown full id is returned as it is.
    """
    text = reference.strip()
    if not text:
        raise UnknownReference(f"An empty text names no {kind}.", hint=f"{listed_by} lists them.")
    if match := LAST.match(text):
        return _last(int(match[1] or 0), known, kind, listed_by)
    for thing in known:
        if text in (thing.number, thing.id):
            return thing
    named = [thing for thing in known if thing.name and thing.name == text]
    if is_full_id(text) and not named:
        return Known("", text.lower())
    return _only(named or _by_part(text, known), text, kind, listed_by, where)


def _last(back: int, known: Sequence[Known], kind: str, listed_by: str) -> Known:
    if back >= len(known):
        count = f"only {len(known)}" if known else "none"
        which = f"last~{back}" if back else "last"
        raise UnknownReference(f"No {kind} '{which}': this session knows {count}.", hint=f"{listed_by} lists them.")
    return known[-1 - back]


def is_part_of_id(text: str, identity: str) -> bool:
    """Return whether `text`, as shown or typed (`·30ac8`), is a prefix or suffix of an id, and long enough."""
    part = text.lower().lstrip("·…").strip()
    return len(part) >= SHORTEST_PART and (identity.startswith(part) or identity.endswith(part))


def _by_part(text: str, known: Iterable[Known]) -> list[Known]:
    return [thing for thing in known if is_part_of_id(text, thing.id)]


def _only(found: Sequence[Known], text: str, kind: str, listed_by: str, where: str) -> Known:
    if len(found) == 1:
        return found[0]
    if not found:
        raise UnknownReference(f"No {kind} '{text}' {where}.", hint=f"{listed_by} lists them.")
    candidates = "\n".join(
        f"  {short_id(thing.number, thing.id)}  {visible_line(thing.about)}" for thing in found[-10:]
    )
    raise UnknownReference(
        f"'{text}' could be any of {len(found)} {kind}s:",
        listing=candidates,
        hint="Give its number, or more characters of its id.",
    )
