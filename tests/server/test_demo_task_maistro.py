"""The ToDo assistant on a real server. Knows what a user of the walkthrough sees; uses the raw SDK."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from .inputs import input_from_text

TWO = (
    "Add a ToDo to finish booking travel to Hong Kong by end of next week. "
    "Also, add a ToDo to call parents back about Thanksgiving plans."
)
HONG_KONG = {
    "task": "Finish booking travel to Hong Kong",
    "status": "not started",
    "deadline": "2024-11-22T23:59:59",
    "solutions": [
        "Check flight prices on Skyscanner",
        "Book hotel through Booking.com",
        "Arrange airport transfer",
    ],
    "time_to_complete": 120,
}
PARENTS = {
    "task": "Call parents back about Thanksgiving plans",
    "status": "not started",
    "deadline": None,
    "solutions": ["Check calendar for availability", "Discuss travel arrangements", "Confirm dinner plans"],
    "time_to_complete": 15,
}


def said(sdk: SyncLangGraphClient, text: str, **configurable: str) -> str:
    """Say something in a new thread; give the last message back."""
    settings: dict[str, Any] = dict(configurable)
    values: Any = sdk.runs.wait(
        None,
        "task_maistro",
        input=input_from_text(text),
        config={"configurable": settings},
    )
    return str(values["messages"][-1]["content"])


def stored(sdk: SyncLangGraphClient, *namespace: str) -> list[Any]:
    return [item["value"] for item in sdk.store.search_items(namespace)["items"]]


@pytest.fixture(scope="module")
def filled(sdk: SyncLangGraphClient) -> SyncLangGraphClient:
    said(sdk, TWO, user_id="Test")
    return sdk


def test_two_todos_in_one_message_are_stored_under_the_users_namespace(filled: SyncLangGraphClient) -> None:
    todos = stored(filled, "todo", "general", "Test")
    assert sorted(todos, key=lambda todo: str(todo["task"])) == [PARENTS, HONG_KONG]


def test_adding_the_same_todos_again_does_not_double_them(filled: SyncLangGraphClient) -> None:
    said(filled, TWO, user_id="Test")
    assert len(stored(filled, "todo", "general", "Test")) == 2


def test_a_summary_lists_every_todo_and_the_next_week_only_what_is_due(filled: SyncLangGraphClient) -> None:
    questions = ["all ToDos.", "all ToDos that need to be done in the next week."]
    with ThreadPoolExecutor() as pool:
        everything, soon = pool.map(
            lambda which: said(filled, f"Give me a summary of {which}", user_id="Test"), questions
        )
    assert "Hong Kong" in everything
    assert "Thanksgiving" in everything
    assert "November 22, 2024" in soon
    assert "Thanksgiving" not in soon


def test_the_short_todo_without_a_deadline_comes_first(filled: SyncLangGraphClient) -> None:
    first = said(filled, "What ToDo should I focus on first.", user_id="Test")
    assert first.index("Call parents") < first.index("Hong Kong")


def test_a_profile_and_a_done_todo_are_stored_in_one_go_and_an_unset_user_has_a_name(
    sdk: SyncLangGraphClient,
) -> None:
    said(sdk, "Add a ToDo to water the plants by tomorrow.", todo_category="home")
    answer = said(sdk, "My name is Ada. Mark water the plants as done.", todo_category="home")
    assert "Nice to meet you, Ada." in answer
    assert stored(sdk, "profile", "home", "default-user") == [{"name": "Ada"}]
    [todo] = stored(sdk, "todo", "home", "default-user")
    assert (todo["status"], todo["deadline"]) == ("done", "2024-11-15T23:59:59")


def test_the_answer_streams_word_by_word_with_usage_at_the_end(filled: SyncLangGraphClient) -> None:
    parts = filled.runs.stream(
        None,
        "task_maistro",
        input=input_from_text("What ToDo should I focus on first."),
        config={"configurable": {"user_id": "Test"}},
        stream_mode="messages-tuple",
    )
    chunks: list[Any] = [part.data[0] for part in parts if part.event == "messages"]
    assert len(chunks) > 10
    assert "".join(chunk["content"] for chunk in chunks).startswith('Start with "Call parents')
    assert chunks[-1]["usage_metadata"]["output_tokens"] > 10


def test_a_header_of_the_user_reaches_the_graph(sdk: SyncLangGraphClient) -> None:
    sdk.runs.wait(
        None,
        "task_maistro",
        input=input_from_text("Remind me to sing"),
        headers={"x-user-id": "by-header"},
    )
    assert [todo["task"] for todo in stored(sdk, "todo", "general", "by-header")] == ["Sing"]
