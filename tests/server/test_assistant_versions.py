"""A run of a version of an assistant has the settings of that version, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import assistants, batch, runs
from lg_magics.errors import CommandError
from lg_magics.session import Session

OWN = {"tone", "lang", "extra"}


@pytest.fixture
def german(sdk: SyncLangGraphClient) -> Iterator[str]:
    """The id of `mine`, with version 1 of lang=de, and version 2 of lang=fr and extra=1; the graph's own one has tone=rude."""
    own = sdk.assistants.search(graph_id="workbench", metadata={"created_by": "system"})[0]["assistant_id"]
    made = sdk.assistants.create("workbench", name="mine", config={"configurable": {"lang": "de"}})["assistant_id"]
    sdk.assistants.update(made, config={"configurable": {"lang": "fr", "extra": 1}})
    sdk.assistants.update(own, config={"configurable": {"tone": "rude"}})
    yield made
    sdk.assistants.update(own, config={"configurable": {}}, context={})
    sdk.assistants.delete(made)


def given(run: Any) -> dict[str, Any]:
    """The settings that a run was given."""
    kwargs = run.raw["kwargs"]
    values = {name: value for name, value in kwargs["config"]["configurable"].items() if name in OWN}
    assert values == kwargs["context"]
    return values


def test_the_version_in_force_is_its_assistant_and_gets_nothing_of_the_graphs_own(
    session: Session, german: str
) -> None:
    run = runs.run(session, input={"steps": 1}, assistant="mine@2", thread="new").wait()
    assert (given(run), run.raw["assistant_id"]) == ({"lang": "fr", "extra": 1}, german)
    assert run.info.choice == "Version 2 of mine."


def test_an_older_version_is_refused_if_the_deployment_would_add_a_setting(session: Session, german: str) -> None:
    with pytest.raises(CommandError) as refused:
        runs.run(session, input={"steps": 1}, assistant="mine@1", thread="new")
    assert refused.value.message == (
        "Version 1 of mine lacks tone, which the deployment adds from the assistant workbench."
    )
    assert refused.value.hint.endswith("%lg_assistant use-version 1 mine")
    run = runs.run(session, input={"steps": 1}, assistant="mine@1", thread="new", configurable={"tone": "dry"}).wait()
    assert given(run) == {"lang": "de", "tone": "dry"}
    assistants.use_version(session, 1, "mine")
    run = runs.run(session, input={"steps": 1}, assistant="mine@1", thread="new").wait()
    assert given(run) == {"lang": "de"}


def test_an_older_version_that_overrides_all_of_its_assistant_runs_as_it(
    session: Session, sdk: SyncLangGraphClient, german: str
) -> None:
    sdk.assistants.update(german, config={"configurable": {"lang": "it"}})
    run = runs.run(session, input={"steps": 1}, assistant="mine@2", thread="new").wait()
    assert (given(run), run.raw["assistant_id"]) == ({"lang": "fr", "extra": 1}, german)


def test_a_batch_and_its_rows_keep_to_their_versions_too(session: Session, other: Session, german: str) -> None:
    rows = [{"q": {"steps": 1}, "tone": "dry"}]
    for is_dry in (False, True):
        with pytest.raises(CommandError, match="Version 1 of mine lacks tone"):
            batch.batch(session, rows, input="q", assistant=["mine@2", "mine@1"], dry_run=is_dry)
    made = batch.batch(session, rows, input="q", assistant=["mine@1"], configurable={"tone": "{tone}"}, dry_run=False)
    made.wait()
    assert made.counts == {"success": 1}
    assert given(made.runs[0]) == {"lang": "de", "tone": "dry"}
    assert batch.batch(other, attach=made.id).wait().counts == {"success": 1}


def test_a_question_is_put_to_two_versions(session: Session, sdk: SyncLangGraphClient, german: str) -> None:
    with pytest.raises(CommandError, match="Version 1 of mine lacks tone"):
        batch.compare(session, text="hi", assistant=["mine@2", "mine@1"])
    own = sdk.assistants.search(graph_id="workbench", metadata={"created_by": "system"})[0]["assistant_id"]
    sdk.assistants.update(own, config={"configurable": {}}, context={})
    batch.compare(session, text="hi", assistant=["mine@2", "mine@1"])
    asked = session.tracker.batches()[-1]
    assert [given(run) for run in asked.runs] == [{"lang": "fr", "extra": 1}, {"lang": "de"}]
