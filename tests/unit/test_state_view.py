"""A state as text and as a page: its values as a person reads them, and those of its subgraphs."""

from __future__ import annotations

from typing import Any

import pytest

from lg_magics.tables.state import State, state_from_payload
from lg_magics.views.bundle import bundle


def shown(values: Any, tasks: list[dict[str, Any]] | None = None) -> State:
    payload = {"values": values, "tasks": tasks or [], "checkpoint": {"checkpoint_id": "1"}, "metadata": {"step": 1}}
    return state_from_payload(payload, thread="t1")


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_todos_are_a_checklist_and_files_have_their_names(kind: str) -> None:
    todos = [
        {"content": "check the weather", "status": "completed"},
        {"content": "look at Friday", "status": "in_progress"},
        {"content": "tell the others", "status": "pending"},
    ]
    text = bundle(shown({"todos": todos, "files": {"/notes.md": "sun"}}))[kind]
    for words in ("☑ check the weather", "☐ look at Friday (in_progress)", "☐ tell the others", "/notes.md", "sun"):
        assert words in text


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
@pytest.mark.parametrize(
    "todos",
    [
        [{"content": "a", "status": "pending", "owner": "Ann"}],
        [{"content": "a", "status": "pending"}, "Ann"],
        [{"content": "Ann", "status": "pending"}] * 31,
        {"Ann": 1},
    ],
)
def test_todos_of_another_form_are_shown_whole(todos: Any, kind: str) -> None:
    text = bundle(shown({"todos": todos}))[kind]
    assert "Ann" in text
    assert "☐" not in text


def test_a_task_that_was_cancelled_has_not_failed() -> None:
    tasks = [{"name": "slow", "error": "CancelledError()"}, {"name": "boom", "error": "ValueError('no')"}]
    text = bundle(shown({}, tasks))["text/plain"]
    assert "slow was cancelled" in text
    assert "boom failed: ValueError('no')" in text


def test_the_states_of_very_many_subgraphs_fit_into_an_output() -> None:
    tasks = [
        {
            "name": "mail",
            "state": {
                "values": {"draft": "x" * 50_000, "messages": [{"type": "ai", "content": "y" * 50_000}]},
                "checkpoint": {"checkpoint_id": "2", "checkpoint_ns": f"mail:{number}"},
                "metadata": {"step": 0},
            },
        }
        for number in range(60)
    ]
    state = shown({}, tasks)
    assert list(state.subgraphs)[:2] == ["mail#1", "mail#2"]
    made = bundle(state)
    assert max(len(part.encode()) for part in made.values() if isinstance(part, str)) < 400_000
    assert "mail#60" in state.subgraphs
