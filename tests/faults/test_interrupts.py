"""A kernel interrupt at any moment, and a server that is killed and comes back: the session knows what there is, and goes on."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import assistants, deployment, runs, state, threads
from lg_magics.errors import LgError
from lg_magics.session import Session

COUNT = 60
INPUT = {"steps": 1, "seconds": 0}


def interrupted(work: object, seconds: float) -> None:
    """Do `work`, and press the stop button after so many seconds."""
    assert callable(work)
    stop = threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGINT))
    stop.start()
    try:
        work()
        stop.join()
        time.sleep(0.05)  # the signal comes here if the work was quicker
    except (KeyboardInterrupt, LgError):
        pass
    finally:
        stop.cancel()


@pytest.mark.slow
def test_after_random_interrupts_every_run_is_known_and_the_session_goes_on(
    server: local.LocalServer, sdk: SyncLangGraphClient
) -> None:
    """Each run that the server has of this session is one that the session knows."""
    chosen = random.Random(21)
    session = Session()
    deployment.connect(session, server.url)
    runs.run(session, input=INPUT, assistant="workbench", thread="new").wait()
    works = [
        lambda: runs.run(session, input=INPUT, assistant="workbench", thread="new"),
        lambda: runs.run(session, input=INPUT, assistant="workbench", thread="new").wait(),
        lambda: threads.new(session),
        lambda: threads.threads(session),
        lambda: state.history(session),
        lambda: state.update(session, values={"steps": 1}),
        lambda: assistants.assistants(session),
    ]
    for _ in range(COUNT):
        try:
            interrupted(chosen.choice(works), chosen.uniform(0, 0.05))
        except KeyboardInterrupt:
            continue  # between two of them
    time.sleep(1)
    made = sdk.threads.search(metadata={"lg_session": session.id}, limit=1000)
    there = {run["run_id"] for thread in made for run in sdk.runs.list(thread["thread_id"], limit=100)}
    known = {run.run_id for run in session.tracker.runs()}
    assert there <= known | {""}, f"{len(there - known)} runs are not known"
    for run in session.tracker.runs():
        run.wait_quietly(60)
    assert runs.run(session, input=INPUT, assistant="workbench", thread="new").wait(60).status == "success"
    session.close()


@pytest.mark.slow
def test_after_restarts_of_the_server_the_session_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed five times under live runs: each ends with a word that is true, and the next call works."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    session = Session()
    for _ in range(5):
        deployment.connect(session, "local")
        assert session.local is not None
        live = [
            runs.run(session, input={"steps": 1, "seconds": 20}, assistant="workbench", thread="new") for _ in range(3)
        ]
        os.kill(session.local.pid, signal.SIGKILL)
        for run in live:
            assert run.wait_quietly(60).status in ("unknown", "deleted")
        deployment.connect(session, "local")
        assert runs.run(session, input=INPUT, assistant="workbench", thread="new").wait(60).status == "success"
        with get_sync_client(url=session.connection.url, api_key=None) as client:
            assert client.assistants.search()
    assert session.local is not None
    local.stop(session.local, force=True)
    session.close()
