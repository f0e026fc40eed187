"""Parse a moment in the past, and a time to live, that a user typed. Pure: the current time is an argument."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lg_magics.errors import CommandError
from lg_magics.model.duration import length_from_text

__all__ = ["minutes_from", "moment_before"]


def moment_before(given: object, now: datetime, option: str) -> datetime:
    """Return a moment in UTC: a duration ago (`7d`, `2h`), or a date or a time (one without a zone is in this machine's).

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
        if isinstance(given, timedelta):
            return now - given
        if isinstance(given, datetime):
            return given.astimezone(UTC)
    except (OverflowError, ValueError):
        pass
    raise CommandError(f"{option} wants a length of time or a date, got {given!r}.", hint=f"{option} 7d")


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
        raise CommandError(f"--ttl wants a length of time, or minutes, got {given!r}.", hint="--ttl 7d")
    return minutes
