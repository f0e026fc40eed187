"""What the scripted ToDo assistant understands. Knows its sentences; starts no graph."""

from __future__ import annotations

from typing import Any

import pytest

from lg_magics.local.demo.scripted_model import words_of
from lg_magics.local.demo.todo_script import HELP, answer, changed_todos, wanted_updates

MILK = {
    "task": "Buy milk",
    "status": "not started",
    "deadline": None,
    "solutions": ["Set aside time for it", "Write down the first step"],
    "time_to_complete": 30,
}


@pytest.mark.parametrize(
    ("said", "deadline"),
    [
        ("Add a ToDo to buy milk", None),
        ("please add a task: buy milk today.", "2024-11-14"),
        ("remind me to buy milk tomorrow", "2024-11-15"),
        ("Add a to-do to buy milk by Thursday", "2024-11-21"),
        ("create a todo to buy milk by the end of this week!", "2024-11-15"),
        ("Add a ToDo to buy milk by end of next week.", "2024-11-22"),
        ("Add a ToDo to buy milk before 2025-01-31", "2025-01-31"),
    ],
)
def test_a_todo_is_added_with_its_deadline_counted_from_the_fixed_day(said: str, deadline: str | None) -> None:
    assert changed_todos(said, []) == [{**MILK, "deadline": deadline and f"{deadline}T23:59:59"}]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("mark buy milk as done", "done"),
        ("Mark the milk todo complete.", "done"),
        ("I have finished buying the milk", "done"),
        ("I started to buy milk", "in progress"),
    ],
)
def test_a_todo_changes_its_status(said: str, status: str) -> None:
    tea = {**MILK, "task": "Drink tea"}
    assert changed_todos(said, [tea, MILK]) == [{**MILK, "status": status}]


@pytest.mark.parametrize(
    ("said", "updates"),
    [
        ("My name is Ada. Remind me to sing", ["user", "todo"]),
        ("I live in San Francisco", ["user"]),
        ("When creating ToDos, add a phone number", ["instructions"]),
        ("Give me a summary of all ToDos.", []),
        ("hello", []),
    ],
)
def test_a_message_changes_only_the_memories_it_speaks_of(said: str, updates: list[str]) -> None:
    assert wanted_updates(said) == updates


@pytest.mark.parametrize(
    ("said", "todos", "start"),
    [
        ("Give me a summary of all ToDos.", [], "There is nothing on your list."),
        ("What ToDo should I focus on first.", [], "Your ToDo list has nothing open"),
        ("Show my todos", [MILK], "There is 1 ToDo on your list:\n\n1. **Buy milk**\n   - Status: not started"),
        ("Mark singing as done", [MILK], "I found no such ToDo"),
        ("hello", [MILK], HELP),
    ],
)
def test_what_cannot_be_done_gets_a_helpful_answer(said: str, todos: list[Any], start: str) -> None:
    assert answer(said, todos, {}).startswith(start)


def test_words_joined_are_the_text_again() -> None:
    assert "".join(words_of(HELP)) == HELP
    assert words_of("") == []
