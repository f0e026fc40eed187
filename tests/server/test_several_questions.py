"""Several questions of one thread: numbers stay while others are answered, in every list and in a notebook."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from unit.test_ipython_kernel import run as run_cell

from lg_magics import local
from lg_magics.actions.answer_card import answer_card, line_for_card
from lg_magics.commands import deployment, people, state
from lg_magics.commands.people import resume
from lg_magics.errors import CommandError, UnknownReference
from lg_magics.follow.run import Run
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Table
from lg_magics.views.card_text import card_text
from lg_magics.views.run_card import CardMaker
from lg_magics.views.run_tree import run_tree
from lg_magics.views.state import state_text
from lg_magics.views.table import facts_text

from .waiting_runs import asking


@pytest.fixture
def session_server(asking_server: local.LocalServer) -> local.LocalServer:
    return asking_server


def test_questions_keep_their_numbers_in_every_list_while_others_are_answered(session: Session, other: Session) -> None:
    run = asking(session, "three")
    assert [(each.number, each.node) for each in run.interrupts] == [(1, "first"), (2, "second"), (3, "third")]
    between = resume(session, "A", interrupt="1").wait()
    assert [(each.number, each.node) for each in between.interrupts] == [(2, "second"), (3, "third")]
    with pytest.raises(UnknownReference, match=r"(?s)No open question '1'.*2  second ·.*3  third ·"):
        resume(session, "again", interrupt=1)
    with pytest.raises(CommandError, match=r"(?s)2  second ·.*--interrupt 2 ANSWER.*\{\"2\": ANSWER"):
        resume(session, "which?")
    (row,) = [each for each in people.inbox(session, all=True).rows if each[6] == run.thread_id]
    assert row[3] == "2 questions · 2 second: Second? · 3 third: Third?"
    assert [each["number"] for each in row[7]] == [2, 3]
    assert "2  second asks: Second?\n\n3  third asks: Third?" in state_text(state.state(session))
    assert "\n2  second asks: Second?\n\n3  third asks: Third?\n" in card_text(
        CardMaker(between.info).card(between.view, settled=True)
    )
    assert line_for_card(session, between, {each.id: {"text": "x", "json": False} for each in between.interrupts}) == (
        '%lg_resume --json {"2": "x", "3": "x"}'
    )
    assert "2: Second? · 3: Third?" in facts_text(deployment.home(session))
    alone = resume(session, "B", interrupt=2).wait()
    assert [each.number for each in alone.interrupts] == [3]
    assert resume(session, "C", interrupt=3).wait().result["sent"] == ["first=A", "second=B", "third=C"]


def test_a_card_answers_the_first_twenty_of_many_questions_and_the_next_one_the_others(session: Session) -> None:
    run = asking(session, "crowd")
    shown = CardMaker(run.info).card(run.view, settled=True, can_resume=True)
    assert "3 more questions" in card_text(shown)
    assert "3 more questions follow when these are answered" in str(run_tree(shown))
    form = {each.id: {"text": "x"} for each in run.interrupts}
    assert len(json.loads(line_for_card(session, run, form).partition("--json ")[2])) == 20
    between, lines = answer_card(session, run, form)
    assert len(lines) == 20
    assert [each.number for each in between.wait().interrupts] == [21, 22, 23]
    last, _ = answer_card(session, between, form)
    assert len(last.wait().result["sent"]) == 23


def test_a_number_means_the_same_question_after_a_new_connection(
    session: Session, asking_server: local.LocalServer
) -> None:
    run = asking(session, "three")
    resume(session, "A", interrupt=1).wait()
    deployment.connect(session, asking_server.url, timeout=120)
    between = resume(session, "B", interrupt=2, thread=run.thread_id).wait()
    assert [(each.number, each.node) for each in between.interrupts] == [(3, "third")]


def test_the_last_of_three_questions_needs_no_number(session: Session, other: Session) -> None:
    run = asking(session, "three")
    resume(session, "B", interrupt=2).wait()
    resume(session, "A", interrupt=1).wait()
    (row,) = [each for each in people.inbox(other, all=True) if each["thread_id"] == run.thread_id]
    assert row["asks"] == "third: Third?"  # the server's row lists the second question again
    assert resume(other, "C", thread=run.thread_id).wait().result["sent"] == ["first=A", "second=B", "third=C"]


def test_two_subgraphs_that_ask_are_answered_one_by_one(session: Session, other: Session) -> None:
    run = asking(session, "sides")
    assert [(each.number, each.node) for each in run.interrupts] == [(1, "left"), (2, "right")]
    (row,) = [each for each in people.inbox(other, all=True) if each["thread_id"] == run.thread_id]
    assert row["asks"] == "2 questions · 1 left: First? · 2 right: First?"
    between = resume(session, "R", interrupt=2).wait()
    assert [each.node for each in between.interrupts] == ["left"]
    assert resume(other, "L", thread=run.thread_id, interrupt=1).wait().result["sent"] == ["first=L", "first=R"]


def types_sent(run: Run | Facts) -> list[list[str]]:
    """The types of the decisions that a run has sent, a list for each question."""
    assert isinstance(run, Run)
    assert run.info.launch is not None
    replies = (run.info.launch.request.command or {})["resume"].values()
    run.wait_quietly()
    return [[decision["type"] for decision in reply["decisions"]] for reply in replies]


@pytest.mark.parametrize("answered", ["together", "alone", "after the other"])
def test_a_decision_on_one_action_is_kept_until_its_question_is_answered(session: Session, answered: str) -> None:
    asking(session, "payers")
    kept = resume(session, reject=True, action=1, interrupt="calls_twice")
    assert isinstance(kept, Facts)
    assert kept.lines[0][0] == "%lg_resume --interrupt 1 --action 2 --approve"
    if answered == "together":
        assert types_sent(resume(session, approve=True)) == [["reject", "approve"], ["approve", "approve"]]
        return
    if answered == "after the other":
        assert types_sent(resume(session, approve=True, interrupt="pays_again")) == [["approve", "approve"]]
    assert types_sent(resume(session, approve=True, interrupt=1)) == [["reject", "approve"]]


def test_a_decision_on_one_action_is_kept_while_a_failed_answer_beside_it_is_recovered(session: Session) -> None:
    asking(session, "calls_and_asks")
    resume(session, reject=True, action=1, interrupt="calls_twice")
    resume(session, "dozens", interrupt="pieces").wait_quietly()
    assert resume(session, "12", interrupt="pieces").wait().status == "waiting"
    assert types_sent(resume(session, approve=True, interrupt="calls_twice")) == [["reject", "approve"]]


def test_the_inbox_sends_the_decisions_that_were_made_on_single_actions(session: Session) -> None:
    run = asking(session, "pays")
    resume(session, reject=True, action=2)
    sent = {each["thread_id"]: each["run_id"] for each in refunds_approved(session)}
    went_on = session.tracker.run(sent[run.thread_id])
    assert went_on is not None
    assert types_sent(went_on) == [["approve", "reject"]]


def refunds_approved(session: Session) -> Table:
    """The runs that the inbox launches, once its calls have been shown."""
    shown = people.inbox(session, approve="refund", all=True)
    return people.inbox(session, approve="refund", all=True) if "Nothing was sent" in shown.note else shown


# -- in a notebook ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel(kernel_name="python3")
    run_cell(client, "%load_ext lg_magics")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


@pytest.mark.slow
@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_run_all_answers_three_questions_by_number_in_any_order(
    kernel: BlockingKernelClient, asking_server: local.LocalServer, order: tuple[int, ...]
) -> None:
    cells = [f"%lg_connect {asking_server.url}", 'run = %lg_run -a three -t new --wait --json {"sent": []}']
    cells += [f"run = %lg_resume --interrupt {number} --wait to {number}" for number in order]
    for cell in cells:
        assert not [each["content"] for each in run_cell(kernel, cell) if each["msg_type"] == "error"]
    (shown,) = run_cell(kernel, "print(run.status, run.result['sent'])")
    assert shown["content"]["text"] == "success ['first=to 1', 'second=to 2', 'third=to 3']\n"
