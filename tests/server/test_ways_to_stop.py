"""Where a run is told to stop, and settings that are none, on the real server: nothing is taken and then passed over."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import people, runs
from lg_magics.errors import CommandError
from lg_magics.follow.run import Run
from lg_magics.session import Session


def launched(session: Session, **options: Any) -> Run:
    return runs.run(session, assistant="workbench", **{"input": {"steps": 1}, "thread": "new", **options})


@pytest.mark.parametrize("nodes", ["work", "plan, work", ["work"], ("work",), "*", ["*"]])
def test_a_run_stops_at_the_nodes_that_are_named_in_whatever_way(session: Session, nodes: Any) -> None:
    assert launched(session, interrupt_before=nodes).wait().status == "waiting"


def test_it_stops_after_them_and_goes_on_to_the_next(session: Session) -> None:
    run = launched(session, input={"steps": 2}, interrupt_after="plan").wait()
    assert (run.status, [step.node for step in run.view.steps]) == ("waiting", ["plan"])
    assert people.resume(session, interrupt_before="work", wait=True).status == "waiting"
    assert people.resume(session, wait=True).status == "success"


def test_a_node_that_the_graph_has_not_is_refused(session: Session, sdk: SyncLangGraphClient) -> None:
    before = sdk.threads.count()
    with pytest.raises(CommandError, match=r"no node 'wrk'. Did you mean work\?.*--no-check"):
        launched(session, interrupt_before=["plan", "wrk"])
    with pytest.raises(CommandError, match=r"no node 'nowhere'. There are plan, work"):
        launched(session, interrupt_after="nowhere")
    assert sdk.threads.count() == before
    assert launched(session, interrupt_before="nowhere", check=False).wait().status == "success"
    launched(session, interrupt_before="work").wait()
    with pytest.raises(CommandError, match="no node 'nowhere'"):
        people.resume(session, interrupt_before="nowhere")


@pytest.mark.parametrize(
    "options",
    [
        {"config": "x"},
        {"config": {"configurable": ["a"]}},
        {"configurable": ["a"]},
        {"context": 3},
        {"metadata": ["a"]},
        {"header": "x-user-id"},
        {"interrupt_before": 3},
        {"interrupt_after": [3]},
    ],
)
def test_a_setting_of_another_kind_is_refused_in_words(
    session: Session, sdk: SyncLangGraphClient, options: dict[str, Any]
) -> None:
    before = sdk.threads.count()
    with pytest.raises(CommandError, match=r"must be (a mapping|names of nodes), got an? \w+\. \w+"):
        launched(session, **options)
    assert sdk.threads.count() == before
