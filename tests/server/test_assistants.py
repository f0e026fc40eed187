"""Assistants on the real server: made, changed, brought back, deleted; and what a run of each is given."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lg_magics.commands import assistants, deployment, runs
from lg_magics.errors import LgError, UnknownReference
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.views.bundle import bundle

Create = Callable[..., Facts]
numbers = itertools.count(1)


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"mine{next(numbers)}"


@pytest.fixture
def create(session: Session, name: str) -> Iterator[Create]:
    """Makes an assistant; all that a test has made are deleted behind it."""
    known = {row["assistant_id"] for row in session.connection.sync.assistants.search(limit=1000)}

    def make(graph: str = "task_maistro", **options: Any) -> Facts:
        return assistants.create(session, graph, **{"name": name, **options})

    yield make
    for row in session.connection.sync.assistants.search(limit=1000):
        if row["assistant_id"] not in known:
            session.connection.sync.assistants.delete(row["assistant_id"])


def seen(session: Session, assistant: str) -> dict[str, Any]:
    """What a run of the assistant is given: its configurable values, and its context."""
    run = runs.run(session, "hi", assistant=assistant, thread="new", card=False).wait_quietly(120)
    given = dict(run.raw["kwargs"])
    configurable = given["config"].get("configurable") or {}
    own = {name: value for name, value in configurable.items() if name in ("user_id", "todo_category")}
    return {"configurable": own, "context": given.get("context")}


def test_a_new_assistant_is_listed_completed_and_run_with_its_settings(
    session: Session, create: Create, name: str
) -> None:
    made = create(configurable={"user_id": "Test"}, config={"tags": ["t"]}, metadata={"team": "a"}, description="Mine.")
    assert made.title == f"Made assistant {name}."
    assert name in session.completions("assistant")
    row = next(row for row in assistants.assistants(session) if row["name"] == name)
    assert (row["graph"], row["version"], row["settings"], row["owner"]) == (
        "task_maistro",
        1,
        'user_id=Test, tags=["t"]',
        "",
    )
    assert row["metadata"] == {"team": "a"}
    assert seen(session, name) == {"configurable": {"user_id": "Test"}, "context": {"user_id": "Test"}}


def test_the_list_marks_the_current_one_and_the_systems_own(session: Session, create: Create, name: str) -> None:
    create("agent")
    assistants.use(session, name)
    rows = {row["name"]: row for row in assistants.assistants(session)}
    assert [each for each, row in rows.items() if row["current"]] == [name]
    assert (rows["agent"]["owner"], rows[name]["owner"]) == ("system", "")
    cut = assistants.assistants(session, limit=1)
    assert cut.counted == f"1 of {len(rows)} assistants"
    assert cut.more == f"--limit {len(rows)} or --all"


def test_an_assistant_is_called_by_its_name_wherever_it_is_used(session: Session, create: Create, name: str) -> None:
    identity = create("agent").data["assistant_id"]
    assert assistants.use(session, identity[-8:]).title == f"assistant {name} (was agent)"
    assert session.selection.assistant == identity
    assert assistants.show(session).title == f"assistant {name}"


def test_two_of_one_name_are_distinguished_by_their_ids(session: Session, create: Create, name: str) -> None:
    first = create("agent").data["assistant_id"]
    second = session.connection.sync.assistants.create("agent", name=name)["assistant_id"]
    with pytest.raises(UnknownReference, match=f"2 assistants go by '{name}'") as caught:
        assistants.delete(session, name)
    assert first in str(caught.value)
    assistants.delete(session, second)
    assert assistants.show(session, name).data["assistant_id"] == first


def test_an_update_is_merged_and_says_so(session: Session, create: Create, name: str) -> None:
    create(configurable={"user_id": "Test"}, config={"tags": ["t"]})
    done = assistants.update(session, name, configurable={"todo_category": "home"})
    assert done.title == f"Assistant {name} is now version 2 (was 1)."
    assert dict(done.facts) == {
        "todo_category": "home",
        "config and context": "merged: what you did not name stayed",
    }
    assert seen(session, name)["context"] == {"user_id": "Test", "todo_category": "home"}
    assert done.data["config"]["tags"] == ["t"]


def test_an_update_replaces_when_it_is_asked_to(session: Session, create: Create, name: str) -> None:
    create(configurable={"user_id": "Test"}, config={"tags": ["t"]}, metadata={"a": 1}, description="Mine.")
    done = assistants.update(session, name, context={"todo_category": "home"}, replace=True)
    assert dict(done.facts) == {
        "user_id": "taken away (was Test)",
        "todo_category": "home",
        "tags": 'taken away (was ["t"])',
        "config and context": "replaced: nothing else is in them now",
    }
    assert seen(session, name) == {"configurable": {"user_id": "", "todo_category": "home"}} | {
        "context": {"todo_category": "home"}
    }
    assert (done.data["description"], done.data["metadata"]) == ("Mine.", {"a": 1})


def test_a_value_is_taken_away_by_an_empty_one_and_all_by_an_empty_config(
    session: Session, create: Create, name: str
) -> None:
    create(configurable={"user_id": "Test", "todo_category": "home"})
    assert dict(assistants.update(session, name, configurable={"user_id": ""}).facts)["user_id"] == (
        "taken away (was Test)"
    )
    assert seen(session, name)["context"] == {"todo_category": "home"}
    emptied = assistants.update(session, name, config={}, replace=True).data
    assert (emptied["context"], emptied["config"].get("configurable") or {}) == ({}, {})


def test_what_is_there_already_makes_no_new_version(session: Session, create: Create, name: str) -> None:
    create(configurable={"user_id": "Test"}, metadata={"a": 1})
    for same in ({"configurable": {"user_id": "Test"}}, {"metadata": {"a": 1}}, {"name": name}):
        done = assistants.update(session, name, **same)
        assert done.title == f"Assistant {name} has all that already: it stays version 1."
    again = create(configurable={"user_id": "Test"}, or_update=True)
    assert again.title.endswith("it stays version 1.")
    assert create(configurable={"user_id": "Other"}, or_update=True).title.endswith("is now version 2 (was 1).")


def test_a_new_name_is_known_at_once(session: Session, create: Create, name: str) -> None:
    create()
    done = assistants.update(session, name, name=f"{name}b", description="New.")
    assert dict(done.facts) == {"name": f"{name}b (was {name})", "description": "New. (was none)"}
    assert f"{name}b" in session.completions("assistant")
    assert name not in session.completions("assistant")


def test_versions_say_what_each_one_changed(session: Session, create: Create, name: str) -> None:
    create(configurable={"user_id": "one"})
    assistants.update(session, name, configurable={"user_id": "two"})
    assistants.update(session, name, description="Said.")
    table = assistants.versions(session, name)
    assert [(row["version"], row["current"], row["changed"]) for row in table] == [
        (3, "●", "description"),
        (2, "", "user_id: two (was one)"),
        (1, "", ""),
    ]
    assert table.counted == f"3 versions of {name}"
    cut = assistants.versions(session, name, limit=1)
    assert ([row["changed"] for row in cut], cut.is_whole) == (["description"], False)


def test_going_back_to_a_version_brings_back_its_context_too(session: Session, create: Create, name: str) -> None:
    create(context={"user_id": "one"})
    assistants.update(session, name, context={"user_id": "two", "todo_category": "home"}, graph="agent")
    done = assistants.use_version(session, 1, name)
    assert done.title == f"Assistant {name} is what version 1 was, saved as version 3."
    assert dict(done.facts)["saved again"].startswith("the server alone")
    assert done.data["graph_id"] == "task_maistro"
    assert seen(session, name) == {"configurable": {"user_id": "one"}, "context": {"user_id": "one"}}


def test_going_back_where_only_words_differ_makes_no_new_version(session: Session, create: Create, name: str) -> None:
    create(context={"user_id": "one"}, description="First.")
    assistants.update(session, name, description="Second.")
    done = assistants.use_version(session, 1, name)
    assert done.title == f"Assistant {name} is version 1 again (was 2)."
    assert done.data["description"] == "First."
    assert [row["version"] for row in assistants.versions(session, name) if row["current"]] == [1]


def test_an_assistant_that_the_server_left_between_two_versions_is_shown_to_be(
    session: Session, create: Create, name: str
) -> None:
    identity = create(context={"user_id": "one"}).data["assistant_id"]
    assistants.update(session, name, context={"user_id": "two"})
    session.connection.sync.assistants.set_latest(identity, 1)
    assert assistants.show(session, name).warning == (
        "Its context (user_id=two) is not that of its config (user_id=one): %lg_assistant use-version 1 repairs that."
    )
    assistants.use_version(session, 1, name)
    assert assistants.show(session, name).warning == ""
    assert seen(session, name)["context"] == {"user_id": "one"}


def test_deleting_the_current_one_leaves_none_current(session: Session, create: Create, name: str) -> None:
    create()
    assistants.use(session, name)
    assert assistants.delete(session, name).title == f"Deleted assistant {name}. No assistant is current now."
    assert session.selection.assistant is None
    assert name not in session.completions("assistant")
    with pytest.raises(UnknownReference, match=f"No assistant '{name}'"):
        runs.run(session, "hi", assistant=name)


def test_a_protected_deployment_wants_yes_for_every_change(
    session: Session, create: Create, name: str, tmp_path: Path
) -> None:
    create(configurable={"user_id": "Test"})
    (tmp_path / "lg_magics.toml").write_text(f'[deployments.prod]\nurl = "{session.connection.url}"\nprotect = true\n')
    before = os.getcwd()
    os.chdir(tmp_path)
    try:
        deployment.connect(session, "prod")
    finally:
        os.chdir(before)
    changes: list[Callable[[bool], Facts]] = [
        lambda yes: assistants.create(session, "agent", name=f"{name}b", yes=yes),
        lambda yes: assistants.update(session, name, configurable={"user_id": "Other"}, yes=yes),
        lambda yes: assistants.use_version(session, 1, name, yes=yes),
        lambda yes: assistants.delete(session, name, yes=yes),
    ]
    for change in changes:
        with pytest.raises(LgError, match="prod is protected"):
            change(False)
        change(True)


def test_nothing_secret_is_shown_and_hostile_names_are_text(session: Session, create: Create) -> None:
    evil = "<img src=x onerror=alert(1)>"
    create(name=evil, configurable={"openai_api_key": "sk-sesame", evil: evil}, description=evil)
    assistants.update(session, evil, configurable={"openai_api_key": "sk-open"})
    for result in (
        assistants.assistants(session),
        assistants.show(session, evil),
        assistants.versions(session, evil),
    ):
        shown = bundle(result)
        assert "<img" not in shown["text/html"]
        assert "sk-" not in "".join(shown.values())
        assert "[redacted]" in shown["text/plain"]
