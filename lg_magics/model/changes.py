"""Compute what changed between two states: messages by id, other keys by path. Pure.

A list of messages is compared by message: one with the id of an earlier one rewrites it, others are added
or removed. Everything else is compared key by key, and lists and texts as wholes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lg_magics.model.conversation import is_conversation
from lg_magics.model.long_text import LongText, is_same_text

__all__ = ["Changes", "KeyChange", "MessageChange", "changes"]


class _Absent:
    """The type of ABSENT, of which there is one object, also after pickling."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __reduce__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()
DEEPEST = 40


@dataclass(frozen=True, slots=True)
class MessageChange:
    """A message that was added (`before` is None), removed (`after` is None) or rewritten; `place` is its index in the list."""

    key: str
    place: int
    before: Any
    after: Any

    @property
    def kind(self) -> str:
        """added, removed or rewritten."""
        return "added" if self.before is None else "removed" if self.after is None else "rewritten"


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A value that was set, changed, or removed at `path`; ABSENT means no value."""

    path: tuple[str, ...]
    before: Any
    after: Any

    @property
    def kind(self) -> str:
        """added, removed or changed."""
        return "added" if self.before is ABSENT else "removed" if self.after is ABSENT else "changed"

    @property
    def shown_path(self) -> str:
        """`profile.address.city`; the state itself is `values`."""
        return ".".join(self.path) or "values"


@dataclass(frozen=True, slots=True)
class Changes:
    """All differences between two states."""

    messages: tuple[MessageChange, ...] = ()
    keys: tuple[KeyChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.messages or self.keys)

    def count(self, kind: str) -> int:
        """Return how many messages were added, removed or rewritten."""
        return sum(change.kind == kind for change in self.messages)

    @property
    def names(self) -> tuple[str, ...]:
        """The changed keys of the state, without messages, each once."""
        return tuple(dict.fromkeys(change.path[0] if change.path else "values" for change in self.keys))

    @property
    def words(self) -> str:
        """In a few words: `+1 ai message, 1 rewritten, profile`."""
        added = [change.after for change in self.messages if change.kind == "added"]
        parts = [f"+{len(added)} {_role(added)}message{'s' * (len(added) != 1)}"] if added else []
        parts += [f"{self.count('rewritten')} rewritten"] if self.count("rewritten") else []
        parts += [f"{self.count('removed')} removed"] if self.count("removed") else []
        return ", ".join([*parts, *self.names])


def _role(payloads: Sequence[Any]) -> str:
    found = (payload.get("type") or payload.get("role") for payload in payloads if isinstance(payload, Mapping))
    roles = {role if isinstance(role, str) else "" for role in found}
    (role,) = roles if len(roles) == 1 else ("",)
    return f"{role} " if role else ""


def _have_ids(key: str, value: object) -> bool:
    """Return whether a value is a list of messages with distinct ids: only these can be matched."""
    if not isinstance(value, list) or not (value == [] or is_conversation(value, key)):
        return False
    ids = [_message_id(item) for item in value]
    return None not in ids and len(set(ids)) == len(ids)


def _message_id(item: object) -> str | None:
    if not isinstance(item, Mapping) or "content" not in item:
        return None
    identity = item.get("id")
    return identity if isinstance(identity, str) and identity else None


def changes(before: Any, after: Any) -> Changes:
    """Return the changes from one state's values to another's."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        messages: list[MessageChange] = []
        keys: list[KeyChange] = []
        for key in dict.fromkeys([*before, *after]):
            old, new = before.get(key, ABSENT), after.get(key, ABSENT)
            if _are_conversations(str(key), old, new):
                found = _message_changes(str(key), old if old is not ABSENT else [], new)
                messages += found or []
                keys += [KeyChange((str(key),), old, new)] if found is None or (not found and old is ABSENT) else []
            else:
                keys += _key_changes((str(key),), old, new, DEEPEST)
        return Changes(tuple(messages), tuple(keys))
    return Changes((), tuple(_key_changes((), before, after, DEEPEST)))


def _are_conversations(key: str, old: Any, new: Any) -> bool:
    if old is ABSENT:
        return _have_ids(key, new) and bool(new)
    return _have_ids(key, old) and _have_ids(key, new) and bool(old or new)


def _message_changes(key: str, old: list[Any], new: list[Any]) -> list[MessageChange] | None:
    """Return the changes between two lists, in the order of `apply`; None if the order itself changed."""
    start = _common_start(old, new)
    if start == len(old) == len(new):
        return []
    before = {item["id"]: item for item in old[start:]}
    after = {item["id"] for item in new[start:]}
    kept = [item["id"] for item in old[start:] if item["id"] in after]
    if kept != [item["id"] for item in new[start:] if item["id"] in before]:
        return None
    removed = [
        MessageChange(key, place, item, None)
        for place, item in enumerate(old[start:], start)
        if item["id"] not in after
    ]
    rest = [
        MessageChange(key, place, before.get(item["id"]), item)
        for place, item in enumerate(new[start:], start)
        if not _same(before.get(item["id"]), item)
    ]
    return removed + rest


def _common_start(old: list[Any], new: list[Any]) -> int:
    for place, (one, other) in enumerate(zip(old, new, strict=False)):
        if not _same(one, other):
            return place
    return min(len(old), len(new))


def _same(one: Any, other: Any) -> bool:
    """Return whether two values are equal as JSON: True is not 1."""
    if isinstance(one, LongText) is not isinstance(other, LongText):
        return isinstance(one, str) and isinstance(other, str) and is_same_text(one, other)
    if isinstance(one, LongText):
        return is_same_text(one, other)
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _key_changes(path: tuple[str, ...], old: Any, new: Any, depth: int) -> Iterator[KeyChange]:
    if old is not ABSENT and new is not ABSENT and _same(old, new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and depth:
        for key in dict.fromkeys([*old, *new]):
            yield from _key_changes((*path, str(key)), old.get(key, ABSENT), new.get(key, ABSENT), depth - 1)
    else:
        yield KeyChange(path, old, new)
