"""Check an answer against the JSON schema of its interrupt. Pure."""

from __future__ import annotations

import base64
import contextlib
import datetime
import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lg_magics.model.schema_check import CheckedSchema, Problem, problem_from

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

__all__ = ["answer_problem"]

MOST_NESTED = 20


# -- formats ----------------------------------------------------------------------------------------------------------
# The schema of a class allows more than the class does: a value of no valid format would make the graph fail. A class also allows
# more than the formats do: a time without its zone, a number of seconds.

NUMBER = re.compile(r"[+-]?\d{1,19}(\.\d*)?", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(\D\d\d:\d\d.*)?", re.DOTALL)
TIME = re.compile(r"\d\d:\d\d.*", re.DOTALL)
CLOCK = r"\d+:\d\d(:\d\d(\.\d+)?)?"
DURATION = re.compile(
    rf"[+-]?(P(?=\d|T\d)(\d+([.,]\d+)?[YMWD])*(T(\d+([.,]\d+)?[HMS])+)?|\d+ ?d(ays?)?(,? {CLOCK})?|{CLOCK})",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
LINK = re.compile(r"[A-Za-z][A-Za-z\d+.-]*:\S*")


def _is_moment(text: str) -> bool:
    """Return whether a text is a date, with or without a time, or seconds since the epoch."""
    return bool(NUMBER.fullmatch(text)) or (
        bool(MOMENT.fullmatch(text)) and _is_read(datetime.datetime.fromisoformat, text)
    )


def _is_time(text: str) -> bool:
    return bool(TIME.fullmatch(text)) and _is_read(datetime.time.fromisoformat, text)


def _is_read(read: Callable[[str], object], text: str) -> bool:
    return _reads(read)(re.sub(r"[zZ]\Z", "+00:00", text))


def _reads(*readers: Callable[[str], object]) -> Callable[[str], bool]:
    """Return a check of texts that one of the readers accepts."""

    def reads(text: str) -> bool:
        for read in readers:
            with contextlib.suppress(ValueError, RecursionError):
                read(text)
                return True
        return False

    return reads


def _uuid_of(version: int) -> Callable[[str], bool]:
    return lambda text: _reads(uuid.UUID)(text) and uuid.UUID(text).version == version


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date-time": _is_moment,
    "time": _is_time,
    "duration": lambda text: bool(DURATION.fullmatch(text)),
    "email": lambda text: bool(ADDRESS.fullmatch(text)),
    "uri": lambda text: bool(LINK.fullmatch(text)),
    "multi-host-uri": lambda text: bool(LINK.fullmatch(text)),
    **dict.fromkeys(("uri-reference", "iri"), lambda text: True),
    "uuid": _reads(uuid.UUID),
    **{f"uuid{version}": _uuid_of(version) for version in range(1, 9)},
    "ipv4network": _reads(ipaddress.IPv4Network),
    "ipv6network": _reads(ipaddress.IPv6Network),
    "ipv4interface": _reads(ipaddress.IPv4Interface),
    "ipv6interface": _reads(ipaddress.IPv6Interface),
    "ipvanyaddress": _reads(ipaddress.IPv4Address, ipaddress.IPv6Address),
    "ipvanynetwork": _reads(ipaddress.IPv4Network, ipaddress.IPv6Network),
    "ipvanyinterface": _reads(ipaddress.IPv4Interface, ipaddress.IPv6Interface),
    "base64": _reads(lambda text: base64.b64decode(text.encode())),
    "base64url": _reads(lambda text: base64.urlsafe_b64decode(text.encode())),
}


# -- answers ----------------------------------------------------------------------------------------------------------


def answer_problem(schema: Any, value: Any, inside: str = "", subject: str = "the answer") -> Problem | None:
    """Return the first problem of an answer, by its schema; None if it fits. Values are not converted: "3" is no number.

    Args:
        schema: A JSON schema.
        value: The answer, as JSON.
        inside: A path that messages leave out, `edited_action.args`.
        subject: The name of the whole value in messages.
    """
    checked = CheckedSchema(schema, subject=subject, formats=FORMATS)
    try:
        error = next(checked.errors(value), None)
    except (ValueError, RecursionError):
        return Problem(f"{subject} is no JSON")
    if error is None:
        return None
    problem = problem_from(_innermost(error), checked)
    words = problem.words.removeprefix(f"{inside}.") if inside else problem.words
    return Problem(words.replace(f"{inside} lacks", "the call lacks") if inside else words, problem.hint)


def _innermost(error: ValidationError) -> ValidationError:
    """Return the deepest error inside the alternative that fits best; the error itself if none is deeper."""
    for _ in range(MOST_NESTED):
        branches = error.kind.as_dict().get("context", ()) if error.kind.name in ("anyOf", "oneOf") else ()
        named = [branch for branch in branches if not any(_is_other(each, error) for each in branch)]
        found = [each for branch in (named or branches) for each in branch]
        deeper = [each for each in found if len(each.instance_path) > len(error.instance_path)]
        inner = deeper or [each for each in found if each.kind.name == "required"]
        if not inner:
            break
        error = inner[0]
    return error


def _is_other(error: ValidationError, whole: ValidationError) -> bool:
    """Return whether an error shows that an alternative is not meant: its own fixed value, as in `kind: card`, is another."""
    return error.kind.name == "const" and len(error.instance_path) == len(whole.instance_path) + 1
