"""Questions of every shape on the real server: what fits is sent, what does not is refused in words, and no thread breaks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lg_magics import local
from lg_magics.actions.answer_card import answer_card
from lg_magics.commands import deployment, people, state
from lg_magics.commands.people import resume
from lg_magics.errors import CommandError, LgError
from lg_magics.follow.run import Run
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

from .waiting_runs import asking, count_runs, said, seeing, status


@pytest.fixture
def session_server(asking_server: local.LocalServer) -> local.LocalServer:
    return asking_server


@pytest.fixture(scope="module")
def kept(asking_server: local.LocalServer) -> Iterator[Callable[..., Run]]:
    """Gives a run that waits, the same one each time: for answers that are refused."""
    mine = Session()
    deployment.connect(mine, asking_server.url)
    runs_by_name: dict[tuple[str, str | None], Run] = {}

    def run_of(graph: str, text: str | None = None) -> Run:
        if (graph, text) not in runs_by_name:
            runs_by_name[graph, text] = asking(mine, graph, text)
        return runs_by_name[graph, text]

    yield run_of
    mine.close()


def unsent(session: Session, run: Run) -> bool:
    """Whether nothing has happened to a thread that waits."""
    raw = session.connection.sync
    waits = raw.threads.get(run.thread_id)["status"] == "interrupted"
    return waits and len(raw.runs.list(run.thread_id, limit=10)) == 1


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


EACH = [
    *(("batched", what) for what in DECIDED),
    *(("per_call", what) for what in ("edit one", "respond")),
    *(
        pytest.param("per_call", what, marks=pytest.mark.slow)
        for what in DECIDED
        if what not in ("edit one", "respond")
    ),
]


@pytest.mark.parametrize(("graph", "what"), EACH)
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


def test_a_decision_is_for_the_call_that_was_shown_also_where_the_next_question_has_the_same_id(
    session: Session, other: Session
) -> None:
    run = asking(session, "twice")
    resume(session, approve=True, action=1)
    with pytest.raises(LgError, match="has not shown the question yet"):
        resume(other, thread=run.thread_id, reject=True)
    resume(other, thread=run.thread_id, reject=True).wait()
    with pytest.raises(LgError, match=r"(?s)The question has changed, and nothing was sent.*pay\(n=2\)"):
        resume(session, approve=True, action=2)
    assert "1 of 2 actions are decided" in str(resume(session, approve=True, action=2))
    last = resume(session, approve=True, action=1)
    assert isinstance(last, Run)
    decided = answer_of(last)
    assert [[each["type"] for each in one["decisions"]] for one in decided] == [["reject"] * 2, ["approve"] * 2]


def test_several_calls_are_answered_by_number_and_all_at_once(session: Session) -> None:
    asking(session, "per_call", "two")
    with pytest.raises(CommandError, match=r"(?s)1  tools ·.*send_mail\(.*2  tools ·.*book_flight\(.*--interrupt 1"):
        resume(session, "price=600", edit=True)
    with pytest.raises(CommandError, match=r"%lg_resume --interrupt 1 --approve"):
        resume(session, approve=True, action=2)
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
    "a text for a number": ("two", "price=six", {"edit": True, "action": 2}, 'price must be .*, got "six"'),
    "too few decisions": ("two", {"decisions": [{"type": "approve"}]}, {}, "2 decisions are required"),
    "no decision": ("one", {"decision": "approve"}, {}, "1 decision is required|A decision needs a type"),
    "another type": ("one", {"type": "accept"}, {}, "A decision needs a type"),
    "an edit without arguments": (
        "one",
        '{"type": "edit", "edited_action": {"name": "send_mail"}}',
        {"json": True},
        "args",
    ),
    "no message": ("one", {"type": "respond"}, {}, "message of respond must be a text"),
    "another tool": (
        "one",
        {"type": "edit", "edited_action": {"name": "pay", "args": {}}},
        {},
        "changes the arguments of send_mail, and not the tool: pay",
    ),
    "words beside approve": ("one", "but", {"approve": True}, "takes no text"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_wrong_decision_is_refused_before_it_is_sent(session: Session, kept: Callable[..., Run], what: str) -> None:
    text, answer, how, words = REFUSED[what]
    run = kept("batched", text)
    with pytest.raises(CommandError, match=words):
        resume(seeing(session, run), answer, thread=run.thread_id, **how)
    assert unsent(session, run)


def test_an_edit_is_held_against_the_tools_own_schema(session: Session) -> None:
    asking(session, "per_call", "two")
    for edited, words in (
        ("price=six", "price must be an integer"),
        ("seat=asle", "Did you mean aisle"),
        ("day=soon", "day"),
    ):
        with pytest.raises(CommandError, match=words):
            resume(session, edited, edit=True, interrupt=2)
    with pytest.raises(CommandError, match='price must be integer, got "six"'):
        resume(session, {"to": "x", "price": "six"}, edit=True, interrupt=2)
    assert (status(session), count_runs(session)) == ("interrupted", 1)


def test_a_card_answers_all_actions_with_one_run(session: Session) -> None:
    run = asking(session, "per_call", "two")
    mail, flight = run.interrupts
    fields = {"0": "MAC", "1": "500", "2": '"aisle"', "3": "2026-12-24"}
    form = {mail.id: {"0": {"way": "reject", "reject": ""}}, flight.id: {"0": {"way": "edit", "args": fields}}}
    with pytest.raises(CommandError, match="price must be an integer"):
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
    "no integer": ("row=three side=window", {}, 'row must be an integer, got "three"'),
    "too large": ("row=41 side=window", {}, "row: 41 is greater than the maximum of 40"),
    "another choice": ("row=3 side=windw", {}, r"side must be one of .*Did you mean window\?"),
    "no date": ("row=3 side=window day=tomorrow", {}, "day must be a date"),
    "no list": ("row=3 side=window tags=5", {}, "tags must be list of string, got 5"),
    "unknown": ("row=3 sied=window", {}, r"no field 'sied'.*Did you mean side\?"),
    "a text": ("by the window", {}, r"belongs to no field.*row=… side=…"),
    "wrong JSON": ('{"row": "3", "side": "window"}', {"json": True}, 'row must be integer, got "3"'),
    "wrong object": ({"row": 3}, {}, "The answer lacks side"),
    "a decision": (None, {"approve": True}, "asks for none"),
}


@pytest.mark.parametrize("what", UNFIT)
def test_what_does_not_fit_the_schema_is_refused_and_the_field_is_named(
    session: Session, kept: Callable[..., Run], what: str
) -> None:
    run = kept("typed")
    answer, how, words = UNFIT[what]
    with pytest.raises(CommandError, match=words):
        resume(seeing(session, run), answer, thread=run.thread_id, **how)
    assert unsent(session, run)


def test_a_single_value_is_read_by_its_schema(session: Session) -> None:
    run = asking(session, "scalar")
    assert (run.interrupts[0].question, run.interrupts[0].detail) == ("How many?", "at most: 9")
    with pytest.raises(CommandError, match="must be an integer"):
        resume(session, "some")
    assert answer_of(resume(session, "4")) == 4


def test_any_other_shape_is_readable_and_said_once(session: Session) -> None:
    run = asking(session, "shape")
    assert run.interrupts[0].detail == "draft: Dear all, …\nscore: 3"
    assert '{"draft"' not in str(state.state(session).interrupts[0].question)
    assert answer_of(resume(session, "fine")) == "fine"


# -- the inbox --------------------------------------------------------------------------------------------------


def test_calls_of_one_tool_are_approved_from_the_inbox_once_they_were_shown(session: Session, other: Session) -> None:
    waiting = [asking(session, "batched", "one") for _ in range(2)]
    left_alone = asking(session, "batched", "two")
    shown = people.inbox(other, approve="send_mail", all=True)
    assert "Nothing was sent. The same line again approves these." in shown.note
    assert {each["thread_id"] for each in shown} >= {run.thread_id for run in waiting}
    late = asking(session, "batched", "one")
    assert late.thread_id in {each["thread_id"] for each in people.inbox(other, approve="send_mail", all=True)}
    sent = people.inbox(other, approve="send_mail", all=True)
    assert {each["thread_id"] for each in sent} >= {run.thread_id for run in [*waiting, late]}
    assert left_alone.thread_id not in {each["thread_id"] for each in sent}
    for run in other.tracker.runs():
        assert said(run) == "sent to ann@example.com: Hello"
    with pytest.raises(LgError, match="No call of 'pay' waits"):
        people.inbox(other, reject="pay")


def test_a_call_that_the_inbox_has_not_shown_is_not_approved_although_it_equals_the_last_one(session: Session) -> None:
    asked = [asking(session, "pays").thread_id for _ in range(2)]
    assert "Nothing was sent" in people.inbox(session, approve="refund", all=True).note
    sent = {each["thread_id"] for each in people.inbox(session, approve="refund", all=True)}
    assert sent >= set(asked)
    for run in session.tracker.runs():
        run.wait_quietly()
    with pytest.raises(LgError, match=r"(?s)nothing was sent.*refund\(usd=5\)"):
        resume(session, thread=asked[0], reject=True)
    assert "Nothing was sent" in people.inbox(session, approve="refund", all=True).note
    assert [len(session.connection.sync.runs.list(each)) for each in asked] == [2, 2]


def test_the_inbox_recovers_from_a_bad_answer_of_others(session: Session, other: Session) -> None:
    run = asking(session, "batched", "one")
    raw = session.connection.sync
    raw.runs.wait(run.thread_id, "batched", command={"resume": {"decisions": []}}, raise_error=False)
    assert raw.threads.get(run.thread_id)["status"] == "error"
    people.inbox(other, all=True)
    (sent,) = [
        each for each in people.inbox(other, approve="send_mail", all=True) if each["thread_id"] == run.thread_id
    ]
    went_on = other.tracker.run(sent["run_id"])
    assert went_on is not None
    assert said(went_on) == "sent to ann@example.com: Hello"
