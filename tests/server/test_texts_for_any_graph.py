"""Texts for graphs of any input: each launch finds the conversation's key, or refuses and shows a line that works."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lg_magics.actions import input_check
from lg_magics.commands import deployment
from lg_magics.errors import CommandError
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.views.bundle import bundle

from .batches import begun, plan_of, written
from .lines import typed

ROWS = [{"city": "Oslo"}, {"city": "Rome"}]
NO_MESSAGES = "trip takes no messages: it requires topic"
LINE = '{"topic": "text"}'


@pytest.fixture(autouse=True)
def time_to_describe_a_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine describes it later than a person waits for a check."""
    monkeypatch.setattr(input_check, "WAIT_SECONDS", 60.0)


REFUSED = {
    "run": ("-a trip -t new hello", f"%lg_run -a trip --json {LINE}"),
    "stream": ("-a trip -t new hello", f"%lg_run -a trip --json {LINE}"),
    "batch": ('$rows -a trip --input "Weather in {city}?"', f"--input COLUMN, with cells like {LINE}"),
    "batch ": ('$rows -a trip --input "Weather in {city}?" --dry-run', f"--input COLUMN, with cells like {LINE}"),
    "compare": ("-a nested,trip hello", f"with cells like {LINE}"),
    "cron create": ('-a trip "0 0 1 1 *" hello', f'%lg_cron create -a trip "0 0 1 1 *" --json {LINE}'),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_text_for_a_graph_without_messages_is_refused_wherever_something_launches(odd: Session, what: str) -> None:
    line, hint = REFUSED[what]
    with pytest.raises(CommandError, match=NO_MESSAGES) as refused:
        typed(odd, what.strip(), line, rows=ROWS)
    assert hint in str(refused.value)
    assert (odd.tracker.runs(), odd.tracker.batches(), len(odd.crons.known_numbers())) == ([], [], 0)


def test_the_line_that_a_refusal_shows_works(odd: Session) -> None:
    with pytest.raises(CommandError) as refused:
        typed(odd, "run", "-a trip -t new hello")
    assert typed(odd, "run", str(refused.value.hint).removeprefix("%lg_run ")).wait(60).result["topic"] == "text"


def test_a_cron_is_not_updated_to_a_text_that_its_graph_cannot_take(odd: Session) -> None:
    made = typed(odd, "cron create", '-a trip --disabled "0 0 1 1 *" --json {"topic": "x"}')
    try:
        with pytest.raises(CommandError, match=NO_MESSAGES) as refused:
            typed(odd, "cron update", "c1 hello")
        assert f"%lg_cron update c1 --json {LINE}" in str(refused.value)
        assert typed(odd, "cron show", "c1").data["payload"]["input"] == {"topic": "x"}
        changed = typed(odd, "cron update", 'c1 --json {"topic": "y"}')
        assert changed.data["payload"]["input"] == {"topic": "y"}
    finally:
        typed(odd, "cron delete", made.cron_id)


def test_rows_that_a_graph_cannot_take_are_neither_attached_to_nor_done_again(odd: Session) -> None:
    plan = plan_of(ROWS, source="Weather in {city}?", assistants={"trip": "trip"})
    written(odd, plan)
    with pytest.raises(CommandError, match="trip has no field 'messages': nothing of this would arrive"):
        typed(odd, "batch", f"--attach {plan.id}")
    made = typed(odd, "batch", f"--attach {plan.id} --no-check").wait(60)
    assert made.counts == {"error": 2}
    with pytest.raises(CommandError, match="trip has no field 'messages'"):
        made.retry()


def test_values_that_a_state_cannot_hold_are_not_forked_with(odd: Session) -> None:
    run = typed(odd, "run", '-a trip -t new --json {"topic": "x"}').wait(60)
    with pytest.raises(CommandError, match=r"trip has no field 'topci'\. Did you mean topic\?"):
        typed(odd, "fork", "--run --values $v step:0", v={"topci": "y"})
    with pytest.raises(CommandError, match="days must be integer"):
        typed(odd, "fork", "--values $v step:0", v={"days": "three"})
    assert typed(odd, "fork", "--run --values $v step:0", v={"topic": "y"}).wait(60).result["topic"] == "y"
    assert run.status == "success"


def said(values: Any) -> list[str]:
    return [message["content"] for message in values["chat_history"]]


def test_a_conversation_is_found_under_another_key(odd: Session) -> None:
    run = typed(odd, "run", "-a chat -t new what is it?").wait(60)
    assert said(run.result) == ["what is it?", "It is 42."]
    assert [message.text for message in run.messages] == ["what is it?", "It is 42."]
    assert run.info.thread.title == "what is it?"
    assert typed(odd, "state", "").messages == run.messages
    forked = typed(odd, "fork", "--run --message 0 step:0 and this?").wait(60)
    assert said(forked.result) == ["and this?", "It is 42."]
    assert said(typed(odd, "stream", "-a chat -t new once more").result) == ["once more", "It is 42."]


def test_a_batch_and_a_comparison_find_the_key_of_each_graph(odd: Session) -> None:
    line = '$rows -a chat --input "Weather in {city}?"'
    assert list(typed(odd, "batch", f"{line} --dry-run", rows=ROWS)["first_input"]) == ["chat_history"]
    made = typed(odd, "batch", line, rows=ROWS).wait(60)
    assert made.df["output"].tolist() == ["It is 42."] * 2
    assert [said(run.result)[0] for run in made.runs] == ["Weather in Oslo?", "Weather in Rome?"]
    made.retry("success").wait(60)
    assert [said(run.result)[0] for run in made.runs] == ["Weather in Oslo?", "Weather in Rome?"]
    other = Session()
    try:
        deployment.connect(other, odd.connection.url)
        assert typed(other, "batch", f"--attach {made.id}").wait(60).plan.keys == {"chat": "chat_history"}
    finally:
        other.close()
    compared = typed(odd, "compare", "-a chat,nested hello")
    assert [each.status for each in compared.comparison.rows[0].before] == ["success"]


def test_a_key_overrides_what_is_found(odd: Session) -> None:
    made = typed(odd, "cron create", '-a chat --disabled --key other "0 0 1 1 *" hello')
    assert list(made.data["payload"]["input"]) == ["other"]
    typed(odd, "cron delete", made.cron_id)
    with pytest.raises(CommandError, match="log has no field 'other': nothing of this would arrive"):
        typed(odd, "run", "-a log -t new --key other hello")
    with pytest.raises(CommandError, match="--key belongs to a text"):
        typed(odd, "run", '-a log -t new --key messages --json {"messages": []}')


def test_a_list_that_is_no_conversation_is_shown_as_it_is(odd: Session) -> None:
    with pytest.raises(
        CommandError, match="log takes no messages: it requires messages \\(list of string, optional\\)"
    ):
        typed(odd, "run", "-a log -t new hello")
    run = typed(odd, "run", '-a log -t new --json {"messages": ["hi"]}').wait(60)
    assert (run.messages, run.result) == ((), {"messages": ["hi", "the node wrote this"]})
    state = typed(odd, "state", "")
    assert state.messages == ()
    for shown in bundle(state)["text/plain"], bundle(run)["text/plain"]:
        assert "human" not in shown
    assert 'messages: ["hi", "the node wrote this"]' in bundle(state)["text/plain"]
    made = typed(odd, "batch", "$rows -a log --input order", rows=[{"order": {"messages": ["hi"]}}]).wait(60)
    assert made.df["output"].tolist() == ['{"messages": ["hi", "the node wrote this"]}']


@pytest.mark.parametrize(
    ("assistant", "line"),
    [("chat", "%lg_run hello"), ("trip", f"%lg_run --json {LINE}"), ("broken", "%lg_schemas")],
)
def test_a_connection_recommends_a_line_that_works(odd: Session, assistant: str, line: str) -> None:
    session = Session()
    try:
        connected = deployment.connect(session, odd.connection.url, assistant=assistant)
        assert isinstance(connected, Facts)
        assert connected.lines[0][0] == line
        command, _, rest = line.removeprefix("%lg_").partition(" ")
        done = typed(session, command, rest)
        if command == "run":
            assert json.dumps(done.wait(60).result).count("text" if assistant == "trip" else "hello") == 1
            assert typed(session, "thread new", "")
            assert ("%lg_run hello" if assistant == "chat" else line) in dict(typed(session, "", "").lines)
    finally:
        session.close()


def test_threads_whose_conversation_has_another_key_have_titles_in_a_new_session(odd: Session) -> None:
    first = typed(odd, "run", "-a chat -t new The first question").wait(60)
    typed(odd, "run", "-a chat And another").wait(60)
    other = Session()
    try:
        deployment.connect(other, odd.connection.url)
        titles = {row["thread_id"]: row["title"] for row in typed(other, "threads", "--all")}
        assert titles[first.thread_id] == "The first question"
        assert other.connection.conversation_keys["chat"] == "chat_history"
        assert "The first question" in typed(other, "thread show", first.thread_id).title
    finally:
        other.close()


def test_the_output_of_a_graph_that_answers_beside_the_conversation_is_none_of_its_messages(odd: Session) -> None:
    earlier = [{"role": role, "content": role} for role in ("user", "assistant", "user")]
    made = begun(odd, {"inputs": [{"messages": earlier}]}, "inputs", assistant="routed").wait(60)
    for each in (made, begun(odd, attach=made.id).wait(60)):
        assert each.entries[0].output["route"] == "billing"
