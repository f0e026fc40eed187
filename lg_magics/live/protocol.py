"""The JSON messages between a page's view and the kernel. Pure: knows no session, no comm and no thread.

Each request of the page gets a response: `{"id", "protocol", "command", "arguments"}` gets `{"id", "ok": true, "result"}` or
`{"id", "ok": false, "error": {"type", "message", "hint"}}`. labextension/runtime/tree_source.ts is the other side.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from lg_magics.errors import CommandError, LgError
from lg_magics.views.node import node

__all__ = [
    "LARGEST",
    "PROTOCOL",
    "TARGET",
    "OtherVersion",
    "Request",
    "answered",
    "cut",
    "id_of",
    "refused",
    "request_from",
]

PROTOCOL = 1
TARGET = "lg_magics:panel"
"""The comm's target, on both sides."""

LARGEST = 500_000
"""The maximum number of characters of one message, either way; 1,000 threads are about 250,000."""

LONGEST_ID = 64
LONGEST_TEXT = 2_000
INSIDE = "The kernel's log has the whole of it."


class OtherVersion(LgError):
    """The page and the kernel use different versions of the protocol."""


class Request(NamedTuple):
    """A page's request. Its command and arguments may be any text and any JSON."""

    id: str
    command: str
    arguments: Mapping[str, Any]


def id_of(data: object) -> str | None:
    """Return the request's id, for the response; None if it has none."""
    found = data.get("id") if isinstance(data, Mapping) else None
    return found if isinstance(found, str) and len(found) <= LONGEST_ID else None


def request_from(data: object) -> Request:
    """Parse a page's message into a request.

    Raises:
        OtherVersion: the page uses another version of the protocol.
        CommandError: the message is not a valid request.
    """
    identity = id_of(data)
    if not isinstance(data, Mapping) or identity is None:
        raise CommandError("Invalid request from the page.")
    theirs = data.get("protocol")
    if theirs != PROTOCOL or isinstance(theirs, bool):
        raise OtherVersion("The page and the kernel are of different versions of lg_magics.", hint=_cure(theirs))
    command, arguments = data.get("command"), data.get("arguments", {})
    if not isinstance(command, str) or not isinstance(arguments, Mapping):
        raise CommandError("Invalid request from the page.")
    if len(json.dumps(arguments)) > LARGEST:
        raise CommandError("The page's request is too large.")
    return Request(identity, command, arguments)


def _cure(theirs: object) -> str:
    is_newer = isinstance(theirs, int) and theirs > PROTOCOL
    return "Restart the kernel." if is_newer else "Reload the page."


# -- answers ----------------------------------------------------------------------------------------------------


def answered(identity: str | None, result: object) -> dict[str, Any]:
    """Return the response to a request that succeeded."""
    return {"id": identity, "ok": True, "result": cut(result)}


def refused(identity: str | None, problem: BaseException) -> dict[str, Any]:
    """Return the response to a request that failed. Foreign errors show only their name: their text may hold secrets."""
    name = type(problem).__name__
    if isinstance(problem, LgError):
        message, hint = problem.message, problem.hint
    else:
        message, hint = f"Something failed inside lg_magics: {name}.", INSIDE
    error = {"type": name, "message": _shortened(message), "hint": _shortened(hint)}
    return {"id": identity, "ok": False, "error": error, "protocol": PROTOCOL}


def cut(result: object) -> object:
    """Return a result that fits into a message; a notice in place of one that does not.

    A part to show, `tree`, is replaced by a note, with the `line` that shows it if the result has one.

    >>> cut({"message": "Done."})
    {'message': 'Done.'}
    """
    if _size(result) <= LARGEST:
        return result
    if not isinstance(result, Mapping) or "tree" not in result:
        return {"message": "Done. What came of it is too large to be shown here."}
    line = result.get("line")
    words = f"This is too large to be shown here{f': {line} shows it' if line else ''}."
    return {"tree": node("p", _shortened(words), class_="lg-note")}


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False, default=str))


def _shortened(text: str) -> str:
    return (
        text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}… ({len(text) - LONGEST_TEXT:,} characters more)"
    )
