"""Lists and tables of threads in one line; and writes to many things that stop early say how much was done."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.actions import threads as thread_actions
from lg_magics.commands import crons, deployment, runs, state, threads
from lg_magics.errors import CommandError, InvalidRequest, LoadInterrupted, UnknownReference
from lg_magics.resolve.crons import now_utc
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Table

from .lacking import Lacking, lacking_server
from .lines import typed
from .waiting_runs import asked

NOBODY = str(uuid.UUID(int=7))


@pytest.fixture(scope="module")
def running(server: local.LocalServer) -> Iterator[Lacking]:
    with lacking_server(server.url) as found:
        yield found


@pytest.fixture
def judged(running: Lacking) -> Iterator[Callable[[Callable[[str, Any], tuple[int, str] | None]], Session]]:
    """Connects to the real server, behind one that asks a function whether a call is refused."""
    sessions: list[Session] = []

    def connect(judge: Callable[[str, Any], tuple[int, str] | None]) -> Session:
        new = Session()
        sessions.append(new)
        deployment.connect(new, running.url)
        running.judges = judge
        return new

    yield connect
    running.judges = lambda call, sent: None
    for each in sessions:
        each.close()


def made(sdk: SyncLangGraphClient, count: int) -> tuple[str, list[str]]:
    """So many threads under a word of their own."""
    own = f"many-{uuid.uuid4().hex[:8]}"
    return own, [sdk.threads.create(metadata={"batch": own})["thread_id"] for _ in range(count)]


def there(sdk: SyncLangGraphClient, own: str) -> list[Any]:
    return list(sdk.threads.search(metadata={"batch": own}, limit=1000))


# -- a list in one line -----------------------------------------------------------------------------------------


def test_a_table_of_threads_is_updated_in_one_line(session: Session, sdk: SyncLangGraphClient) -> None:
    own, ids = made(sdk, 12)
    table = typed(session, "threads", f"--metadata batch={own} --all")
    done = typed(session, "thread update", "-t $table --metadata project=travel --metadata n:=3", table=table)
    assert done.title == "Changed 12 threads."
    assert dict(done.facts) == {"metadata": "project=travel, n=3"}
    assert set(done["thread_ids"]) == set(ids)
    assert all(
        {"project": "travel", "n": 3, "batch": own}.items() <= row["metadata"].items() for row in there(sdk, own)
    )
    typed(session, "thread delete", f"--metadata batch={own} --yes")


def test_the_states_of_many_threads_are_one_table(session: Session) -> None:
    said = runs.run(session, "hello", assistant="agent", thread="new", wait=True)
    waiting = asked(session, "plain")
    table = typed(session, "state", "-t $threads", threads=[said, waiting.thread_id, NOBODY])
    assert isinstance(table, Table)
    assert table.note == "1 of the 3 threads is gone."
    assert table.counted == "2 states of 2 threads"
    first, second = table
    assert (first["thread_id"], second["thread_id"]) == (said.thread_id, waiting.thread_id)
    assert first["messages"] >= 2
    assert "messages" in [column.name for column in table.columns]
    assert first["next"] == "" != second["next"]
    assert second["waits_for"]
    assert list(table.df["thread_id"]) == [said.thread_id, waiting.thread_id]
    assert typed(session, "state", "-t $threads", threads=[]).counted == "no states of 0 threads"
    with pytest.raises(CommandError, match="A checkpoint or a subgraph needs a single thread"):
        state.state(session, "step:0", thread=[said])


def test_an_id_in_capitals_is_the_same_thread(session: Session, sdk: SyncLangGraphClient) -> None:
    own, (thread_id,) = made(sdk, 1)
    assert typed(session, "threads", "--ids $ids", ids=[{"thread_id": thread_id.upper()}])[0]["thread_id"] == thread_id
    assert typed(session, "thread delete", "$ids --yes", ids=[{"thread_id": thread_id.upper()}]).title.startswith(
        "Deleted 1"
    )
    assert there(sdk, own) == []


def test_many_crons_are_paused_and_resumed_with_yes(session: Session, own_crons: Callable[[], list[str]]) -> None:
    ids = [crons.create(session, "0 0 1 1 *", f"hello {n}", assistant="agent").cron_id for n in range(3)]
    table = typed(session, "crons", "--mine")
    crons.pause(session, ids[0])
    shown = typed(session, "cron pause", "$table", table=table)
    assert shown.title == "2 crons would be paused. Nothing is paused yet."
    assert set(shown["cron_ids"]) == set(ids[1:])
    done = typed(session, "cron pause", "$table --yes", table=table)
    assert (done.title[:14], done["paused"]) == ("Paused crons c", shown["cron_ids"])
    assert set(typed(session, "crons", "--mine").df["state"]) == {"paused"}
    assert {made.is_enabled for made in session.crons.left(now_utc())} == {False}
    assert typed(session, "cron pause", "$table --yes", table=table).title == "No cron fits: nothing is paused."
    done = crons.resume(session, [ids[2], {"cron_id": ids[0]}], yes=True)
    assert set(done["resumed"]) == {ids[0], ids[2]}
    assert [crons.show(session, each).data["enabled"] for each in ids] == [True, False, True]


def test_many_crons_are_counted_first_and_deleted_with_yes(
    session: Session, own_crons: Callable[[], list[str]]
) -> None:
    made = [crons.create(session, "0 0 1 1 *", f"hello {n}", assistant="agent") for n in range(13)]
    ids = [each.cron_id for each in made]
    table = typed(session, "crons", "--mine")
    shown = typed(session, "cron delete", "$table", table=table)
    assert shown.title == "13 crons would be deleted. Nothing is deleted yet."
    assert "and 3 more" in shown["crons"]
    assert set(shown["cron_ids"]) == set(own_crons()) == set(ids)
    named = [made[0], made[1].cron_id, table.df[table.df["cron_id"] == ids[2]].iloc[0], "c1"]
    done = crons.delete(session, named, yes=True)
    assert (done.title[:16], done["deleted"]) == ("Deleted crons c1", ids[:3])
    more = [crons.create(session, "0 0 1 1 *", "more", assistant="agent").cron_id]
    assert crons.delete(session, [*table.df["cron_id"], *more], yes=True).title == "Deleted 11 crons."
    assert own_crons() == []
    assert typed(session, "cron delete", "$table --yes", table=table).title == "No cron fits: nothing is deleted."
    with pytest.raises(UnknownReference, match="Each element must be a cron, got an int"):
        crons.delete(session, [3])
    with pytest.raises(UnknownReference, match="A cron is needed, got a dict"):
        crons.delete(session, {"thread_id": ids[0]})


# -- a filter that filters nothing ------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [threads.delete, threads.prune])
def test_an_empty_filter_is_not_the_current_thread(
    session: Session, sdk: SyncLangGraphClient, command: Callable[..., Facts]
) -> None:
    own, (thread_id,) = made(sdk, 1)
    threads.use(session, thread_id)
    with pytest.raises(CommandError, match="--metadata is empty"):
        command(session, metadata={}, yes=True)
    assert command(session, older_than=timedelta(0)).title.endswith("yet.")
    assert len(there(sdk, own)) == 1
    threads.delete(session)


# -- what stops early -------------------------------------------------------------------------------------------


def test_a_refused_part_of_many_deletions_says_how_many_were_deleted(
    judged: Callable[..., Session], sdk: SyncLangGraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_actions, "AT_ONCE", 4)
    own, ids = made(sdk, 10)
    calls: list[Any] = []

    def judge(call: str, sent: Any) -> tuple[int, str] | None:
        calls.extend([sent] if call == "POST /threads/prune" else [])
        return (422, "not this one") if len(calls) == 2 and call == "POST /threads/prune" else None

    session = judged(judge)
    threads.use(session, ids[0])
    crons.create(session, "0 0 1 1 *", "hello", assistant="agent", thread=ids[0])
    with pytest.raises(InvalidRequest, match=r"t\d+ to t\d+: .*not this one\. 4 of 10 threads were deleted") as caught:
        threads.delete(session, ids, yes=True)
    assert caught.value.status_code == 422
    assert {row["thread_id"] for row in there(sdk, own)} == set(ids[4:])
    assert session.selection.thread is None, "the current thread was among those that are gone"
    assert session.crons.left(session.connection.now()) == [], "its cron is gone with it"
    threads.delete(session, ids, yes=True)


def test_a_kernel_interrupt_between_many_updates_says_how_many_were_changed(
    judged: Callable[..., Session], sdk: SyncLangGraphClient
) -> None:
    own, ids = made(sdk, 60)
    calls: list[str] = []

    def judge(call: str, sent: Any) -> None:
        if call.startswith("PATCH /threads/"):
            calls.append(call)
            if len(calls) == 20:
                os.kill(os.getpid(), signal.SIGINT)

    session = judged(judge)
    with pytest.raises(LoadInterrupted, match=r"Stopped: \d+ of 60 threads were changed\.") as caught:
        threads.update(session, ids, metadata={"seen": True})
    changed = int(str(caught.value).split()[1])
    assert changed == sum("seen" in row["metadata"] for row in there(sdk, own))
    assert 12 <= changed < 60
    threads.delete(session, ids, yes=True)


def test_a_refusal_among_many_crons_keeps_in_mind_those_that_are_left(judged: Callable[..., Session]) -> None:
    kept: list[str] = []
    session = judged(lambda call, sent: (422, "no") if call in kept else None)
    made = [crons.create(session, "0 0 1 1 *", f"hello {n}", assistant="agent") for n in range(3)]
    kept.append(f"DELETE /runs/crons/{made[1].cron_id}")
    with pytest.raises(InvalidRequest, match=r"c2 ·\w+: .* 2 of 3 crons were deleted"):
        crons.delete(session, mine=True)
    assert [each.id for each in session.crons.left(session.connection.now())] == [made[1].cron_id]
    kept.clear()
    assert crons.delete(session, mine=True)["deleted"] == [made[1].cron_id]
