"""The crons that a session made, and schedules: validation, words, and fire times. Pure: the time is an argument.

croniter parses schedules because LangGraph's own server uses it: the next times shown here are those on the server.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from lg_magics.errors import CommandError
from lg_magics.model.duration import length_from_text, plain_time
from lg_magics.model.references import Numbering, short_id

__all__ = [
    "CronMemory",
    "MadeCron",
    "checked_schedule",
    "checked_zone",
    "end_from",
    "fire_times",
    "schedule_from_line",
    "schedule_words",
]

FIELDS: Mapping[str, str] = {
    "minute": "0–59",
    "hour": "0–23",
    "day of the month": "1–31",
    "month": "1–12 or JAN–DEC",
    "day of the week": "0–7 or SUN–SAT; 0 and 7 are Sunday",
}
NICKNAMES: Mapping[str, str] = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
EXAMPLE = '"0 9 * * MON-FRI" is 09:00 from Monday to Friday.'
COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven")
_CHANCE = re.compile(r"(?<![A-Z])[HR](?![A-Z])")  # croniter chooses a time itself for these


def checked_schedule(text: str) -> str:
    """Return a valid schedule of five fields, as the server reads it; `@daily` and the like are expanded.

    Raises:
        CommandError: there are not five fields, a field is invalid (the error names it), or it never fires.
    """
    fields = NICKNAMES.get(text.strip().lower(), text).split()
    if len(fields) != len(FIELDS):
        raise _not_five(fields)
    for place, (name, values) in enumerate(FIELDS.items()):
        if not _is_valid(fields[place], place):
            raise CommandError(f"'{fields[place]}' is no {name} of a cron.", hint=f"A {name} is {values}, or *.")
    schedule = " ".join(fields)
    if not fire_times(schedule, "", datetime(2024, 1, 1, tzinfo=UTC), count=1):
        raise CommandError(f"No date fits '{schedule}': it would never fire.")
    return schedule


def schedule_from_line(schedule: str, text: str | None) -> str:
    """Return the valid schedule of a line; a schedule without quotes is recognized by the beginning of the text.

    Raises:
        CommandError: see `checked_schedule`.
    """
    words = [schedule, *(text or "").split()]
    try:
        return checked_schedule(schedule)
    except CommandError as problem:
        if len(schedule.split()) == 1 and len(words) >= 5:
            try:
                meant = checked_schedule(" ".join(words[:5]))
            except CommandError:
                raise problem from None
            raise CommandError(
                "A schedule stands in quotes.", hint=f'"{meant}" {" ".join(words[5:])}'.rstrip()
            ) from None
        raise


def _is_valid(field: str, place: int) -> bool:
    from croniter import croniter  # type: ignore[import-untyped]

    alone = ["*"] * len(FIELDS)
    alone[place] = field
    return not _CHANCE.search(field.upper()) and bool(croniter.is_valid(" ".join(alone)))


def _not_five(fields: list[str]) -> CommandError:
    count = len(fields)
    count_words = f"{COUNTS[count] if count < len(COUNTS) else count} field{'s' * (count != 1)}"
    names = ", ".join(FIELDS)
    hint = EXAMPLE
    if count == 6:  # croniter reads the sixth as seconds, other programs the first
        meant = dict.fromkeys(f'"{" ".join(five)}"' for five in (fields[1:], fields[:5]))
        hint = f"Leave the seconds out: {' or '.join(meant)}."
    return CommandError(f"A cron has five fields ({names}), and '{' '.join(fields)}' has {count_words}.", hint=hint)


def fire_times(
    schedule: str, zone: str, after: datetime, *, count: int = 3, until: datetime | None = None
) -> list[datetime]:
    """Return the next times that a schedule fires, in UTC; fewer than `count` if it ends, none if it cannot be parsed.

    Args:
        schedule: in five fields.
        zone: the time zone of its fields; UTC if empty.
        after: an aware time; only later times are returned.
        count: the maximum number of times.
        until: the cron's end.
    """
    from croniter import CroniterError, croniter

    found: list[datetime] = []
    try:
        times = croniter(schedule, after.astimezone(ZoneInfo(zone or "UTC")))
        while len(found) < count:
            fires = times.get_next(datetime).astimezone(UTC)
            if until is not None and fires > until:
                break
            found.append(fires)
    except (CroniterError, OverflowError, ValueError, ZoneInfoNotFoundError):
        pass  # a server may hold a schedule that this croniter cannot parse
    return found


def schedule_words(schedule: str, zone: str = "") -> str:
    """Return a schedule in words with its time zone: `At 09:00, Monday through Friday (UTC)`; "" if there are no words for it."""
    from cron_descriptor import Options, get_description  # type: ignore[import-untyped]
    from cron_descriptor.Exception import (  # type: ignore[import-untyped]
        FormatError,
        MissingFieldError,
        WrongArgumentError,
    )

    options = Options(locale_code="en_US", use_24hour_time_format=True)
    try:
        words = get_description(NICKNAMES.get(schedule, schedule), options)
    except (FormatError, MissingFieldError, WrongArgumentError):
        return ""
    return f"{words} ({zone or 'UTC'})"


def checked_zone(name: str) -> str:
    """Return the name of a valid time zone, as `Europe/Berlin`.

    Raises:
        CommandError: there is no time zone of this name.
    """
    known = available_timezones()
    if name in known:
        return name
    by_city = {each.rpartition("/")[2].lower(): each for each in sorted(known, reverse=True)}
    lower = {each.lower(): each for each in known}
    wanted = name.strip().replace(" ", "_").lower()
    near = [lower[each] for each in difflib.get_close_matches(wanted, lower, n=1, cutoff=0.75)]
    near = [by_city[wanted]] if wanted in by_city else near
    raise CommandError(
        f"There is no time zone '{name}'.", hint=f"Did you mean {near[0]}?" if near else "As in Europe/Berlin, or UTC."
    )


def end_from(given: object, now: datetime, zone: str = "") -> datetime:
    """Return when a cron ends, in UTC.

    Args:
        given: a duration (`2h`, `7d`), a date (its end), a date and time, or one of Python's objects. One without a time zone
            is in `zone`, or, if that is empty, in this machine's.
        now: an aware time.
        zone: the cron's own time zone.

    Raises:
        CommandError: it is not a time, is past, or is beyond the calendar.
    """
    try:
        end = _end(given, now, zone)
        if end is None:
            raise CommandError(f"'{given}' is not a time.", hint='As in 2h, 7d, 2027-01-31 or "2027-01-31 18:00".')
        if end <= now:
            raise CommandError(f"{given} is in the past.", hint="A cron with an end fires before it.")
        end + timedelta(days=1)  # other time zones are needed too, to show and to send it
        return end.astimezone(UTC)
    except (OverflowError, ValueError):  # Python's calendar ends with the year 9999
        raise CommandError(
            f"{given} is too far away.", hint="Leave the end out: the cron is there until it is deleted."
        ) from None


def _end(given: object, now: datetime, zone: str) -> datetime | None:
    given = plain_time(given)
    if isinstance(given, timedelta):
        return now + given
    if isinstance(given, str):
        if (length := length_from_text(given)) is not None:
            return now + length
        try:
            given = date.fromisoformat(given.strip())
        except ValueError:
            try:
                given = datetime.fromisoformat(str(given).strip())
            except ValueError:
                return None
    if isinstance(given, date) and not isinstance(given, datetime):
        given = datetime.combine(given, time(23, 59, 59))
    if not isinstance(given, datetime):
        return None
    if given.tzinfo is not None:
        return given
    if given.year < now.year - 1:  # past in every zone; the first day of the calendar has no time in some
        return given.replace(tzinfo=UTC)
    return given.replace(tzinfo=ZoneInfo(zone)) if zone else given.astimezone()


@dataclass(frozen=True, slots=True)
class MadeCron:
    """A cron that this session made and has not deleted: its facts, without a request to the server.

    `notebook` is also written on the server, so that the notebook's next kernel recognizes it. A paused cron is not `is_enabled`.
    """

    id: str
    number: str
    url: str
    deployment: str
    words: str
    thread_id: str | None = None
    end: datetime | None = None
    notebook: str = ""
    is_enabled: bool = True

    @property
    def shown(self) -> str:
        """The number with the id's tail: `c1 ·30ac8`."""
        return short_id(self.number, self.id)


class CronMemory:
    """Numbers every cron that appears, c1, c2 …, and keeps those that this session made until they are deleted.

    `changed` is called whenever the set of kept crons changes.
    """

    def __init__(self) -> None:
        self.numbers = Numbering("c")
        self.changed: Callable[[], None] = lambda: None
        self._made: dict[str, MadeCron] = {}

    def shown(self, cron_id: str) -> str:
        """Return a cron's display form: `c1 ·30ac8`."""
        return short_id(self.numbers.number(cron_id), cron_id)

    def known_number(self, cron_id: str) -> str:
        """Return the number of a cron that has one; "" otherwise."""
        return self.numbers.number(cron_id) if cron_id in self.numbers.ids() else ""

    def known_numbers(self) -> list[str]:
        """Return all numbers, in the order they were given."""
        return list(map(self.numbers.number, self.numbers.ids()))

    def remember(self, made: MadeCron) -> None:
        """Keep a cron that was made, or update what is known about it."""
        self._keep({**self._made, made.id: made})

    def is_made_here(self, cron_id: str) -> bool:
        """Return whether this session made it, and it is not known to be deleted."""
        return cron_id in self._made

    def gone(self, *cron_ids: str) -> None:
        """Forget these crons: they were deleted."""
        self._keep({id: made for id, made in self._made.items() if id not in cron_ids})

    def gone_with_thread(self, thread_id: str) -> None:
        """Forget the crons of a thread that was deleted, since they are deleted with it."""
        self._keep({id: made for id, made in self._made.items() if made.thread_id != thread_id})

    def gone_with_deployment(self, url: str) -> None:
        """Forget the crons of a deployment that was stopped: they do not fire."""
        self._keep({id: made for id, made in self._made.items() if made.url != url})

    def _keep(self, made: dict[str, MadeCron]) -> None:
        """Replace the dict as a whole: panels read it on other threads."""
        is_news = made != self._made
        self._made = made
        if is_news:
            self.changed()

    def left(self, now: datetime, url: str | None = None) -> list[MadeCron]:
        """Return the crons that this session made and that may fire after `now`, oldest first; with `url`, only there."""
        return [
            made for made in self._made.values() if url in (None, made.url) and (made.end is None or made.end > now)
        ]
