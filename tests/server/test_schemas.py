"""Schemas of real graphs in words, and what a run is held against before it is sent."""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import Any

import pytest

from lg_magics.actions import input_check, schema_cache
from lg_magics.actions.schema_cache import known_schemas
from lg_magics.commands import assistants, deployment, runs, threads
from lg_magics.errors import CommandError, UnknownReference, Unreachable
from lg_magics.model.assistant_schemas import AssistantSchemas
from lg_magics.server.waits import notes_to
from lg_magics.session import Session
from lg_magics.views.bundle import bundle

from .coming import until


@pytest.fixture(autouse=True)
def time_to_describe_a_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine describes it later than a person waits for a check."""
    monkeypatch.setattr(input_check, "WAIT_SECONDS", 60.0)


def told(session: Session, assistant: str) -> list[tuple[Any, ...]]:
    table = assistants.schemas(session, assistant).table
    return [tuple(row.values()) for row in table]


def test_the_schemas_of_a_class_tell_types_defaults_and_descriptions(odd: Session) -> None:
    assert told(odd, "trip") == [
        ("input, output, state", "topic", "string", "yes", "", "What it is about."),
        ("input, output, state", "days", "integer", "", "3", ""),
        ("input, output, state", "places", "list of Place", "", "", ""),
        ("input, output, state", "places[].city", "string", "yes", "", "Where."),
        ("input, output, state", "places[].zip", "integer or null", "", "null", ""),
        ("input, output, state", "kind", 'one of "work", "fun"', "", '"fun"', ""),
    ]


def test_settings_are_reported_and_those_that_nobody_set_are_named(odd: Session) -> None:
    found = assistants.schemas(odd, "wanted")
    assert [row["field"] for row in found.context] == ["user_id", "level"]
    assert found.note == "wanted requires user_id (string: Who.), which is not set: %lg_set user_id=…"
    deployment.set_defaults(odd, user_id="Test")
    assert assistants.schemas(odd, "wanted").note == ""


def test_every_schema_is_a_table_and_all_of_them_a_frame(odd: Session) -> None:
    found = assistants.schemas(odd, "notes")
    frame = found.df
    assert set(frame["schema"]) == {"input", "output", "state"}
    assert list(frame[frame["schema"] == "input"]["required"]) == ["yes", "", "yes"]
    assert [row["type"] for row in found["state"]] == ["string", "integer", "list of string"]
    assert found.raw["input_schema"]["title"] == "Notes"


def test_a_graph_that_the_server_cannot_describe_is_said_to_be_in_one_line(odd: Session) -> None:
    shown = bundle(assistants.schemas(odd, "broken"))
    assert shown["text/plain"].startswith("broken cannot be described: the deployment failed with a bare 500")
    assert "\n" not in shown["text/plain"]
    run = runs.run(odd, input={"topic": "x"}, assistant="broken", thread="new", wait=True)
    assert run.status == "success"


def test_messages_are_not_unfolded(session: Session) -> None:
    assert [row["type"] for row in assistants.schemas(session, "agent").input] == ["list of messages"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a field by a typo": (
        {"assistant": "notes", "input": {"topci": "x"}},
        r"notes has no field 'topci'\. Did you mean topic\? --no-check sends it all the same\.",
    ),
    "nothing that the graph knows": ({"assistant": "notes", "input": {"zzz": 1}}, "nothing of this would arrive"),
    "a wrong type": (
        {"assistant": "notes", "text": '{"topic": "x", "days": "three"}', "json": True},
        'days must be integer, got "three". --no-check',
    ),
    "a wrong type deep inside": (
        {"assistant": "trip", "input": {"topic": "x", "places": [{"city": 5}]}},
        r"places\[0\].city must be string, got 5",
    ),
    "a choice by a typo": ({"assistant": "trip", "input": {"topic": "x", "kind": "wrok"}}, 'Did you mean "work"'),
    "what a class wants": (
        {"assistant": "trip", "input": {"days": 3}},
        r"trip requires topic \(string: What it is about.\), which is missing.",
    ),
    "no object": ({"assistant": "trip", "input": 5}, "trip takes an object with topic"),
    "a setting that a class wants": (
        {"assistant": "wanted", "input": {"topic": "x"}},
        r"wanted requires user_id \(string: Who.\), which is not set. %lg_set user_id=… --no-check",
    ),
    "a setting by a typo": (
        {"assistant": "asked", "input": {"topic": "x"}, "configurable": {"userid": "Test"}},
        "asked has no setting 'userid'. Did you mean user_id",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_run_that_is_surely_wrong_is_not_sent(odd: Session, what: str) -> None:
    given, words = REFUSED[what]
    with pytest.raises(CommandError, match=words):
        runs.run(odd, **given, thread="new")
    assert odd.tracker.runs() == []
    sent = runs.run(odd, **given, thread="new", check=False)
    assert sent.wait_quietly(120).is_settled


def sent(session: Session, assistant: str, value: Any, **options: Any) -> str:
    return runs.run(session, input=value, assistant=assistant, **{"thread": "new", **options}).wait_quietly(120).status


def test_what_the_server_takes_is_sent(odd: Session) -> None:
    assert sent(odd, "trip", {"topic": "x", "days": "3", "zzz": 1}) == "success"
    assert sent(odd, "trip", {"days": 5}, thread=None) == "success"
    assert sent(odd, "notes", {"days": 3}) == "success"
    assert sent(odd, "notes", {"topic": None}) == "success"
    assert sent(odd, "wanted", {"topic": "x"}, context={"user_id": "Test"}) == "success"
    assert sent(odd, "nested", {"messages": [("user", "hi")]}, check=False) == "error"


def test_a_text_to_a_graph_without_messages_is_refused_the_first_time_too(odd: Session) -> None:
    odd.schemas.clear()
    with pytest.raises(
        CommandError, match=r'trip takes no messages: it requires topic .*%lg_run -a trip --json {"topic": "text"}'
    ):
        runs.run(odd, "hello", assistant="trip", thread="new")
    assistants.use(odd, "nested")
    until(lambda: known_schemas(odd, "nested", wait=False) is not None)
    assert runs.run(odd, "hello", thread="new").wait_quietly(120).status == "error"


def test_a_setting_that_is_misspelt_is_refused_the_first_time_too(session: Session) -> None:
    session.schemas.clear()
    with pytest.raises(CommandError, match=r"has no setting 'userid'. Did you mean user_id\?"):
        runs.run(session, "hello", assistant="task_maistro", thread="new", configurable={"userid": "Test"})


CLOSED = {"type": "object", "properties": {"topic": {"type": "string"}}, "required": ["topic"]}


def test_a_text_waits_for_slow_schemas_with_a_note(odd: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent under the wrong key it would be lost; a run that failed before on other input does not spare it the wait."""
    monkeypatch.setattr(input_check, "WAIT_SECONDS", 0.05)
    schemas: Future[AssistantSchemas] = Future()
    odd.schemas["trip"] = schemas
    assert sent(odd, "trip", {"topic": "x"}) == "success"
    notes: list[str] = []

    def show(words: str) -> None:
        notes.append(words)
        if words and not schemas.done():
            schemas.set_result(AssistantSchemas({"name": "trip"}, {"input_schema": CLOSED}))

    with notes_to(show), pytest.raises(CommandError, match="trip takes no messages"):
        runs.run(odd, "hello", assistant="trip", thread="new")
    assert notes == ["reading the schemas of trip: they name the key of a text", ""]


def test_a_text_is_not_sent_where_its_key_cannot_be_read(odd: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_check, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(schema_cache, "LONGEST_WAIT", 0.05)
    odd.schemas["trip"] = Future()
    with pytest.raises(Unreachable, match=r"(?s)has not described trip in time.*Nothing was sent.*--key messages"):
        runs.run(odd, "hello", assistant="trip", thread="new")
    assert odd.tracker.runs() == []
    odd.schemas["trip"] = Future()
    assert runs.run(odd, "hello", assistant="trip", thread="new", check=False).wait_quietly(120).status == "error"


def test_what_the_graph_wants_and_nothing_checks_is_said_beside_the_defaults(odd: Session) -> None:
    run = runs.run(odd, input={"topic": "x"}, assistant="asked", thread="new").wait()
    assert run.info.defaults == ("not set: %lg_set user_id=…",)
    assert "not set: %lg_set user_id=…" in bundle_of(run)
    deployment.set_defaults(odd, user_id="Test")
    run = runs.run(odd, input={"topic": "x"}, assistant="asked", thread="new").wait()
    assert run.info.defaults == ("user_id=Test",)
    assert run.result["topic"] == "Test"


def bundle_of(run: Any) -> str:
    from lg_magics.ipython.live_card import run_bundle

    return run_bundle(run, numbered=True)["text/html"]


def test_what_an_assistant_sets_is_set(odd: Session) -> None:
    made = assistants.create(odd, "wanted", name="known", context={"user_id": "Test"})
    try:
        run = runs.run(odd, input={"topic": "x"}, assistant="known", thread="new").wait()
        assert (run.result["topic"], run.info.assistant) == ("Test", "known")
        assistants.update(odd, "known", context={"user_id": ""})
        with pytest.raises(CommandError, match="known requires user_id"):
            runs.run(odd, input={"topic": "x"}, assistant="known", thread="new")
    finally:
        odd.connection.sync.assistants.delete(made.data["assistant_id"])


def test_a_refusal_rests_on_the_schemas_of_that_moment(odd: Session) -> None:
    """An assistant that somebody else changed meanwhile is read again before anything is refused."""
    made = assistants.create(odd, "wanted", name="moving")
    try:
        with pytest.raises(CommandError, match="moving requires user_id"):
            runs.run(odd, input={"topic": "x"}, assistant="moving", thread="new")
        odd.connection.sync.assistants.update(made.data["assistant_id"], context={"user_id": "Test"})
        assert sent(odd, "moving", {"topic": "x"}) == "success"
    finally:
        odd.connection.sync.assistants.delete(made.data["assistant_id"])


def test_schemas_that_are_slow_are_waited_for_once_and_count_when_they_have_come(
    odd: Session,
) -> None:
    slow: Future[AssistantSchemas] = Future()
    odd.schemas["trip"] = slow
    assert known_schemas(odd, "trip", wait=True, wait_seconds=0.05) is None
    began = time.monotonic()
    assert known_schemas(odd, "trip", wait=True, wait_seconds=30) is None
    assert time.monotonic() - began < 5
    assert sent(odd, "trip", {"topci": "x"}) == "error"
    slow.set_result(AssistantSchemas({"name": "trip"}, {}))
    assert known_schemas(odd, "trip", wait=False) is slow.result()


def test_a_run_without_input_waits_for_nothing(odd: Session) -> None:
    odd.schemas["trip"] = Future()  # never done: to wait for it takes the whole time limit
    threads.new(odd)
    assert runs.run(odd, assistant="trip").wait_quietly(120).status in ("success", "error")
    assert not odd.schemas["trip"].done()


def test_schemas_of_nobody_are_refused(odd: Session) -> None:
    with pytest.raises(UnknownReference, match="No assistant 'nobody'"):
        assistants.schemas(odd, "nobody")


def test_the_embedded_server_computes_the_schemas_of_a_graph_once(odd: Session) -> None:
    first, second = (assistants.schemas(odd, "counted").raw["input_schema"]["computed"] for _ in range(2))
    assert first == second
