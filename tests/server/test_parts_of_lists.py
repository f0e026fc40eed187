"""--limit, --offset and --all mean the same in every list, on the real server."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from lg_magics.commands import assistants, runs, state, threads
from lg_magics.commands.store import namespaces, put
from lg_magics.local import LocalServer
from lg_magics.session import Session
from lg_magics.tables.table import Table

from .conftest import connected

MARK = uuid.uuid4().hex[:8]
Listed = Callable[..., Table]


@pytest.fixture(scope="module")
def lister(server: LocalServer) -> Iterator[Session]:
    yield from connected(server)


@pytest.fixture(scope="module")
def lists(lister: Session) -> dict[str, Listed]:
    """Lists of at least four rows."""
    session = lister
    for number in range(4):
        threads.new(session, metadata={"mark": MARK})
        put(session, f"{MARK}/n{number}", "k", {"n": number})
    for text in ("one", "two", "three", "four"):
        runs.run(session, text, assistant="agent", card=False).wait()
    return {
        "threads": lambda **part: threads.threads(session, metadata={"mark": MARK}, **part),
        "runs": lambda **part: runs.runs(session, **part),
        "runs of this session": lambda **part: runs.runs(session, mine=True, **part),
        "history": lambda **part: state.history(session, **part).table,
        "namespaces": lambda **part: namespaces(session, MARK, **part),
        "assistants": lambda **part: assistants.assistants(session, **part),
    }


def test_a_part_is_what_the_whole_has_there(lists: dict[str, Listed]) -> None:
    for name, listed in lists.items():
        whole = [row[1:] for row in listed(all=True).rows]
        part = listed(limit=2, offset=1)
        assert len(whole) >= 4, name
        assert [row[1:] for row in part.rows] == whole[1:3], name
        assert [row[1:] for row in listed(all=True, offset=3).rows] == whole[3:], name
        assert part.df.attrs["truncated"], name
        assert listed(all=True).is_whole, name


def test_what_is_behind_the_last_is_nothing(lists: dict[str, Listed]) -> None:
    for name, listed in lists.items():
        assert not listed(offset=10_000), name


def test_versions_have_parts_too(session: Session) -> None:
    assert len(assistants.versions(session, "agent", all=True)) >= 1
    assert not assistants.versions(session, "agent", offset=100)


def test_a_part_says_after_how_many_it_begins(lists: dict[str, Listed]) -> None:
    threads = lists["threads"](limit=2, offset=1)
    assert threads.counted == f"2 of {threads.total} threads"
    assert lists["runs"](limit=2).counted.startswith("the first 2 runs of t")
