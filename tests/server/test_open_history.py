"""What an open history asks for, on the real server: a checkpoint looked at, a fork, the rows again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from later_states import apply

from lg_magics import local
from lg_magics.actions.history import fork_at, line_at, read_again, read_checkpoint, why_busy
from lg_magics.commands import deployment, runs, state
from lg_magics.errors import LgError, NotFound
from lg_magics.session import Session
from lg_magics.tables.history import History

NOBODY = "01a1faa6-5475-715e-a455-20158515fd36"


@pytest.fixture
def session(server: local.LocalServer) -> Iterator[Session]:
    new = Session()
    deployment.connect(new, server.url)
    deployment.connect(new, server.url, assistant="agent")
    yield new
    new.close()


@pytest.fixture
def opened(session: Session) -> History:
    runs.run(session, "what's the weather in sf", wait=True, card=False, thread="new")
    return state.history(session, all=True, open=True)


def test_each_change_makes_the_state_out_of_its_parents(session: Session, opened: History) -> None:
    before: object = {}
    for step in reversed(opened.steps):
        changed, found = read_checkpoint(session, opened, step.checkpoint.id)
        assert changed.words == (step.changes.words if step.changes else "")
        assert apply(before, changed) == found.values
        before = found.values
    assert len(found.messages) == 4


def test_a_checkpoint_that_is_not_there_is_an_error(session: Session, opened: History) -> None:
    with pytest.raises(NotFound, match=f"No checkpoint '{NOBODY}'"):
        read_checkpoint(session, opened, NOBODY)


def test_a_fork_moves_the_head_and_the_rows_show_it(session: Session, opened: History) -> None:
    said = fork_at(session, opened, opened[2].checkpoint.id)
    assert "is step 2 now" in said
    assert state.state(session).next == ("tools",)
    again = read_again(session, opened)
    assert again.is_open
    assert len(again) == len(opened) + 1
    assert again[0].checkpoint.parent_id == opened[2].checkpoint.parent_id  # a copy is a sibling
    assert again.current_branch == "b2"


def test_a_message_is_rewritten_and_run_from_there(session: Session, opened: History) -> None:
    first = next(step for step in opened if step.checkpoint.step == 0)
    message = str(first.changes.messages[0].after["id"]) if first.changes else ""
    said = fork_at(session, opened, first.checkpoint.id, message=message, text="weather in Paris", run=True)
    number = said.split()[0]
    assert said == f"{number} runs on from there; the old branch stays."
    runs.wait(session, number)
    assert state.state(session).messages[0].text == "weather in Paris"
    assert read_again(session, opened).current_branch == "b2"


def test_a_line_does_the_same_in_a_cell_and_is_never_more_than_a_line(session: Session, opened: History) -> None:
    first = next(step for step in opened if step.checkpoint.step == 0)
    assert line_at(opened, first, elsewhere="-t t1", message="", text="") == "%lg_fork --run -t t1 step:0"
    line = line_at(opened, first, elsewhere="", message="0", text="say 'hi'")
    assert line == "%lg_fork --run --message 0 step:0 say 'hi'"
    line = line_at(opened, first, elsewhere="", message="msg 1", text="hi")
    assert line == '%lg_fork --run --message "msg 1" step:0 hi'
    with pytest.raises(LgError, match="cannot hold this message's id"):
        line_at(opened, first, elsewhere="", message="a\nb", text="hi")
    with pytest.raises(LgError, match="line breaks"):
        line_at(opened, first, elsewhere="", message="0", text="a\n!ls")


@pytest.mark.parametrize("text", ["--run it", "-1", "$name", "a\\", " a", "a\tb", "a\u2028b"])
def test_a_text_that_a_line_would_change_is_refused(session: Session, opened: History, text: str) -> None:
    first = next(step for step in opened if step.checkpoint.step == 0)
    with pytest.raises(LgError, match="A line cannot hold"):
        line_at(opened, first, elsewhere="", message="0", text=text)


def test_a_line_names_the_row_also_where_the_rows_begin_below_the_head(session: Session, opened: History) -> None:
    newest, chosen = opened[0].checkpoint.id, opened[1]
    fork_at(session, opened, opened[2].checkpoint.id)
    older = state.history(session, before=newest, open=True)
    assert older[0].checkpoint.id == chosen.checkpoint.id
    line = line_at(older, older[0], elsewhere="", message="", text="")
    assert line == "%lg_fork --run b1:2"
    assert state.state(session, "b1:2").checkpoint_id == chosen.checkpoint.id
    assert state.history(session, offset=1).current_branch == "b2"


def test_a_fork_beside_a_live_run_is_refused_and_changes_nothing(session: Session) -> None:
    order = {"steps": 1, "seconds": 60}
    live = runs.run(session, input=order, assistant="workbench", thread="new", card=False)
    shown = state.history(session, all=True, open=True)
    assert why_busy(session, shown) == f"{live.number} is still {live.status}: a fork waits for its end."
    with pytest.raises(LgError, match="cannot fork now"):
        fork_at(session, shown, NOBODY)
    live.cancel()
    assert why_busy(session, shown) == ""


def test_nothing_is_done_to_a_history_of_another_deployment(session: Session, opened: History) -> None:
    elsewhere = replace(opened, attrs={"deployment": "http://127.0.0.1:1"})
    for ask in (read_checkpoint, fork_at):
        with pytest.raises(LgError, match=r"This history was opened on http://127\.0\.0\.1:1,"):
            ask(session, elsewhere, opened[0].checkpoint.id)
