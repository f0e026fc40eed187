"""Messages in every vendor's shape are read, and nothing in one breaks the reader."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from message_samples import SHAPES, messages, text_leaves

from lg_magics.model.interrupts import Interrupt
from lg_magics.model.message_calls import ToolCall
from lg_magics.model.messages import Message, message_from_payload, messages_from_values, text_of, title_from_values


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


def read(payload: dict[str, Any]) -> Message:
    message = message_from_payload(payload)
    assert message is not None
    return message


def kept(message: Message) -> set[str]:
    """Every text that a message's fields hold."""
    own = [message.role, message.name, message.id, message.tool_call_id, message.finish, *message.attachments]
    own += [message.text, message.reasoning, message.refusal, "error" if message.has_failed else ""]
    own += [
        word for call in message.calls for word in (call.name, call.id, call.text, call.error, *text_leaves(call.args))
    ]
    return {*own, *(text for part in (*message.parts, *message.details) for text in text_leaves({"": part.value}))}


@example({"type": "ai", "content": [], "tool_calls": [{"name": "a", "args": {"b": "c"}, "id": "1", "d": "e"}]})
@given(messages)
def test_no_text_of_a_message_is_lost(payload: dict[str, Any]) -> None:
    message = read(payload)
    found = kept(message)
    joined = "\n".join(found)
    assert [text for text in text_leaves(payload) if text not in found and text not in joined] == []


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_of_a_vendor_says_something_that_a_person_reads(name: str) -> None:
    message = read(SHAPES[name])
    assert message.text_or_refusal or message.contents
    assert all("MARK" not in part.line for part in message.details)


def test_calls_are_read_in_every_form() -> None:
    assert read(SHAPES["OpenAI wire tool_calls"]).tool_calls == (ToolCall("MARK", {"MARK": 1}, "c"),)
    assert read(SHAPES["additional_kwargs.function_call"]).tool_calls == (ToolCall("MARK", {}, text="MARK"),)
    assert read(SHAPES["tool_use block without tool_calls"]).tool_calls == (ToolCall("MARK", {"q": "MARK"}, "x"),)
    assert read(SHAPES["function_call block (Responses)"]).tool_calls == (ToolCall("MARK", {}, text="MARK"),)
    invalid = ToolCall("MARK", {}, "3", "invalid", '{"x": MARK', "MARK")
    assert read(SHAPES["invalid_tool_calls only"]).calls == (invalid,)


def test_a_call_that_a_block_and_the_wire_repeat_is_one_call() -> None:
    wire = {"id": "1", "type": "function", "function": {"name": "find", "arguments": '{"q": "a"}'}}
    block = {"type": "tool_use", "id": "1", "name": "find", "input": {}, "partial_json": '{"q": "a"}', "index": 1}
    message = read(
        {
            "type": "ai",
            "content": [{"type": "text", "text": "Let me see."}, block],
            "tool_calls": [{"name": "find", "args": {"q": "a"}, "id": "1", "type": "tool_call"}],
            "additional_kwargs": {"tool_calls": [wire]},
        }
    )
    assert (message.text, message.calls) == ("Let me see.", (ToolCall("find", {"q": "a"}, "1"),))
    assert message.parts == ()


def test_calls_that_the_graph_does_not_make_are_no_tool_calls_of_it() -> None:
    assert read(SHAPES["server_tool_use"]).calls[0].kind == "server"
    assert read(SHAPES["server_tool_use"]).tool_calls == ()
    assert read(SHAPES["invalid_tool_calls only"]).tool_calls == ()


@pytest.mark.parametrize(
    ("message", "reasoning"),
    [
        ({"content": [{"type": "thinking", "thinking": "hm", "signature": "Eq=="}]}, "hm"),
        ({"content": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}], "id": "rs"}]}, "hm"),
        ({"content": [{"type": "reasoning", "reasoning": "hm"}]}, "hm"),
        (
            {"content": "", "additional_kwargs": {"reasoning": {"summary": [{"type": "summary_text", "text": "hm"}]}}},
            "hm",
        ),
        ({"content": "", "reasoning_content": "hm"}, "hm"),
        (SHAPES["additional_kwargs.reasoning_content (DeepSeek)"], "MARK"),
        (SHAPES["reasoning_content.text (Bedrock)"], "MARK"),
    ],
)
def test_reasoning_is_found_wherever_a_vendor_puts_it(message: dict[str, Any], reasoning: str) -> None:
    found = read({"type": "ai", **message})
    assert (found.reasoning, found.parts) == (reasoning, ())


def test_the_usual_message_of_a_model_has_no_parts() -> None:
    message = read(
        {
            "type": "ai",
            "content": [{"type": "text", "text": "hi", "annotations": [], "index": 0, "id": "msg_1"}],
            "additional_kwargs": {"refusal": None},
            "response_metadata": {"finish_reason": "stop", "model_name": "m"},
            "tool_calls": [],
            "invalid_tool_calls": [],
            "usage_metadata": {"input_tokens": 3, "output_tokens": 4},
            "example": False,
            "name": None,
            "id": "1",
        }
    )
    assert (message.text, message.parts, message.finish) == ("hi", (), "")
    assert [part.type for part in message.details] == ["id", "response_metadata", "usage_metadata"]


def test_an_unusual_end_and_a_failed_tool_are_known() -> None:
    assert (
        read({"type": "ai", "content": "", "response_metadata": {"stop_reason": "max_tokens"}}).finish == "max_tokens"
    )
    assert read(SHAPES["tool status error"]).has_failed
    assert not read(SHAPES["artifact"]).has_failed


def test_bytes_are_left_out_and_counted() -> None:
    block = {"type": "from_the_future", "source": {"bytes": "A" * 8_000}, "text": "kept"}
    (part,) = read({"type": "human", "content": [block]}).parts
    assert part.value == {"source": {"bytes": "… 6 kB"}, "text": "kept"}


def test_a_thread_that_begins_with_an_image_has_a_title() -> None:
    block = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 400}}
    assert title_from_values({"messages": [{"type": "human", "content": [block]}]}) == "[image/png, 300 B]"
