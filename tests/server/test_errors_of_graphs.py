"""What a graph raised reaches the person: its own words, the place in the file, and a way to go on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_sync_client

from lg_magics import local
from lg_magics.actions.answer_card import run_failed_again
from lg_magics.commands import deployment, runs
from lg_magics.errors import LgError, RunFailed
from lg_magics.follow.tracked_run import tracked
from lg_magics.session import Session
from lg_magics.views.card_text import card_text
from lg_magics.views.node import html
from lg_magics.views.run_card import CardMaker
from lg_magics.views.run_tree import run_tree


def place_of(words: str) -> int:
    lines = Path(__file__).with_name("step_graphs.py").read_text("utf-8").split("\n")
    return next(number for number, line in enumerate(lines, 1) if words in line)


def test_an_error_has_its_own_text_the_file_and_the_line(stepping: Session) -> None:
    run = runs.run(stepping, assistant="boom", input={}).wait_quietly()
    line = f"ZeroDivisionError: division by zero (step_graphs.py, line {place_of('str(1 / 0)')})"
    assert run.error == line
    card = CardMaker(run.info).card(run.view, settled=True, can_run_again=tracked(run).can_run_again)
    assert card_text(card).endswith(line)
    assert card.again_from == "divide"
    drawn = html(run_tree(card))
    assert "Full traceback" in drawn
    assert "return {&quot;answer&quot;: str(1 / 0)}" in drawn
    assert str(Path.home()) not in run.view.traceback
    with pytest.raises(RunFailed, match=r"failed in divide: ZeroDivisionError: division by zero \(step_graphs\.py"):
        run.raise_for_status()


def test_another_session_reads_the_same_error_of_a_run_that_it_attaches_to(
    stepping: Session, stepping_server: local.LocalServer
) -> None:
    from lg_magics.commands.attach import attach

    run = runs.run(stepping, assistant="boom", input={}).wait_quietly()
    other = Session()
    deployment.connect(other, stepping_server.url)
    try:
        found = attach(other, run.run_id, thread=run.thread_id)
        assert found.wait_quietly().error == run.error
        assert "divide" in found.view.traceback
    finally:
        other.close()


def test_where_the_server_hides_the_text_the_state_has_it(
    stepping: Session, stepping_server: local.LocalServer
) -> None:
    run = runs.run(stepping, assistant="boom", input={"question": "hidden"}).wait_quietly()
    with get_sync_client(url=stepping_server.url, api_key=None) as sdk:
        row: Mapping[str, Any] = sdk.threads.get(run.thread_id)
        assert "internal error" in row["error"]["message"]
    assert run.error == "Hidden: not for everyone"


def test_a_failed_run_goes_on_from_the_node_that_failed_once(stepping: Session, tmp_path: Path) -> None:
    file = tmp_path / "answer.txt"
    run = runs.run(stepping, assistant="unsure", input={"question": str(file)}).wait_quietly()
    assert run.error is not None
    assert run.error.startswith("FileNotFoundError: [Errno 2] No such file or directory")
    assert tracked(run).can_run_again
    file.write_text("42")
    again = run_failed_again(stepping, run).wait()
    assert [step.node for step in again.view.steps] == ["flaky"]
    assert again.result["answer"] == "42"
    assert not tracked(run).can_run_again
    with pytest.raises(LgError, match="has gone on since"):
        run_failed_again(stepping, run)
