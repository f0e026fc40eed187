"""After an answer that made the graph fail: the question stays open everywhere, and one line or the card answers it again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lg_magics import local
from lg_magics.actions.answer_card import answer_card
from lg_magics.commands import deployment, people, runs, state
from lg_magics.commands.deployment import home
from lg_magics.commands.people import resume
from lg_magics.errors import CommandError, LgError, RunFailed
from lg_magics.follow.run import Run
from lg_magics.ipython.current import close_session, current
from lg_magics.ipython.live_card import LiveCard
from lg_magics.live.protocol import PROTOCOL
from lg_magics.session import Session
from lg_magics.views.node import nodes_in, text_in

from .waiting_runs import asking, count_runs, seeing, status


@pytest.fixture
def session_server(asking_server: local.LocalServer) -> local.LocalServer:
    return asking_server


SEAT = {"row": 3, "side": "window", "meal": None, "vegan": False, "day": None, "price": None, "tags": []}


def failing(session: Session, graph: str, answer: str = "dozens") -> Run:
    """A run that an answer of ours made fail: a free question takes any text."""
    asking(session, graph)
    run = resume(session, answer)
    with pytest.raises(RunFailed):
        run.wait()
    return run


def test_one_line_recovers_from_a_bad_answer(session: Session, other: Session) -> None:
    run = failing(session, "bad")
    assert run.is_waiting
    with pytest.raises(RunFailed, match="The question is still open: %lg_resume ANSWER answers it again"):
        run.raise_for_status()
    assert ("run", f"{run.number} error on bad, t1: How many pieces?") in home(session).facts
    assert [each.question for each in state.state(session).interrupts] == ["How many pieces?"]
    row = next(each for each in people.inbox(other, all=True) if each["thread_id"] == run.thread_id)
    assert (row["asks"], row["takes"]) == ("pieces: How many pieces?", "an answer · the last answer failed")
    with pytest.raises(CommandError, match="waits for an answer"):
        resume(session)
    with pytest.raises(LgError, match="waits for an answer, which new input would throw away"):
        runs.run(session, input={"sent": []}, assistant="bad")
    assert resume(session, "12").wait().result["pieces"] == 12
    assert not run.is_waiting
    assert run.thread_id not in {each["thread_id"] for each in people.inbox(other, all=True)}


def test_another_session_recovers_too(session: Session, other: Session) -> None:
    run = failing(session, "bad")
    assert resume(seeing(other, run), "7", thread=run.thread_id).wait().result["pieces"] == 7


def test_a_bad_answer_twice_and_then_a_good_one(session: Session) -> None:
    failing(session, "bad")
    with pytest.raises(RunFailed, match="some"):
        resume(session, "some").wait()
    assert resume(session, "3").wait().result["pieces"] == 3


def test_the_card_recovers(session: Session) -> None:
    run = failing(session, "bad")
    went_on, lines = answer_card(session, run, {run.interrupts[0].id: {"text": "5"}})
    assert went_on.wait().result["pieces"] == 5
    assert lines == ["pieces asked: How many pieces? Answered: 5"]


@pytest.fixture
def mine(asking_server: local.LocalServer) -> Iterator[Session]:
    """The session of this process, which cards use."""
    deployment.connect(current(), asking_server.url)
    yield current()
    close_session()


def test_a_card_goes_on_with_the_question_that_going_back_has_brought(mine: Session) -> None:
    run = failing(mine, "moody")
    card = LiveCard(run)
    card.live_bundle()

    def answer(text: str) -> None:
        form = {card.run.interrupts[0].id: {"text": text}}
        request = {"id": "1", "protocol": PROTOCOL, "command": "resume", "arguments": {"form": form}}
        card._live._respond(request)

    answer("12")
    tree = card._live.rendered.tree
    assert [each[0] for each in nodes_in(tree)].count("textarea") == 1
    assert "Not sent: 12" in text_in(tree)
    assert "The question has changed, and nothing was sent." in text_in(tree)
    assert (card.run is run, card.run.interrupts == run.interrupts) == (False, False)
    answer("13")
    assert card.run.wait().result["pieces"] == 13


def test_nothing_is_run_twice_unless_a_person_says_so(session: Session) -> None:
    run = failing(session, "sibling")
    before = count_runs(session)
    for _ in range(2):
        with pytest.raises(LgError, match=r"would run mail again. Nothing was sent. %lg_resume --again ANSWER"):
            resume(session, "12")
    with pytest.raises(LgError, match="would run mail again"):
        answer_card(session, run, {run.interrupts[0].id: {"text": "5"}})
    assert count_runs(session) == before
    with pytest.raises(RunFailed, match="--again ANSWER answers it again, and runs mail again"):
        run.raise_for_status()
    assert resume(session, "12", again=True).wait().result == {"pieces": 12, "sent": ["mail"]}


@pytest.mark.parametrize(("graph", "tasks"), [("tasked", "send"), ("flow", "the tasks of flow")])
def test_a_task_that_a_node_called_is_not_run_twice_unasked(
    session: Session, other: Session, graph: str, tasks: str
) -> None:
    run = failing(session, graph)
    with pytest.raises(RunFailed, match=rf"failed in (mails_and_asks|flow): .*and runs {tasks} again"):
        run.raise_for_status()
    before = count_runs(session)
    with pytest.raises(LgError, match=f"would run {tasks} again. Nothing was sent"):
        resume(session, "12")
    with pytest.raises(LgError, match=f"would run {tasks} again"):
        answer_card(session, run, {run.interrupts[0].id: {"text": "5"}})
    if graph == "flow":
        with pytest.raises(LgError, match=f"would run {tasks} again"):
            resume(seeing(other, run), "12", thread=run.thread_id)
    assert count_runs(session) == before
    assert resume(session, "12", again=True).wait().result["pieces"] == 12


def test_a_card_runs_the_others_again_by_a_button_of_its_own(session: Session) -> None:
    run = failing(session, "sibling")
    went_on, _ = answer_card(session, run, {run.interrupts[0].id: {"text": "5"}}, again=True)
    assert went_on.wait().result["pieces"] == 5


def test_a_subgraph_is_not_run_again_unasked(session: Session) -> None:
    failing(session, "nested")
    with pytest.raises(LgError, match="would run inside, a subgraph, again"):
        resume(session, "12")
    assert resume(session, "12", again=True).wait().result["pieces"] == 12


def test_a_question_that_has_changed_by_going_back_is_shown_and_not_answered(session: Session) -> None:
    failing(session, "moody")
    with pytest.raises(LgError, match=r"(?s)The question has changed, and nothing was sent.*How many pieces\?"):
        resume(session, "12")
    assert status(session) == "interrupted"
    assert resume(session, "12").wait().result["pieces"] == 12


def test_an_answer_that_the_schema_refused_is_simply_given_again(session: Session, other: Session) -> None:
    run = asking(session, "typed")
    raw = session.connection.sync
    wrong = raw.runs.create(run.thread_id, "typed", command={"resume": "by the window"})
    raw.runs.join(run.thread_id, wrong["run_id"])
    assert status(session) == "error"
    before = count_runs(session)
    assert resume(seeing(other, run), "row=3 side=window", thread=run.thread_id).wait().result["answer"] == SEAT
    assert count_runs(session) == before + 1


def test_an_answer_that_only_the_node_refused_is_recovered_like_a_free_one(session: Session) -> None:
    failing(session, "strict")
    assert resume(session, "12").wait().result["pieces"] == 12


def test_again_is_for_a_failed_answer(session: Session) -> None:
    asking(session, "bad")
    with pytest.raises(CommandError, match="No answer has failed"):
        resume(session, "3", again=True)
    with pytest.raises(CommandError, match="goes with a new answer"):
        resume(session, again=True)


def test_two_questions_of_which_one_was_answered_badly(session: Session) -> None:
    asking(session, "pair")
    by_node = {"pieces": "dozens", "seat": {"row": 3, "side": "window"}}
    with pytest.raises(RunFailed):
        resume(session, by_node).wait()
    with pytest.raises(LgError, match="would run seat again"):
        resume(session, "2")
    between = resume(session, "2", again=True, interrupt="pieces").wait()
    assert (between.status, [each.node for each in between.interrupts]) == ("waiting", ["seat"])
    assert resume(session, "row=3 side=window").wait().result["pieces"] == 2
