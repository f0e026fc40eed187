"""Questions of every shape on the real server: what fits is sent, what does not is refused in words, and no thread breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_sync_client

from lg_magics import local
from lg_magics.commands import inbox, runs, state
from lg_magics.commands.answer_card import answer_card
from lg_magics.commands.home import home
from lg_magics.commands.people import resume
from lg_magics.errors import CommandError, LgError, RunFailed
from lg_magics.follow.run import Run
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

from .conftest import connected
from .waiting_runs import count_runs, said, seeing, status

GRAPHS = ("batched", "per_call", "typed", "scalar", "bad", "shape", "moody", "sibling", "pair", "nested")


@pytest.fixture(scope="module")
def asking_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local.LocalServer]:
    """An embedded server with the graphs of asking_graphs.py."""
    folder, file = tmp_path_factory.mktemp("asking"), Path(__file__).with_name("asking_graphs.py")
    config = {"dependencies": [str(file.parent)], "graphs": {name: f"{file}:{name}" for name in GRAPHS}}
    (folder / "langgraph.json").write_text(json.dumps(config))
    running = local.start(private=True, config=folder / "langgraph.json")
    yield running
    with get_sync_client(url=running.url, api_key=None) as raw:
        broken = [(thread["metadata"] or {})["graph_id"] for thread in raw.threads.search(status="error", limit=1000)]
    local.stop(running)
    assert set(broken) <= {"bad", "moody", "nested", "pair", "sibling"}  # their questions are free: any text is sent


@pytest.fixture
def session(asking_server: local.LocalServer) -> Iterator[Session]:
    yield from connected(asking_server)


@pytest.fixture
def other(asking_server: local.LocalServer) -> Iterator[Session]:
    yield from connected(asking_server)


def asking(session: Session, graph: str, text: str | None = None) -> Run:
    """A run that waits on a thread of its own."""
    what: dict[str, Any] = {"text": text} if text else {"input": {"sent": []}}
    run = runs.run(session, assistant=graph, thread="new", **what).wait()
    assert run.status == "waiting"
    return run


def answer_of(run: Run) -> Any:
    return run.wait().result["answer"]


# -- tool approvals ---------------------------------------------------------------------------------------------

DECIDED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "approve": (None, {"approve": True}, "sent to ann@example.com: Hello"),
    "accept": (None, {"accept": True}, "sent to ann@example.com: Hello"),
    "edit one": ("to=bob@example.com", {"edit": True}, "sent to bob@example.com: Hello"),
    "edit all": ({"to": "x@y.z", "body": "Bye"}, {"edit": True}, "sent to x@y.z: Bye"),
    "reject": (None, {"reject": True}, "User rejected the tool call for `send_mail` with id c1."),
    "reject why": ("don't, it's late", {"reject": True}, "with reason: don't, it's late"),
    "respond": ("Ann knows already", {"respond": True}, "Ann knows already"),
    "json": ('{"type": "reject", "message": "no"}', {"json": True}, "with reason: no"),
    "object": ({"type": "approve"}, {}, "sent to ann@example.com: Hello"),
}


@pytest.mark.parametrize("graph", ["batched", "per_call"])
@pytest.mark.parametrize("what", DECIDED)
def test_a_tool_call_is_decided_on(session: Session, graph: str, what: str) -> None:
    run = asking(session, graph, "one")
    assert run.interrupts[0].detail == 'send_mail(to="ann@example.com", body="Hello")'
    assert run.interrupts[0].question == "Tool execution requires approval"
    answer, how, words = DECIDED[what]
    assert words in said(resume(session, answer, **how))


@pytest.mark.parametrize("graph", ["batched", "per_call"])
def test_several_actions_are_decided_on_together(session: Session, graph: str) -> None:
    asking(session, graph, "two")
    assert said(resume(session, approve=True)) == "sent to ann@example.com: Hello; booked HKG for 640, window, None"


def test_several_actions_are_decided_on_one_by_one(session: Session) -> None:
    run = asking(session, "batched", "two")
    first = resume(session, approve=True, action=1)
    assert isinstance(first, Facts)
    assert "1 of 2 actions are decided. Nothing was sent yet." in first.title
    assert count_runs(session) == 1
    second = resume(session, "price=600", edit=True, action=2)
    assert isinstance(second, Run)
    assert said(second) == "sent to ann@example.com: Hello; booked HKG for 600, window, None"
    assert run.note == "answered"


def test_what_was_decided_on_one_action_stays_when_the_others_are_approved(session: Session) -> None:
    asking(session, "batched", "two")
    resume(session, "too dear", reject=True, action=2)
    assert "with reason: too dear" in said(resume(session, approve=True))


def test_several_calls_are_answered_by_number_and_all_at_once(session: Session) -> None:
    asking(session, "per_call", "two")
    with pytest.raises(CommandError, match=r"(?s)1  tools ·.*send_mail\(.*2  tools ·.*book_flight\(.*--interrupt 1"):
        resume(session, "price=600", edit=True)
    between = resume(session, "price=600 day=2026-12-24", edit=True, interrupt=2).wait()
    assert [each.args["to"] for each in between.interrupts] == ["ann@example.com"]
    assert said(resume(session, approve=True)).endswith("booked HKG for 600, window, 2026-12-24")
    asking(session, "per_call", "two")
    both = {"1": {"type": "reject"}, "2": {"type": "approve"}}
    assert said(resume(session, json.dumps(both), json=True)).endswith("booked HKG for 640, window, None")


REFUSED: dict[str, tuple[str, Any, dict[str, Any], str]] = {
    "a text": (
        "one",
        "yes",
        {},
        r"A text is no answer.*--approve or --edit to=… or --reject \[WHY\] or --respond TEXT",
    ),
    "not allowed": ("two", "x", {"respond": True}, r"does not allow respond: book_flight\("),
    "not allowed, as JSON": (
        "two",
        {"decisions": [{"type": "approve"}, {"type": "respond", "message": "x"}]},
        {},
        "respond",
    ),
    "no such action": ("two", None, {"approve": True, "action": 3}, "There is no action 3"),
    "an unknown argument": ("one", "too=x", {"edit": True}, r"no field 'too'.*Did you mean to\?"),
    "a text for a number": ("two", "price=six", {"edit": True, "action": 2}, 'price: .* is wanted, and not "six"'),
    "too few decisions": ("two", {"decisions": [{"type": "approve"}]}, {}, "2 decisions are wanted"),
    "no decision": ("one", {"decision": "approve"}, {}, "1 decision is wanted|A decision wants a type"),
    "another type": ("one", {"type": "accept"}, {}, "A decision wants a type"),
    "an edit without arguments": (
        "one",
        '{"type": "edit", "edited_action": {"name": "send_mail"}}',
        {"json": True},
        "args",
    ),
    "no message": ("one", {"type": "respond"}, {}, "message of respond wants a text"),
    "words beside approve": ("one", "but", {"approve": True}, "takes nothing beside it"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_wrong_decision_is_refused_before_it_is_sent(session: Session, what: str) -> None:
    text, answer, how, words = REFUSED[what]
    asking(session, "batched", text)
    with pytest.raises(CommandError, match=words):
        resume(session, answer, **how)
    assert (status(session), count_runs(session)) == ("interrupted", 1)


def test_an_edit_is_held_against_the_tools_own_schema(session: Session) -> None:
    asking(session, "per_call", "two")
    for edited, words in (
        ("price=six", "price: an integer is wanted"),
        ("seat=asle", "Did you mean aisle"),
        ("day=soon", "day"),
    ):
        with pytest.raises(CommandError, match=words):
            resume(session, edited, edit=True, interrupt=2)
    with pytest.raises(CommandError, match='price wants integer, and not "six"'):
        resume(session, {"to": "x", "price": "six"}, edit=True, interrupt=2)
    assert (status(session), count_runs(session)) == ("interrupted", 1)


def test_a_card_answers_all_actions_with_one_run(session: Session) -> None:
    run = asking(session, "per_call", "two")
    mail, flight = run.interrupts
    fields = {"0": "MAC", "1": "500", "2": '"aisle"', "3": "2026-12-24"}
    form = {mail.id: {"0": {"way": "reject", "reject": ""}}, flight.id: {"0": {"way": "edit", "args": fields}}}
    with pytest.raises(CommandError, match="price: an integer is wanted"):
        answer_card(session, run, {**form, flight.id: {"0": {"way": "edit", "args": {**fields, "1": "5.5"}}}})
    went_on, lines = answer_card(session, run, form)
    assert said(went_on).endswith("booked MAC for 500, aisle, 2026-12-24")
    assert lines[0] == 'tools asked: send_mail(to="ann@example.com", body="Hello") Answered: reject'


# -- typed questions --------------------------------------------------------------------------------------------

SEAT = {"row": 3, "side": "window", "meal": None, "vegan": False, "day": None, "price": None, "tags": []}
TYPED: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "pairs": ("row=3 side=window", {}, {}),
    "all pairs": (
        'row=3 side=window meal=don\'t know vegan=yes day=2026-12-24 price=9.5 tags=["a"]',
        {},
        {"meal": "don't know", "vegan": True, "day": "2026-12-24", "price": 9.5, "tags": ["a"]},
    ),
    "json": ('{"row": 3, "side": "window"}', {"json": True}, {}),
    "object": ({"row": 3, "side": "window", "price": 9}, {}, {"price": 9.0}),
}


@pytest.mark.parametrize("what", TYPED)
def test_a_typed_question_is_answered(session: Session, what: str) -> None:
    asking(session, "typed")
    answer, how, changed = TYPED[what]
    assert answer_of(resume(session, answer, **how)) == {**SEAT, **changed}


UNFIT: dict[str, tuple[Any, dict[str, Any], str]] = {
    "missing": ("row=3", {}, "The answer lacks side"),
    "no integer": ("row=three side=window", {}, 'row: an integer is wanted, and not "three"'),
    "too large": ("row=41 side=window", {}, "row: 41 is greater than the maximum of 40"),
    "another choice": ("row=3 side=windw", {}, r"side: one of .*Did you mean window\?"),
    "no date": ("row=3 side=window day=tomorrow", {}, "day: a date is wanted"),
    "no list": ("row=3 side=window tags=5", {}, "tags wants list of string, and not 5"),
    "unknown": ("row=3 sied=window", {}, r"no field 'sied'.*Did you mean side\?"),
    "a text": ("by the window", {}, r"belongs to no field.*row=… side=…"),
    "wrong JSON": ('{"row": "3", "side": "window"}', {"json": True}, 'row wants integer, and not "3"'),
    "wrong object": ({"row": 3}, {}, "The answer lacks side"),
    "a decision": (None, {"approve": True}, "asks for none"),
}


@pytest.mark.parametrize("what", UNFIT)
def test_what_does_not_fit_the_schema_is_refused_and_the_field_is_named(session: Session, what: str) -> None:
    asking(session, "typed")
    answer, how, words = UNFIT[what]
    with pytest.raises(CommandError, match=words):
        resume(session, answer, **how)
    assert (status(session), count_runs(session)) == ("interrupted", 1)


def test_a_single_value_is_read_by_its_schema(session: Session) -> None:
    run = asking(session, "scalar")
    assert (run.interrupts[0].question, run.interrupts[0].detail) == ("How many?", "at most: 9")
    with pytest.raises(CommandError, match="an integer is wanted"):
        resume(session, "some")
    assert answer_of(resume(session, "4")) == 4


def test_any_other_shape_is_readable_and_said_once(session: Session) -> None:
    run = asking(session, "shape")
    assert run.interrupts[0].detail == "draft: Dear all, …\nscore: 3"
    assert '{"draft"' not in str(state.state(session).interrupts[0].question)
    assert answer_of(resume(session, "fine")) == "fine"


# -- after a failed answer --------------------------------------------------------------------------------------


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
    with pytest.raises(RunFailed, match="The question is still open: %lg_resume ANSWER answers it anew"):
        run.raise_for_status()
    assert ("run", f"{run.number} error on bad, t1: How many pieces?") in home(session).facts
    assert [each.question for each in state.state(session).interrupts] == ["How many pieces?"]
    row = next(each for each in inbox.inbox(other, all=True) if each["thread_id"] == run.thread_id)
    assert (row["asks"], row["takes"]) == ("pieces: How many pieces?", "an answer · the last answer failed")
    with pytest.raises(CommandError, match="waits for an answer"):
        resume(session)
    with pytest.raises(LgError, match="waits for an answer, which new input would throw away"):
        runs.run(session, input={"sent": []}, assistant="bad")
    assert resume(session, "12").wait().result["pieces"] == 12
    assert not run.is_waiting
    assert run.thread_id not in {each["thread_id"] for each in inbox.inbox(other, all=True)}


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


def test_nothing_is_run_twice_unless_a_person_says_so(session: Session) -> None:
    run = failing(session, "sibling")
    before = count_runs(session)
    for _ in range(2):
        with pytest.raises(LgError, match=r"would run mail again. Nothing was sent. %lg_resume --again ANSWER"):
            resume(session, "12")
    with pytest.raises(LgError, match="would run mail again"):
        answer_card(session, run, {run.interrupts[0].id: {"text": "5"}})
    assert count_runs(session) == before
    with pytest.raises(RunFailed, match="--again ANSWER answers it anew, and runs mail again"):
        run.raise_for_status()
    assert resume(session, "12", again=True).wait().result == {"pieces": 12, "sent": ["mail"]}


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
    assert answer_of(resume(seeing(other, run), "row=3 side=window", thread=run.thread_id)) == SEAT
    assert count_runs(session) == before + 1


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


# -- the inbox --------------------------------------------------------------------------------------------------


def test_calls_of_one_tool_are_approved_from_the_inbox_once_they_were_shown(session: Session, other: Session) -> None:
    waiting = [asking(session, "batched", "one") for _ in range(2)]
    left_alone = asking(session, "batched", "two")
    shown = inbox.inbox(other, approve="send_mail", all=True)
    assert "Nothing was sent. The same line again approves these." in shown.note
    assert {each["thread_id"] for each in shown} >= {run.thread_id for run in waiting}
    late = asking(session, "batched", "one")
    assert late.thread_id in {each["thread_id"] for each in inbox.inbox(other, approve="send_mail", all=True)}
    sent = inbox.inbox(other, approve="send_mail", all=True)
    assert {each["thread_id"] for each in sent} >= {run.thread_id for run in [*waiting, late]}
    assert left_alone.thread_id not in {each["thread_id"] for each in sent}
    for run in other.tracker.runs():
        assert said(run) == "sent to ann@example.com: Hello"
    with pytest.raises(LgError, match="No call of 'pay' waits"):
        inbox.inbox(other, reject="pay")
