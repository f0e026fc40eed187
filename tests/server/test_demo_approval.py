"""The booking that waits for a person, on a real server. Knows how it asks and what it makes of answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from langgraph_sdk.client import SyncLangGraphClient

from .inputs import input_from_text


def ask(sdk: SyncLangGraphClient, text: str) -> tuple[str, list[Any]]:
    thread_id = sdk.threads.create()["thread_id"]
    sdk.runs.wait(thread_id, "approval", input=input_from_text(text))
    return thread_id, sdk.threads.get_state(thread_id)["interrupts"]


def resume(sdk: SyncLangGraphClient, thread_id: str, answer: Any) -> str:
    values: Any = sdk.runs.wait(thread_id, "approval", command={"resume": answer})
    return str(values["messages"][-1]["content"])


def test_by_default_it_asks_in_the_shape_of_the_agent_inbox(sdk: SyncLangGraphClient) -> None:
    thread_id, [asked] = ask(sdk, "Book my trip")
    [request] = asked["value"]
    assert request["action_request"] == {
        "action": "book_flight",
        "args": {"destination": "Hong Kong", "price_usd": 640},
    }
    assert request["config"]["allow_edit"] is True
    edited = {"action": "book_flight", "args": {"destination": "Macau", "price_usd": 500}}
    answer = resume(sdk, thread_id, [{"type": "edit", "args": edited}])
    assert answer == "Done as you changed it: book_flight(destination='Macau', price_usd=500)."


def test_a_plain_question_takes_text_and_inbox_answers(sdk: SyncLangGraphClient) -> None:
    done = "Done: book_flight(destination='Hong Kong', price_usd=640)."
    outcomes: list[tuple[Any, str]] = [
        ("yes", done),
        ({"type": "accept"}, done),
        ([{"type": "response", "args": "too dear"}], "Not done: book_flight. You said: too dear"),
        ("no", "Not done: book_flight."),
    ]

    def ask_and_answer(answer: Any) -> str:
        thread_id, [asked] = ask(sdk, "Book it, plain please")
        assert asked["value"] == "Book the flight for 640 USD?"
        return resume(sdk, thread_id, answer)

    with ThreadPoolExecutor() as pool:
        answered = pool.map(ask_and_answer, [answer for answer, _ in outcomes])
    assert list(answered) == [outcome for _, outcome in outcomes]


def test_two_questions_wait_at_once_and_are_answered_by_their_ids(sdk: SyncLangGraphClient) -> None:
    thread_id, asked = ask(sdk, "two please")
    answers = {
        one["id"]: "yes" if one["value"][0]["action_request"]["action"] == "book_hotel" else "no" for one in asked
    }
    assert len(answers) == 2
    assert resume(sdk, thread_id, answers).startswith("Not done: book_flight. Done: book_hotel(")
