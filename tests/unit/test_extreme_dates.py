"""Times at the ends of Python's calendar: another time zone may have no date for them, and they are shown all the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from lg_magics.model.duration import local_time, seconds_from_iso
from lg_magics.panel.lists import _cron_row
from lg_magics.resolve.crons import now_utc
from lg_magics.tables.crons import ListedCron, cron_from_row, crons_table
from lg_magics.tables.table import Column, local_words, time_from_iso
from lg_magics.views.bundle import bundle
from lg_magics.views.table import shown_value

LAST, FIRST = "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00"


@pytest.fixture(params=["Europe/Berlin", "America/New_York"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("name", ["end_time", "next_run_date"])
@pytest.mark.parametrize("stamp", [LAST, FIRST, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-05:00"])
def test_a_cron_with_an_extreme_date_is_listed_in_each_time_zone(zone: str, name: str, stamp: str) -> None:
    now = now_utc()
    row = {"next_run_date": (now + timedelta(hours=3)).isoformat(), name: stamp}
    cron = cron_from_row({"cron_id": "c" * 36, "schedule": "0 9 * * *", "payload": {"assistant_id": "agent"}, **row})
    table = crons_table([ListedCron(cron, "c1", "agent", "", "")], now, total=1, is_whole=True)
    assert "0 9 * * *" in repr(_cron_row(table[0]))
    assert "At 09:00" in bundle(table)["text/plain"]
    assert len(table.df) == 1


def test_a_time_without_a_local_date_is_shown_in_utc(zone: str) -> None:
    moment = datetime.fromisoformat(LAST if zone == "Europe/Berlin" else FIRST)
    assert local_time(moment) == moment
    assert local_words(moment) == f"{moment:%Y-%m-%d %H:%M:%S}"
    assert shown_value(moment, Column("time", "time")) == f"{moment:%Y-%m-%d %H:%M}"
    assert shown_value([moment], Column("next", "times")).endswith(f"{moment:%m-%d %H:%M}")


def test_a_stamp_beyond_the_calendar_in_utc_is_no_time(zone: str) -> None:
    assert time_from_iso("9999-12-31T23:59:59-05:00") is None
    assert seconds_from_iso("0001-01-01T00:00:00") == seconds_from_iso("0001-01-01T00:00:00Z")
