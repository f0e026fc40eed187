"""How a stateless run ended, if its stream is joined after its end: the server has deleted the run and its thread by then."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import deployment, runs
from lg_magics.errors import RunFailed, Unreachable
from lg_magics.follow.run import Run
from lg_magics.session import Session

from .coming import until
from .proxy import Fault, Proxy

INPUT: dict[str, Any] = {"topic": "x", "said": []}


def late(proxy: Proxy, session: Session, assistant: str, *, card: bool) -> Run:
    """A stateless run that has ended before its stream is joined."""
    already = proxy.streams
    proxy.fault_of = lambda furthest: Fault(0, pause=2.0) if proxy.streams == already + 1 else None
    return runs.run(session, input=INPUT, assistant=assistant, stateless=True, card=card)


@pytest.mark.parametrize("card", [True, False])
def test_a_stateless_run_that_is_joined_after_its_end_ends_as_it_did(odd_server: local.LocalServer, card: bool) -> None:
    with Proxy(odd_server.url) as proxy:
        session = Session()
        deployment.connect(session, proxy.url)
        try:
            for name in ("raises", "lost"):
                with pytest.raises(RunFailed, match="ValueError: asked to fail"):
                    late(proxy, session, name, card=card).wait()
            run = late(proxy, session, "handled", card=card).wait()
            assert (run.status, run.result["said"], run.error) == ("success", ["handled"], None)
        finally:
            session.close()


LONG: dict[str, Any] = {"input": {"steps": 1, "seconds": 30}, "assistant": "workbench", "stateless": True}


@pytest.mark.parametrize("card", [True, False])
def test_a_stateless_run_that_somebody_else_cancels_is_not_called_a_success(
    session: Session, sdk: SyncLangGraphClient, card: bool
) -> None:
    run = runs.run(session, card=card, **LONG)
    until(lambda: any(step.state == "running" for step in run.view.steps))
    sdk.runs.cancel(run.thread_id, run.run_id)
    with pytest.raises(Unreachable, match="its stream ended while a step was running, as after a cancel"):
        run.wait(120)


def test_a_late_stream_of_a_stateless_run_that_is_cancelled_ends_as_the_run_does(session: Session) -> None:
    run = runs.run(session, **LONG)
    until(lambda: any(step.state == "running" for step in run.view.steps))
    events = run.stream()
    assert next(events)
    assert run.cancel().wait(120).status == "cancelled"
    assert list(events)
