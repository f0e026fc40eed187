"""Format and parse durations, and moments that a user typed. Pure; labextension/runtime/text.ts formats durations alike."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from lg_magics.errors import CommandError

__all__ = [
    "duration",
    "length_from_text",
    "local_time",
    "minutes_from",
    "moment_before",
    "plain_time",
    "seconds_from_iso",
]

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d|w)\Z")
_SECONDS: Mapping[str, int] = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}


def duration(seconds: float) -> str:
    """Return a duration in words; tenths are cut, not rounded.

    >>> duration(0.04), duration(4.29), duration(187), duration(7512)
    ('<0.1 s', '4.2 s', '3 min 07 s', '2 h 05 min')
    """
    if seconds < 0.1:
        return "<0.1 s"
    whole = math.floor(seconds)
    if whole < 60:
        return f"{math.floor(seconds * 10) / 10:.1f} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def seconds_from_iso(text: object) -> float | None:
    """Return a server's time stamp in seconds since the epoch; None if it is none. Without a zone, it is in UTC."""
    try:
        time = datetime.fromisoformat(str(text))
    except (OverflowError, ValueError):
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def local_time(moment: datetime) -> datetime:
    """Return an aware time in this machine's time zone; unchanged where that is beyond Python's calendar (years 1 and 9999)."""
    try:
        return moment.astimezone()
    except (OSError, OverflowError, ValueError):  # on Windows, also for the years before 1970
        return moment


def length_from_text(text: str) -> timedelta | None:
    """Parse a duration that a user typed; None if it is not one.

    Raises:
        OverflowError: it exceeds Python's calendar.

    >>> length_from_text("7d"), length_from_text("1.5 h"), length_from_text("soon")
    (datetime.timedelta(days=7), datetime.timedelta(seconds=5400), None)
    """
    match = _LENGTH.match(text.strip().lower())
    return timedelta(seconds=float(match[1]) * _SECONDS[match[2]]) if match else None


def plain_time(given: object) -> object:
    """Return a pandas Timestamp or Timedelta as Python's own type: `astimezone` of a naive Timestamp raises."""
    for convert in ("to_pydatetime", "to_pytimedelta"):
        if isinstance(given, date | timedelta) and callable(method := getattr(given, convert, None)):
            return method()
    return given


def moment_before(given: object, now: datetime, option: str) -> datetime:
    """Return a moment in UTC: a duration ago (`7d`, `2h`), the beginning of a date, or a time.

    A date, and a time without a zone, are in this machine's zone.

    Args:
        given: the typed text, or an object of Python.
        now: an aware time.
        option: the option's name in errors.

    Raises:
        CommandError: it is not a time.
    """
    try:
        if isinstance(given, str):
            length = length_from_text(given)
            given = datetime.fromisoformat(given.strip()) if length is None else length
        given = plain_time(given)
        if isinstance(given, timedelta):
            return now - given
        if isinstance(given, date) and not isinstance(given, datetime):
            given = datetime.combine(given, time())
        if isinstance(given, datetime):
            return given.astimezone(UTC)
    except (OverflowError, ValueError):
        pass
    raise CommandError(f"{option} must be a length of time or a date, got {given!r}.", hint=f"{option} 7d")


def minutes_from(given: object) -> float | None:
    """Return a time to live in minutes, from a number of minutes or a duration (`7d`); None for None.

    Raises:
        CommandError: it is neither, or not positive.
    """
    if given is None:
        return None
    minutes: float | None = None
    try:
        length = length_from_text(given) if isinstance(given, str) else given
        if isinstance(length, timedelta):
            minutes = length.total_seconds() / 60
        elif isinstance(length, int | float) and not isinstance(length, bool):
            minutes = float(length)
    except OverflowError:
        pass
    if minutes is None or minutes <= 0:
        raise CommandError(f"--ttl must be a length of time, or minutes, got {given!r}.", hint="--ttl 7d")
    return minutes
