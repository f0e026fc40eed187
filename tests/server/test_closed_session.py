"""Handles of a session that has ended: they are read as before, and what needs the session raises in one line."""

from __future__ import annotations

import pytest

from lg_magics import local
from lg_magics.commands import deployment, runs
from lg_magics.errors import LgError
from lg_magics.session import Session


def test_the_handles_of_a_session_that_has_ended_can_be_read(server: local.LocalServer, session: Session) -> None:
    ended = Session()
    deployment.connect(ended, server.url)
    run = runs.run(ended, "hello", assistant="agent", thread="new").wait()
    live = runs.run(ended, input={"steps": 1, "seconds": 30}, assistant="workbench", thread="new")
    ended.close()
    assert run.messages[0].text == "hello"
    assert (run.result["messages"][0]["content"], run.raw["status"]) == ("hello", "success")
    assert live.raw["status"] in ("pending", "running")
    with pytest.raises(LgError, match="The session of this has ended"):
        live.cancel()
    session.connection.runs.cancel(live.thread_id, [live.run_id], action="interrupt", doing="cancel it")
    assert runs.delete(session, run).title == f"Deleted {run.number}."
    ended.close()
