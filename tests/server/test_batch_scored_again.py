"""Rows of a batch that are retried while others are scored, and scores that replace earlier ones, on the real server."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import deployment
from lg_magics.commands.batch import compare
from lg_magics.errors import ComparisonFailed, DeploymentError
from lg_magics.session import Session

from .batches import begun, orders, until
from .lacking import lacking_server


class Held:
    """A scorer whose first call does not return before `goes_on`; the next ones return None."""

    def __init__(self) -> None:
        self.calls = 0
        self.begins, self.goes_on = threading.Event(), threading.Event()

    def judge(self, row: dict[str, Any]) -> int | None:
        self.calls += 1
        self.begins.set()
        self.goes_on.wait(60)
        return 1 if self.calls == 1 else None


def test_a_row_that_is_retried_while_another_is_scored_runs_again(session: Session, other: Session) -> None:
    made, held = begun(session, orders({}, {"fail_at": 1})).wait(60), Held()
    again = begun(other, attach=made.id, score=held.judge)
    assert held.begins.wait(60)
    again.retry()
    held.goes_on.set()
    assert again.wait(60).counts == {"success": 1, "error": 1}
    assert [entry.attempt for entry in again.entries] == [1, 2]
    assert list(again.df["judge"].fillna(0)) == [1, 0]


def test_a_score_of_a_run_that_is_retried_meanwhile_is_dropped(session: Session, other: Session) -> None:
    made, held = begun(session, orders({})).wait(60), Held()
    again = begun(other, attach=made.id, score=held.judge)
    assert held.begins.wait(60)
    again.retry("success")
    held.goes_on.set()
    assert again.wait(60).counts == {"success": 1}
    assert (held.calls, again.entries[0].attempt, again.entries[0].scores) == (2, 2, {})


def correct(score: float | None) -> dict[str, Any]:
    return {"key": "correct", "score": score}


def test_a_scorer_that_fails_before_it_returns_a_key_fails_under_that_key(session: Session, tmp_path: Path) -> None:
    def judge(row: dict[str, Any]) -> dict[str, Any]:
        if row["n"] < 2:
            raise ValueError("no quota")
        return correct(1)

    rows = orders({}, {}, {})
    baseline = begun(session, rows, score=lambda: correct(1)).wait(60).save(tmp_path / "baseline.jsonl")
    made = begun(session, rows, score=[judge, lambda: 1], concurrency=1).wait(60)
    assert [(row["score"], row["n"], row["errors"]) for row in made.summary] == [("correct", 1, 2), ("score", 3, 0)]
    assert list(made.df["correct_error"]) == ["ValueError: no quota"] * 2 + [None]
    assert "judge_error" not in made.df
    with pytest.raises(ComparisonFailed, match=r"correct: 2 runs of the batch have no score \(ValueError: no quota\)"):
        compare(session, baseline, made, fail_below=-0.02)


def test_a_scorer_that_is_called_again_leaves_nothing_of_what_it_returned_or_raised_before(session: Session) -> None:
    returned: list[Any] = [correct(0.5), correct(0.25)]
    is_broken = True

    def judge(row: dict[str, Any]) -> Any:
        if is_broken:
            raise ValueError("no quota")
        return returned[row["n"]]

    made = begun(session, orders({}, {}), score=[judge, lambda: 7]).wait(60)
    assert list(made.df)[-2:] == ["judge_error", "score"]
    is_broken = False
    made.score(judge)
    assert (list(made.df)[-3:], list(made.df["correct"])) == (["run_id", "score", "correct"], [0.5, 0.25])
    returned[1] = None
    made.score(judge)
    assert list(made.df["correct"].fillna(0)) == [0.5, 0]
    made.score({"judge": lambda row: row["n"]})
    assert (list(made.df)[-3:], list(made.df["judge"])) == (["run_id", "score", "judge"], [0, 1])


def test_a_cancel_is_no_error_of_a_run_that_is_scored_later(session: Session) -> None:
    begins, goes_on = threading.Event(), threading.Event()

    def judge() -> dict[str, Any]:
        begins.set()
        goes_on.wait(60)
        return correct(1)

    made = begun(session, orders({}, {"fail_at": 1}), score=judge)
    assert begins.wait(60)
    until(lambda: made.view.count("error"))
    made.cancel().wait(60)
    goes_on.set()
    assert "judge_error" in made.df
    made.retry().wait(60)
    assert list(made.df)[-2:] == ["run_id", "correct"]


def test_async_scorers_share_a_client_over_batches_retries_and_later_scores(session: Session) -> None:
    client = httpx.AsyncClient(base_url=session.connection.url)

    async def answered() -> int:
        return (await client.get("/ok")).status_code

    async def closed() -> bool:
        await client.aclose()
        return client.is_closed

    first = begun(session, orders({}, {}), score=answered).wait(60)
    second = begun(session, orders({}, {}), score=answered).wait(60)
    second.retry("success").wait(60)
    second.score({"later": answered})
    frame = second.score(closed).df.fillna(0)
    assert list(first.df["answered"].fillna(0)) == list(frame["answered"]) == list(frame["later"]) == [200, 200]
    assert list(frame["closed"]) == [True, True]


def test_a_run_that_was_deleted_keeps_no_score_and_stops_no_other_from_being_scored(
    session: Session, other: Session, sdk: SyncLangGraphClient
) -> None:
    made = begun(session, orders({}, {}, {}), score={"q": lambda: 1.0}).wait(60)
    sdk.threads.delete(made.entries[0].thread_id)
    made.score({"q": lambda: 0.5})
    assert list(made.df["q"].fillna(-1)) == [-1, 0.5, 0.5]
    assert made.df["q_error"][0].startswith("NotFound: ")
    assert made.summary.df[["n", "errors"]].to_dict("records") == [{"n": 2, "errors": 1}]


def test_a_run_that_is_deleted_before_it_is_scored_is_no_reason_to_raise(
    session: Session, sdk: SyncLangGraphClient
) -> None:
    begins, goes_on = threading.Event(), threading.Event()

    def judge() -> int:
        begins.set()
        goes_on.wait(60)
        return 1

    made = begun(session, orders({}, {"fail_at": 1}), score=judge)
    assert begins.wait(60)
    until(lambda: made.view.count("error"))
    made.cancel().wait(60)
    goes_on.set()
    sdk.threads.delete(made.entries[0].thread_id)
    made.retry().wait(60)
    assert made.df["judge_error"][0].startswith("NotFound: ")


def test_scores_that_cannot_be_read_again_are_gone(session: Session, server: local.LocalServer) -> None:
    with lacking_server(server.url) as poor:
        deployment.connect(session, poor.url)
        made = begun(session, orders({}, {}), score={"q": lambda: 1.0, "p": lambda: 2.0}).wait(60)
        poor.judges = lambda call, sent: (403, "no values for you") if "values" in str(sent) else None
        with pytest.raises(DeploymentError, match="no values for you"):
            made.score({"q": lambda: 0.0})
    assert "q" not in made.df
    assert list(made.df["p"]) == [2, 2]
