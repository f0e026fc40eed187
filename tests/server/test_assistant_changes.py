"""A change of an assistant is exactly what was asked: no value is dropped or taken for another, nothing is deleted unasked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import assistants, runs, threads
from lg_magics.errors import CommandError, Conflict
from lg_magics.session import Session

Make = Callable[..., str]


@pytest.fixture
def make(sdk: SyncLangGraphClient) -> Iterator[Make]:
    """Makes the assistant `mine` of another client, and returns its id; it is deleted behind the test."""
    made = list[str]()

    def new(**settings: Any) -> str:
        made.append(sdk.assistants.create("agent", name="mine", **settings)["assistant_id"])
        return made[-1]

    yield new
    there = {row["assistant_id"] for row in sdk.assistants.search(limit=1000)}
    for each in made:
        if each in there:
            sdk.assistants.delete(each)


def held(session: Session) -> dict[str, Any]:
    """The values of `mine`."""
    row = assistants.show(session, "mine").data
    assert row["config"].get("configurable", {}) == row["context"]
    return dict(row["context"])


def test_an_update_keeps_an_empty_value_that_it_does_not_name(session: Session, make: Make) -> None:
    make(config={"configurable": {"prefix": "", "lang": "de"}})
    assistants.update(session, "mine", configurable={"x": 1})
    assert held(session) == {"prefix": "", "lang": "de", "x": 1}
    assistants.update(session, "mine", configurable={"prefix": ""})
    assert held(session) == {"lang": "de", "x": 1}


def test_a_line_that_creates_with_an_empty_value_runs_again_without_a_new_version(session: Session) -> None:
    line: dict[str, Any] = {"name": "again", "configurable": {"prefix": "", "tags": ("a", "b")}, "or_update": True}
    made = assistants.create(session, "agent", **line)
    try:
        assert made.data["context"] == {"tags": ["a", "b"]}
        assert assistants.create(session, "agent", **line).title.endswith("has all that already: it stays version 1.")
    finally:
        assistants.delete(session, "again")


def test_true_is_not_1_and_1_is_not_1_0(session: Session, make: Make) -> None:
    make(config={"configurable": {"z": 1}}, metadata={"m": 1})
    for version, value in ((2, True), (3, 1.0)):
        done = assistants.update(session, "mine", configurable={"z": value})
        assert done.title == f"Assistant mine is now version {version} (was {version - 1})."
        assert repr(held(session)["z"]) == repr(value)
    assert dict(assistants.update(session, "mine", metadata={"m": True}).facts) == {"metadata": "m=true"}
    assert [row["changed"] for row in assistants.versions(session, "mine")] == [
        "metadata",
        "z: 1.0 (was true)",
        "z: true (was 1)",
        "",
    ]


def test_a_tuple_and_a_set_equal_the_list_that_the_server_keeps(session: Session, make: Make) -> None:
    make()
    for _ in range(2):
        assistants.update(session, "mine", configurable={"pair": (1, 2), "names": {"b", "a"}}, metadata={"t": (1,)})
    assert held(session) == {"pair": [1, 2], "names": ["a", "b"]}
    assert assistants.show(session, "mine").data["version"] == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ({}, {"a": 1}, "Its context (a=1) is not that of its config (none)"),
        ({"a": 1}, {}, "Its context (none) is not that of its config (a=1)"),
        ({"a": True}, {"a": 1}, "Its context (a=1) is not that of its config (a=true)"),
    ],
)
def test_an_assistant_between_two_versions_is_shown_to_be_and_repaired(
    session: Session, sdk: SyncLangGraphClient, make: Make, old: dict[str, Any], new: dict[str, Any], words: str
) -> None:
    identity = make(config={"configurable": old})
    sdk.assistants.update(identity, config={"configurable": new}, context=None if new else {})
    sdk.assistants.set_latest(identity, 1)
    assert assistants.show(session, "mine").warning.startswith(words)
    assistants.use_version(session, 1, "mine")
    assert assistants.show(session, "mine").warning == ""
    assert repr(held(session)) == repr(old)


def test_an_empty_description_removes_it_and_empty_metadata_changes_nothing(session: Session, make: Make) -> None:
    make(description="Mine.", metadata={"m": 1}, config={"configurable": {"x": 1}})
    done = assistants.update(session, "mine", description="", configurable={"x": 2})
    assert dict(done.facts)["description"] == "none (was Mine.)"
    row = assistants.show(session, "mine").data
    assert (row["description"], row["metadata"], row["context"]) == ("", {"m": 1}, {"x": 2})
    unchanged: list[dict[str, Any]] = [{"description": ""}, {"metadata": {}}]
    for same in unchanged:
        assert assistants.update(session, "mine", **same).title.endswith("has all that already: it stays version 2.")


def test_metadata_that_were_never_given_stay_empty_without_a_new_version(session: Session, make: Make) -> None:
    make()
    assert assistants.update(session, "mine", metadata={}).title.endswith("it stays version 1.")


def test_the_hint_for_a_name_that_is_taken_is_a_line_that_helps(session: Session, make: Make) -> None:
    make()
    for name, or_update, hint in (
        ("mine", False, "--or-update makes a new version of it."),
        ("agent", False, "%lg_assistant update agent -c k=v changes it."),
        ("agent", True, "%lg_assistant update agent -c k=v changes it."),
    ):
        with pytest.raises(Conflict, match=f"There is an assistant '{name}' already") as taken:
            assistants.create(session, "agent", name=name, or_update=or_update, configurable={"x": 1})
        assert taken.value.hint == hint


def test_configurable_values_that_are_no_mapping_are_refused(session: Session, make: Make) -> None:
    make()
    with pytest.raises(CommandError, match="config's configurable must be a mapping, got a str"):
        assistants.update(session, "mine", config={"configurable": "x"})


def test_the_threads_of_a_deleted_assistant_are_counted_first_and_their_live_runs_cancelled(session: Session) -> None:
    assistants.create(session, "workbench", name="mine")
    runs.run(session, input={"steps": 1}, assistant="mine", thread="new").wait()
    live = runs.run(session, input={"steps": 1, "seconds": 30}, assistant="mine", thread="new")
    asked = assistants.delete(session, "mine", delete_threads=True)
    assert asked.title == "2 threads would be deleted. Nothing is deleted yet."
    assert [line for line, _ in asked.lines] == ["%lg_assistant delete … --yes"]
    assert not live.is_settled
    done = assistants.delete(session, "mine", delete_threads=True, yes=True)
    assert done.title == "Deleted assistant mine and 2 threads (1 live run cancelled). No thread is current now."
    assert session.selection.thread is None
    assert runs.run(session, "hi", assistant="agent").wait().status == "success"
    threads.delete(session)
