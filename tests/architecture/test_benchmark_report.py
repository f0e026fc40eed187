"""The page of `make bench` marks what is over its limit, and names the kind of machine and no host."""

from __future__ import annotations

import platform
import re
import socket
from datetime import UTC, datetime

from benchmarks.report import as_page
from benchmarks.samples import Line

TOPICS = {
    "connect": [Line("%lg_connect URL", "9 ms", "8 ms", "× 1.1", "× 1.3", True)],
    "card": [Line("to be watched", "3 ms"), Line("    a | b", "30 ms", "", "", "20 ms", False)],
}


def test_the_page_marks_a_line_that_misses_its_limit() -> None:
    page = as_page(TOPICS, now=datetime(2026, 1, 2, tzinfo=UTC))
    assert "Measured on 2026-01-02" in page
    assert "**1 of 2 limits are met.** Over their limit: a | b." in page
    assert "| %lg_connect URL | 9 ms | 8 ms | × 1.1 | × 1.3 | ok |" in page
    assert "| to be watched | 3 ms |  |  |  |  |" in page
    assert "| &emsp;a \\| b | 30 ms |  |  | 20 ms | **OVER** |" in page


def test_a_topic_that_is_measured_again_leaves_the_others_as_they_were() -> None:
    before = as_page(TOPICS, now=datetime(2026, 1, 2, tzinfo=UTC))
    load = [Line("%load_ext", "9 ms", limit="10 ms", is_within=True)]
    card = [Line("    a | b", "19 ms", limit="20 ms", is_within=True)]
    page = as_page(
        {"load": load, "card": card}, before, order=("load", "connect", "card"), now=datetime(2026, 3, 4, tzinfo=UTC)
    )
    assert re.findall(r"^## (.*)\n\nMeasured on (\S+)", page, re.MULTILINE) == [
        ("load", "2026-03-04"),
        ("connect", "2026-01-02"),
        ("card", "2026-03-04"),
    ]
    assert "**3 of 3 limits are met.**\n" in page
    assert "| %lg_connect URL | 9 ms | 8 ms | × 1.1 | × 1.3 | ok |" in page
    assert "30 ms" not in page
    assert as_page({}, page) == page


def test_a_topic_that_is_no_more_leaves_the_page() -> None:
    assert "## card" not in as_page({}, as_page(TOPICS), order=("connect",))


def test_the_page_names_the_kind_of_machine_and_no_host() -> None:
    page = as_page(TOPICS)
    assert f"Python {platform.python_version()}" in page
    assert "langgraph-sdk" in page
    assert "cores" in page
    assert socket.gethostname() not in page
