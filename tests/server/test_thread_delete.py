"""Many threads are deleted at once, and only with --yes; a thread tells its size, its error and its time to live."""

from __future__ import annotations

import uuid

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import runs
from lg_magics.errors import CommandError, InvalidRequest, RunFailed
from lg_magics.session import Session

from .lines import typed


def made(sdk: SyncLangGraphClient, count: int) -> tuple[str, list[str]]:
    """So many threads under a word of their own."""
    own = f"delete-{uuid.uuid4().hex[:8]}"
    return own, [sdk.threads.create(metadata={"batch": own})["thread_id"] for _ in range(count)]


def left(sdk: SyncLangGraphClient, own: str) -> list[str]:
    return [row["thread_id"] for row in sdk.threads.search(metadata={"batch": own}, limit=1000)]


def test_a_filter_says_first_how_many_and_deletes_with_yes(session: Session, sdk: SyncLangGraphClient) -> None:
    own, ids = made(sdk, 120)
    line = f"--metadata batch={own} --status idle --older-than 0s"
    said = typed(session, "thread delete", line)
    assert said.title == "120 threads would be deleted. Nothing is deleted yet."
    assert "and 110 more" in said["threads"]
    assert set(said["thread_ids"]) == set(ids) == set(left(sdk, own))
    assert typed(session, "thread delete", f"{line} --yes").title == "Deleted 120 threads."
    assert left(sdk, own) == []
    assert typed(session, "thread delete", f"{line} --yes").title == "No thread fits: nothing is deleted."


def test_threads_that_changed_since_are_not_old(session: Session, sdk: SyncLangGraphClient) -> None:
    own, _ = made(sdk, 2)
    assert typed(session, "thread delete", f"--metadata batch={own} --older-than 1d --yes")["thread_ids"] == []
    assert len(left(sdk, own)) == 2
    typed(session, "thread delete", f"--metadata batch={own} --yes")


def test_a_table_is_deleted_with_its_live_runs_and_the_current_thread(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    own, ids = made(sdk, 2)
    typed(session, "thread use", ids[0])
    live = runs.run(session, "hello", assistant="agent", after=60)
    table = typed(session, "threads", f"--metadata batch={own}")
    assert typed(session, "thread delete", "$table", table=table).title.startswith("2 threads would be")
    done = typed(session, "thread delete", "$table --yes", table=table)
    assert done.title == "Cancelled 1 live run. Deleted 2 threads. No thread is current now."
    assert left(sdk, own) == []
    assert live.wait_quietly().status == "cancelled"


def test_a_name_and_a_filter_do_not_go_together(session: Session, sdk: SyncLangGraphClient) -> None:
    own, ids = made(sdk, 1)
    with pytest.raises(CommandError, match="not both"):
        typed(session, "thread delete", f"{ids[0]} --metadata batch={own} --yes")
    typed(session, "thread delete", ids[0])
    assert left(sdk, own) == []


def test_pruning_is_sent_and_what_the_server_says_of_it_is_said(session: Session, sdk: SyncLangGraphClient) -> None:
    _, ids = made(sdk, 1)
    typed(session, "thread use", ids[0])
    assert typed(session, "thread prune", "").title == "1 thread would be pruned. Nothing is pruned yet."
    with pytest.raises(InvalidRequest, match="keep_latest"):  # the in-memory server cannot
        typed(session, "thread prune", "--yes")
    typed(session, "thread delete", "")


def test_a_time_to_live_that_the_deployment_does_not_tell_is_not_promised(session: Session) -> None:
    for name, line in (("thread new", "--ttl 7d"), ("thread update", "--ttl 30")):
        assert "it may keep the thread" in typed(session, name, line).note
    for wrong in ("soon", "0", "-1"):
        with pytest.raises(CommandError, match="--ttl must be a length of time, or minutes"):
            typed(session, "thread new", f"--ttl={wrong}")
    typed(session, "thread delete", "")


def test_a_thread_tells_its_size(session: Session) -> None:
    runs.run(session, "hello", assistant="agent", thread="new", wait=True)
    shown = typed(session, "thread show", "")
    assert shown["storage"]["total_bytes"] > 0
    assert shown["size"].startswith(f"{shown['storage']['total_bytes']:,} bytes: checkpoints ")
    assert shown["size"].endswith("; most in messages")
    assert "values" not in shown.data
    assert "error" not in dict(shown.facts)


def test_a_failed_thread_tells_its_error_alone_and_in_the_table(session: Session) -> None:
    run = runs.run(session, input={"fail_at": 1}, assistant="workbench", thread="new")
    with pytest.raises(RunFailed, match="asked to fail"):
        run.wait()
    assert dict(typed(session, "thread show", "").facts)["error"] == "ValueError: asked to fail at step 1"
    table = typed(session, "threads", "--status error --since 1h --ids $run", run=run)
    assert [row["error"] for row in table] == ["ValueError: asked to fail at step 1"]
    assert "error" not in typed(session, "threads", "").df
