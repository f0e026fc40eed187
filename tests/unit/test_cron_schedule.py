"""A schedule is read as the server reads it, or refused with the field that is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.errors import CommandError
from lg_magics.model.crons import checked_schedule, checked_zone, end_from, fire_times, schedule_words
from lg_magics.tables.table import times_words

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0 0 9 * * 1", r"has six fields\. Leave the seconds out: \"0 9 \* \* 1\""),
        ("0 0 9 * * 1 2027", "has seven fields"),
        ("1 2 3 4 5 6 7 8", "has 8 fields"),
        ("0 9 * *", "has four fields"),
        ("0", "has one field"),
        ("", "has no fields"),
        ("@sometimes", "has one field"),
        ("99 * * * *", "'99' is no minute of a cron. A minute is 0–59"),
        ("* 25 * * *", "'25' is no hour"),
        ("* * 0 * *", "'0' is no day of the month"),
        ("* * * 13 *", "'13' is no month"),
        ("* * * * FOO", "'FOO' is no day of the week of a cron. .*SUN–SAT"),
        ("a b c d e", "'a' is no minute"),
        ("*/0 * * * *", r"'\*/0' is no minute"),
        ("1,,2 * * * *", "'1,,2' is no minute"),
        ("٣ * * * *", "'٣' is no minute"),
        ("R * * * *", "'R' is no minute"),
        ("H(0-29) * * * *", r"'H\(0-29\)' is no minute"),
        ("0 0 31 2 *", "No date fits '0 0 31 2 \\*'"),
    ],
)
def test_a_schedule_that_is_none_is_refused_with_the_field_that_is_wrong(typed: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        checked_schedule(typed)


@pytest.mark.parametrize(
    ("typed", "read", "words"),
    [
        ("  0  9 * * MON-FRI ", "0 9 * * MON-FRI", "At 09:00, Monday through Friday (UTC)"),
        ("@daily", "0 0 * * *", "At 00:00 (UTC)"),
        ("*/5 * * * *", "*/5 * * * *", "Every 5 minutes (UTC)"),
        ("0 9 1 * MON", "0 9 1 * MON", "At 09:00, on day 1 of the month, or on Monday (UTC)"),
        ("0 9 * * THU", "0 9 * * THU", "At 09:00, only on Thursday (UTC)"),
        ("0 0 29 2 *", "0 0 29 2 *", "At 00:00, on day 29 of the month, only in February (UTC)"),
    ],
)
def test_a_schedule_is_put_into_words(typed: str, read: str, words: str) -> None:
    assert checked_schedule(typed) == read
    assert schedule_words(read) == words


def test_the_words_name_the_time_zone_and_nothing_is_said_of_what_cannot_be_read() -> None:
    assert schedule_words("0 9 * * *", "Europe/Berlin") == "At 09:00 (Europe/Berlin)"
    assert schedule_words("nonsense") == ""
    assert fire_times("nonsense", "", NOW) == fire_times("0 9 * * *", "Mars/Base", NOW) == []


def test_it_fires_on_weekdays_only() -> None:
    times = fire_times("0 9 * * MON-FRI", "", NOW)
    assert [f"{each:%a %d %H:%M}" for each in times] == ["Mon 23 09:00", "Tue 24 09:00", "Wed 25 09:00"]
    assert all(each.tzinfo is UTC for each in times)


def test_the_hour_stays_the_same_for_people_when_the_clocks_change() -> None:
    spring = fire_times("0 9 * * *", "Europe/Berlin", datetime(2027, 3, 27, tzinfo=UTC))
    assert [each.hour for each in spring] == [8, 7, 7]
    autumn = fire_times("0 9 * * *", "Europe/Berlin", datetime(2027, 10, 30, tzinfo=UTC))
    assert [each.hour for each in autumn] == [7, 8, 8]


def test_what_falls_into_the_hour_that_is_left_out_or_comes_twice_fires_as_the_server_has_it() -> None:
    """LangGraph's scheduler asks croniter for the next time after each fire: it is asked the same way here."""
    spring, autumn = datetime(2027, 3, 27, 12, tzinfo=UTC), datetime(2027, 10, 30, 12, tzinfo=UTC)
    said = {}
    for begin in (spring, autumn):
        said[begin] = fire_times("30 2 * * *", "Europe/Berlin", begin)
        step = begin
        for expected in said[begin]:
            assert fire_times("30 2 * * *", "Europe/Berlin", step, count=1) == [expected]
            step = expected + timedelta(seconds=3)
    assert [f"{each.astimezone(BERLIN):%d %H:%M %z}" for each in said[spring][:2]] == [
        "28 03:00 +0200",
        "29 02:30 +0200",
    ]
    assert [f"{each.astimezone(BERLIN):%d %H:%M %z}" for each in said[autumn][:2]] == [
        "31 02:30 +0200",
        "31 02:30 +0100",
    ]


def test_nothing_fires_after_the_end() -> None:
    assert len(fire_times("0 * * * *", "", NOW, until=NOW + timedelta(hours=2))) == 2
    assert fire_times("0 * * * *", "", NOW, until=NOW) == []


@given(
    st.integers(0, 59),
    st.integers(0, 23),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
)
def test_a_daily_cron_fires_later_and_later_and_at_most_26_hours_apart(
    minute: int, hour: int, zone: str, after: datetime
) -> None:
    begin = after.replace(tzinfo=UTC)
    times = fire_times(f"{minute} {hour} * * *", zone, begin)
    assert begin < times[0]
    assert all(timedelta(hours=22) <= later - earlier <= timedelta(hours=26) for earlier, later in pairwise(times))


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("Berlin", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), ("New York", "America/New_York")],
)
def test_a_time_zone_by_another_name_is_guessed_at(typed: str, hint: str) -> None:
    with pytest.raises(CommandError, match=f"Did you mean {hint}"):
        checked_zone(typed)
    assert checked_zone(hint) == hint


def test_a_time_zone_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="As in Europe/Berlin"):
        checked_zone("xyzzy")


@pytest.mark.parametrize(
    ("typed", "end"),
    [
        ("2h", NOW + timedelta(hours=2)),
        ("7d", NOW + timedelta(days=7)),
        ("90 min", NOW + timedelta(minutes=90)),
        (timedelta(days=1), NOW + timedelta(days=1)),
        ("2026-12-24", datetime(2026, 12, 24, 22, 59, 59, tzinfo=UTC)),
        (date(2026, 12, 24), datetime(2026, 12, 24, 22, 59, 59, tzinfo=UTC)),
        ("2026-12-24 18:00", datetime(2026, 12, 24, 17, tzinfo=UTC)),
        ("2026-12-24T18:00+00:00", datetime(2026, 12, 24, 18, tzinfo=UTC)),
        (datetime(2026, 12, 24, 18), datetime(2026, 12, 24, 17, tzinfo=UTC)),
    ],
)
def test_an_end_is_a_length_a_date_or_a_time(typed: object, end: datetime) -> None:
    assert end_from(typed, NOW, "Europe/Berlin") == end


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("soon", "'soon' is not a time"),
        (3, "not a time"),
        ("2020-01-01", "past"),
        ("0h", "past"),
        ("2026-13-01", "not a time"),
    ],
)
def test_an_end_that_is_none_or_past_is_refused(typed: object, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        end_from(typed, NOW)


@pytest.mark.parametrize(
    "typed",
    ["99999999999d", "5000000d", "9999-12-31", "9999-12-31T23:59:59", timedelta.max, datetime(9999, 12, 31, 23)],
)
def test_an_end_beyond_the_calendar_is_refused(typed: object) -> None:
    with pytest.raises(CommandError, match="is too far away"):
        end_from(typed, NOW, "America/New_York")


def test_the_first_day_of_the_calendar_is_past_in_every_zone() -> None:
    for zone in ("", "Asia/Tokyo", "America/New_York"):
        with pytest.raises(CommandError, match="in the past"):
            end_from("0001-01-01", NOW, zone)


def test_six_fields_that_read_the_same_without_the_first_and_the_last_are_offered_once() -> None:
    with pytest.raises(CommandError, match=r'Leave the seconds out: "\* \* \* \* \*"\.$'):
        checked_schedule("* * * * * *")


def test_a_time_in_another_year_is_shown_with_it() -> None:
    times = fire_times("0 9 31 12,1 *", "", NOW)
    assert times_words(times, NOW.year) == "Thu 12-31 09:00, Sun 2027-01-31 09:00, Fri 2027-12-31 09:00"
