"""What a write into a state should leave, and what it left: next nodes, keys, and a rewritten message. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lg_magics.errors import CommandError, UnknownReference
from lg_magics.model.conversation import conversation_in
from lg_magics.model.message_content import content_with_text
from lg_magics.model.node_names import shown_node

__all__ = ["AS_NODE", "Rewritten", "dropped_keys", "names_of_nodes", "next_warning", "rewritten_message"]

AS_NODE = "--as-node NODE decides that."
PLACE = re.compile(r"-?[0-9]{1,9}\Z")
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A message with its new text. `key` is the key of its list of `count` messages; "" if the state itself is the list."""

    key: str
    place: int
    count: int
    message: Mapping[str, Any]

    @property
    def values(self) -> Any:
        """The values to write: reducers such as `add_messages` replace the message by its id."""
        return {self.key: [self.message]} if self.key else [self.message]

    def problem(self, values: object) -> str:
        """Return a sentence if a state after the write has the message not in its place, or another number; "" otherwise."""
        held = values.get(self.key) if self.key and isinstance(values, Mapping) else values
        payloads = [held] if isinstance(held, Mapping) else held if isinstance(held, list) else []
        now = payloads[self.place] if len(payloads) == self.count else None
        if isinstance(now, Mapping) and now.get("id") == self.message["id"]:
            return ""
        is_moved = len(payloads) == self.count
        left = (
            "another is in its place"
            if is_moved
            else f"the number of messages was {self.count}, and is {len(payloads)}"
        )
        return (
            f"Message {self.place} was not rewritten: {left} now. Only a reducer such as add_messages replaces a message "
            "by its id."
        )


def rewritten_message(values: object, reference: str, text: str, where: str) -> Rewritten:
    """Choose a message of a state by its id, its place (0 is the first, -1 the last) or a part of its id, and give it a new text.

    Args:
        values: the state's values.
        reference: an exact id has precedence over a place, and a place over a part.
        text: the new text; images and files stay.
        where: the place of the state, for errors: "at that checkpoint of t1".

    Raises:
        UnknownReference: no message, or several, fit. CommandError: the message has no id, so nothing can replace it.
    """
    key, payloads = conversation_in(values)
    place = _place(payloads, reference, where)
    original = payloads[place]
    if not original.get("id"):
        raise CommandError(
            f"Message {place} {where} has no id: a new text cannot replace it.",
            hint="--values $values writes other values.",
        )
    return Rewritten(
        key, place, len(payloads), {**original, "content": content_with_text(original.get("content"), text)}
    )


def _place(payloads: Sequence[Mapping[str, Any]], reference: str, where: str) -> int:
    ids = [str(each.get("id") or "") for each in payloads]
    text, count = reference.strip(), len(payloads)
    exact = [place for place, each in enumerate(ids) if each and each in (reference, text)]
    if exact:
        fitting = exact
    elif PLACE.match(text):
        fitting = [int(text) % count] if -count <= int(text) < count else []
    else:
        fitting = [place for place, each in enumerate(ids) if each and text in each]
    if len(fitting) == 1:
        return fitting[0]
    what = f"{len(fitting)} messages" if fitting else "No message"
    hint = "Its place will do: --message 0" if count else ""
    raise UnknownReference(f"{what} '{text}' {where}, which has {count}.", hint=hint)


def next_warning(before: Sequence[str], after: Sequence[str]) -> str:
    """Return a warning if other nodes run next after a write than before it; "" if they are the same.

    >>> next_warning(["ask"], [])
    'Before this write, ask would run next; now nothing would. --as-node NODE decides that.'
    """
    if Counter(before) == Counter(after):
        return ""
    return f"Before this write, {names_of_nodes(before)} would run next; now {names_of_nodes(after)} would. {AS_NODE}"


def names_of_nodes(nodes: Sequence[str]) -> str:
    """Return the names of nodes as shown, each once: `plan, worker ×3`; `nothing` for none."""
    times = Counter(map(shown_node, nodes))
    named = [name if count == 1 else f"{name} ×{count}" for name, count in times.items()]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return ", ".join(named[:MOST_NAMED]) + more or "nothing"


def dropped_keys(values: object, before: object, after: object) -> str:
    """Return a warning of written keys that a state has neither before nor after the write; "" if there are none."""
    if not isinstance(values, Mapping) or not isinstance(after, Mapping):
        return ""
    known = {*after, *(before if isinstance(before, Mapping) else ())}
    dropped = [str(key) for key in values if key not in known]
    if not dropped:
        return ""
    return f"The state has no {', '.join(dropped)} now: the server drops keys that the graph does not know."
