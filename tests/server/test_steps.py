"""The steps of real runs: side by side, inside of each other, many at once; and what each read and wrote."""

from __future__ import annotations

from typing import Any

import pytest

from lg_magics.commands import runs
from lg_magics.commands.people import resume
from lg_magics.errors import RunFailed
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.model.run_steps import Step
from lg_magics.session import Session
from lg_magics.views.run_steps import card_steps

from .listening import requests_of

ASK = {"messages": [{"role": "user", "content": "Should I move the picnic?"}]}


def launched(session: Session, name: str, value: Any, **options: Any) -> Run:
    return runs.run(session, assistant=name, thread="new", input=value, **options)


def step_of(run: Run, *path: str) -> Step:
    return next(step for step in run.view.steps if step.path == path)


def data_of(run: Run, *path: str) -> tuple[Any, Any]:
    data = run.data_of(step_of(run, *path))
    assert data is not None
    return data.read, data.wrote


def test_steps_side_by_side_are_one_superstep_and_each_has_what_it_wrote(stepping: Session) -> None:
    run = launched(stepping, "parallel", {"seconds": 0.05}).wait()
    assert [(step.node, step.superstep) for step in run.view.steps] == [("left", 0), ("right", 0), ("choose", 1)]
    assert data_of(run, "right") == ({"seconds": 0.05, "found": []}, {"found": ["right"]})
    assert data_of(run, "choose") == ({"seconds": 0.05, "found": ["left", "right"]}, {"best": "right"})


def test_what_a_step_read_and_wrote_costs_one_request(stepping: Session) -> None:
    run = launched(stepping, "workbench", {"steps": 5}).wait()
    asked = requests_of(stepping, is_sync=True)
    for place, step in enumerate(run.view.steps[1:], start=1):
        data = run.data_of(step)
        assert data is not None
        assert data.wrote["step"] == place
    assert asked == {"POST /threads/*/history": 5}


def test_each_of_many_tasks_of_one_node_is_a_step(stepping: Session) -> None:
    run = launched(stepping, "fanned", {"count": 50}).wait()
    assert len([step for step in run.view.steps if step.node == "worker"]) == 50
    assert [(row.name, row.times) for row in card_steps(run.view)] == [("worker", 50), ("choose", 1)]
    wrote = {str(data.wrote) for step in run.view.steps[:3] if (data := run.data_of(step))}
    assert len(wrote) == 3


def test_a_sub_agents_steps_have_their_tokens_and_what_they_read(stepping: Session) -> None:
    run = launched(stepping, "planner", ASK).wait()
    paths = [step.path for step in run.view.steps]
    assert paths == [("model",), ("tools",), *[("tools", each) for each in ("model", "tools", "model")], ("model",)]
    assert [row.name for row in card_steps(run.view)][2:5] == [
        "calendar / model",
        "calendar / tools",
        "calendar / model",
    ]
    assert all(row.usage.output for row in card_steps(run.view) if row.name.endswith("model"))
    read, wrote = data_of(run, "tools", "tools")
    assert read["messages"][0]["content"] == "Friday?"
    assert wrote["messages"][0]["content"].startswith("Friday: picnic")


def test_a_step_is_found_on_a_thread_with_earlier_runs_and_after_an_answer(stepping: Session) -> None:
    first = launched(stepping, "asks_inside", {}).wait()
    assert first.status == "waiting"
    assert data_of(first, "mail", "write") == ({}, {"draft": "Dear team, …"})
    assert "interrupts" in data_of(first, "mail", "review")[1]
    answered = resume(stepping, "fine").wait()
    assert data_of(answered, "mail", "review") == ({"draft": "Dear team, …"}, {"verdict": "fine"})
    again = runs.run(stepping, assistant="asks_inside", thread=first.thread_id, input={"draft": "Dear all"}).wait()
    assert data_of(again, "mail")[0]["verdict"] == "fine"


def test_a_failed_step_names_its_error_and_where_it_failed(stepping: Session) -> None:
    run = launched(stepping, "fails_deep", {}).wait_quietly()
    assert step_of(run, "mail", "fail").error.startswith("KeyError: 'no such letter' (step_graphs.py")
    assert "error" in data_of(run, "mail", "fail")[1]
    with pytest.raises(RunFailed, match="failed in mail › fail: KeyError"):
        run.raise_for_status()


def test_a_live_run_opens_its_steps_too(stepping: Session) -> None:
    run = launched(stepping, "parallel", {"seconds": 60})
    while not run.view.steps:
        tracked(run).loop.wait(_moment())
    read, wrote = data_of(run, "left")
    assert (read, wrote) == ({"seconds": 60, "found": []}, None)
    run.cancel()


async def _moment() -> None:
    import asyncio

    await asyncio.sleep(0.05)


def test_a_stream_has_what_happens_inside_only_where_it_was_asked_for(stepping: Session) -> None:
    plain = launched(stepping, "asks_deep", {})
    assert {part.namespace for part in plain.stream("updates")} == {()}
    inner = launched(stepping, "asks_deep", {}, subgraphs=True)
    assert {len(part.namespace) for part in inner.stream("updates")} == {0, 1, 2}


@pytest.mark.slow
def test_three_hundred_steps_are_all_there(stepping: Session) -> None:
    run = launched(stepping, "workbench", {"steps": 300, "grow": 400}, config={"recursion_limit": 400}).wait(120)
    assert len(run.view.steps) == 301
    data = run.data_of(run.view.steps[150])
    assert data is not None
    assert data.wrote["step"] == 150
