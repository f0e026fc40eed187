"""Messages in every vendor's shape are read, and nothing in one breaks the reader."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.model.interrupts import Interrupt
from lg_magics.model.messages import message_from_payload, messages_from_values, text_of, title_from_values


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("plain", "plain"),
        (["a", "b"], "ab"),
        ([{"type": "text", "text": "hi", "index": 0}], "hi"),
        ([{"type": "tool_use", "name": "x", "input": {}}, {"type": "text", "text": "done"}], "done"),
        ([{"type": "output_text", "text": "openai"}], "openai"),
        ([{"text": {"value": "assistants api"}, "type": "text"}], "assistants api"),
        ([{"type": "thinking", "thinking": "hmm"}, {"type": "text", "text": "so"}], "so"),
        (None, ""),
        ([None, 3, {"type": "text", "text": None}], ""),
    ],
)
def test_the_words_of_a_content(content: object, text: str) -> None:
    assert text_of(content) == text


@pytest.mark.parametrize(
    ("block", "line"),
    [
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 8000}}, "image/png, 6 kB"),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "A" * 400}},
            "image/jpeg, 300 B",
        ),
        ({"type": "image_url", "image_url": {"url": "https://x.org/a.png"}}, "image_url at https://x.org/a.png"),
        ({"type": "file", "mime_type": "application/pdf", "base64": "A" * 4_000_000}, "application/pdf, 3.0 MB"),
    ],
)
def test_an_attachment_is_named_by_type_and_size(block: dict[str, Any], line: str) -> None:
    message = message_from_payload({"type": "human", "content": [block]})
    assert message is not None
    assert message.attachments == (line,)


@pytest.mark.parametrize(
    ("payload", "role"),
    [
        ({"role": "user", "content": "x"}, "human"),
        ({"type": "AIMessageChunk", "content": "x"}, "ai"),
        ({"type": "tool", "content": "x"}, "tool"),
        ({"role": "assistant", "content": "x"}, "ai"),
        (["ai", "x"], "ai"),
        ("x", "human"),
    ],
)
def test_roles_have_one_word(payload: object, role: str) -> None:
    message = message_from_payload(payload)
    assert message is not None
    assert (message.role, message.text) == (role, "x")


def test_reasoning_is_kept_apart() -> None:
    blocks = [
        {"type": "reasoning", "summary": [{"type": "text", "text": "first this"}]},
        {"type": "text", "text": "so"},
    ]
    message = message_from_payload({"type": "ai", "content": blocks})
    assert message is not None
    assert (message.reasoning, message.text) == ("first this", "so")


def test_a_title_is_the_first_human_message_on_one_short_line() -> None:
    values = {
        "messages": [
            {"type": "system", "content": "be kind"},
            {"type": "human", "content": "Add a\n  ToDo " + "x" * 99},
        ]
    }
    title = title_from_values(values)
    assert title.startswith("Add a ToDo xxx")
    assert len(title) == 48


@pytest.mark.parametrize(
    "values", [None, [], "text", 3, {}, {"messages": None}, {"messages": "hi"}, {"messages": [7, {}]}]
)
def test_a_state_without_messages_has_none(values: object) -> None:
    assert messages_from_values(values) == ()


PIECES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "role",
                    "content",
                    "text",
                    "source",
                    "url",
                    "image_url",
                    "tool_calls",
                    "args",
                    "name",
                    "id",
                    "usage_metadata",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(PIECES)
def test_whatever_a_payload_holds_it_is_read(payload: object) -> None:
    message_from_payload(payload)
    messages_from_values({"messages": payload})
    messages_from_values({"messages": [payload]})
    assert isinstance(Interrupt(payload).question + Interrupt(payload).detail, str)


def test_a_question_in_the_agent_inbox_shape_shows_its_action_as_a_call() -> None:
    request = [{"action_request": {"action": "book", "args": {"price": 640, "to": "HKG"}}, "description": "Book it?"}]
    interrupt = Interrupt(request)
    assert (interrupt.question, interrupt.detail) == ("Book it?", 'book(price=640, to="HKG")')
