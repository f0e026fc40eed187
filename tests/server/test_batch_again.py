"""Doing rows of a batch again: while it runs, when it was cancelled, when it ends in this very moment. No row is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.errors import DeploymentError, Unreachable
from lg_magics.follow import retry
from lg_magics.follow.tracked_run import tracked
from lg_magics.ipython.live_batch import batch_bundle
from lg_magics.session import Session

from .batches import begun, orders, runs_of, until, written
from .lacking import Lacking, lacking_server


@pytest.mark.parametrize("options", [{}, {"stateless": True, "keep": True}], ids=["threads", "stateless"])
def test_what_is_still_to_come_is_not_done_twice_because_it_is_asked_for(
    session: Session, sdk: SyncLangGraphClient, options: dict[str, Any]
) -> None:
    scored: list[int] = []
    made = begun(
        session,
        orders(*[{"seconds": 0.1}] * 8),
        concurrency=2,
        score=lambda output, row: scored.append(row["n"]),
        **options,
    )
    made.retry("not started")  # while the rows are written
    until(lambda: made.view.count("live"))
    made.retry("not started").retry("not started")
    assert made.wait(180).counts == {"success": 8}
    assert made.view.ended_here == 8
    assert sorted(scored) == list(range(8))
    assert [len(runs) for runs in runs_of(sdk, made)] == [1] * 8


def test_what_ended_badly_is_done_again_while_the_others_go_on(session: Session, sdk: SyncLangGraphClient) -> None:
    made = begun(session, orders({"fail_at": 1}, {"seconds": 2}), concurrency=2)
    until(lambda: made.view.count("error"))
    made.retry()
    assert made.wait(180).counts == {"success": 1, "error": 1}
    assert [entry.attempt for entry in made.entries] == [2, 1]
    assert [len(runs) for runs in runs_of(sdk, made)] == [1] * 3


def test_a_retry_in_the_moment_of_the_end_is_done_too(session: Session) -> None:
    made = begun(session, orders({}, {"fail_at": 1}), concurrency=1)
    asked: list[object] = []

    def again(batch: object) -> None:
        if not asked and made.view.count("error"):  # the last one ends: it is asked for before the batch is over
            asked.append(session.loop.start(made._again(["error"])))

    made.observe(again)
    until(lambda: made.is_settled and asked and made.entries[1].attempt == 2)
    assert made.wait(120).counts == {"success": 1, "error": 1}
    assert made._work._queue.empty()


@pytest.fixture
def poor(server: local.LocalServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lacking]:
    """A deployment that will not answer some calls, and is not waited for long."""
    monkeypatch.setattr(retry, "RETRY_SECONDS", 0.05)  # a batch waits ten times as long
    monkeypatch.setattr(retry, "LOOPBACK_RETRY_SECONDS", 0.5)
    with lacking_server(server.url) as found:
        yield found


def test_what_was_lost_before_anything_was_written_is_begun_by_a_retry(poor: Lacking, session: Session) -> None:
    deployment.connect(session, poor.url)
    poor.refused = {"POST /threads": 503}
    made = begun(session, orders({}, {}, {}))
    with pytest.raises(Unreachable, match=r"batch\.retry\(\) goes on when it is back") as caught:
        made.wait(120)
    assert "--attach" not in str(caught.value)
    assert batch_bundle(made, numbered=True)["text/html"].count("--attach") == 0
    assert (made.counts, made.status, made.can_retry) == ({"not started": 3}, "stopped", 3)
    poor.refused = {}
    assert made.retry().wait(120).counts == {"success": 3}


def test_what_was_lost_while_it_was_written_can_be_attached_to_and_retried(
    poor: Lacking, session: Session, other: Session
) -> None:
    deployment.connect(session, poor.url)
    poor.refused = {"POST /threads": 503}
    made = begun(session, orders({}, {}, {}))
    written(other, made.plan)  # by a call whose answer was lost
    until(lambda: made.is_settled)
    poor.refused = {"POST /threads/.*/runs": 503}
    with pytest.raises(Unreachable, match=f"%lg_batch --attach {made.id}, goes on when it is back"):
        made.retry().wait(120)
    assert sum(made.counts.values()) == made.can_retry == 3
    poor.refused = {}
    assert begun(other, attach=made.id).wait(120).counts == {"success": 3}
    assert made.retry().wait(120).counts == {"success": 3}
    assert sorted(map(len, runs_of(other.connection.sync, made)))[-4:] == [0, 1, 1, 1]


def test_the_runs_of_a_batch_are_read_from_its_deployment_while_the_session_is_on_another(
    poor: Lacking, session: Session
) -> None:
    made = begun(session, orders({}, {})).wait(120)
    url = session.connection.url
    deployment.connect(session, poor.url)
    poor.refused = {"GET /threads/.*": 404}
    first, second = made.runs[0], made.run_at(1)
    assert second is not None
    assert [(run.status, run.info.assistant) for run in (first, second)] == [("success", "workbench")] * 2
    assert (tracked(first).connection.url, tracked(second).connection.url) == (url, url)
    assert first.result == made.entries[0].output


def test_a_plan_that_the_deployment_refuses_is_no_deployment_that_is_away(poor: Lacking, session: Session) -> None:
    deployment.connect(session, poor.url)
    poor.judges = lambda call, sent: (403, "no threads for you") if call == "POST /threads" else None
    made = begun(session, orders({}, {}))
    with pytest.raises(DeploymentError, match="no threads for you") as caught:
        made.wait(120)
    assert not isinstance(caught.value, Unreachable)
    assert caught.value.status_code == 403
    assert "no threads for you: 2 not started" in batch_bundle(made, numbered=True)["text/plain"]
    poor.judges = lambda call, sent: None
    assert made.retry().wait(120).counts == {"success": 2}


def test_values_that_the_deployment_refuses_to_a_scorer_are_no_deployment_that_is_away(
    poor: Lacking, session: Session
) -> None:
    def judged(call: str, sent: Any) -> tuple[int, str] | None:
        wanted = (sent or {}).get("select") or []
        return (403, "no values for you") if "values" in wanted and "metadata" not in wanted else None

    deployment.connect(session, poor.url)
    made = begun(session, orders({})).wait(120)
    poor.judges = judged
    with pytest.raises(DeploymentError, match="no values for you") as caught:
        begun(session, attach=made.id, score=lambda: 1).wait(120)
    assert not isinstance(caught.value, Unreachable)
