"""People in the loop on the real server: each trap of resuming is refused in words, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypedDict

import pytest

from lg_magics import local
from lg_magics.commands import deployment, runs, state
from lg_magics.commands.people import resume
from lg_magics.errors import CommandError, LgError
from lg_magics.follow.run import Run
from lg_magics.session import Session

from .waiting_runs import asked, count_runs, given, said, seeing, status


def test_a_plain_question_gets_the_text_as_it_is(session: Session) -> None:
    asked(session, "plain")
    assert said(resume(session, "yes")) == "Done: book_flight(destination='Hong Kong', price_usd=640)."


@pytest.mark.parametrize("answer", ["it's {fine}?", {"answer": "yes"}, ["yes"], 0, False, {"0" * 32: 1}])
def test_whatever_the_answer_is_it_arrives_as_it_is(session: Session, answer: object) -> None:
    asked(session, "plain")
    assert given(resume(session, answer)) == [answer]


def test_json_is_read(session: Session) -> None:
    asked(session, "plain")
    assert given(resume(session, '{"ok": [1, 2]}', json=True)) == [{"ok": [1, 2]}]


def test_null_is_an_answer(session: Session) -> None:
    asked(session, "plain")
    assert given(resume(session, "null", json=True)) == [None]


class Way(TypedDict, total=False):
    """The flag that says how an answer is meant."""

    accept: bool
    edit: bool
    respond: bool
    ignore: bool


INBOX: dict[str, tuple[object, Way, object]] = {
    "accept": (None, {"accept": True}, {"type": "accept", "args": None}),
    "edit": (
        '{"destination": "Osaka", "price_usd": 500}',
        {"edit": True},
        {"type": "edit", "args": {"action": "book_flight", "args": {"destination": "Osaka", "price_usd": 500}}},
    ),
    "respond": ("What's $5 to you?", {"respond": True}, {"type": "response", "args": "What's $5 to you?"}),
    "ignore": (None, {"ignore": True}, {"type": "ignore", "args": None}),
}


@pytest.mark.parametrize("way", INBOX)
def test_an_action_gets_the_reply_that_the_agent_inbox_sends(session: Session, way: str) -> None:
    asked(session, "Plan a trip")
    answer, how, expected = INBOX[way]
    assert given(resume(session, answer, **how)) == [[expected]]


def test_an_edit_may_be_a_python_mapping(session: Session) -> None:
    run = asked(session, "Plan a trip")
    args = {**run.interrupts[0].args, "price_usd": 500}
    assert said(resume(session, args, edit=True)).endswith("book_flight(destination='Hong Kong', price_usd=500).")


REFUSED: dict[str, tuple[str, Mapping[str, Any], str]] = {
    "no answer": ("plain", {}, "waits for an answer"),
    "a name without an answer": ("two", {"interrupt": "approve"}, "missing.*%lg_resume --interrupt approve ANSWER"),
    "JSON without any": ("plain", {"json": True}, "missing.*%lg_resume --json JSON"),
    "a text for an action": ("inbox", {"answer": "yes"}, "--accept or --edit JSON"),
    "an edit without arguments": ("inbox", {"edit": True}, "all of the action's arguments"),
    "an edit that is no object": ("inbox", {"answer": "[1]", "edit": True}, "all of the action's arguments"),
    "an edit that is no JSON": ("inbox", {"answer": "{price: 5}", "edit": True}, "not JSON"),
    "an accept with words": ("inbox", {"answer": "but", "accept": True}, "takes no text"),
    "an empty response": ("inbox", {"answer": "  ", "respond": True}, "needs a text"),
    "two ways at once": ("inbox", {"accept": True, "ignore": True}, "cannot go together"),
    "an action's way for a plain question": ("plain", {"accept": True}, "asks for none"),
    "a wrong interrupt": ("plain", {"answer": "yes", "interrupt": "f" * 32}, "No open question"),
    "one text for two questions": ("two", {"answer": "yes"}, "2 questions are open"),
    "one edit for two questions": ("two", {"answer": "{}", "edit": True}, "2 questions are open"),
    "a mapping with a wrong name": ("two", {"answer": {"approve": "x", "hotel": "y"}}, "No open question 'hotel'"),
    "a mapping with texts for actions": ("two", {"answer": {"approve": "yes"}}, "A text is no answer"),
    "bad JSON": ("plain", {"answer": "{", "json": True}, "not JSON"),
    "a limit without waiting": ("plain", {"answer": "yes", "timeout": 3}, "belongs to --wait"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_in_words_and_the_question_stays(session: Session, what: str) -> None:
    text, options, words = REFUSED[what]
    asked(session, text)
    before = state.state(session).interrupts
    with pytest.raises(LgError, match=words):
        resume(session, **options)
    assert (status(session), count_runs(session)) == ("interrupted", 1)
    assert state.state(session).interrupts == before
    assert all(each.node in ("approve", "approve_hotel") for each in before)


def test_what_a_request_does_not_allow_is_refused(session: Session, tmp_path: Any) -> None:
    (tmp_path / "ask.py").write_text(GRAPH.format(questions='[interrupt([{**request, "config": only_ignore}])]'))
    own = local.start(graph=f"{tmp_path}/ask.py:graph", private=True)
    try:
        deployment.connect(session, own.url)
        runs.run(session, input={"answers": []}, thread="new").wait()
        with pytest.raises(CommandError, match=r"does not allow accept.*It takes --ignore\."):
            resume(session, accept=True)
        assert given_values(resume(session, ignore=True)) == [[{"type": "ignore", "args": None}]]
    finally:
        local.stop(own, force=True)


GRAPH = """
import operator
from typing import Annotated, TypedDict
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

request = {{"action_request": {{"action": "pay", "args": {{"usd": 5}}}}, "description": "Pay?"}}
only_ignore = {{"allow_accept": False, "allow_edit": False, "allow_respond": False, "allow_ignore": True}}

class State(TypedDict):
    answers: Annotated[list, operator.add]

def ask(state: State):
    return {{"answers": {questions}}}

graph = StateGraph(State).add_node("ask", ask).add_edge(START, "ask").compile()
"""


def given_values(run: Run) -> list[Any]:
    found: list[Any] = run.wait().result["answers"]
    return found


def test_a_node_that_asks_twice_is_answered_twice(session: Session, other: Session, tmp_path: Any) -> None:
    (tmp_path / "ask.py").write_text(GRAPH.format(questions='[interrupt("one?"), interrupt("two?")]'))
    own = local.start(graph=f"{tmp_path}/ask.py:graph", private=True)
    try:
        for each in (session, other):
            deployment.connect(each, own.url)
        first = runs.run(session, input={"answers": []}, thread="new").wait()
        assert resume(seeing(other, first), "1", thread=first.thread_id).wait().status == "waiting"
        with pytest.raises(LgError, match=r"(?s)The question has changed, and nothing was sent.*two\?"):
            resume(session, "1")
        assert given_values(resume(session, "2")) == ["1", "2"]
    finally:
        local.stop(own, force=True)


def test_two_questions_can_be_answered_one_by_one_by_their_nodes(session: Session) -> None:
    asked(session, "two")
    between = resume(session, accept=True, interrupt="approve")
    assert between.wait().status == "waiting"
    assert [each.node for each in between.interrupts] == ["approve_hotel"]
    assert said(resume(session, ignore=True)).startswith("Done: book_flight(destination='Hong Kong'")


def test_a_question_can_be_named_by_the_end_of_its_id(session: Session) -> None:
    run = asked(session, "two")
    hotel = next(each for each in run.interrupts if each.node == "approve_hotel")
    left = resume(session, "no thanks", respond=True, interrupt=hotel.id[-6:]).wait()
    assert [each.node for each in left.interrupts] == ["approve"]


def test_two_questions_can_be_answered_at_once(session: Session) -> None:
    run = asked(session, "two")
    by_node = {each.node: each.id for each in run.interrupts}
    yes, no = [{"type": "accept", "args": None}], [{"type": "ignore", "args": None}]
    answers = {"approve": yes, by_node["approve_hotel"]: no}
    assert given(resume(session, json.dumps(answers), json=True)) == [yes, no]


def test_a_stranger_sees_the_nodes_of_two_questions(session: Session, other: Session) -> None:
    run = asked(session, "two")
    with pytest.raises(CommandError, match=r"(?s)approve ·.*approve_hotel ·.*--interrupt"):
        resume(seeing(other, run), "yes", thread=run.thread_id)
