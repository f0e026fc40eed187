"""Threads by their values, time, order and ids; what is extracted of them; exact counts; why they failed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import threads
from lg_magics.errors import CommandError, DeploymentError, InvalidRequest, UnknownReference, Unsupported
from lg_magics.server.capabilities import Capabilities
from lg_magics.session import Session

from .lines import typed

OWN = f"queries-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def made(sdk: SyncLangGraphClient) -> Iterator[list[str]]:
    """Five threads of one user, each with a message of its own; the oldest first."""
    ids = []
    for place in range(5):
        message = {"role": "human", "content": f"message {place}"}
        steps: Any = [{"updates": [{"values": {"messages": [message]}, "as_node": "__start__"}]}]
        thread = sdk.threads.create(metadata={"user": OWN, "place": place}, graph_id="agent", supersteps=steps)
        ids.append(thread["thread_id"])
    yield ids
    for each in ids:
        sdk.threads.delete(each)


def places(table: Any) -> list[int]:
    return [row["metadata"]["place"] for row in table]


def test_the_headline_counts_exactly(session: Session, made: list[str]) -> None:
    table = typed(session, "threads", f"--metadata user={OWN} --limit 2")
    assert table.counted == "2 of 5 threads"
    assert table.df.attrs["total"] == 5
    assert typed(session, "threads", f"--metadata user={OWN} --limit 2 --offset 2").counted == "2 of 5 threads"
    assert typed(session, "threads", f"--metadata user={OWN} --all").counted == "5 threads"


def test_threads_are_sorted_either_way(session: Session, made: list[str]) -> None:
    line = f"--metadata user={OWN} --sort created_at"
    assert places(typed(session, "threads", line)) == [4, 3, 2, 1, 0]
    assert places(typed(session, "threads", f"{line} --order asc --limit 2")) == [0, 1]


def test_threads_are_found_by_ids_of_a_table_a_frame_or_a_list(session: Session, made: list[str]) -> None:
    table = typed(session, "threads", f"--metadata user={OWN} --limit 2")
    for given in (table, table.df, made[3:], [{"thread_id": each} for each in made[3:]], list(table)):
        assert sorted(places(typed(session, "threads", "--ids $given", given=given))) == [3, 4]
    assert typed(session, "threads", "--ids $given", given=[]).counted == "no threads"
    with pytest.raises(UnknownReference, match="must be a thread, got an int"):
        typed(session, "threads", "--ids $given", given=[7])


def test_threads_are_found_by_the_time_of_their_change(
    session: Session, made: list[str], sdk: SyncLangGraphClient
) -> None:
    line = f"--metadata user={OWN}"
    assert typed(session, "threads", f"{line} --since 1h").counted == "5 threads"
    rows = sdk.threads.search(ids=made, sort_by="updated_at", sort_order="asc")
    assert places(typed(session, "threads", f'{line} --since "{rows[3]["updated_at"]}"')) == [4, 3]
    assert places(typed(session, "threads", f'{line} --since "{rows[3]["updated_at"]}" --order asc --limit 1')) == [3]
    naive = pd.Timestamp(datetime.now() - timedelta(hours=1))
    assert typed(session, "threads", f"{line} --since $moment", moment=naive).counted == "5 threads"
    today = datetime.now().date()
    assert typed(session, "threads", f"{line} --since $d", d=today - timedelta(days=1)).counted == "5 threads"
    assert typed(session, "threads", f"{line} --since $d", d=today + timedelta(days=1)).counted == "no threads"
    with pytest.raises(CommandError, match="--since must be a length of time or a date"):
        typed(session, "threads", "--since soon")


def test_threads_are_found_by_their_values(session: Session, made: list[str], sdk: SyncLangGraphClient) -> None:
    values = sdk.threads.get(made[2])["values"]
    assert places(typed(session, "threads", f"--metadata user={OWN} --values $values", values=values)) == [2]


def test_a_search_by_values_that_fails_says_why(session: Session, sdk: SyncLangGraphClient) -> None:
    empty = sdk.threads.create(metadata={"user": f"{OWN}-empty"})["thread_id"]
    with pytest.raises(DeploymentError, match="where a thread has none yet"):
        typed(session, "threads", f"--metadata user={OWN}-empty --values a=b")
    sdk.threads.delete(empty)


def test_a_column_is_extracted(session: Session, made: list[str]) -> None:
    table = typed(session, "threads", f"--metadata user={OWN} --extract said=values.messages[-1].content --limit 2")
    assert [row["said"] for row in table] == ["message 4", "message 3"]
    assert list(table.df["said"]) == ["message 4", "message 3"]
    for wrong in ("said=messages", "title=values.x", "first=values.x"):
        with pytest.raises(CommandError, match="--extract"):
            typed(session, "threads", f"--extract {wrong}")


def test_a_column_that_the_deployment_refuses_hides_no_other(session: Session, made: list[str]) -> None:
    with pytest.raises(InvalidRequest, match="list the threads"):
        threads.threads(session, ids=made, extract={"a b": "metadata.place"})
    found = typed(session, "threads", f"--metadata user={OWN} --extract n=metadata.place")
    assert list(found.df["n"]) == [4, 3, 2, 1, 0]
    assert list(found.df["title"]) == [f"message {place}" for place in (4, 3, 2, 1, 0)]


def test_what_a_deployment_would_ignore_is_refused(session: Session, made: list[str]) -> None:
    schema: dict[str, Any] = {"properties": {"limit": {}, "offset": {}, "metadata": {}, "ids": {}}}
    call = {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}
    session.connection.capabilities = Capabilities({"paths": {"/threads/search": call}})
    with pytest.raises(Unsupported, match="has no values and no sort_by and no sort_order"):
        typed(session, "threads", "--values a=b --order asc")


def test_a_column_that_looks_secret_is_hidden_in_each_row(session: Session, made: list[str]) -> None:
    found = typed(session, "threads", f"--metadata user={OWN} --extract tokens=metadata.place --all")
    assert set(found.df["tokens"]) == {"[redacted]"}
